"""Statements written by hand: planned once per connection, their rows made into models without the ORM's compiler."""

from collections.abc import Sequence
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)

#: Executions after which psycopg prepares a statement on a connection.
PREPARE_AFTER = 2


def prepared_cursor() -> Any:
    """A cursor that binds on the server and prepares what it executes again, counted like any other of Django's.

    Django's own cursors bind in the client, so that each execution is planned anew; for the claim, whose plan takes
    twice as long as its execution, that was 2.0 ms against 1.0 ms. Parameters need casts where their type matters.
    """
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold = PREPARE_AFTER
    connection.validate_thread_sharing()
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    cursor: Any = psycopg.Cursor(raw)
    return wrap(cursor)


def columns(model: type[Model], table: str) -> str:
    """The model's columns as `instance` wants them, of this name in FROM."""
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


def instance(model: type[Row], values: Sequence[Any]) -> Row:
    """The model with these values of `columns`."""
    return model.from_db(
        connection.alias, [field.attname for field in model._meta.concrete_fields], values
    )
