"""What the apps above must hear in the same transaction."""

from django.dispatch import Signal

#: People lost their place in a workspace or a team: `workspace`, `users` (ids). Sent inside the transaction that
#: takes the grants, so that reservations go with them.
access_lost = Signal()
