"""`python -m bench`: every figure, or those that ONLY names, one JSON line each; exit 1 if one does not hold."""

import os
import sys

from bench.frame import FIGURES, own_database, say


def main() -> int:
    # They register themselves.
    from bench import (  # noqa: F401
        canvas,
        claim,
        create,
        export,
        http,
        lists,
        manifest,
        next_item,
        pdf_500,
        save,
        startup,
        text_200k,
    )

    only = [name for name in os.environ.get("ONLY", "").replace(",", " ").split() if name]
    if unknown := set(only) - set(FIGURES):
        say(f"No figure is named {', '.join(sorted(unknown))}; there are: {' '.join(FIGURES)}")
        return 2
    fine = True
    lines = []
    with own_database():
        for name in only or FIGURES:
            say(f"— {name}")
            result = FIGURES[name]()
            fine &= result.ok
            lines.append(result.line())
    print("\n".join(lines))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
