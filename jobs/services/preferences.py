"""What a person has chosen for their own work."""

from accounts.models import User


def set_claim_next(*, user: User, on: bool) -> None:
    """Whether the labeling page claims the next package by itself after a submission."""
    user.claim_next = on
    user.save(update_fields=["claim_next"])
