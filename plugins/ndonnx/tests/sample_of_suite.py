"""Ask a sample of each level of the conformance suite, the whole of which takes long here.

``python plugins/ndonnx/tests/sample_of_suite.py`` prints how many checks of each level pass, and how the others fail; a
number of checks per level and names of levels may follow.
"""

from __future__ import annotations

import collections
import random
import sys
import warnings

from xpgrad.testing.conformance.check import failures
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks


def main(count: int, *levels: str) -> None:
    warnings.simplefilter("ignore")
    subject = Subject.named("ndonnx")
    by_level = collections.defaultdict(list)
    for check in checks().values():
        by_level[check.level].append(check)
    print("| level | asked | passed | unsupported | failed |\n|---|--:|--:|--:|--:|")
    how = {}
    for level, there in by_level.items():
        if levels and level not in levels:
            continue
        asked = random.Random(0).sample(there, min(count, len(there)))
        lacking = sum(bool(subject.lacks(check.needs)) for check in asked)
        failed = {check.id: error for check, error in failures(asked, subject)}
        passed = len(asked) - lacking - len(failed)
        print(f"| {level} | {len(asked)} | {passed} | {lacking} | {len(failed) or '-'} |", flush=True)
        how |= failed
    for check, error in how.items():
        print(f"{check}\n    {type(error).__name__}: {error}".replace("\n", " ")[:200])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60, *sys.argv[2:])
