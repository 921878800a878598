"""The committed schema of the API is what the code says, with the one error shape on every operation."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

COMMITTED = Path(__file__).resolve().parent.parent / "docs" / "openapi.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}
ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_the_committed_schema_is_what_the_code_says(schema: dict[str, Any]) -> None:
    with GENERATOR_STATS.silence():
        made = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(made)
    text = OpenApiYamlRenderer().render(made, renderer_context={}).decode()
    assert yaml.safe_load(text) == schema, "run `make schema`"
    # The same bytes too, so that `make schema` leaves nothing to commit.
    assert COMMITTED.read_text(encoding="utf-8") == text, "run `make schema`"


def test_every_operation_has_the_one_error_shape(schema: dict[str, Any]) -> None:
    found = operations(schema)
    assert len(found) > 60
    for name, operation in found.items():
        errors = {status: r for status, r in operation["responses"].items() if status >= "400"}
        assert {"400", "401", "403", "404", "409"} <= set(errors), name
        assert all(error["content"] == ERROR for error in errors.values()), name
        assert any(status < "300" for status in operation["responses"]), name
    shape = schema["components"]["schemas"]["Error"]
    assert shape["required"] == ["code", "detail", "errors"]


def test_operations_have_names_of_their_own_and_texts(schema: dict[str, Any]) -> None:
    found = operations(schema)
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.endswith(("_2", "_3"))]
    assert not [name for name, operation in found.items() if not operation.get("description")]


def test_lists_are_paged(schema: dict[str, Any]) -> None:
    """A list answers {"next", "previous", "results"}, never a bare array."""
    for name, operation in operations(schema).items():
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                assert content["schema"].get("type") != "array", (name, status)
