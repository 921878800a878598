"""States change along their table, by compare-and-swap."""

import pytest

from datasets.models import Dataset
from itag.core.errors import IllegalTransition
from itag.core.states import move
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db


def test_moves_along_the_table_and_writes_the_changes():
    dataset = DatasetFactory(state="importing")
    move(dataset, "ready", transitions=Dataset.TRANSITIONS, item_count=7)
    dataset.refresh_from_db()
    assert (dataset.state, dataset.item_count) == ("ready", 7)


def test_an_edge_that_is_not_in_the_table_is_refused():
    dataset = DatasetFactory(state="ready")
    with pytest.raises(IllegalTransition):
        move(dataset, "failed", transitions=Dataset.TRANSITIONS)
    dataset.refresh_from_db()
    assert dataset.state == "ready"


def test_a_stale_copy_cannot_move():
    dataset = DatasetFactory(state="importing")
    stale = Dataset.objects.get(pk=dataset.pk)
    move(dataset, "failed", transitions=Dataset.TRANSITIONS)
    with pytest.raises(IllegalTransition, match="stale"):
        move(stale, "ready", transitions=Dataset.TRANSITIONS)
    dataset.refresh_from_db()
    assert dataset.state == "failed"
