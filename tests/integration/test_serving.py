"""The web server over real connections: what waits for a commit, what is refused, and how it ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests
from flask import Blueprint, Flask, Response, request

from bot import serving
from bot.callback import Call, Reply
from bot.channel import Accepted
from bot.sections import Server
from bot.serving import WebServer
from bot.web import MAX_BODY, create_app
from tests.web import served

STORED = Accepted("u", is_new=True)


class Callbacks:
    """A receiver at /door whose messages are stored when the test says so."""

    def __init__(self) -> None:
        self.calls: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.commits: list[Future[Accepted]] = []

    def receive(self, call: Call) -> Reply:
        """Take a callback as a door does."""
        self.calls.append(dict(call.query))
        try:
            self.bodies.append(call.read_body())
        except serving.RequestError as error:
            return Reply(error.status)
        self.commits.append(Future())
        return Reply(stored=self.commits[-1])


def pages() -> Flask:
    """An application with a few views."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.route("/echo/<text>", methods=["GET", "POST"])
    def echo(text: str) -> Response:
        return Response(f"{text}|{request.args.get('q')}|{request.remote_addr}|{request.scheme}|{request.data!r}")

    @blueprint.get("/fault")
    def fault() -> Response:
        raise RuntimeError("张三 13900001111")

    @blueprint.get("/slow")
    def slow() -> Response:
        time.sleep(0.6)
        return Response("done")

    return create_app([blueprint])


@pytest.fixture
def callbacks() -> Callbacks:
    """What receives at /door."""
    return Callbacks()


@pytest.fixture
def url(callbacks: Callbacks) -> Iterator[str]:
    """The web server's address."""
    with served(pages(), {"/door": callbacks.receive}) as found:
        yield found


def eventually(look: Callable[[], object]) -> None:
    """Wait until look finds something."""
    deadline = time.monotonic() + 10
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def raw(url: str, data: bytes) -> bytes:
    """Return what the server says to data until it closes, or has been silent for a while."""
    host, _, port = url.removeprefix("http://").partition(":")
    answer = b""
    with socket.create_connection((host, int(port)), 1) as line, suppress(TimeoutError, ConnectionError):
        line.sendall(data)
        while part := line.recv(65536):
            answer += part
    return answer


def test_an_answer_leaves_when_its_message_is_stored(url: str, callbacks: Callbacks) -> None:
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(requests.post, f"{url}/door?n={number}", b"x", timeout=10) for number in range(3)]
        eventually(lambda: len(callbacks.commits) == 3)
        time.sleep(0.05)
        assert not any(answer.done() for answer in answers)

        callbacks.commits[0].set_result(STORED)
        callbacks.commits[1].set_exception(TimeoutError())
        callbacks.commits[2].set_result(STORED)
        statuses = {int(callbacks.calls[number]["n"]): (200, 503, 200)[number] for number in range(3)}
        assert {number: answer.result().status_code for number, answer in enumerate(answers)} == statuses
    assert callbacks.bodies == [b"x"] * 3


def test_a_message_that_is_never_stored_is_answered_503(
    url: str, callbacks: Callbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "STORE_SECONDS", 0.1)
    answer = requests.post(f"{url}/door", b"x", timeout=10)
    assert (answer.status_code, answer.content) == (503, b"")
    assert len(callbacks.commits) == 1


def test_of_a_repeated_parameter_the_first_counts(url: str, callbacks: Callbacks) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(requests.post, f"{url}/door?a=1%2B+%E5%A5%BD&a=2&b=", b"", timeout=10)
        eventually(lambda: callbacks.commits)
        callbacks.commits[0].set_result(STORED)
        assert answer.result().headers["X-Content-Type-Options"] == "nosniff"
    assert callbacks.calls == [{"a": "1+ 好", "b": ""}]


@pytest.mark.parametrize("path", ["/door", "/echo/x"])
def test_a_body_that_is_too_long_is_refused_unread(url: str, callbacks: Callbacks, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
    declared = raw(url, head + f"Content-Length: {MAX_BODY + 1}\r\n\r\n".encode())
    chunk = b"%x\r\n%b\r\n" % (200_000, b"x" * 200_000)
    chunked = raw(url, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 6 + b"0\r\n\r\n")
    for answer in (declared, chunked):
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert answer.partition(b"\r\n\r\n")[2] == b""
    assert callbacks.bodies == []


def test_a_body_that_does_not_come_is_given_up(url: str, callbacks: Callbacks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_BODY_SECONDS", 0.1)
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall(b"POST /door HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")
    assert callbacks.bodies == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /door HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /door HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /door HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"",
    ],
)
def test_what_is_no_http_is_refused_without_a_word(url: str, callbacks: Callbacks, request_bytes: bytes) -> None:
    answer = raw(url, request_bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert not head or head.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert body == b""
    assert callbacks.bodies == []
    assert requests.get(f"{url}/echo/x", timeout=10).status_code == 200


def test_pages_see_what_was_asked(url: str) -> None:
    answer = requests.post(f"{url}/echo/好%2F?q=%E5%A5%BD", "体".encode(), timeout=10)
    assert answer.status_code == 404  # an encoded slash is one
    answer = requests.post(f"{url}/echo/好?q=%E5%A5%BD", "体".encode(), timeout=10)
    assert answer.text == f"好|好|127.0.0.1|http|{'体'.encode()!r}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert requests.head(f"{url}/echo/x", timeout=10).content == b""


def test_only_a_trusted_proxy_names_the_client(callbacks: Callbacks) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    for trusted, seen in ((("127.0.0.1",), "203.0.113.7|https"), ((), "127.0.0.1|http")):
        server = Server(port=0, threads=4, trusted_proxies=trusted)
        with served(pages(), {}, server) as url:
            assert seen in requests.get(f"{url}/echo/x", headers=headers, timeout=10).text


def test_a_fault_of_a_page_says_nothing(url: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = requests.get(f"{url}/fault", timeout=10)
    assert (answer.status_code, answer.content) == (500, b"")


def test_a_fault_of_a_receiver_says_nothing_either(capfd: pytest.CaptureFixture[str]) -> None:
    def receive(call: Call) -> Reply:
        raise RuntimeError("张三 13900001111")

    with served(pages(), {"/door": receive}) as url:
        answer = requests.post(f"{url}/door", b"x", timeout=10)
        assert (answer.status_code, answer.content) == (500, b"")
        assert requests.get(f"{url}/echo/x", timeout=10).status_code == 200
    assert "张三" not in "".join(capfd.readouterr())


def test_a_stop_lets_requests_under_way_finish() -> None:
    with ThreadPoolExecutor(1) as pool:
        with served(pages(), {}) as url:
            answer = pool.submit(requests.get, f"{url}/slow", timeout=10)
            time.sleep(0.2)
        assert answer.result().text == "done"
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/slow", timeout=10)


def test_a_port_that_is_taken_is_said(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        WebServer(pages(), Server(port=port), {})


def test_many_at_once_are_all_answered(url: str, callbacks: Callbacks) -> None:
    ending = threading.Event()

    def commit() -> None:
        while not ending.is_set():
            while callbacks.commits:
                callbacks.commits.pop().set_result(STORED)
            time.sleep(0.001)

    committer = threading.Thread(target=commit)
    committer.start()
    with ThreadPoolExecutor(32) as pool:
        asked = [pool.submit(requests.post, f"{url}/door", b"x" * 1000, timeout=20) for _ in range(300)]
        assert {each.result().status_code for each in asked} == {200}
    ending.set()
    committer.join()
    assert len(callbacks.bodies) == 300


def test_a_query_in_raw_utf8_is_read(url: str) -> None:
    answer = raw(url, "GET /echo/x?q=督 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert "x|督|" in answer.decode()


def test_a_header_with_an_underscore_is_nobodys(url: str) -> None:
    head = b"GET /echo/x HTTP/1.1\r\nHost: x\r\nX_Forwarded_For: 203.0.113.7\r\nConnection: close\r\n\r\n"
    assert b"|127.0.0.1|" in raw(url, head)


def test_a_fault_outside_the_pages_is_logged_by_its_place(url: str, caplog: pytest.LogCaptureFixture) -> None:
    def receive(call: Call) -> Reply:
        raise RuntimeError("张三 13900001111")

    with served(pages(), {"/door": receive}) as broken:
        requests.post(f"{broken}/door", b"x", timeout=10)
    assert "web.error error=RuntimeError at test_serving.py:" in caplog.text
    assert "张三" not in caplog.text


def test_a_long_body_is_received_too(url: str, callbacks: Callbacks) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(requests.post, f"{url}/door", b"x" * 500_000, timeout=10)
        eventually(lambda: callbacks.commits)
        callbacks.commits[0].set_result(STORED)
        assert answer.result().status_code == 200
    assert callbacks.bodies == [b"x" * 500_000]
