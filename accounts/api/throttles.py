"""How often a token may be asked for: per person and address, and per address alone."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class TokenThrottle(SimpleRateThrottle):
    """Tries for one user name from one address; nobody elsewhere is locked out by them."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str:
        data = request.data
        name = str(data.get("username", "")) if isinstance(data, dict) else ""
        # As the database compares names: it folds more letters into one than lower() does.
        folded = name.strip().upper().encode(errors="replace")
        digest = hashlib.sha256(folded).hexdigest()
        return f"throttle_token_{digest}_{self.get_ident(request)}"


class TokenAddressThrottle(SimpleRateThrottle):
    """Tries for any user names from one address."""

    scope = "token_address"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"throttle_token_address_{self.get_ident(request)}"
