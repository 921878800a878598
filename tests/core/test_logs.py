"""The log is readable, quiet about probes, and tells no secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings
from django.test import RequestFactory

from itag.core.logs import configure


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    configure(level=settings.LOG_LEVEL)


def fail() -> None:
    password = "geheim"
    raise ValueError(f"{len(password)} characters")


def test_a_traceback_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        configure(level="INFO", json=as_json)
        try:
            fail()
        except ValueError:
            logging.getLogger("itag.test").exception("it failed")
        said = capsys.readouterr().err
        assert "6 characters" in said
        assert "it failed" in said
        assert "geheim" not in said


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="INFO", json=True)
    logging.getLogger("itag.test").warning("数据 %s", 1)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("数据 1", "warning", "itag.test")


def test_probes_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="INFO")
    log = structlog.get_logger("itag.test.probe")
    log.error("request_finished", request="GET /healthz", code=503)
    log.error("request_finished", request="GET /other", code=503)
    for path in ("/healthz", "/another"):
        logging.getLogger("django.request").error(
            "Service Unavailable", extra={"request": RequestFactory().get(path)}
        )
    said = capsys.readouterr().err
    assert "healthz" not in said
    assert said.count("\n") == 2


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "path",
    [
        "/invite/s3cret-Token_1/",
        "/setup/s3cret-Token_1/",
        "/accounts/password/reset/key/2-s3cret-Token_1/",
        "/media/file/s3cret-Token_1:x",
    ],
)
def test_the_secrets_of_addresses_are_not_logged(
    capsys: pytest.CaptureFixture[str], path: str, as_json: bool
) -> None:
    configure(level="INFO", json=as_json)
    structlog.get_logger("itag.test.secret").error("request_failed", request=f"POST {path}")
    logging.getLogger("django.request").error("Internal Server Error: %s", path)
    try:
        raise ValueError(f"no such page: {path}")
    except ValueError:
        logging.getLogger("itag.test").exception("it failed at %s", path)
    said = capsys.readouterr().err
    assert said.count("…") >= 4
    assert "s3cret" not in said
    assert path.split("/")[1] in said
