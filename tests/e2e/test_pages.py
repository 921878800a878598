"""Every page in both themes, languages and sizes: no axe violation, no sideways scrolling, no cut text, no console error.

The labeling page in its many states is looked at in test_label_look; here it is one page among the others.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import User, Workspace
from datasets.models import Dataset
from exports import services
from jobs.models import Job
from jobs.services.guide import publish_guide
from jobs.services.submit import submit_assignment
from jobs.services.talk import flag_item, post_message
from tests.e2e.label import claim, detection_job, violations
from tests.e2e.test_label_look import box, save
from tests.factories import choice_op, make_dataset, make_job, make_team

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]
LOOKS = [(theme, width, height) for theme in ("light", "dark") for width, height in
         ((1280, 800), (1920, 1080))]  # fmt: skip

#: The colours of the new theme are there: what fades from the old ones has ended.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    .then(() => Promise.allSettled(document.getAnimations().filter(a => a instanceof CSSTransition)
        .map(a => a.finished)))"""
#: Texts that do not fit into their element, unless a scroller or a title shows the rest.
CUT = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.checkVisibility() && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .filter(e => !e.title && !/auto|scroll/.test(getComputedStyle(e).overflowX))
    .filter(e => !e.closest('.visually-hidden, option, template'))
    .map(e => e.outerHTML.slice(0, 160) + ` ${e.scrollWidth} > ${e.clientWidth}`)"""


@pytest.fixture
def scene(
    workspace: Workspace, admin_user: User, labeler: User, checker: User, accepter: User
) -> dict[str, Any]:
    """Work in every state: waiting, in hand, returned, finished; data that is ready, being read, failed."""
    team = make_team(workspace, [labeler], name="Night shift of the northern districts")
    running: Job = detection_job(
        labeler,
        workspace=workspace,
        checkers=[checker],
        accepters=[accepter],
        managers=[admin_user],
        name="Vehicles-on-the-street-of-the-northern-districts-seen-from-above",
        description="Draw a box around every vehicle.\n每辆车画一个框。",
    )
    held = claim(running, labeler)
    save(held, labeler, 1, [box(0), box(1)])
    texts = make_job(
        dataset=make_dataset(
            [{"source": text} for text in ("短", "A longer line of words. " * 30, "x" * 400)],
            workspace=workspace,
            name="What-people-write-" + "about-buses-" * 6,
        ),
        size=1,
        name="街" * 60,
        workflow="labeling",
        labelers=[labeler],
        managers=[admin_user],
    )
    done = claim(texts, labeler)
    save(done, labeler, 1, [choice_op("k1")])
    submit_assignment(assignment_id=done.pk, user=labeler)
    guide = "# Vehicles\n\n| case | label |\n|-|-|\n| lorry | car |\n\n> In doubt, ask."
    publish_guide(job=running, user=admin_user, markdown=guide)
    asked = flag_item(assignment_id=held.pk, position=1, user=labeler, text="Is a trailer one?")
    post_message(thread=asked, user=admin_user, text="With its lorry.", publish=True)
    for scope in ("finished", "all"):
        services.request_export(job=texts, user=admin_user, scope=scope)
    for state in ("importing", "failed"):
        made = make_dataset(0, workspace=workspace, name=f"Still-{state}")
        Dataset.objects.filter(pk=made.pk).update(state=state)
    return {
        "question": asked.pk,
        "template": running.template_id,
        "running": running,
        "texts": texts,
        "held": held,
        "team": team,
        "failed": made,
    }


def addresses(scene: dict[str, Any], labeler: User) -> dict[str, list[str]]:
    """Who looks at what."""
    job, dataset = scene["running"].pk, scene["running"].dataset_id
    texts = scene["texts"]
    return {
        "nobody": ["/accounts/login/", "/accounts/password/reset/"],
        "labeler": ["/", "/jobs/", f"/jobs/{job}/", f"/label/{scene['held'].pk}/1"],
        "admin": [
            "/",
            "/datasets/",
            f"/datasets/{dataset}/",
            f"/datasets/{texts.dataset_id}/",
            f"/datasets/{scene['failed'].pk}/",
            f"/datasets/{dataset}/items/1/",
            f"/datasets/{dataset}/add/",
            "/datasets/new/",
            "/label-templates/",
            f"/label-templates/{scene['template']}/edit/",
            "/jobs/",
            "/jobs/new/",
            f"/jobs/{job}/",
            f"/jobs/{texts.pk}/",
            f"/jobs/{job}/members/",
            f"/jobs/{job}/guide/",
            f"/jobs/{job}/guide/edit/",
            f"/jobs/{job}/questions/",
            f"/jobs/{job}/questions/{scene['question']}/",
            "/jobs/blocked/",
            f"/jobs/{job}/edit/",
            f"/jobs/{job}/packages/",
            f"/jobs/{job}/packages/change/?verb=transfer&number=1&number=2",
            f"/jobs/{job}/packages/1/",
            f"/jobs/{texts.pk}/packages/1/1/compare/",
            f"/jobs/{job}/packages/1/1",
            "/exports/",
            "/account/",
            "/accounts/password/change/",
            "/members/",
            f"/members/{labeler.pk}/",
            "/members/new/",
            "/members/teams/",
            "/members/teams/new/",
            f"/members/teams/{scene['team'].pk}/",
            "/members/invitations/",
            "/members/workspace/",
            "/no-such-page/",
        ],
    }


def look(page: Page, faults: list[str], language: str) -> None:
    """Everything that can be seen to be wrong with what is on the screen, in every theme and size.

    axe is slow: English has it in the light theme and small, Chinese in the dark one and large.
    """
    for theme, width, height in LOOKS:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(SETTLED)
        where = f"{page.url} {theme} {width}: "
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(where + "scrolls sideways")
        faults.extend(where + "cut: " + text for text in page.evaluate(CUT))
        if (theme, width) == (("light", 1280) if language == "en" else ("dark", 1920)):
            faults.extend(where + text for text in violations(page))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page(
    sign_in: Callable[..., Page],
    live_server: Any,
    scene: dict[str, Any],
    admin_user: User,
    labeler: User,
    language: str,
) -> None:
    faults: list[str] = []
    people = {"nobody": None, "labeler": labeler, "admin": admin_user}
    for who, pages in addresses(scene, labeler).items():
        page = sign_in(people[who], reduced_motion="reduce")
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": live_server.url}]
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: (
                faults.append(f"{said.location['url']}: {said.text}")
                if said.type in ("error", "warning") and "no-such-page" not in said.location["url"]
                else None
            ),
        )
        for address in pages:
            page.goto(address, wait_until="load")
            if "/label/" in address or address.endswith("/packages/1/1"):
                page.wait_for_selector("html[data-painted='1']")
            look(page, faults, language)
    assert faults == []
