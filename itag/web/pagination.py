"""Pages by key, never by count: a list costs the same at the first and at the thousandth page."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class KeysetPagination(CursorPagination):
    """Newest first by primary key; `limit` up to 200; answers {"next", "previous", "results"}."""

    ordering = "-pk"
    page_size_query_param = "limit"
    max_page_size = 200
    cursor_query_param = "cursor"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Every key that lists are ordered by is a number; another position would be the database's error."""
        cursor: Any = super().decode_cursor(request)
        text = cursor.position if cursor is not None else None
        if text is not None and not (text.isascii() and text.isdecimal() and len(text) < 20):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class OldestFirst(KeysetPagination):
    ordering = "pk"
