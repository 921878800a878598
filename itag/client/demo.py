"""`itag demo`: plays whole labeling jobs against a running server, as several people, through the public API.

Every step is printed; the last line of standard output is JSON, `{"ok": true, "scenarios": [{"name", "template",
"items", "packages", "manifest", "sha256"}]}`. Anything that is off ends it with `"ok": false`, the reason on
standard error and a non-zero exit status.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from itag.client.api import ApiError, Client
from itag.client.cast import Cast
from itag.client.catalogue import SCENARIOS
from itag.client.episodes import EPISODES, play_episode
from itag.client.manifest import Off
from itag.client.play import play
from itag.home import home, running

#: Whole jobs with their manifests first, then what the engine does besides.
ALL = (*SCENARIOS, *EPISODES)


def main(argv: Sequence[str]) -> int:
    """Run `itag demo` with these arguments; answers the exit status."""
    options = _parser().parse_args(argv)
    if options.list:
        _say("\n".join(ALL))
        return 0
    unknown = [name for name in options.scenarios if name not in ALL]
    if unknown:
        return _end([], f"no scenario is named {', '.join(unknown)}; there are: {_names()}")
    names = options.scenarios or list(ALL)
    accounts = options.accounts or home() / "demo-accounts.json"
    try:
        username, password = _administrator(accounts)
        options.out.mkdir(parents=True, exist_ok=True)
        with Client(options.url) as admin:
            admin.sign_in(username, password, name="itag demo")
            return _play(names, admin, options)
    except (Off, ApiError, OSError, ValueError) as exc:
        return _end([], str(exc))


def _play(names: Sequence[str], admin: Client, options: argparse.Namespace) -> int:
    scenarios = [SCENARIOS[name]() for name in names if name in SCENARIOS]
    episodes = [name for name in names if name in EPISODES]
    labelers = max([3, *(scenario.labelers for scenario in scenarios)])
    cast = Cast.gather(lambda: Client(options.url), admin, labelers=labelers, say=_say)
    try:
        summaries, problem = play(scenarios, cast, folder=options.out.resolve(), say=_say)
        for name in episodes:
            if problem:
                break
            try:
                summaries.append(play_episode(name, cast, say=_say))
            except (Off, ApiError) as exc:
                problem = f"{name}: {exc}"
    finally:
        cast.close()
    return _end(summaries, problem)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="itag demo",
        description="Play whole labeling jobs against a running server and check what comes out.",
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"default: {_names()}")
    parser.add_argument(
        "--url",
        default=running("url") or "http://127.0.0.1:8000",
        help="address of the server (default: %(default)s, where the itag of ITAG_HOME runs)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("demo-out"), help="folder for the manifests"
    )
    parser.add_argument(
        "--accounts",
        type=Path,
        help="file with the demo accounts (default: demo-accounts.json in ITAG_HOME)",
    )
    parser.add_argument("--list", action="store_true", help="name the scenarios and stop")
    return parser


def _administrator(path: Path) -> tuple[str, str]:
    """User name and password of the first administrator in the accounts file."""
    try:
        accounts = json.loads(path.read_text(encoding="utf-8"))["accounts"]
        found = next(entry for entry in accounts if entry["role"] == "admin")
        return found["username"], found["password"]
    except FileNotFoundError as exc:
        raise Off(
            f"{path} is not there: start itag with its demo workspace, or name a file of the form "
            '{"accounts": [{"username", "password", "role": "admin"}]} with --accounts'
        ) from exc
    except (ValueError, KeyError, TypeError, StopIteration) as exc:
        raise Off(f"{path} names no administrator") from exc


def _names() -> str:
    return " ".join(ALL)


def _end(summaries: Sequence[dict[str, object]], problem: str) -> int:
    """Print the last line and answer the exit status."""
    result: dict[str, object] = {"ok": not problem, "scenarios": list(summaries)}
    if problem:
        sys.stderr.write(f"itag demo: {problem}\n")
        result["error"] = problem
    _say(json.dumps(result, ensure_ascii=False))
    return 1 if problem else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
