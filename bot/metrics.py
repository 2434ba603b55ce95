"""Counters for /metrics: ids of routes, doors and purposes only."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest


class Metrics:
    """The counters of one process, in a registry of their own so that tests can make many."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("duban_requests", "Webhook requests", ["door", "result"], registry=self.registry)
        self._handled = Counter("duban_handled", "Messages handled", ["route", "result"], registry=self.registry)
        self._sent = Counter("duban_sent", "Messages sent", ["door", "purpose", "result"], registry=self.registry)
        self._refused = Counter(
            "duban_refused", "Messages the guard stopped", ["door", "fault"], registry=self.registry
        )
        self._seconds = Histogram("duban_send_seconds", "Time of a send", ["door"], registry=self.registry)
        self._ticks = Counter("duban_ticks", "Jobs of the timetable", ["job", "result"], registry=self.registry)

    def request(self, door: str, result: str) -> None:
        """Count one webhook request; result is "new", "repeat" or a reason of refusal."""
        self._requests.labels(door, result).inc()

    def handled(self, route: str, result: str) -> None:
        """Count one handled message."""
        self._handled.labels(route, result).inc()

    def sent(self, door: str, purpose: str, result: str, seconds: float) -> None:
        """Count one send and how long its call took, in seconds."""
        self._sent.labels(door, purpose, result).inc()
        self._seconds.labels(door).observe(seconds)

    def refused(self, door: str, fault: str) -> None:
        """Count one message that the guard let not leave."""
        self._refused.labels(door, fault).inc()

    def tick(self, job: str, result: str) -> None:
        """Count one due time of a job."""
        self._ticks.labels(job, result).inc()

    def render(self) -> bytes:
        """Return the counters in Prometheus' text format."""
        return generate_latest(self.registry)
