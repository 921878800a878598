"""The message catalogues: one for all apps, extracted, compiled and checked by Babel, without GNU gettext.

English is the source text; `locale/<language>/LC_MESSAGES/django.po` holds the rest. Only `extract` needs Django.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGES = ("itag", "accounts", "datasets", "templates_app", "jobs", "exports")
LANGUAGES = ("zh_Hans",)
LEFT_OUT = {"migrations", "__pycache__", "static", "locale", "_apps"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdrif]|%[sdrif]|\{\w*\}")
_TAG = re.compile(r"</?[a-z]+")

Key = tuple[str, str]


def catalogue_path(locale: Path, language: str) -> Path:
    """Where the catalogue of a language lies."""
    return locale / language / "LC_MESSAGES" / "django.po"


def sources(root: Path) -> Iterator[Path]:
    """Every Python file and template that may hold messages, in a fixed order."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if LEFT_OUT.isdisjoint(path.relative_to(root).parts) and path.is_file():
                in_templates = "templates" in path.parts and path.suffix in (".html", ".txt")
                if path.suffix == ".py" or in_templates:
                    yield path


def template_as_python(text: str) -> str:
    """Django's own rewriting of a template into calls of gettext, indented so that Python's tokenizer takes it."""
    from django.utils.translation.template import templatize

    return "\n".join(line.strip() for line in templatize(text).split("\n"))


def extract(root: Path) -> Catalog:
    """All messages of the sources."""
    found = Catalog(charset="utf-8")
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = template_as_python(text)
        messages = babel_extract(
            "python",
            BytesIO(text.encode()),
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            options={"encoding": "utf-8"},
        )
        for _line, message, comments, context in messages:
            if message:
                where = [(path.relative_to(root).as_posix(), 0)]
                found.add(message, None, where, auto_comments=comments, context=context)
    return found


def load(path: Path, language: str) -> Catalog:
    """The catalogue in this file; an empty one where there is no file yet."""
    if path.is_file():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    else:
        catalogue = Catalog(locale=language, fuzzy=False)
    # The header says nothing that git does not know better, and so never differs by the hour of an extraction.
    catalogue.header_comment = "# itag: `manage.py messages extract` keeps this list."
    catalogue.project, catalogue.version = "itag", "1"
    catalogue.msgid_bugs_address = ""
    catalogue.last_translator, catalogue.language_team = "itag", language
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalogue


def update(root: Path, locale: Path) -> None:
    """Bring every catalogue's list of messages up to date; translations of messages that stay are kept."""
    template = extract(root)
    for language in LANGUAGES:
        path = catalogue_path(locale, language)
        catalogue = load(path, language)
        # Without guesses: a fuzzy message would be shown to nobody, and says nothing that a search does not.
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, include_lineno=False, sort_by_file=True)


def compile_all(locale: Path) -> list[Path]:
    """Write the `.mo` beside each catalogue; the files written."""
    written = []
    for language in LANGUAGES:
        path = catalogue_path(locale, language)
        target = path.with_suffix(".mo")
        partial = target.with_suffix(".mo.part")
        with partial.open("wb") as file:
            write_mo(file, load(path, language))
        partial.replace(target)
        written.append(target)
    return written


def check(root: Path, locale: Path) -> list[str]:
    """What is wrong with the catalogues, one sentence each; nothing if all is well."""
    problems: list[str] = []
    wanted = {_key(message): message for message in extract(root) if message.id}
    for language in LANGUAGES:
        path = catalogue_path(locale, language)
        have = {_key(message): message for message in load(path, language) if message.id}
        for key in sorted(wanted.keys() - have.keys()):
            problems.append(f"{language}: run `messages extract`: {key[0]!r} is not in the list")
        for key in sorted(have.keys() - wanted.keys()):
            problems.append(f"{language}: run `messages extract`: {key[0]!r} is used nowhere")
        for key in sorted(have.keys() & wanted.keys()):
            problems += (f"{language}: {key[0]!r} {what}" for what in _faults(have[key]))
    return problems


def _key(message: Message) -> Key:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return first, message.context or ""


def _texts(value: Any) -> list[str]:
    return [value or ""] if isinstance(value, str) or value is None else [v or "" for v in value]


def _faults(message: Message) -> Iterable[str]:
    translated = _texts(message.string)
    if message.fuzzy:
        yield "is fuzzy"
    if not all(translated):
        yield "is not translated"
        return
    # Chinese has one form, which serves the plural too: it needs what the plural needs.
    source = _texts(message.id)[-1]
    for text in translated:
        if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(source)):
            yield "has other placeholders in its translation"
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(source)):
            yield "has other HTML in its translation"
