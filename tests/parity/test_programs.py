"""Calls of functions and methods that must give what PyTorch gives: value, dtype, shape, node and gradients."""

import pytest
from program import programs
from twin import differences

pytestmark = [
    # Some programs divide by zero and the like on purpose; and PyTorch has advice for the users of some.
    pytest.mark.filterwarnings("ignore:.*(encountered in|of empty slice):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.mark.parametrize(("subject", "program"), [(subject, p) for subject, ps in programs().items() for p in ps])
def test_program(subject, program):
    assert differences(program) == []
