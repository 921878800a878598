"""What the apps above must hear in the same transaction."""

from django.dispatch import Signal

#: People lost their place: `workspace`, `users` (ids). Sent inside the transaction that takes it, so that reservations
#: go with it. The sender says what was lost: `Workspace`, `Team` (the place there), or `User` (the account is closed);
#: `held`, with Workspace and User: whether what they hold goes back to the pool ("release") or is kept ("keep").
access_lost = Signal()
#: A workspace is being archived: `workspace`, `actor`. Sent inside the transaction, before it is closed for changes.
workspace_archived = Signal()
