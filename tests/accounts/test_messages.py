"""The message catalogues: complete, true to the sources, and checked by a tool that finds what is wrong."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from itag import messages


def test_the_chinese_catalogue_is_complete() -> None:
    assert messages.check(settings.BASE_DIR, settings.LOCALE_PATHS[0]) == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of one Python file and one template."""
    root = tmp_path / "root"
    for package in messages.PACKAGES:
        (root / package / "templates").mkdir(parents=True)
    (root / "manage.py").touch()
    (root / "itag" / "code.py").write_text(
        'a = _("Plain")\nb = ngettext("%(n)s job", "%(n)s jobs", n)\nc = pgettext("month", "May")\n'
    )
    (root / "jobs" / "templates" / "page.html").write_text(
        '{% load i18n %}\n  {% translate "Hello" %}\n {# no #}\n'
        "{% blocktranslate with name=x %}Dear {{ name }}, <b>hi</b> (it's){% endblocktranslate %}"
        '{% field form.x label=_("Label") %}'
    )
    return root


def test_messages_come_from_code_and_templates(tree: Path) -> None:
    found = {m.id if isinstance(m.id, str) else m.id[0]: m for m in messages.extract(tree) if m.id}
    assert set(found) == {
        "Plain",
        "%(n)s job",
        "May",
        "Hello",
        "Dear %(name)s, <b>hi</b> (it's)",
        "Label",
    }
    assert found["May"].context == "month"
    assert found["%(n)s job"].id == ("%(n)s job", "%(n)s jobs")


def _set(tree: Path, locale: Path, **texts: str) -> None:
    path = messages.catalogue_path(locale, "zh_Hans")
    with path.open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        first = message.id if isinstance(message.id, str) else message.id[0]
        if first in texts:
            text = texts[first]
            message.string = text if isinstance(message.id, str) else (text,)
    with path.open("wb") as file:
        write_po(file, catalogue)


GOOD = {
    "Plain": "朴素",
    "%(n)s job": "%(n)s 个任务",
    "May": "五月",
    "Hello": "你好",
    "Dear %(name)s, <b>hi</b> (it's)": "<b>你好</b>，%(name)s",
    "Label": "标签",
}


def test_the_check_finds_what_is_wrong(tree: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.update(tree, locale)
    assert sum("is not translated" in p for p in messages.check(tree, locale)) == 6
    _set(tree, locale, **GOOD)
    assert messages.check(tree, locale) == []
    messages.update(tree, locale)
    assert messages.check(tree, locale) == []
    _set(tree, locale, **{"%(n)s job": "任务", "Dear %(name)s, <b>hi</b> (it's)": "你好 %(name)s"})
    assert sorted(p.split(" has ")[1] for p in messages.check(tree, locale)) == [
        "other HTML in its translation",
        "other placeholders in its translation",
    ]
    _set(tree, locale, **GOOD)
    code = tree / "itag" / "code.py"
    code.write_text(code.read_text().replace("Plain", "Ornate"))
    problems = messages.check(tree, locale)
    assert len(problems) == 2
    assert all("run `messages extract`" in p for p in problems)


def test_translations_survive_an_extraction(tree: Path, tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    messages.update(tree, locale)
    _set(tree, locale, **GOOD)
    code = tree / "itag" / "code.py"
    code.write_text(code.read_text() + 'd = _("New")\n')
    messages.update(tree, locale)
    assert messages.check(tree, locale) == ["zh_Hans: 'New' is not translated"]


def test_the_commands(tree: Path, tmp_path: Path, settings, capsys) -> None:  # type: ignore[no-untyped-def]
    settings.BASE_DIR, settings.LOCALE_PATHS = tree, [tmp_path / "locale"]
    call_command("messages", "extract")
    with pytest.raises(CommandError):
        call_command("messages", "check")
    assert "'Plain' is not translated" in capsys.readouterr().err
    call_command("messages", "compile")
    assert (tmp_path / "locale/zh_Hans/LC_MESSAGES/django.mo").is_file()
    (tree / "manage.py").unlink()
    with pytest.raises(CommandError):
        call_command("messages", "extract")


def test_pages_speak_chinese() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Task Center") != "Task Center"
