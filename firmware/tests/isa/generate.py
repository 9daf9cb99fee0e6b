#!/usr/bin/env python3
"""Writes tables/*.h: operands and expected results, from exact arithmetic that owes nothing to any emulator.

    generate.py          writes them all (a second run changes nothing)
    generate.py --check  fails if a file would change
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

import float_tables  # noqa: E402
import integer_tables  # noqa: E402

FOLDER = Path(__file__).parent / "tables"


def main() -> int:
    check = "--check" in sys.argv
    stale = 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in {**integer_tables.files(), **float_tables.files()}.items():
        path = FOLDER / name
        if path.exists() and path.read_text() == text:
            continue
        if check:
            print(f"{path} is not what generate.py makes", file=sys.stderr)
            stale = 1
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
