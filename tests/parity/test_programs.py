"""Calls of functions and methods that must give what PyTorch gives: value, dtype, shape, node and gradients."""

import numpy as np
import pytest
import torch
from twin import differences

import xpgrad
from xpgrad.testing.conformance.programs.running import programs, second_derivatives

pytestmark = [
    # Some programs divide by zero and the like on purpose; and PyTorch has advice for the users of some.
    pytest.mark.filterwarnings("ignore:.*(encountered in|of empty slice):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
every_program = pytest.mark.parametrize(
    ("subject", "program"), [(subject, p) for subject, ps in programs().items() for p in ps]
)


@every_program
def test_program(subject, program):
    assert differences(program) == []


@every_program
def test_second_derivatives(subject, program):
    try:
        theirs = second_derivatives(torch, program)
    except RuntimeError as error:
        pytest.skip(f"PyTorch: {error}")
    ours = second_derivatives(xpgrad, program)
    assert ours.keys() == theirs.keys()
    for name, expected in theirs.items():
        np.testing.assert_allclose(_host(ours[name]), _host(expected), rtol=1e-3, atol=1e-4, err_msg=name)


def _host(gradient):
    """A gradient as an array, zero if there is none."""
    return np.zeros(()) if gradient is None else gradient.detach().clone().numpy()
