"""The backend: found by its entry point, right on arrays with values, and plain about those without.

What its functions give is asked by the conformance suite: ``python -m xpgrad conformance ndonnx``.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

import xpgrad
from xpgrad.backends import discovery
from xpgrad.errors import ArgumentTypeError, DtypeError, ShapeError
from xpgrad.nn import functional as F
from xpgrad.testing.conformance.check import failures
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.suite import checks

if missing := [name for name in ("ndonnx", "onnxruntime") if not importlib.util.find_spec(name)]:
    pytest.skip(f"{missing[0]} is not installed: pip install ./plugins/ndonnx", allow_module_level=True)


def argument(*args):
    from xpgrad_ndonnx import argument

    return argument(*args)


def test_it_is_found_by_its_entry_point_and_by_its_arrays():
    source = discovery.find("ndonnx")
    assert (source.target, source.distribution) == ("xpgrad_ndonnx:NdonnxBackend", "xpgrad-ndonnx")
    program = "import ndonnx, xpgrad; print(xpgrad.as_tensor(ndonnx.asarray([1.0, 2.0])).device)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "ndonnx:onnx"


def test_memory_is_shared_with_nobody():
    numbers = np.arange(6.0).reshape(2, 3)
    x = xpgrad.tensor(numbers).to("ndonnx:onnx")
    numbers[...] = 0.0
    x.cpu().numpy()[...] = 0.0
    np.testing.assert_array_equal(x.cpu().numpy(), np.arange(6.0).reshape(2, 3))


def test_in_place_methods_rebind():
    x = xpgrad.arange(6.0, device="ndonnx:onnx").reshape(2, 3)
    array, view = x.detach()._array, x[:, 1]
    view.mul_(0.0)
    np.testing.assert_array_equal(x.cpu().numpy(), [[0.0, 0.0, 2.0], [3.0, 0.0, 5.0]])
    np.testing.assert_array_equal(array.unwrap_numpy()[:, 1], [1.0, 4.0])


@pytest.mark.parametrize(
    "look",
    [lambda x: x.sum().item(), lambda x: bool((x > 0).any()), lambda x: x.cpu(), lambda x: repr(x)],
    ids=["item", "bool", "cpu", "repr"],
)
def test_values_are_not_known_before_the_model_runs(look):
    with pytest.raises(
        ArgumentTypeError, match=r"the values of a tensor .* were asked for, but it has none: it depends on"
    ):
        look(argument((4, 3)))


def test_lengths_have_to_be_known():
    import ndonnx

    with pytest.raises(ShapeError, match=r"has the shape \(None, 3\), where None is a length known only when"):
        xpgrad.as_tensor(ndonnx.argument(shape=("N", 3), dtype=ndonnx.float32))
    x = argument((4, 3))
    for pick in (lambda: x.nonzero(), lambda: x[x > 0]):
        with pytest.raises(ShapeError, match="where None is a length known only when the model runs"):
            pick()


def test_what_onnx_refuses_is_said_in_the_words_of_who_asked():
    x = xpgrad.ones(4, 3, device="ndonnx:onnx")
    with pytest.raises(ShapeError, match=r"add: shapes \(4, 3\) and \(2,\) do not broadcast"):
        x + xpgrad.ones(2, device="ndonnx:onnx")
    with pytest.raises(DtypeError, match=r"has no torch\.complex64; it has bool, float32"):
        x.to(xpgrad.complex64)


# What ndonnx lacks or gets wrong.

FEW = np.asarray([-2.0, -0.5, 0.0, 1.0, 3.0], "float32")


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x.cumprod(0), lambda x, y: x.signbit(), lambda x, y: x.copysign(y), lambda x, y: x.hypot(y),
        lambda x, y: x.atan2(y), lambda x, y: xpgrad.outer(x, y).diagonal(1),
        lambda x, y: xpgrad.outer(x, y).diagonal(-2), lambda x, y: xpgrad.outer(x, y).trace(),
        lambda x, y: x.norm(), lambda x, y: x.norm(3.0),
        lambda x, y: x.norm(float("inf")), lambda x, y: xpgrad.linalg.vector_norm(x.reshape(1, 5), 0, 1),
    ],
)  # fmt: skip
def test_functions_of_the_standard(function):
    x, y = xpgrad.tensor(FEW), xpgrad.tensor(FEW[::-1].copy())
    expected = function(x, y).numpy()
    found = function(x.to("ndonnx:onnx"), y.to("ndonnx:onnx"))
    np.testing.assert_allclose(found.cpu().numpy(), expected, rtol=1e-6, atol=1e-6)


def test_embedding_gradients_add_up():
    indices = np.asarray([[0, 2, 2], [2, 4, 0]])

    def gradient(device):
        weight = xpgrad.ones(5, 3, device=device, requires_grad=True)
        (F.embedding(xpgrad.tensor(indices, device=device), weight) ** 2).sum().backward()
        return weight.grad.cpu().numpy()

    np.testing.assert_array_equal(gradient("ndonnx:onnx"), gradient("cpu"))


# Levels of the conformance suite; sample_of_suite.py asks some checks of all.

# ONNX Runtime has no cosine of float64, so ndonnx takes that of float32.
KNOWN = {"randomness": {"randomness/normal/float64"}}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:'cos' is not implemented")
@pytest.mark.parametrize("level", ["kernels", "save-load", "randomness"])
def test_every_check_of_a_level(level):
    asked = [check for check in checks().values() if check.level == level]
    failed = {check.id: repr(error) for check, error in failures(asked, Subject.named("ndonnx"))}
    assert failed.keys() == KNOWN.get(level, set()), failed
