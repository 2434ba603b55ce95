"""Where the server cannot listen, the setting at fault is named, with the port."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

from bot.address import require_free
from bot.errors import ConfigError


def fault_of(host: str, port: int, **keys: str) -> tuple[str, str]:
    with pytest.raises(ConfigError) as refused:
        require_free(host, port, **keys)
    (fault,) = refused.value.faults
    return fault


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        key, said = fault_of("127.0.0.1", port)

        assert key == "server.port"
        assert f"port {port} is in use" in said
        assert fault_of("127.0.0.1", port, port_key="--port")[0] == "--port"
    require_free("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_named() -> None:
    assert fault_of("192.0.2.1", 0) == ("server.host", "is no IPv4 address or name of this machine")


@pytest.mark.parametrize(
    ("error", "key", "said"),
    [
        (OSError(socket.EAI_NONAME, "x"), "server.host", "no IPv4 address or name"),
        (UnicodeError("label too long"), "server.host", "no IPv4 address or name"),
        (OSError(errno.EACCES, "x"), "server.port", "port 80 may not be opened by this user"),
        (OSError(errno.ENOBUFS, "x"), "server.host", "buffer"),
    ],
)
def test_what_the_system_refuses_is_said(
    monkeypatch: pytest.MonkeyPatch, error: Exception, key: str, said: str
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(socket, "create_server", refuse)
    assert fault_of("host", 80)[0] == key
    assert said in fault_of("host", 80)[1]
