"""Pages: the datasets of a workspace, making one, one dataset with its items, one item."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.context import current_workspace
from accounts.models import Workspace
from datasets.models import FILE_KINDS, Dataset, Item, Storage
from datasets.selectors import columns, dataset_page, item_page, picture_fields
from datasets.services import images, pdfs, recordings
from datasets.services.imports import delete_dataset, repeat_import
from datasets.services.media import THUMBNAIL, VIEW, media_link
from datasets.services.readers import LINE_SUFFIXES, TEXT_SUFFIX
from itag.core.errors import Conflict
from itag.core.policy import can
from itag.web.pages import RulePage, SignedIn

#: Longer values are cut on the page of an item; the API and the export have them whole.
MAX_SHOWN = 100_000


class Datasets(SignedIn):
    """The datasets of the current workspace."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        rows = Dataset.objects.alive().visible_to(request.user).filter(workspace=workspace)
        params = {"kind": request.GET.get("kind", ""), "q": _text(request, "q")}
        if params["kind"] in Dataset.Kind:
            rows = rows.filter(kind=params["kind"])
        else:
            params["kind"] = ""
        if params["q"]:
            rows = rows.filter(name__icontains=params["q"])
        page = dataset_page(
            rows.for_list(),
            params=params,
            before=_number(request, "before"),
            after=_number(request, "after"),
        )
        context = {
            "page": page,
            "pager": page,
            "kinds": Dataset.Kind.choices,
            "filtered": any(params.values()),
            "may_create": can(request.user, "datasets.create", workspace),
            **params,
        }
        return render(request, "datasets/datasets.html", context)


class NewDataset(RulePage):
    """The form that makes a dataset; its script sends it to the API."""

    rule = "datasets.create"

    def get_object(self) -> Workspace | None:
        return current_workspace(self.request)

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace: Workspace = self.object
        storages = list(Storage.objects.filter(workspace=workspace))
        context = {
            "storages": storages,
            "kinds": _kinds(),
            "may_name": can(request.user, "storages.create", workspace),
            "limits": _limits(reverse("api-datasets"), workspace=workspace.pk),
        }
        return render(request, "datasets/dataset_new.html", context)


class _OfDataset(RulePage):
    """Something of one dataset that the person may see; `self.object` is the dataset."""

    rule = "datasets.view"

    def get_object(self) -> Dataset:
        rows = Dataset.objects.alive().visible_to(self.request.user)
        return get_object_or_404(
            rows.select_related("workspace", "created_by", "storage"), pk=self.kwargs["pk"]
        )


class DatasetPage(_OfDataset):
    """One dataset: where its import is, and its items."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dataset: Dataset = self.object
        page = item_page(dataset, first=_number(request, "first") or 1)
        pictures = picture_fields(dataset)
        for item in page.rows:
            item.pictures = [
                {
                    "name": media["path"].rsplit("/", 1)[-1],
                    "type": media["type"],
                    "duration": media.get("duration"),
                    "url": _preview(item, name),
                }
                for name, media in item.media.items()
            ]
        context = {
            "dataset": dataset,
            "run": dataset.last_import,
            "page": page,
            "pager": page,
            "first": page.rows[0].ordinal if page.rows else 0,
            "last": page.rows[-1].ordinal if page.rows else 0,
            "columns": columns(dataset),
            "pictures": pictures,
            "may_import": can(request.user, "datasets.import", dataset),
            "may_repeat": _may_repeat(dataset),
        }
        return render(request, "datasets/dataset.html", context)


class ImportProgress(_OfDataset):
    """The part of the dataset's page that is asked for again while an import runs."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dataset: Dataset = self.object
        response = render(
            request, "datasets/progress.html", {"dataset": dataset, "run": dataset.last_import}
        )
        if dataset.state != Dataset.State.IMPORTING:
            response.headers["HX-Refresh"] = "true"
        return response


class ItemPage(_OfDataset):
    """One item as it came: its media, its data, and the other members of its line."""

    def get(self, request: HttpRequest, pk: int, ordinal: int) -> HttpResponse:
        dataset: Dataset = self.object
        if not 1 <= ordinal <= dataset.item_count:
            raise Http404
        item = get_object_or_404(Item, dataset=dataset, ordinal=ordinal)
        extra = item.extra.load() if item.extra else {}
        context = {
            "dataset": dataset,
            "item": item,
            "pictures": [
                {
                    **media,
                    "name": name,
                    "url": media_link(item=item, field=name, variant=VIEW),
                    "preview": _preview(item, name),
                    "address": reverse("media-dataset", args=[pk, ordinal, name]),
                }
                for name, media in item.media.items()
            ],
            "fields": [
                {"name": name, "text": _shown(value), "plain": not isinstance(value, dict | list)}
                for name, value in item.data.load().items()
            ],
            "members": [
                {"name": name, "text": _shown(value), "label": name.startswith("label-")}
                for name, value in extra.items()
            ],
            "previous": ordinal - 1,
            "next": ordinal + 1 if ordinal < dataset.item_count else 0,
        }
        return render(request, "datasets/item.html", context)


class AddItems(_OfDataset):
    """The form that appends to a dataset; its script sends it to the API."""

    rule = "datasets.import"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dataset: Dataset = self.object
        of_files = dataset.of_files
        context = {
            "dataset": dataset,
            "may_files": not of_files or dataset.origin == Dataset.Origin.UPLOAD,
            "may_scan": of_files and dataset.origin == Dataset.Origin.FOLDER,
            "limits": _limits(reverse("api-dataset-imports", args=[pk]), dataset=pk),
        }
        return render(request, "datasets/dataset_add.html", context)


class RepeatImport(_OfDataset):
    """Import the files again without those that cannot be opened."""

    rule = "datasets.import"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        repeat_import(dataset=self.object, user=request.user)
        return redirect("dataset", pk=pk)


class DeleteDataset(_OfDataset):
    """Delete the dataset, unless a job uses it."""

    rule = "datasets.delete"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        dataset: Dataset = self.object
        try:
            delete_dataset(dataset=dataset, user=request.user)
        except Conflict as exc:
            messages.error(request, exc.detail)
            return redirect("dataset", pk=pk)
        messages.success(request, _("“%(name)s” was deleted.") % {"name": dataset.name})
        return redirect("datasets")


def _preview(item: Item, name: str) -> str:
    """The address of a small picture of the item's media, or an empty string."""
    if item.media[name]["type"] == "audio":
        return ""
    return media_link(item=item, field=name, variant=THUMBNAIL)


def _may_repeat(dataset: Dataset) -> bool:
    """Whether the last import failed for files that could be left out."""
    run = dataset.last_import
    if run is None or not dataset.of_files or run.state != "failed":
        return False
    return bool(run.error_count) and run.source["type"] != "manifest"


def _kinds() -> list[dict[str, str]]:
    return [
        {
            "value": Dataset.Kind.IMAGE,
            "label": str(Dataset.Kind.IMAGE.label),
            "help": _("Pictures: JPEG, PNG, GIF, WebP, BMP, TIFF."),
            "icon": "image",
        },
        {
            "value": Dataset.Kind.PDF,
            "label": str(Dataset.Kind.PDF.label),
            "help": _("PDF files, labeled page by page."),
            "icon": "file",
        },
        {
            "value": Dataset.Kind.TEXT,
            "label": str(Dataset.Kind.TEXT.label),
            "help": _("Texts: a .txt file with one text a line, or a .manifest."),
            "icon": "text",
        },
        {
            "value": Dataset.Kind.AUDIO,
            "label": str(Dataset.Kind.AUDIO.label),
            "help": _("Sounds: WAV, MP3, M4A, Ogg, Opus, FLAC and others."),
            "icon": "sound",
        },
        {
            "value": Dataset.Kind.VIDEO,
            "label": str(Dataset.Kind.VIDEO.label),
            "help": _("Videos: MP4, WebM, MOV, MKV, AVI and others."),
            "icon": "film",
        },
        {
            "value": Dataset.Kind.CUSTOM,
            "label": str(Dataset.Kind.CUSTOM.label),
            "help": _("Items of several fields, texts and media together, from a .manifest."),
            "icon": "dataset",
        },
    ]


def _limits(api: str, **fields: int) -> dict[str, Any]:
    """What the form's script must know."""
    return {
        "api": api,
        "storages": reverse("api-storages"),
        "maxBytes": settings.MAX_UPLOAD_BYTES,
        "maxFiles": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "suffixes": {
            Dataset.Kind.IMAGE: images.SUFFIXES,
            Dataset.Kind.PDF: [pdfs.SUFFIX],
            Dataset.Kind.AUDIO: recordings.SOUND_SUFFIXES,
            Dataset.Kind.VIDEO: recordings.VIDEO_SUFFIXES,
            Dataset.Kind.TEXT: [TEXT_SUFFIX, *LINE_SUFFIXES],
            Dataset.Kind.CUSTOM: [TEXT_SUFFIX, *LINE_SUFFIXES],
        },
        "fileKinds": sorted(FILE_KINDS),
        "pages": reverse("dataset", args=[0]),
        "texts": _texts(),
        **fields,
    }


def _texts() -> dict[str, str]:
    """The sentences of the form's script; {n} and the like are filled in by it."""
    return {
        "sum": _("{n} files, {size}"),
        "sumOne": _("1 file, {size}"),
        "more": _("and {n} more"),
        "accepts.image": _("JPEG, PNG, GIF, WebP, BMP, TIFF. Hidden files are passed over."),
        "accepts.pdf": _("PDF, not locked by a password. Hidden files are passed over."),
        "accepts.audio": _(
            "WAV, MP3, M4A, AAC, Ogg, Opus, FLAC, WebM; WMA, AIFF, AMR and the like are played as copies. Hidden files "
            "are passed over."
        ),
        "accepts.video": _(
            "MP4 and WebM; MOV, MKV, AVI, WMV, MPEG and the like are played as copies. Hidden files are passed over."
        ),
        "accepts.text": _(
            "UTF-8: .txt with one text a line, .manifest or .jsonl with one JSON object a line."
        ),
        "accepts.custom": _(
            "UTF-8: .manifest or .jsonl with one JSON object a line, .txt with one text a line."
        ),
        "odd": _("{n} of them cannot be read as this kind: {names}"),
        "tooMany": _(
            "These are {n} files; one upload takes {limit}. Add the rest to the dataset afterwards, or put all into a "
            "folder of the server."
        ),
        "tooLarge": _(
            "These are {size}; one upload takes {limit}. Add the rest to the dataset afterwards, or put all into a "
            "folder of the server."
        ),
        "chooseFiles": _("Choose at least one file."),
        "chooseManifest": _("Choose the manifest file."),
        "giveName": _("Give the dataset a name."),
        "sending": _("Sending: {done} of {total}"),
        "sent": _("All is sent; the server takes it in."),
        "lost": _(
            "The connection was lost before the server answered. Look at the list of datasets before you try again."
        ),
        "stopped": _("Stopped; nothing was imported."),
        "root": _("Top folder"),
        "up": _("One folder up"),
        "folderSum": _("{n} files lie directly in this folder; those of its folders are read too."),
        "folderSumOne": _(
            "1 file lies directly in this folder; those of its folders are read too."
        ),
        "noStorage": _("The workspace has no storage yet."),
        "noManifest": _("A manifest ends in .manifest or .jsonl."),
    }


def _shown(value: Any) -> str:
    """A value as people read it; long ones are cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " …"


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:100]


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
