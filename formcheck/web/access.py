"""Who may talk to the page's server: by token, by the Host that was asked for and by the Origin that asks. Pure.

Host: a strange site can let its own name lead to this machine (DNS rebinding), but the browser still sends that name.
Origin: a strange site can open a WebSocket to this machine, or send it something to keep, but the browser says which
site it is.
"""

import hmac
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True)
class Gate:
    """What is asked of whoever comes in.

    token : None when the server listens to this machine alone. names : this machine's, beside its addresses.
    """

    token: str | None
    names: frozenset[str]

    def refuse(self, host: str | None, token: str | None, *, origin: str | None = None, acts: bool) -> str | None:
        """Return why somebody may not come in, or None. Who `acts` (opens a WebSocket, sends something) and does not
        only look has to come from a page of this very server.
        """
        name = read_host(host)
        if name is None or not self._is_ours(name):
            return "This is not the name or address that formcheck listens on."
        if acts and (origin is None or urlsplit(origin).netloc.lower() != (host or "").lower()):
            return "A page of another site may not use formcheck."
        if self.token is not None and not hmac.compare_digest((token or "").encode(), self.token.encode()):
            return "The address lacks the right token: open the one that formcheck printed."
        return None

    def _is_ours(self, name: str) -> bool:
        if name in LOOPBACK_NAMES:
            return True
        return self.token is not None and (name in self.names or is_address(name))


def read_host(header: str | None) -> str | None:
    """Return the name in a Host header, without port and brackets; None when it is no host."""
    match = HOST.fullmatch(header or "")
    return None if match is None else match["name"].strip("[]").lower()


def is_address(name: str) -> bool:
    """Whether a host is an IP address: no other site's name can be one."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a server on this host hears this machine alone."""
    return host.lower() == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
