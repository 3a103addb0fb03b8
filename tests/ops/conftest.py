import sys
from pathlib import Path

import pytest

# The table of cases and what reads it are found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _ask_only_what_the_library_has(request: pytest.FixtureRequest) -> None:
    asked = getattr(request.node, "callspec", None)
    case = asked and asked.params.get("case")
    if case and case.beyond and asked.params.get("place") == "strict":
        pytest.skip(case.beyond)
