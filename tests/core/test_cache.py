"""The cache keeps JSON and never a pickle."""

import pytest
from django.core.cache import cache

from itag.core.cache import JSONSerializer


@pytest.mark.parametrize("value", [None, True, 0, -7, 1.5, "text 中", [1.0, 2.5], {"a": [None]}])
def test_values_come_back_as_they_were(value):
    serializer = JSONSerializer()
    stored = serializer.dumps(value)
    assert serializer.loads(str(stored).encode() if isinstance(stored, int) else stored) == value
    cache.set("value", value)
    assert cache.get("value", "missing") == value


def test_numbers_count_in_the_server():
    cache.set("count", 1)
    assert cache.incr("count") == 2


def test_what_is_no_json_is_not_kept():
    with pytest.raises(TypeError):
        cache.set("value", object())
