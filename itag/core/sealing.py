"""Secrets that must be read again (a webhook's key, a robot's address) are sealed before they reach the database.

The key is derived from SECRET_KEY (HKDF-SHA256, RFC 5869); SECRET_KEY_FALLBACKS open what older keys sealed.
"""

import base64
from functools import lru_cache

from django.conf import settings

_PURPOSE = b"itag sealed fields"


class SealBroken(Exception):
    """What was sealed cannot be opened: SECRET_KEY is another one now."""


def seal(text: str) -> str:
    """The text, sealed; empty stays empty."""
    if not text:
        return ""
    sealed: bytes = _keys().encrypt(text.encode())
    return sealed.decode()


def unseal(sealed: str) -> str:
    """What `seal` was given; raises SealBroken."""
    from cryptography.fernet import InvalidToken

    if not sealed:
        return ""
    try:
        opened: bytes = _keys().decrypt(sealed.encode())
    except InvalidToken as exc:
        raise SealBroken from exc
    return opened.decode()


def _keys():  # type: ignore[no-untyped-def]  # MultiFernet: imported only where something is sealed
    return _keys_of(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _keys_of(secret: str, older: tuple[str, ...]):  # type: ignore[no-untyped-def]
    from cryptography.fernet import Fernet, MultiFernet
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def derive(key: str) -> Fernet:
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE)
        return Fernet(base64.urlsafe_b64encode(kdf.derive(key.encode())))

    return MultiFernet([derive(key) for key in (secret, *older)])
