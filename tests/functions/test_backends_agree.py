"""Programs give on every backend what they give on NumPy: values, dtypes, shapes, nodes and gradients."""

import re

import numpy as np
import pytest

import xpgrad
from xpgrad.testing.conformance.programs.running import evaluate, programs, run_backward, second_derivatives, tensors

pytestmark = [
    # Some programs divide by zero and the like on purpose.
    pytest.mark.filterwarnings("ignore:.*(encountered in|of empty slice):RuntimeWarning")
]

# What a backend cannot do, or shows of itself: expressions that find it in a program, and why.
EXCEPTIONS = {
    "strict": {
        r"\bh\b|half|Half|float16": "the standard has no float16",
        r"\.view\(torch": "the standard has no way to see the bytes of an array",
    },
    "numpy-readonly": {},
}
FOR_ALL = {
    r"stride\(|contiguous": "without strided memory everything is contiguous",
    r"x\.device$": "the device is another",
    r"c\.data\.add_\(1\); c\._version": "where arrays are immutable, data shares the version counter too",
}


def outcome(program, backend):
    """Everything there is to see of a program's results and of the gradients they send back."""
    with xpgrad.use_backend(backend):
        value, leaves = evaluate(xpgrad, program.removeprefix("!"))
        results = list(tensors(value))
        run_backward(xpgrad, results)
        seen = {f"result {i}": described(result) for i, result in enumerate(results)}
        seen |= {f"{name}.grad": described(leaf.grad) for name, leaf in leaves.items() if leaf.grad is not None}
        return seen if results else {"value": (repr(value), None)}


def described(tensor):
    node = tensor.grad_fn.name() if tensor.grad_fn else None
    return (tensor.dtype, tuple(tensor.shape), tensor.requires_grad, node), tensor.detach().numpy()


def skip_exceptions(program, backend):
    for pattern, reason in (EXCEPTIONS[backend] | FOR_ALL).items():
        if re.search(pattern, program):
            pytest.skip(reason)


on_every_backend = pytest.mark.parametrize("backend", EXCEPTIONS)
every_program = pytest.mark.parametrize("program", [program for lines in programs().values() for program in lines])


@on_every_backend
@every_program
def test_program(program, backend):
    skip_exceptions(program, backend)
    expected, found = outcome(program, "numpy"), outcome(program, backend)
    assert found.keys() == expected.keys()
    for name, (facts, values) in expected.items():
        assert found[name][0] == facts
        if values is not None:
            tolerance = 2e-3 if values.dtype == np.float16 else 2e-5
            np.testing.assert_allclose(found[name][1], values, rtol=tolerance, atol=tolerance)


@on_every_backend
@every_program
def test_second_derivatives(program, backend):
    skip_exceptions(program, backend)
    expected = second_derivatives(xpgrad, program)
    with xpgrad.use_backend(backend):
        found = second_derivatives(xpgrad, program)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-3, atol=1e-4, err_msg=name)
