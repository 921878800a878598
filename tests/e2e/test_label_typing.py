"""What is typed and set by keys in fields of the labeling page stays where it was meant."""

from pathlib import Path

import pytest
from django.conf import settings

from templates_app.services import validate_job_config
from tests.e2e.label import (
    builtin,
    claim,
    draw_picture,
    open_item,
    results_of,
    saves,
    wait_painted,
    wait_saved,
)
from tests.factories import make_dataset, make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_fields_keep_their_item_and_their_keys(sign_in, workspace, labeler):
    dataset = make_dataset(2, kind="image", workspace=workspace)
    assert dataset.storage is not None
    for number in (1, 2):
        draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg", number)
    template = builtin("matting")
    options, selected, _bound, shapes, _said = validate_job_config(
        template, options=None, selected=None, bindings=None, dataset_fields=dataset.fields
    )
    job = make_job(
        dataset=dataset,
        template=template,
        selected_questions=selected,
        options=options,
        shapes=shapes,
        size=2,
        labelers=[labeler],
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    remark = page.get_by_label("Remark")
    remark.focus()
    with saves(page):
        page.keyboard.type("only the first")
    # The button leaves the focus in the field, and the field stands for the next item's remark then.
    page.get_by_role("button", name="Next", exact=False).first.click()
    wait_painted(page, 2)
    assert remark.input_value() == ""
    page.locator("[data-surface=image]").focus()
    wait_saved(page)
    assert results_of(assignment, 2) == []

    # Arrows on a slider move it, and neither the item nor what is chosen.
    page.keyboard.press("Alt+v")
    slider = page.get_by_label("Brightness")
    slider.focus()
    before = float(slider.input_value())
    page.keyboard.press("ArrowLeft")
    assert float(slider.input_value()) < before
    assert page.evaluate("document.documentElement.dataset.painted") == "2"
