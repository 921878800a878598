"""Pages of datasets: who sees what, lists by key at one cost, and no change by looking."""

import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from datasets.models import Dataset, ImportRun, Item
from datasets.services.imports import create_dataset
from tests.datasets.helpers import finish, make, manifest, picture
from tests.factories import make_dataset, make_job, member

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def cost(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


PAGES = {
    "datasets": lambda d: reverse("datasets"),
    "dataset-new": lambda d: reverse("dataset-new"),
    "dataset": lambda d: reverse("dataset", args=[d.pk]),
    "dataset-progress": lambda d: reverse("dataset-progress", args=[d.pk]),
    "dataset-add": lambda d: reverse("dataset-add", args=[d.pk]),
    "dataset-item": lambda d: reverse("dataset-item", args=[d.pk, 1]),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "who", ["admin", "label_admin", "leader", "operator", "stranger", "nobody"]
)
def test_access(workspace: Any, stranger: Any, page: str, who: str) -> None:
    dataset = make_dataset(workspace=workspace)
    path = PAGES[page](dataset)
    if who == "nobody":
        response = Client().get(path)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/")
        return
    client = client_of(stranger if who == "stranger" else member(workspace, who))
    if page == "datasets":
        expected = 200
    elif page == "dataset-new":
        expected = 403 if who in ("leader", "operator") else 200
    else:
        expected = 200 if who in ("admin", "label_admin") else 404
    response = client.get(path)
    assert response.status_code == expected
    if page == "datasets" and who not in ("admin", "label_admin"):
        assert dataset.name not in response.content.decode()


@pytest.mark.parametrize("action", ["dataset-delete", "dataset-repeat"])
def test_nothing_changes_by_looking(
    workspace: Any, admin_user: Any, labeler: Any, action: str
) -> None:
    dataset = make(workspace, admin_user, kind="image", files=[("x", io.BytesIO(b"x"))])
    path = reverse(action, args=[dataset.pk])
    assert client_of(admin_user).get(path).status_code == 405
    assert client_of(labeler).post(path).status_code == 404
    assert Client().post(path).status_code == 302
    enforcing = Client(enforce_csrf_checks=True)
    enforcing.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    assert enforcing.post(path).status_code == 403
    dataset.refresh_from_db()
    assert (dataset.deleted_at, dataset.state, ImportRun.objects.count()) == (None, "failed", 1)
    assert client_of(admin_user).post(path).status_code == 302
    dataset.refresh_from_db()
    assert dataset.deleted_at or dataset.state == "importing"


def test_the_list_costs_the_same_for_one_and_for_thirty(workspace: Any, admin_user: Any) -> None:
    client = client_of(admin_user)
    client.get(reverse("datasets"))
    make(workspace, admin_user, manifest=manifest("x"))
    one = cost(client, reverse("datasets"))
    for _n in range(29):
        make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    assert cost(client, reverse("datasets")) == one


def test_the_list_by_key(workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.selectors.DATASETS", 3)
    made = [make_dataset(workspace=workspace, name=f"set {n}") for n in range(8)]
    client = client_of(admin_user)
    pages, query = [], ""
    while True:
        page = client.get(reverse("datasets") + query).context["page"]
        pages.append([row.pk for row in page.rows])
        if not page.next:
            break
        query = page.next
    assert [pk for rows in pages for pk in rows] == [row.pk for row in reversed(made)]
    back = [pages[-1]]
    while page.previous:
        page = client.get(reverse("datasets") + page.previous).context["page"]
        back.insert(0, [row.pk for row in page.rows])
    assert back == pages


def test_the_list_narrowed(workspace: Any, admin_user: Any, stranger: Any) -> None:
    make_dataset(workspace=workspace, name="Katzen")
    make_dataset(workspace=workspace, name="Hunde", kind="image")
    make_dataset(workspace=stranger.memberships.get().workspace, name="Fremde")
    client = client_of(admin_user)

    def names(query: str) -> list[str]:
        return [
            row.name for row in client.get(f"{reverse('datasets')}{query}").context["page"].rows
        ]

    assert names("") == ["Hunde", "Katzen"]
    assert names("?q=KATZ") == ["Katzen"]
    assert names("?kind=image") == ["Hunde"]
    assert names("?kind=smell&q=%00") == ["Hunde", "Katzen"]
    assert names("?after=x&before=-1") == ["Hunde", "Katzen"]
    assert "No dataset matches." in client.get(reverse("datasets") + "?q=zzz").content.decode()


def test_an_empty_list_says_what_to_do(workspace: Any, admin_user: Any, labeler: Any) -> None:
    assert reverse("dataset-new") in client_of(admin_user).get(reverse("datasets")).content.decode()
    text = client_of(labeler).get(reverse("datasets")).content.decode()
    assert reverse("dataset-new") not in text
    assert "shared with you" in text


def test_a_person_without_a_workspace(db: None) -> None:
    person = User.objects.create_user("alone")
    assert client_of(person).get(reverse("datasets")).status_code == 200
    assert client_of(person).get(reverse("dataset-new")).status_code == 403


@pytest.mark.parametrize("kind", ["text", "image", "custom"])
def test_a_page_of_items_costs_the_same_for_one_and_for_many(
    workspace: Any, admin_user: Any, kind: str
) -> None:
    client = client_of(admin_user)
    few = make_dataset(1, workspace=workspace, kind=kind)
    many = make_dataset(150, workspace=workspace, kind=kind)
    client.get(reverse("dataset", args=[few.pk]))
    assert cost(client, reverse("dataset", args=[few.pk])) == cost(
        client, reverse("dataset", args=[many.pk]) + "?first=60"
    )


def test_items_of_a_text(workspace: Any, admin_user: Any) -> None:
    rows = [
        f'{{"data":{{"source":"text {n}","n":{n}}},"label-7":{{"results":[]}}}}' for n in range(120)
    ]
    dataset = make(workspace, admin_user, manifest=manifest(*rows))
    client = client_of(admin_user)
    path = reverse("dataset", args=[dataset.pk])
    first = client.get(path)
    assert [row.ordinal for row in first.context["page"].rows] == list(range(1, 51))
    assert first.context["page"].rows[2].cells == ["text 2", "2"]
    assert first.context["page"].rows[2].labels == ["label-7"]
    assert "1–50 of 120" in first.content.decode()
    last = client.get(path + "?first=119")
    assert [row.ordinal for row in last.context["page"].rows] == list(range(101, 121))
    assert (last.context["page"].previous, last.context["page"].next) == ("?first=51", "")
    for odd in ("0", "-1", "x", "999999", "9" * 30):
        assert client.get(f"{path}?first={odd}").status_code == 200


def test_items_of_pictures_have_links_to_thumbnails(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", files=[("a/<b>.png", picture())])
    client = client_of(admin_user)
    page = client.get(reverse("dataset", args=[dataset.pk]))
    found = page.context["page"].rows[0].pictures[0]
    name, link = found["name"], found["url"]
    assert name == "<b>.png"
    assert "&lt;b&gt;.png" in page.content.decode()
    assert client.get(link).headers["Content-Type"] == "image/webp"


def test_one_item(workspace: Any, admin_user: Any) -> None:
    line = '{"data":{"source":"<script>alert(1)</script>","n":1.50},"label-7":{"results":["<b>"]},"x":1}'
    dataset = make(workspace, admin_user, manifest=manifest(line, line))
    client = client_of(admin_user)
    text = client.get(reverse("dataset-item", args=[dataset.pk, 1])).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "label-7" in text
    assert "&lt;b&gt;" in text
    assert reverse("dataset-item", args=[dataset.pk, 2]) in text
    for ordinal in (0, 3, 10**30):
        assert client.get(f"/datasets/{dataset.pk}/items/{ordinal}/").status_code == 404


def test_names_and_errors_are_text(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace,
        admin_user,
        kind="image",
        name="<img src=x onerror=alert(1)>",
        files=[("<script>alert(2)<script>.jpg", io.BytesIO(b"x"))],
    )
    client = client_of(admin_user)
    for path in (
        reverse("datasets"),
        reverse("dataset", args=[dataset.pk]),
        reverse("dataset-add", args=[dataset.pk]),
    ):
        text = client.get(path).content.decode()
        assert "<img src=x" not in text
        assert "<script>alert" not in text
    assert "Import the others" in client.get(reverse("dataset", args=[dataset.pk])).content.decode()


def test_progress_is_asked_for_until_the_end(workspace: Any, admin_user: Any) -> None:
    dataset = create_dataset(
        workspace=workspace, user=admin_user, name="n", kind="text", origin="manifest",
        manifest=manifest('{"data":{"source":"a"}}'),
    )  # fmt: skip
    client = client_of(admin_user)
    page = client.get(reverse("dataset", args=[dataset.pk])).content.decode()
    path = reverse("dataset-progress", args=[dataset.pk])
    assert f'hx-get="{path}"' in page
    assert "waits for a worker" in page
    under_way = client.get(path)
    assert "HX-Refresh" not in under_way.headers
    finish(dataset)
    ended = client.get(path)
    assert ended.headers["HX-Refresh"] == "true"
    assert "hx-get" not in ended.content.decode()


def test_a_dataset_in_use_is_kept_with_a_message(workspace: Any, admin_user: Any) -> None:
    job = make_job(workspace=workspace)
    client = client_of(admin_user)
    response = client.post(reverse("dataset-delete", args=[job.dataset_id]), follow=True)
    assert job.name in response.content.decode()
    assert Dataset.objects.alive().filter(pk=job.dataset_id).exists()


def test_items_of_an_import_under_way_are_not_shown(workspace: Any, admin_user: Any) -> None:
    dataset = make_dataset(2, workspace=workspace)
    Item.objects.create(dataset=dataset, ordinal=3, data='{"source":"later"}')
    text = client_of(admin_user).get(reverse("dataset", args=[dataset.pk])).content.decode()
    assert "later" not in text
    assert (
        client_of(admin_user).get(reverse("dataset-item", args=[dataset.pk, 3])).status_code == 404
    )


# --- administration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["storage", "dataset", "importrun", "item", "datasetversion"])
def test_administration(workspace: Any, admin_user: Any, model: str) -> None:
    root = User.objects.create_superuser("root")
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    client = client_of(root)
    path = reverse(f"admin:datasets_{model}_changelist")
    client.get(path)
    one = cost(client, path)
    for _n in range(5):
        make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    assert cost(client, path) == one
    row = {
        "storage": lambda: (
            dataset.workspace.pk
            and Dataset._meta.apps.get_model("datasets.storage").objects.first()
        ),
        "dataset": lambda: dataset,
        "importrun": lambda: dataset.imports.get(),
        "item": lambda: dataset.items.get(),
        "datasetversion": lambda: dataset.versions.get(),
    }[model]()
    shown = client.get(reverse(f"admin:datasets_{model}_change", args=[row.pk]))
    assert shown.status_code == 200
    assert 'name="_save"' not in shown.content.decode()
    assert client.get(reverse(f"admin:datasets_{model}_add")).status_code == 403
    assert (
        client.post(
            reverse(f"admin:datasets_{model}_delete", args=[row.pk]), {"post": "yes"}
        ).status_code
        == 403
    )


def test_administration_of_one_s_own_workspace_only(
    workspace: Any, admin_user: Any, stranger: Any
) -> None:
    User.objects.filter(pk__in=[admin_user.pk, stranger.pk]).update(is_staff=True)
    dataset = make_dataset(workspace=workspace, name="mine")
    path = reverse("admin:datasets_dataset_changelist")
    assert "mine" in client_of(admin_user).get(path).content.decode()
    assert "mine" not in client_of(stranger).get(path).content.decode()
    data = {"action": "remove", "_selected_action": [dataset.pk]}
    client_of(stranger).post(path, data)
    dataset.refresh_from_db()
    assert dataset.deleted_at is None
    client_of(admin_user).post(path, data)
    dataset.refresh_from_db()
    assert dataset.deleted_at


def test_stuck_imports_are_sent_again(
    workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("datasets.tasks.run_import.delay", sent.append)
    dataset = create_dataset(
        workspace=workspace, user=admin_user, name="n", kind="text", origin="manifest",
        manifest=manifest('{"data":{"source":"a"}}'),
    )  # fmt: skip
    run = dataset.imports.get()
    ImportRun.objects.update(state="running", heartbeat_at=None)
    root = User.objects.create_superuser("root")
    path = reverse("admin:datasets_importrun_changelist")
    client_of(root).post(path, {"action": "send_again", "_selected_action": [run.pk]})
    assert sent == [run.pk]
