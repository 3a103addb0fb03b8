"""Calls of functions and methods that must give what PyTorch gives: value, dtype, shape, node and gradients."""

import pytest
from program import programs
from twin import differences

# Division by zero and the like, which some programs mean.
pytestmark = pytest.mark.filterwarnings("ignore:.*(encountered in|of empty slice):RuntimeWarning")


@pytest.mark.parametrize(("subject", "program"), [(subject, p) for subject, ps in programs().items() for p in ps])
def test_program(subject, program):
    assert differences(program) == []
