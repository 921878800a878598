"""How often a token may be asked for: per person and address, and per address alone."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from itag.core.text import fold


class CountingThrottle(SimpleRateThrottle):
    """Counts in the cache's server, so that tries that come at once are all counted; a window begins at its first."""

    duration: int | None
    num_requests: int | None

    def allow_request(self, request: Request, view: Any) -> bool:
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        self.key = key
        self.cache.add(self.key, 0, self.duration)
        try:
            count = self.cache.incr(self.key)
        except ValueError:  # the window ended between the two calls
            self.cache.set(self.key, count := 1, self.duration)
        if count == 1:
            # Again here: had the window ended just before the count, the new number would never end.
            self.cache.touch(self.key, self.duration)
            self.cache.set(f"{self.key}_since", int(self.timer()), self.duration)
        return count <= (self.num_requests or 0)

    def wait(self) -> float:
        """Seconds until the window ends."""
        moment = self.timer()
        since = self.cache.get(f"{self.key}_since", moment)
        return max(1.0, (self.duration or 0) - (moment - since))


class TokenThrottle(CountingThrottle):
    """Tries for one user name from one address; nobody elsewhere is locked out by them."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str:
        data = request.data
        name = str(data.get("username", "")) if isinstance(data, dict) else ""
        # As names are looked up: in one spelling, and upper() folds more letters into one than lower() does.
        folded = fold(name).upper().encode(errors="replace")
        digest = hashlib.sha256(folded).hexdigest()
        return f"throttle_token_{digest}_{self.get_ident(request)}"


class TokenAddressThrottle(CountingThrottle):
    """Tries for any user names from one address."""

    scope = "token_address"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"throttle_token_address_{self.get_ident(request)}"
