"""`python requirements/npm.py SCRIPT…`: scripts of static/package.json with the Node that the build uses."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from itag import frontend  # noqa: E402


def main() -> int:
    static = ROOT / "static"
    node, env = frontend.install(static)
    plain = not sys.stdout.isatty()
    if plain:
        env = {**env, "NO_COLOR": "1"}
    for script in sys.argv[1:]:
        # Biome colours a log as well unless told.
        extra = ["--", "--colors=off"] if plain and script == "lint" else []
        command = [*frontend.npm_command(node), "run", "--silent", script, *extra]
        if status := subprocess.run(command, cwd=static, env=env).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
