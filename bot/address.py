"""The address where the web server will listen, tried before anything else begins to work."""

from __future__ import annotations

import errno
import os
import socket

from bot.errors import ConfigError


def require_free(host: str, port: int, *, host_key: str = "server.host", port_key: str = "server.port") -> None:
    """Raise ConfigError, naming the setting at fault, unless this process could listen there now."""
    try:
        socket.create_server((host, port)).close()
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be one
        raise ConfigError([_fault(error, port, host_key, port_key)]) from None


def _fault(error: Exception, port: int, host_key: str, port_key: str) -> tuple[str, str]:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return port_key, f"port {port} is in use by another program; stop it or take another port"
    if code in (errno.EACCES, errno.EPERM):
        return port_key, f"port {port} may not be opened by this user; take one from 1024 on"
    if code is None or code < 0 or code == errno.EADDRNOTAVAIL:  # codes of the resolver are negative
        return host_key, "is no IPv4 address or name of this machine"
    return host_key, f"cannot be listened on: {os.strerror(code)}"
