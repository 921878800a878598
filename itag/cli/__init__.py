"""The command `itag`: start everything, play the demo, back up and restore, run Django's commands."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from itag import __version__

# Commands of `itag manage` that need neither database nor broker.
OFFLINE = frozenset({"build_frontend", "check", "help", "makemessages", "messages", "spectacular"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run `itag` with these arguments; answers the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # These two have arguments of their own, options included.
    if arguments[:1] == ["demo"]:
        from itag.client.demo import main as demo

        return demo(arguments[1:])
    if arguments[:1] == ["manage"]:
        return manage(arguments[1:])
    options = _parser().parse_args(arguments)
    from itag.cli.console import Stop
    from itag.home import read_named_files

    try:
        read_named_files("DATABASE_URL", "REDIS_URL")
        return _run(options)
    except Stop as exc:
        sys.stderr.write(f"itag: {exc}\n")
        return 1
    except OSError as exc:
        sys.stderr.write(f"itag: {exc}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    from itag.paths import add_apps

    if options.command == "up":
        from itag.cli.up import up

        return up(options)
    add_apps()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")
    if options.command == "setup-link":
        from itag.cli.setup import print_link

        return print_link(options.url)
    from itag.cli import backup

    if options.command == "backup":
        return backup.backup(options.file)
    return backup.restore(options.file)


def manage(arguments: Sequence[str]) -> int:
    """Django's command line on the running servers; where none run they are started for the command's time."""
    from django.core.management import execute_from_command_line

    from itag.cli.console import Stop
    from itag.cli.servers import ensured
    from itag.home import read_named_files
    from itag.paths import add_apps

    add_apps()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")
    line = ["itag manage", *arguments]
    if not arguments or arguments[0] in OFFLINE:
        os.environ.setdefault("ITAG_OFFLINE", "1")
        execute_from_command_line(line)
        return 0
    try:
        read_named_files("DATABASE_URL", "REDIS_URL")
        with ensured():
            execute_from_command_line(line)
    except Stop as exc:
        sys.stderr.write(f"itag: {exc}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="itag", description="Open, self-hosted data labeling.")
    parser.add_argument("--version", action="version", version=f"itag {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start database, broker, web, worker and beat together")
    up.add_argument("--host", help="address to listen on (HOST; default 127.0.0.1)")
    up.add_argument("--port", help="port to listen on (PORT; default the first free one from 8000)")
    up.add_argument(
        "--no-demo",
        dest="demo",
        action="store_false",
        help="begin without the demo workspace (DEMO=0)",
    )
    up.add_argument(
        "--with-parent", action="store_true", help="stop when the starting process ends"
    )

    commands.add_parser("demo", help="play whole jobs against a running server (`itag demo -h`)")
    commands.add_parser("manage", help="run one of Django's commands (`itag manage help`)")

    link = commands.add_parser(
        "setup-link", help="make a link, good once, for the first administrator"
    )
    link.add_argument("--url", help="address of the site (default: SITE_URL, else where it runs)")

    for name, text in (
        ("backup", "write database, files and secret keys to a file"),
        ("restore", "bring a backup into an empty ITAG_HOME"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("file", type=Path, metavar="FILE", help="a .tar file")
    return parser
