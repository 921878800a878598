"""Guides are written by people and read by all of a job: nothing in them runs, nothing in them is foreign."""

import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from accounts.models import User
from itag.web.markdown import render_markdown
from jobs.models import GuideFile, Job
from jobs.services import guide_files
from jobs.services.guide import publish_guide, publish_pdf
from jobs.services.guide_files import add_picture
from tests.factories import make_job

pytestmark = pytest.mark.django_db

CORPUS = """
<script>alert(1)</script>
<ScRiPt src=//evil.example/x.js></sCrIpT>
<img src=x onerror=alert(1)>
<img src="x" onerror="alert(1)" />
<svg/onload=alert(1)>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<math><mtext></p><style><img src=x onerror=alert(1)></style></math>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="data:text/html,<script>alert(1)</script>"></object>
<embed src="javascript:alert(1)">
<a href="javascript:alert(1)">x</a>
<form action="https://evil.example"><input name=password></form>
<style>@import 'https://evil.example/x.css';</style>
<link rel=stylesheet href=https://evil.example/x.css>
<meta http-equiv=refresh content="0;url=https://evil.example">
<base href=https://evil.example/>
<!--><img src=x onerror=alert(1)>-->
<![CDATA[<img src=x onerror=alert(1)>]]>
<?php echo 1 ?>
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](javascript&colon;alert(1))
[x](javascript&#58;alert(1))
[x](java&#x09;script:alert(1))
[x](  javascript:alert(1))
[x](\x01javascript:alert(1))
[x](vbscript:msgbox(1))
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](file:///etc/passwd)
[x](blob:https://x/1)
[x](//evil.example/)
[x](/accounts/logout/)
[x](https://e.example/"onmouseover="alert(1))
[x](https://e.example/ "t\\"onmouseover=alert(1) x=\\"")
[x]: javascript:alert(1)
[ref][x] ![ref][x]
<javascript:alert(1)>
<https://e.example/?"><script>alert(1)</script>>
![x](javascript:alert(1))
![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)
![x](https://evil.example/track.png)
![x](guide:../../../etc/passwd)
![x](guide:known.png"onerror="alert(1))
![x"onerror="alert(1)](guide:known.png)
![<img src=x onerror=alert(1)>](guide:known.png "a\\"onload=\\"alert(1)")
![![x](javascript:alert(1))](guide:known.png)
[![x](guide:known.png)](javascript:alert(1))
`<img src=x onerror=alert(1)>`
    <img src=x onerror=alert(1)>
~~~html"onmouseover="alert(1)
<script>alert(1)</script>
~~~
| <img src=x onerror=alert(1)> | b |
|:-:|-:|
| [x](javascript:alert(1)) | <script>alert(1)</script> |
# <script>alert(1)</script> {#id onclick=alert(1)}
> > > <svg onload=alert(1)>
- [ ] <input type=checkbox onclick=alert(1)>
&lt;script&gt;alert(1)&lt;/script&gt;
*<b*onclick=alert(1)*>*
<<b>script>alert(1)<</b>/script>
<x onclick=alert(1) style=position:fixed;inset:0>
"""

ALLOWED: dict[str, set[str]] = {
    "a": {"href", "title", "rel", "target"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
    **{
        tag: set()
        for tag in [
            "p",
            "br",
            "hr",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "strong",
            "em",
            "s",
            "code",
            "pre",
            "blockquote",
            "ul",
            "li",
            "table",
            "thead",
            "tbody",
            "tr",
        ]
    },
}


class Look(HTMLParser):
    """Every element and attribute that a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}>")
            return
        for name, value in attrs:
            if name not in ALLOWED[tag]:
                self.faults.append(f"<{tag} {name}>")
            if name == "href" and not re.match(r"(https?|mailto):", value or "", re.IGNORECASE):
                self.faults.append(f"href={value}")
            if name == "src" and value != "/jobs/1/guide/files/known.png":
                self.faults.append(f"src={value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(decl)

    def handle_pi(self, data: str) -> None:
        self.faults.append(data)


def faults_of(text: str) -> list[str]:
    known = {"known.png": "/jobs/1/guide/files/known.png"}
    html = render_markdown(text, picture=known.get)
    look = Look()
    look.feed(html)
    look.close()
    for link in re.findall(r"<a [^>]*>", html):
        if 'rel="noopener noreferrer nofollow"' not in link or 'target="_blank"' not in link:
            look.faults.append(link)
    return look.faults


@pytest.mark.parametrize("line", [line for line in CORPUS.splitlines() if line])
def test_nothing_of_the_text_runs(line: str) -> None:
    assert faults_of(line) == []
    for within in (
        f"> {line}",
        f"- a\n\n  {line}",
        f"*a {line} b*",
        f"| {line} |\n|-|\n| {line} |",
    ):
        assert faults_of(within) == []


def test_nor_of_all_of_it_together() -> None:
    assert faults_of(CORPUS) == []
    assert faults_of(CORPUS.replace("\n", " ")) == []


def test_a_picture_in_html_of_its_own_resolver_stays_ours() -> None:
    """Even where the first wall gave way, the second one keeps foreign addresses out."""
    for address in ("javascript:alert(1)", "//evil.example/x.png", "https://evil.example", "/a//b"):
        html = render_markdown("![x](guide:a)", picture=lambda _name, to=address: to)
        assert "src=" not in html


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def job(labeler: User, admin_user: User) -> Job:
    workspace = admin_user.memberships.get().workspace
    return make_job(items=2, size=1, workspace=workspace, labelers=[labeler], managers=[admin_user])


def _png(**options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (1, 2, 3, 40)).save(file, "PNG", **options)
    return file.getvalue()


def _polyglots() -> dict[str, bytes]:
    html = b"<html><script>alert(1)</script></html>"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", html.decode())
    jpeg, gif = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(jpeg, "JPEG", comment=html)
    Image.new("P", (20, 20)).save(gif, "GIF", comment=html)
    return {
        "html after a PNG": _png() + html,
        "html in a PNG's text": _png(pnginfo=text),
        "html in a PNG's profile": _png(icc_profile=html),
        "html in a JPEG's comment": jpeg.getvalue(),
        "html in a GIF's comment": gif.getvalue(),
        "zip after a JPEG": jpeg.getvalue() + b"PK\x03\x04" + html,
        "pdf after a PNG": _png() + b"%PDF-1.7" + html,
    }


@pytest.mark.parametrize("name", list(_polyglots()))
def test_a_polyglot_leaves_as_a_picture_alone(
    name: str, job: Job, labeler: User, admin_user: User, api: Callable[..., Any]
) -> None:
    answer = api(admin_user).post(
        f"/api/v1/jobs/{job.pk}/guide/files",
        {"file": SimpleUploadedFile("x.html", _polyglots()[name], "text/html")},
        format="multipart",
    )
    assert answer.status_code == 201, answer.content
    served = api(labeler).get(answer.json()["url"])
    content = served.content
    assert b"<script" not in content
    assert b"PK\x03\x04" not in content
    assert served.headers["Content-Type"] in ("image/png", "image/jpeg")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]


NO_PICTURES = {
    "nothing": b"",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "html": b"<html></html>",
    "pdf": b"%PDF-1.7\n%%EOF",
    "the first bytes of a PNG": b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
    "html that begins like a GIF": b"GIF89a<script>alert(1)</script>",
    "half a PNG": _png()[:60],
}


@pytest.mark.parametrize("name", list(NO_PICTURES))
def test_what_is_no_picture_is_refused(
    name: str, job: Job, admin_user: User, api: Callable[..., Any]
) -> None:
    answer = api(admin_user).post(
        f"/api/v1/jobs/{job.pk}/guide/files",
        {"file": SimpleUploadedFile("x.png", NO_PICTURES[name])}, format="multipart",
    )  # fmt: skip
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"] == "file"
    assert not GuideFile.objects.exists()


def _post(client: Any, address: str, content: bytes) -> Any:
    return client.post(address, {"file": SimpleUploadedFile("x.png", content)}, format="multipart")


def test_bombs_and_giants_are_refused(
    job: Job, admin_user: User, api: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    client, address = api(admin_user), f"/api/v1/jobs/{job.pk}/guide/files"
    answer = _post(client, address, bomb.getvalue())
    assert answer.status_code == 400
    monkeypatch.setattr(guide_files, "MAX_PICTURE_BYTES", 50)
    answer = _post(client, address, _png())
    assert answer.status_code == 400
    monkeypatch.setattr("jobs.api.talk_guide.MAX_BODY", 10)
    for answer in (
        _post(client, address, _png()),
        client.put(
            f"/api/v1/jobs/{job.pk}/guide", {"file": SimpleUploadedFile("x.pdf", b"%PDF-%%EOF")},
            format="multipart",
        ),
    ):  # fmt: skip
        assert answer.status_code == 400, answer.content
        assert answer.json()["errors"][0]["field"] == "file"
    assert not GuideFile.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>%PDF-1.7 %%EOF", b"%PDF-1.7 cut", _png()],
    ids=["nothing", "html before a PDF", "half a PDF", "a picture"],
)
def test_what_is_no_pdf_is_refused(
    content: bytes, job: Job, admin_user: User, api: Callable[..., Any]
) -> None:
    answer = api(admin_user).put(
        f"/api/v1/jobs/{job.pk}/guide",
        {"file": SimpleUploadedFile("x.pdf", content, "application/pdf")}, format="multipart",
    )  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "file"


def test_a_pdf_is_saved_not_run(job: Job, labeler: User, admin_user: User, api: Any) -> None:
    content = b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF"
    guide = publish_pdf(job=job, user=admin_user, file=io.BytesIO(content), size=len(content))
    served = api(labeler).get(f"/jobs/{job.pk}/guide/files/{guide.file.name}")
    assert served.headers["Content-Type"] == "application/pdf"
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert "'none'" in served.headers["Content-Security-Policy"]


def test_files_belong_to_their_job(
    job: Job, labeler: User, admin_user: User, stranger: User, api: Callable[..., Any]
) -> None:
    other = make_job(items=1, labelers=[stranger])
    kept = add_picture(job=job, user=admin_user, file=io.BytesIO(_png()), size=len(_png()))
    publish_guide(job=job, user=admin_user, markdown=f"![](guide:{kept.name})")
    own, foreign = (f"/jobs/{pk}/guide/files/{kept.name}" for pk in (job.pk, other.pk))
    assert api(labeler).get(own).status_code == 200
    assert api(stranger).get(own).status_code == 404
    # The name of another job's file opens nothing in one's own.
    assert api(stranger).get(foreign).status_code == 404
    for name in ("..%2f..%2fsecrets", "%2e%2e", "x.html", "a" * 300):
        assert api(labeler).get(f"/jobs/{job.pk}/guide/files/{name}").status_code == 404
    assert api(None).get(own).status_code == 302
