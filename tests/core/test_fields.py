"""Raw JSON leaves the database byte for byte as it came in."""

import pytest
from django.core.exceptions import ValidationError

from datasets.models import Item
from itag.core.fields import RawJSON, RawJSONField, dump
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db

TEXTS = [
    '{"source":"a","source2":1.0}',
    '{ "b" : 1e2,\t"a":-0.0, "ключ":"\\u4e2d文" }',
    '{"n":12345678901234567890.123456789012345678901234567890}',
    "[]",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_preserved(text):
    item = Item.objects.create(dataset=DatasetFactory(), ordinal=1, data=RawJSON(text))
    item.refresh_from_db()
    assert item.data == text
    assert isinstance(item.data, RawJSON)


def test_a_value_is_encoded_compactly():
    item = Item.objects.create(dataset=DatasetFactory(), ordinal=1, data={"source": "中"})
    item.refresh_from_db()
    assert item.data == '{"source":"中"}'
    assert item.data.load() == {"source": "中"}


def test_nan_is_refused():
    with pytest.raises(ValueError, match="Out of range"):
        dump({"a": float("nan")})


def test_what_is_not_json_is_refused():
    with pytest.raises(ValidationError):
        RawJSONField().to_python("{")
