"""Markdown out of datasets is shown to labelers: nothing in it runs, and nothing is fetched for it."""

import re
import time

import pytest

from accounts.models import User
from itag.web.markdown import render_foreign
from jobs.models import Job
from jobs.selectors.markdown import MAX_RENDERED, rendered
from jobs.selectors.work import items_payload
from jobs.services.claim import claim_package
from templates_app.models import LabelTemplate
from tests.factories import make_dataset, make_job
from tests.security.test_guide_attacks import CORPUS, Look

pytestmark = pytest.mark.django_db

PICTURES = """
![x](https://evil.example/track.png)
![](https://evil.example/pixel.gif)
[![x](https://evil.example/in.png)](https://good.example/)
![ref][p]
![x](guide:known.png)
![x](//evil.example/x.png)
![x](data:image/png;base64,AAAA)

[p]: https://evil.example/ref.png
"""


def faults_of(text: str) -> list[str]:
    html = render_foreign(text)
    look = Look()
    look.feed(html)
    look.close()
    if "<img" in html:
        look.faults.append("<img")
    for link in re.findall(r"<a [^>]*>", html):
        if 'rel="noopener noreferrer nofollow"' not in link or 'target="_blank"' not in link:
            look.faults.append(link)
    return look.faults


@pytest.mark.parametrize("line", [line for line in (CORPUS + PICTURES).splitlines() if line])
def test_nothing_of_the_text_runs_or_is_fetched(line: str) -> None:
    for within in (line, f"> {line}", f"- a\n\n  {line}", f"| {line} |\n|-|\n| {line} |"):
        assert faults_of(within) == []


def test_nor_of_all_of_it_together() -> None:
    assert faults_of(CORPUS + PICTURES) == []


def test_a_picture_is_a_link_to_it_unless_it_stands_in_one() -> None:
    assert 'href="https://evil.example/a.png"' in render_foreign(
        "![A cat](https://evil.example/a.png)"
    )
    nested = render_foreign("[![A cat](https://evil.example/a.png)](https://good.example/)")
    assert nested.count("<a ") == 1
    assert "evil.example" not in nested


@pytest.mark.parametrize("part", ["[", "![", "*a ", "**a *", "`", "> ", "- ", "[a](", "<", "|a"])
def test_no_text_keeps_the_server_long(part: str) -> None:
    """What is crafted takes time that grows with the square, which the limit keeps small."""
    text = (part * MAX_RENDERED)[:MAX_RENDERED]
    began = time.process_time()
    rendered({"answer"}, {"answer": text})
    assert time.process_time() - began < 20


def test_items_bring_the_html_of_markdown_views_alone(labeler: User) -> None:
    job = _job(labeler, {"answer": "**bold** <b>", "source": "**plain**", "other": "*x*"})
    assignment = claim_package(job=job, user=labeler, stage="labeling").assignment
    assert assignment is not None
    (item,) = items_payload(assignment, labeler, first=1, limit=1)
    assert item["markdown"] == {"answer": "<p><strong>bold</strong> &lt;b&gt;</p>\n"}


def test_what_is_no_text_or_too_long_is_left_to_the_page(labeler: User) -> None:
    data = {"a": ["x"], "b": "x" * (MAX_RENDERED + 1), "c": None, "d": ""}
    assert rendered({"a", "b", "c", "d", "e"}, data) == {"d": ""}


def _job(labeler: User, row: dict[str, str]) -> Job:
    workspace = labeler.memberships.get().workspace
    template = LabelTemplate.objects.create(
        workspace=workspace,
        name="Answers",
        views=[
            {"type": "Text", "bindField": "source"},
            {"type": "Markdown", "bindField": "answer"},
        ],
        questions=[
            {
                "questionId": "1",
                "type": "RADIO",
                "markTitle": "Good",
                "options": [{"key": "k1", "label": "yes"}],
            }
        ],
    )
    return make_job(
        dataset=make_dataset([row], workspace=workspace),
        template=template,
        size=1,
        labelers=[labeler],
    )
