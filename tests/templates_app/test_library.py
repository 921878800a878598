"""Label templates are made, versioned, copied, shared, archived, and leave and enter as files."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid
from itag.core.policy import can
from templates_app.builtin import PRESETS
from templates_app.models import LabelTemplate
from templates_app.services.files import read_file, template_file
from templates_app.services.library import (
    archive_template,
    category_of,
    check_content,
    clone_template,
    create_template,
    offered,
    save_version,
    share_template,
)
from tests.factories import WorkspaceFactory, make_dataset, member

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]

OPTION = {"key": "k1", "label": "cat", "color": "#d22a1e", "shortcut": "1"}
CONTENT: dict[str, Any] = {
    "name": "Pictures and words",
    "description": "What is seen, and what is said of it",
    "views": [
        {"type": "Image", "bindField": "source"},
        {"type": "Text", "bindField": "note", "title": "Note"},
    ],
    "questions": [
        {"questionId": "1", "type": "RADIO", "markTitle": "Fits?", "options": [OPTION]},
        {
            "questionId": "2", "type": "INPUT", "markTitle": "Why not",
            "showIf": {"questionId": "1", "is": ["k1"]},
        },
    ],
    "layout": [
        {"cells": [
            {"width": 8, "blocks": [{"view": "source"}]},
            {"width": 4, "blocks": [{"view": "note"}, {"question": "1"}]},
        ]}
    ],
    "abandon_reasons": ["Unclear"],
}  # fmt: skip


@pytest.fixture
def made(workspace: Workspace, admin_user: User) -> LabelTemplate:
    return create_template(workspace=workspace, user=admin_user, **CONTENT)


def test_a_template_is_what_was_given(made: LabelTemplate) -> None:
    assert {name: getattr(made, name) for name in CONTENT} == CONTENT
    assert (made.version, made.category, made.shared) == (1, "mixed", "workspace")
    assert category_of([{"type": "Pdf"}, {"type": "Image"}]) == "image"


def test_versions_follow_each_other(made: LabelTemplate, admin_user: User) -> None:
    same = save_version(template=made, user=admin_user, name=" Pictures and words ")
    assert same.pk == made.pk
    share_template(template=made, shared="everybody")
    second = save_version(template=made, user=admin_user, name="Better")
    assert (second.key, second.version, second.shared) == (made.key, 2, "everybody")
    assert second.questions == made.questions
    with pytest.raises(Conflict) as stale:
        save_version(template=made, user=admin_user, name="Elsewhere")
    assert stale.value.extra["latest"] == second.pk
    archive_template(template=second, archived=True)
    with pytest.raises(Conflict):
        save_version(template=second, user=admin_user, name="Late")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"description": "a\x00b"}, "description"),
        ({"abandon_reasons": [""]}, "abandon_reasons[0]"),
        ({"views": []}, "views"),
        ({"questions": [{"questionId": "1", "type": "RADIO"}]}, "questions[0].markTitle"),
        ({"layout": [{"cells": []}]}, "layout[0].cells"),
        ({"questions": "x" * 600_000}, "questions"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_content({**CONTENT, **change})
    assert field in [error["field"] for error in refused.value.errors]


def test_what_is_too_deep_is_refused_before_it_is_looked_at() -> None:
    deep: Any = []
    for _level in range(900):
        deep = [{**OPTION, "children": deep}]
    questions = [{**CONTENT["questions"][0], "options": deep}]
    with pytest.raises(Invalid):
        check_content({**CONTENT, "questions": questions})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("key", [preset["key"] for preset in PRESETS])
def test_general_templates_are_copied(
    workspace: Workspace, admin_user: User, key: str, language: str
) -> None:
    general = LabelTemplate.objects.latest().get(workspace=None, key=key)
    copy = clone_template(template=general, workspace=workspace, user=admin_user, language=language)
    assert copy.workspace == workspace
    assert copy.name.startswith(general.names[language])
    text = str([copy.questions, copy.abandon_reasons])
    assert "titles" not in text
    assert all(isinstance(reason, str) for reason in copy.abandon_reasons)
    # A copy of a copy has a name of its own.
    again = clone_template(template=copy, workspace=workspace, user=admin_user, language=language)
    assert again.name != copy.name
    assert again.questions == copy.questions


def test_a_template_leaves_and_enters_as_a_file(
    made: LabelTemplate, workspace: Workspace, admin_user: User
) -> None:
    file = template_file(made, "en")
    assert "workspace" not in file
    assert "key" not in file
    entered = read_file(workspace=workspace, user=admin_user, value=file)
    assert {name: getattr(entered, name) for name in CONTENT} == CONTENT
    refused: list[Any] = [
        [], {}, {**file, "format": "x"}, {**file, "format_version": 2}, {**file, "owner": 1},
        {**file, "views": []},
    ]  # fmt: skip
    for wrong in refused:
        with pytest.raises(Invalid):
            read_file(workspace=workspace, user=admin_user, value=wrong)


def test_sharing_shows_the_newest_version_to_others_until_it_is_taken_back(
    made: LabelTemplate, admin_user: User, stranger: User
) -> None:
    other: Any = WorkspaceFactory()
    second = save_version(template=made, user=admin_user, name="Second")
    share_template(template=second, shared="everybody")
    third = save_version(template=second, user=admin_user, name="Third")

    def seen(row: LabelTemplate) -> bool:
        found = LabelTemplate.objects.visible_to(stranger).filter(pk=row.pk).exists()
        assert bool(can(stranger, "templates.view", row)) is found
        return found

    assert [seen(row) for row in (made, second, third)] == [False, True, True]
    assert third in offered(other)
    assert can(stranger, "templates.change", third).reason
    archive_template(template=third, archived=True)
    assert third not in offered(other)
    assert not seen(third)
    archive_template(template=third, archived=False)
    share_template(template=third, shared="workspace")
    assert [seen(row) for row in (made, second, third)] == [False, False, False]
    assert can(stranger, "templates.change", third).hidden


def test_who_may_do_what(made: LabelTemplate, workspace: Workspace) -> None:
    rules = ("templates.view", "templates.change", "templates.share")
    wanted = {
        "admin": [True, True, True],
        "label_admin": [True, True, False],
        "leader": [True, False, False],
        "operator": [True, False, False],
    }
    for role, expected in wanted.items():
        person = member(workspace, role)
        assert [bool(can(person, name, made)) for name in rules] == expected
    general = LabelTemplate.objects.latest().filter(workspace=None)[0]
    assert can(member(workspace, "admin"), "templates.change", general).reason


def test_the_builders_check_answers_with_paths(api: Api, admin_user: User) -> None:
    address = reverse("api-label-templates-check")
    fine = api(admin_user).post(address, CONTENT, format="json")
    assert fine.json() == {"errors": []}
    bad = {**CONTENT, "name": "", "views": [{"type": "Image"}]}
    found = api(admin_user).post(address, bad, format="json").json()["errors"]
    assert {error["field"] for error in found} >= {"name", "views[0].bindField"}
    strange: list[Any] = [[], "x", {"questions": {"a": [[]]}}]
    for odd in strange:
        assert api(admin_user).post(address, odd, format="json").status_code in (200, 400)


def test_a_draft_is_tried_out_on_items_and_nothing_is_stored(
    api: Api, workspace: Workspace, admin_user: User, stranger: User
) -> None:
    dataset = make_dataset(
        [{"source": f"{n}.jpg", "note": f"note {n}"} for n in range(1, 8)],
        kind="image", workspace=workspace,
    )  # fmt: skip
    address = reverse("api-label-templates-preview")
    draft = {name: CONTENT[name] for name in ("views", "questions", "layout")}
    draft["questions"] = [*draft["questions"], {**draft["questions"][0], "questionId": "3"}]
    draft["questions"][2] = {"questionId": "3", "type": "RADIO", "markTitle": "No labels yet"}
    before = LabelTemplate.objects.count()
    answer = api(admin_user).post(
        address, {"dataset": dataset.pk, "draft": draft, "first": 3}, format="json"
    )
    assert answer.status_code == 200, answer.json()
    found = answer.json()
    assert [item["position"] for item in found["items"]] == [3, 4, 5, 6, 7]
    assert found["items"][0]["data"]["note"] == "note 3"
    assert found["items"][0]["media"]["source"]["url"] == f"/media/dataset/{dataset.pk}/3/source"
    assert found["template"]["layout"] == CONTENT["layout"]
    assert len(found["template"]["questions"][2]["options"]) == 3
    assert LabelTemplate.objects.count() == before
    wrong = api(admin_user).post(
        address, {"dataset": dataset.pk, "draft": {**draft, "views": []}}, format="json"
    )
    assert wrong.status_code == 400
    unseen = api(stranger).post(address, {"dataset": dataset.pk, "draft": draft}, format="json")
    assert unseen.status_code == 404
    neither = api(admin_user).post(address, {"dataset": dataset.pk}, format="json")
    assert neither.status_code == 400


def test_the_ways_of_a_template_through_the_api(
    api: Api, made: LabelTemplate, workspace: Workspace, admin_user: User
) -> None:
    client = api(admin_user)
    general = LabelTemplate.objects.latest().get(workspace=None, key="image-classification")
    copied = client.post(
        reverse("api-label-template-clone", args=[general.pk]),
        {"workspace": workspace.pk},
        format="json",
    )
    assert copied.status_code == 201, copied.json()
    address = reverse("api-label-template", args=[made.pk])
    second = client.patch(address, {"name": "Second"}, format="json").json()
    assert (second["version"], second["id"] == made.pk) == (2, False)
    stale = client.patch(address, {"name": "Elsewhere"}, format="json")
    assert (stale.status_code, stale.json()["latest"]) == (409, second["id"])
    file = client.get(reverse("api-label-template-file", args=[second["id"]]))
    assert "attachment" in file.headers["Content-Disposition"]
    entered = client.post(
        f"{reverse('api-label-templates-file')}?workspace={workspace.pk}",
        file.content,
        content_type="application/json",
    )
    assert entered.status_code == 201, entered.json()
    large = client.post(
        f"{reverse('api-label-templates-file')}?workspace={workspace.pk}",
        b" " * (1024 * 1024 + 1) + b"{}",
        content_type="application/json",
    )
    assert (large.status_code, large.json()["code"]) == (400, "too_large")
    archive = reverse("api-label-template-archive", args=[second["id"]])
    assert client.post(archive, {"archived": True}, format="json").status_code == 200
    listed = reverse("api-label-templates")

    def ids(**query: str) -> set[int]:
        found = client.get(listed, {"workspace": str(workspace.pk), **query})
        return {row["id"] for row in found.json()["results"]}

    assert second["id"] not in ids()
    assert ids(archived="true") == {second["id"]}
    assert ids(archived="false") == ids()


@pytest.mark.parametrize("layout", [5, None, {}, "", "rows"])
def test_a_layout_that_is_no_list_is_refused(workspace: Workspace, layout: Any) -> None:
    with pytest.raises(Invalid) as refused:
        check_content({**CONTENT, "layout": layout})
    assert [error["field"] for error in refused.value.errors] == ["layout"]


def test_a_draft_too_deep_is_refused_as_a_template_is(
    api: Api, admin_user: User, workspace: Workspace
) -> None:
    option: dict[str, Any] = dict(OPTION)
    for _level in range(400):
        option = {**OPTION, "children": [option]}
    question = {"questionId": "1", "type": "RADIO", "markTitle": "Deep", "options": [option]}
    dataset = make_dataset([{"source": "one"}], workspace=workspace)
    draft = {"views": [{"type": "Text", "bindField": "source"}], "questions": [question]}
    answer = api(admin_user).post(
        reverse("api-label-templates-preview"),
        {"dataset": dataset.pk, "draft": draft},
        format="json",
    )
    assert answer.status_code == 400


def test_names_that_the_database_cannot_hold_are_refused() -> None:
    question = {"questionId": "1", "type": "INPUT", "markTitle": "Say"}
    for name in ("titles", "help"):
        content = {**CONTENT, "layout": [], "questions": [{**question, name: {"\x00": "x"}}]}
        with pytest.raises(Invalid):
            check_content(content)


def test_only_the_preview_may_be_framed_and_by_us_alone(
    client: Client, admin_user: User, workspace: Workspace
) -> None:
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    shell = client.get(reverse("label-template-preview"))
    assert shell.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in shell.headers["Content-Security-Policy"]
    other = client.get(reverse("label-templates"))
    assert other.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]
