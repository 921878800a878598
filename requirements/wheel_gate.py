"""`python requirements/wheel_gate.py`: the wheel, installed beside Hugging Face's `datasets`, starts in an empty folder.

Builds the wheel, makes a fresh environment, imports both packages, runs `itag up` until /healthz answers 200, loads a
page and the files that it names, and stops it.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = """
import datasets, itag, itag.client, sys
assert hasattr(datasets, "load_dataset"), datasets.__file__
assert "_apps" not in " ".join(sys.path), sys.path
import itag.celery, importlib
assert datasets is importlib.import_module("datasets")
print("itag", itag.__version__, "beside datasets", datasets.__version__)
"""
# Our own app of that name is what the server's entry points find.
SERVER = """
from itag.paths import add_apps
add_apps()
import datasets
assert "_apps" in datasets.__file__, datasets.__file__
from pathlib import Path
import itag
built = Path(itag.__file__).parent / "static" / "itag"
for wanted in ("assets/pdf.worker*.mjs", "pdfjs-*/cmaps/*", "pdfjs-*/standard_fonts/*", "pdfjs-*/wasm/*"):
    assert any(built.glob(wanted)), wanted
"""


def run(*command: str | Path, **options: object) -> None:
    subprocess.run([str(part) for part in command], check=True, **options)  # type: ignore[call-overload]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="itag-wheel-") as work:
        folder = Path(work)
        run(
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--installer",
            "uv",
            "--outdir",
            folder,
            ROOT,
            stdout=-3,
        )
        wheel = next(folder.glob("itag-*.whl"))
        python = folder / "venv" / "bin" / "python"
        uv = Path(sys.prefix) / "bin" / "uv"
        run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
        run(uv, "pip", "install", "--quiet", "--python", python, wheel, "datasets")
        empty = folder / "empty"
        empty.mkdir()
        env = {
            k: v for k, v in os.environ.items() if not k.startswith(("ITAG_", "DJANGO_", "PYTHON"))
        }
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORT", "HOST", "DEMO"):
            env.pop(name, None)
        env["ITAG_OFFLINE"] = "1"
        run(python, "-c", IMPORTS, cwd=empty, env=env)
        run(python, "-c", SERVER, cwd=empty, env=env)
        shutil.rmtree(empty)
        empty.mkdir()
        del env["ITAG_OFFLINE"]
        serve(python.parent / "itag", empty, env)
        target = ROOT / "dist"
        target.mkdir(exist_ok=True)
        shutil.copy(wheel, target)
        print(f"dist/{wheel.name} works")
    return 0


def serve(command: Path, folder: Path, env: dict[str, str]) -> None:
    """Start it, look at it, stop it."""
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, "up"], cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        url = _until(lambda: re.search(r"itag is at (\S+)", log.read_text()), process, log).group(1)
        _until(lambda: _status(f"{url}/healthz") == 200, process, log)
        page = urllib.request.urlopen(f"{url}/accounts/login/").read().decode()
        files = re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", page)
        assert files, page
        for name in files:
            assert _status(url + name) == 200, name
        assert (folder / "var" / "postgres").is_dir()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0, log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _status(url: str) -> int:
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as exc:
        return exc.code
    except OSError:
        return 0


def _until(condition, process, log, seconds=180):  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            if found := condition():
                return found
        time.sleep(0.3)
    raise SystemExit(f"itag up in an empty folder failed:\n{log.read_text()}")


if __name__ == "__main__":
    sys.exit(main())
