"""The built-in templates in the database."""

from django.db import transaction

from itag.core.clock import now
from templates_app.builtin import PRESETS
from templates_app.models import LabelTemplate
from templates_app.services.check import check_template

#: What is compared to see whether a preset changed.
CONTENT = ("names", "category", "views", "questions", "layout", "abandon_reasons")


@transaction.atomic
def install_builtin() -> None:
    """Bring the built-in templates up to date; a changed one becomes a new version, since jobs may use the old."""
    for given in PRESETS:
        preset = {"layout": [], **given}
        check_template(
            views=preset["views"], questions=preset["questions"], layout=preset["layout"]
        )
        known = (
            LabelTemplate.objects.select_for_update()
            .filter(workspace=None, key=preset["key"])
            .order_by("-version")
            .first()
        )
        if known and all(getattr(known, name) == preset[name] for name in CONTENT):
            continue
        if known:
            known.superseded_at = now()
            known.save(update_fields=["superseded_at"])
        LabelTemplate.objects.create(
            key=preset["key"],
            name=preset["names"]["en"],
            version=known.version + 1 if known else 1,
            **{name: preset[name] for name in CONTENT},
        )
