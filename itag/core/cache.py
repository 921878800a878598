"""What the cache keeps is JSON: Django's own serializer pickles, and who can write to the broker would run code."""

import json
from typing import Any


class JSONSerializer:
    """For Django's Redis cache; whole numbers stay numbers, so that the server can count with them."""

    def dumps(self, value: Any) -> int | bytes:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
