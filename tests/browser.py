"""A real browser for tests: it acts no faster than its pages can follow.

Playwright acts on an element as soon as it is there. A person sees a page, and by then its script listens; a click, a
key or a paste that comes before is lost on any page. So every action here waits until the page's script says that it
listens (`html[data-ready]`), and every look at what an action has changed waits for the frame after it. What comes
over the network is waited for by the test, with `expect`, `wait_for_selector` or `wait_for`.
"""

import functools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from playwright.sync_api import Error, Keyboard, Locator, Mouse, Page, expect, sync_playwright

from accounts.models import User

#: A slow machine with other work needs more than Playwright's five seconds.
EXPECTED_WITHIN = 20_000
#: Every page with a script of ours: it listens. A page without one has only to be loaded.
READY = "html[data-ready], html:not(:has(script[type=module][src]))"
#: The frame after this one has been made; a tab behind another one makes none.
FRAME = """() => Promise.race([new Promise(done => setTimeout(done, 500)),
    new Promise(done => requestAnimationFrame(() => setTimeout(done)))])"""

ACTIONS = (
    "check", "clear", "click", "dblclick", "dispatch_event", "drag_to", "fill", "focus",
    "hover", "press", "press_sequentially", "select_option", "select_text", "set_checked",
    "set_input_files", "tap", "type", "uncheck",
)  # fmt: skip
PAGE_ACTIONS = (
    "check", "click", "dblclick", "dispatch_event", "fill", "focus", "hover", "press",
    "select_option", "set_checked", "set_input_files", "tap", "type", "uncheck",
)  # fmt: skip
KEYS = ("down", "insert_text", "press", "type", "up")
POINTER = ("click", "dblclick", "down", "move", "up", "wheel")
LOOKS = (
    "all", "all_inner_texts", "all_text_contents", "bounding_box", "count", "get_attribute",
    "inner_html", "inner_text", "input_value", "is_checked", "is_disabled", "is_editable",
    "is_enabled", "is_hidden", "is_visible", "text_content",
)  # fmt: skip
PAGE_LOOKS = (
    "eval_on_selector", "eval_on_selector_all", "get_attribute", "inner_html", "input_value", "is_checked", "is_disabled", "is_enabled", "is_hidden", "is_visible",
    "screenshot", "text_content",
)  # fmt: skip


@dataclass
class Pace:
    """How far a page is behind the test."""

    page: Page
    #: Its script listens; not known after a navigation.
    listens: bool = False
    #: Something was done since the last look.
    acted: bool = False

    def catch_up(self) -> None:
        if self.listens:
            return
        # Set before: a navigation meanwhile takes it back.
        self.listens = True
        self.page.wait_for_load_state()
        self.page.wait_for_selector(READY, state="attached")

    def settle(self) -> None:
        if not self.acted:
            return
        self.acted = False
        try:
            self.page.evaluate(FRAME)
        except Error as error:
            # What was done led to another page, which has nothing to settle.
            if "navigation" not in str(error) and "closed" not in str(error):
                raise


_paces: WeakKeyDictionary[Any, Pace] = WeakKeyDictionary()


def follow(page: Page) -> None:
    """From now on what is done to the page waits for it."""
    if page in _paces:
        return
    pace = Pace(page)
    for handle in (page, page.keyboard, page.mouse):
        _paces[handle] = pace

    def navigated(frame: Any) -> None:
        if frame == page.main_frame:
            pace.listens = False

    page.on("framenavigated", navigated)


def _acts_on_element(act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def patient(self: Any, *args: Any, **options: Any) -> Any:
        pace = _paces.get(self.page if isinstance(self, Locator) else self)
        if pace is None:
            return act(self, *args, **options)
        # An element of the page that comes is there only after its navigation.
        if isinstance(self, Locator):
            self.first.wait_for(state="attached", timeout=options.get("timeout"))
        else:
            selector = args[0] if args else options["selector"]
            self.wait_for_selector(selector, state="attached", timeout=options.get("timeout"))
        pace.catch_up()
        pace.acted = True
        return act(self, *args, **options)

    return patient


def _acts(act: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(act)
    def patient(self: Any, *args: Any, **options: Any) -> Any:
        if pace := _paces.get(self):
            pace.catch_up()
            pace.acted = True
        return act(self, *args, **options)

    return patient


def _does_both(run: Callable[..., Any]) -> Callable[..., Any]:
    """A script of the test looks or acts."""

    @functools.wraps(run)
    def patient(self: Any, *args: Any, **options: Any) -> Any:
        pace = _paces.get(self.page if isinstance(self, Locator) else self)
        if pace is None or args[:1] == (FRAME,):
            return run(self, *args, **options)
        if isinstance(self, Locator):
            self.first.wait_for(state="attached", timeout=options.get("timeout"))
        pace.catch_up()
        pace.settle()
        pace.acted = True
        return run(self, *args, **options)

    return patient


def _looks(look: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(look)
    def patient(self: Any, *args: Any, **options: Any) -> Any:
        if pace := _paces.get(self.page if isinstance(self, Locator) else self):
            pace.settle()
        return look(self, *args, **options)

    return patient


def be_patient() -> None:
    """Playwright's classes wait as above, on pages that are followed."""
    for kind, names, wrap in (
        (Locator, ACTIONS, _acts_on_element),
        (Page, PAGE_ACTIONS, _acts_on_element),
        (Locator, ("evaluate",), _does_both),
        (Page, ("evaluate", "evaluate_handle"), _does_both),
        (Keyboard, KEYS, _acts),
        (Mouse, POINTER, _acts),
        (Locator, LOOKS, _looks),
        (Page, PAGE_LOOKS, _looks),
    ):
        for name in names:
            setattr(kind, name, wrap(getattr(kind, name)))
    expect.set_options(timeout=EXPECTED_WITHIN)


be_patient()


def until(page: Page, expression: str, seconds: float = 30) -> None:
    """Wait until the expression holds in the page.

    One that fails does not hold yet: what it looks at may not be there before the page is.
    """
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            last = page.evaluate(expression)
            if last:
                return
        except Error as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"{expression} does not hold within {seconds} s: {last}")


def happens(page: Page, condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Poll until the condition is truthy and return it; what the page reports is heard meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        page.wait_for_timeout(30)
    raise AssertionError(f"not within {seconds} s")


def chromium() -> str:
    """The browser that the tests drive."""
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        pytest.fail(
            "No Chromium: `apt-get install chromium`, or BROWSER=0 to leave these tests out."
        )
    return found


CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        yield browser
        browser.close()


class _Served:
    """How many requests the live server's threads are at; the tests' own clients work in the main thread."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        request_started.connect(self._started)
        request_finished.connect(self._finished)

    def _add(self, number: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            with self._lock:
                self.count = max(0, self.count + number)

    def _started(self, **_more: Any) -> None:
        self._add(1)

    def _finished(self, **_more: Any) -> None:
        self._add(-1)


_served = _Served()


def _wait_for_quiet(seconds: float = 10) -> None:
    """Let what a closed page still asked for be answered: a request in the next test's flush would collide with it.

    An answer that nobody read to its end never counts as finished, so the database is asked whether it is at rest.
    """
    end = time.monotonic() + seconds
    quiet = 0
    while quiet < 2 and time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
            )
            row = cursor.fetchone()
        at_rest = row is not None and row[0] == 0
        # Beyond two seconds only what the database is at matters.
        served = _served.count if end - time.monotonic() > seconds - 2 else 0
        quiet = quiet + 1 if at_rest and not served else 0
        time.sleep(0.02)
    _served.count = 0


@pytest.fixture
def sign_in(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`sign_in(user, **context options)` gives a page of a new browser context in which the user is signed in."""
    from django.test import Client

    contexts = []

    def build(user: User | None, **options: Any) -> Any:
        # A page that still fades from one theme to the other has the contrast of neither.
        options.setdefault("reduced_motion", "reduce")
        context = browser.new_context(base_url=live_server.url, **options)
        context.on("page", follow)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            context.add_cookies(
                [
                    {
                        "name": "sessionid",
                        "value": client.cookies["sessionid"].value,
                        "url": live_server.url,
                    }
                ]
            )
        page = context.new_page()
        follow(page)
        return page

    yield build
    for context in contexts:
        context.close()
    _wait_for_quiet()
