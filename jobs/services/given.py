"""What checking answers needs to know of an item beside its answer, and what of an answer is not handed over."""

from collections.abc import Mapping
from typing import Any

from itag.core.fields import RawJSON, dump
from jobs.models import Annotation, Assignment, PackageItem
from templates_app.conditions import conditional, shown
from templates_app.questions.base import Json, Question


def item_media(item: PackageItem, ops: Any, questions: Mapping[str, Question]) -> Json:
    """The item's media as `apply_ops` takes them, with the texts that these operations mark on.

    One statement, and only where an operation marks on a text. `item.media`, or the item itself, must be loaded.
    """
    media: Json = getattr(item, "media", None) or (
        {} if hasattr(item, "media") else item.item.media or {}
    )
    named = {op.get("questionId") for op in ops if isinstance(op, dict)}
    fields = {
        getattr(question, "field", "")
        for key, question in questions.items()
        if key in named and question.reads_text
    }
    if not fields:
        return media
    data: RawJSON = PackageItem.objects.values_list("item__data", flat=True).get(pk=item.pk)
    texts = data.load()
    return {
        **media,
        **{field: {**media.get(field, {}), "text": texts.get(field)} for field in fields},
    }


def drop_hidden(assignment: Assignment, questions: Mapping[str, Question]) -> None:
    """Take what hidden questions were answered out of the assignment's answers, before they are handed over."""
    if not any(conditional(question) for question in questions.values()):
        return
    # One after the other: an answer may be of many megabytes.
    rows = Annotation.objects.filter(assignment=assignment, results__isnull=False)
    for row in rows.iterator(chunk_size=20):
        assert row.results is not None
        results = row.results.load()
        kept = shown(results, questions)
        if kept != results:
            row.results = dump(kept)
            row.size = len(row.results)
            row.save(update_fields=["results", "size"])
