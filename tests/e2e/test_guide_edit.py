"""The editor of a guide in a browser: a picture by paste, the preview, publishing; a PDF in place of a text."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from jobs.models import Guide, GuideFile
from tests.factories import make_job

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(120),
]

PASTE = """([area, data]) => {
    const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], 'two [cars].png', { type: 'image/png' }));
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, cancelable: true }));
}"""


def test_a_guide_with_a_pasted_picture(
    sign_in: Callable[..., Page],
    workspace: Workspace,
    admin_user: User,
    labeler: User,
    tmp_path: Path,
) -> None:
    job = make_job(items=1, workspace=workspace, labelers=[labeler])
    page = sign_in(admin_user)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"/jobs/{job.pk}/guide/")
    page.get_by_role("link", name="Write the guide").click()
    area = page.get_by_label("Text in Markdown")
    area.fill("# Rules\n\n<b>draw</b>")
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
    area.evaluate("(area, data) => (" + PASTE + ")([area, data])",
                  base64.b64encode(picture.getvalue()).decode())  # fmt: skip
    preview = page.locator("#guide-preview")
    shown = preview.get_by_role("img", name="two cars")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 60
    expect(preview.get_by_role("heading", name="Rules")).to_be_visible()
    expect(preview).to_contain_text("<b>draw</b>")
    page.get_by_role("button", name="Publish the text").click()
    expect(page.get_by_text("Version 1 is in force.")).to_be_visible()
    kept = GuideFile.objects.get()
    assert f"(guide:{kept.name})" in Guide.objects.get().text
    page.goto(f"/jobs/{job.pk}/guide/edit/")
    pdf = tmp_path / "rules.pdf"
    pdf.write_bytes(b"%PDF-1.7\nnot all of it")
    chooser = page.locator("[data-pdf]")
    chooser.set_input_files(pdf)
    expect(page.get_by_text("This is no PDF, or not all of it.")).to_be_visible()
    pdf.write_bytes(b"%PDF-1.7\n%%EOF\n")
    page.get_by_label("What is new").fill("now on paper")
    chooser.set_input_files(pdf)
    page.wait_for_url(f"**/jobs/{job.pk}/guide/")
    expect(page.get_by_text("Save the guide (PDF)")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_text("Save the guide (PDF)").click()
    assert download.value.suggested_filename == f"guide-{job.pk}.pdf"
    assert errors == []
