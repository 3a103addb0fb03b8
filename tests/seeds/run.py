"""Runs the tutorial programs with the xpgrad that is installed; needs matplotlib, but no pytest.

    python tests/seeds/run.py [--seed-library torch] [program ...]

The last line is ``N passed, M failed`` and counts cells; the exit status is 0 when none failed.
"""

import argparse
import faulthandler
import sys
from pathlib import Path

from seed_runner import PROGRAMS, parse_program, run_program


def main() -> int:
    """Runs the programs named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Run the tutorial programs.")
    parser.add_argument("--seed-library", default="xpgrad", choices=["xpgrad", "torch"], help="what `torch` stands for")
    parser.add_argument("programs", nargs="*", type=Path, default=PROGRAMS, help="program files (default: all)")
    options = parser.parse_args()
    passed = failed = 0
    for path in options.programs:
        # A wrong gradient can make a tutorial's `while` loop endless: say where it hangs instead of hanging.
        faulthandler.dump_traceback_later(300, exit=True)
        try:
            outcomes = run_program(path, options.seed_library)
        except Exception as error:
            print(f"FAILED {path.name}: cannot be run with {options.seed_library}: {type(error).__name__}: {error}")
            failed += len(parse_program(path.read_text(encoding="utf-8")))
            continue
        problems = [outcome for outcome in outcomes if outcome.problem]
        for outcome in problems:
            print(f"FAILED {path.name}:{outcome.cell.line}: {outcome.cell.title}\n{outcome.problem}\n")
        print(f"{path.name}: {len(outcomes) - len(problems)} of {len(outcomes)} cells passed")
        passed += len(outcomes) - len(problems)
        failed += len(problems)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
