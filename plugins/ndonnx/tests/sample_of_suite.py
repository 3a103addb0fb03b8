"""Ask a sample of each level of the conformance suite, the whole of which takes long here.

``python plugins/ndonnx/tests/sample_of_suite.py`` prints how many checks of each level pass, and how the others fail; a
number of checks per level and names of levels may follow.
"""

from __future__ import annotations

import collections
import random
import sys
import warnings

from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks


def main(count: int, *levels: str) -> None:
    warnings.simplefilter("ignore")
    subject = Subject.named("ndonnx")
    by_level = collections.defaultdict(list)
    for check in checks().values():
        by_level[check.level].append(check)
    print("| level | asked | passed | unsupported | failed |\n|---|--:|--:|--:|--:|")
    failures = {}
    for level, asked in by_level.items():
        if levels and level not in levels:
            continue
        found = collections.Counter()
        asked = random.Random(0).sample(asked, min(count, len(asked)))
        for check in asked:
            if subject.lacks(check.needs):
                found["unsupported"] += 1
                continue
            try:
                check.ask(subject)
                found["passed"] += 1
            except Exception as error:
                found["failed"] += 1
                failures[check.id] = f"{type(error).__name__}: {error}".replace("\n", " ")
        print(
            f"| {level} | {len(asked)} | {found['passed']} | {found['unsupported']} | {found['failed'] or '-'} |",
            flush=True,
        )
    for check, how in failures.items():
        print(f"{check}\n    {how[:200]}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60, *sys.argv[2:])
