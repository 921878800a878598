"""The pages and addresses behind the labeling page, without a browser."""

import json
import re

import pytest
from django.urls import reverse

from accounts.services.tokens import create_token
from tests.e2e.label import claim, classification_job, detection_job

pytestmark = pytest.mark.django_db


def boot_of(response):
    """What the page is started with."""
    found = re.search(
        r'<script id="bootstrap" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found
    return json.loads(found[1])


def login(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_is_started_with_what_it_shows_first(client, workspace, labeler):
    job = classification_job(
        labeler, workspace=workspace, items=3, description="One label per text."
    )
    assignment = claim(job, labeler)
    boot = boot_of(login(client, labeler).get(f"/label/{assignment.pk}/2"))
    assert boot["position"] == boot["item"]["position"] == 2
    assert boot["item"]["data"] == {"source": "text number 2"}
    assert boot["assignment"]["id"] == assignment.pk
    assert boot["assignment"]["mode"] == "labeling"
    assert boot["guide"] == "One label per text."
    assert boot["user"]["username"] == "lars"
    assert boot["back"] == reverse("home")


def test_data_cannot_leave_its_script_element(client, workspace, labeler):
    evil = "</script><script>alert(1)</script><!-- & \u2028"
    job = classification_job(labeler, workspace=workspace, texts=[evil], description=evil)
    assignment = claim(job, labeler)
    response = login(client, labeler).get(f"/label/{assignment.pk}/1")
    assert b"alert(1)</script>" not in response.content
    boot = boot_of(response)
    assert boot["item"]["data"]["source"] == evil
    assert boot["guide"] == evil


def test_what_was_held_before_is_read_only(client, workspace, labeler, admin_user):
    job = classification_job(labeler, workspace=workspace, items=2, managers=[admin_user])
    assignment = claim(job, labeler)
    boot = boot_of(login(client, admin_user).get(f"/label/{assignment.pk}/1"))
    assert boot["assignment"]["mode"] == "read"
    assert boot["back"] == reverse("job", args=[job.pk])


def test_a_package_of_many_costs_what_one_of_few_costs(
    client, workspace, labeler, admin_user, django_assert_max_num_queries
):
    login(client, labeler)
    for items in (2, 200):
        job = classification_job(labeler, workspace=workspace, items=items)
        assignment = claim(job, labeler)
        client.get(f"/label/{assignment.pk}/1")
        # Session and person included, and what may still be given back today.
        with django_assert_max_num_queries(8):
            assert client.get(f"/label/{assignment.pk}/1").status_code == 200
    login(client, admin_user)
    with django_assert_max_num_queries(14):
        assert client.get(f"/jobs/{job.pk}/packages/1/1").status_code == 200


def test_media_go_by_assignment_and_position(client, workspace, labeler, stranger):
    job = detection_job(labeler, workspace=workspace, items=2)
    assignment = claim(job, labeler)
    url = f"/media/{assignment.pk}/1/source"
    assert client.get(url).status_code == 302
    assert client.get(url).headers["Location"].startswith(reverse("account_login"))
    login(client, labeler)
    link = client.get(url)
    assert link.status_code == 302
    assert link.headers["Location"].startswith("/media/file/")
    # The same within minutes, so that what is fetched ahead is there when it is shown.
    assert client.get(url).headers["Location"] == link.headers["Location"]
    picture = client.get(link.headers["Location"])
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert client.get(f"/media/{assignment.pk}/1/other").status_code == 404
    assert client.get(f"/media/{assignment.pk}/9/source").status_code == 404
    login(client, stranger)
    assert client.get(url).status_code == 404


def test_media_open_with_a_token_too(client, workspace, labeler):
    job = detection_job(labeler, workspace=workspace, items=1)
    assignment = claim(job, labeler)
    _token, secret = create_token(user=labeler)
    url = f"/media/{assignment.pk}/1/source"
    assert client.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 302
    assert client.get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401
