"""Durable acknowledgements per second, against wecom-bot-svr as shipped, which stores nothing.

Ours verifies, decrypts, parses, seals, and answers 200 after the commit (SQLite, synchronous=FULL). Two figures:
the service while it only acknowledges, and `duban serve` as a whole, which handles the same messages meanwhile.
"""

from __future__ import annotations

from benchmarks import rounds
from benchmarks.report import options, ratios, show

REFERENCE = "wecom-bot-svr as shipped"
ACKNOWLEDGING = "duban, acknowledging only"
WHOLE = "duban serve, handling too"


def main() -> None:
    """Measure and print."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one measurement")
    parser.add_argument("--connections", type=int, default=16)
    args = parser.parse_args()
    starters = {REFERENCE: rounds.echo_robot, ACKNOWLEDGING: rounds.acknowledging, WHOLE: rounds.whole}
    found = rounds.measure(starters, rounds=args.rounds, seconds=args.seconds, connections=args.connections)
    rates = {name: [each.outcome.rate for each in done] for name, done in found.items()}
    show(
        f"Acknowledgement, closed loop, {args.connections} connections",
        [rounds.row(name, done) for name, done in found.items()],
        args.out,
        ratio_acknowledging_only=ratios(rates[ACKNOWLEDGING], rates[REFERENCE]),
        ratio_whole_service=ratios(rates[WHOLE], rates[REFERENCE]),
    )


if __name__ == "__main__":
    main()
