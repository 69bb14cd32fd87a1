"""Ports of this machine that a command serves on."""

import socket


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of 127.0.0.1 yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
