"""Pages by key, never by count: a list costs the same at the first and at the thousandth page."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Newest first by primary key; `limit` up to 200; answers {"next", "previous", "results"}."""

    ordering = "-pk"
    page_size_query_param = "limit"
    max_page_size = 200
    cursor_query_param = "cursor"


class OldestFirst(KeysetPagination):
    ordering = "pk"
