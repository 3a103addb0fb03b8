"""Errors that people meet: their classes, and texts that say what was asked, what was given and what to do."""

import inspect
import warnings

import numpy as np
import pytest

import xpgrad
from xpgrad import errors


def leaf(*values):
    return xpgrad.tensor(values, requires_grad=True)


def refusal(kind, action):
    """The text of the error that ``action`` raises, which must be of exactly ``kind``."""
    with pytest.raises(kind) as caught:
        action()
    assert type(caught.value) is kind
    return str(caught.value)


def test_every_error_is_in_one_tree_and_is_also_a_builtin():
    found = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == "xpgrad.errors"]
    assert len(found) > 20
    for kind in found:
        assert issubclass(kind, errors.XpgradError)
        assert kind.__doc__
    builtin = (RuntimeError, TypeError, ValueError, OverflowError, LookupError, AttributeError)
    roots = {errors.XpgradError, errors.ModuleError}
    assert [kind for kind in found if kind not in roots and not issubclass(kind, builtin)] == []


def test_shapes_that_do_not_broadcast():
    text = refusal(errors.ShapeError, lambda: xpgrad.ones(3, 4) * xpgrad.ones(5))
    assert text == (
        "The size of tensor a (4) must match the size of tensor b (5) at non-singleton dimension 1. "
        "multiply: shapes (3, 4) and (5,) do not broadcast"
    )


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (
            lambda: xpgrad.ones(2, 3) + xpgrad.ones(4, 3),
            "a (2) must match the size of tensor b (4) at non-singleton dimension 0. add",
        ),
        (
            lambda: xpgrad.ones(5) < xpgrad.ones(3, 4),
            "a (5) must match the size of tensor b (4) at non-singleton dimension 1. less",
        ),
        (
            lambda: xpgrad.where(xpgrad.ones(3) > 0, xpgrad.ones(3), xpgrad.ones(2)),
            "a (3) must match the size of tensor c (2)",
        ),
        (
            lambda: xpgrad.ones(3, 2, 4) @ xpgrad.ones(5, 4, 2),
            "a (3) must match the size of tensor b (5) at non-singleton dimension 0. matmul",
        ),
        (
            lambda: leaf(1.0, 2.0).pow(xpgrad.ones(3)),
            "a (2) must match the size of tensor b (3) at non-singleton dimension 0. power",
        ),
    ],
)
@pytest.mark.parametrize("backend", ["numpy", "strict"])
def test_shapes_that_do_not_broadcast_elsewhere(action, text, backend):
    with xpgrad.use_backend(backend):
        assert refusal(errors.ShapeError, action).startswith(f"The size of tensor {text}")


def test_matrices_that_cannot_be_multiplied():
    text = refusal(errors.ShapeError, lambda: xpgrad.ones(2, 3) @ xpgrad.ones(4, 5))
    assert text.startswith("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")


def test_dtypes_that_do_not_fit():
    text = refusal(errors.DtypeError, lambda: xpgrad.ones(2, 2) @ xpgrad.ones(2, 2, dtype=xpgrad.float64))
    assert text.startswith("expected m1 and m2 to have the same dtype, but got: float")
    assert "float64" in text
    text = refusal(errors.DtypeError, lambda: xpgrad.ones(2).long().mean())
    assert text.startswith("mean(): could not infer output dtype.")
    assert "use x.float().mean()" in text
    assert refusal(errors.DtypeError, lambda: ~xpgrad.ones(2)).startswith("~ (operator.invert) is only implemented on")
    assert "keeps the dtype" in refusal(errors.DtypeError, lambda: xpgrad.tensor([1]).add_(0.5))


@pytest.mark.parametrize(
    "action",
    [
        lambda x, y: x * y,
        lambda x, y: x @ y,
        lambda x, y: xpgrad.cat([x, y]),
        lambda x, y: xpgrad.where(x > 0, x, y),
        lambda x, y: x.backward(y),
    ],
)
def test_devices_that_do_not_mix(action):
    x, y = leaf(1.0, 2.0), xpgrad.ones(2, device="strict:cpu")
    text = refusal(errors.MixedBackendsError, lambda: action(x, y))
    assert text.startswith(
        "Expected all tensors to be on the same device, but found at least two devices, cpu and strict:cpu!"
    )
    assert "move one operand with .to('cpu')" in text


def test_in_place_results_stay_where_they_are():
    x, y = xpgrad.ones(2), xpgrad.ones(2, device="strict:cpu")
    assert "on the same device" in refusal(errors.MixedBackendsError, lambda: x.add_(y))


def test_a_gradient_is_needed_unless_scalar():
    text = refusal(errors.GradientError, lambda: (leaf(1.0, 2.0) * 2).backward())
    assert text == (
        "grad can be implicitly created only for scalar outputs; this one has shape (2,). Pass a gradient of that "
        "shape, or reduce it first, with .sum() say."
    )


def test_nothing_to_differentiate():
    text = refusal(errors.GradientError, lambda: xpgrad.ones(()).backward())
    assert text.startswith("element 0 of tensors does not require grad and does not have a grad_fn")
    assert "no_grad()" in text


def test_a_graph_that_was_freed():
    x = leaf(1.0)
    y = x * x
    y.backward()
    text = refusal(errors.GraphFreedError, y.backward)
    assert text.startswith(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed)."
    )
    assert "Specify retain_graph=True" in text
    assert text.endswith("(met at MulBackward0)")


def test_a_saved_value_that_was_modified():
    x = leaf(1.0, 2.0)
    y = x * x
    with xpgrad.no_grad():
        x.add_(1)
    text = refusal(errors.SavedValueModifiedError, y.sum().backward)
    assert text.startswith(
        "one of the variables needed for gradient computation has been modified by an inplace operation"
    )
    assert "is at version 1; expected version 0 instead" in text
    assert text.count(__file__) == 2


def test_writing_to_leaves():
    x = leaf(1.0, 2.0)
    text = refusal(errors.InplaceError, lambda: x.add_(1))
    assert text == (
        "a leaf Variable that requires grad is being used in an in-place operation. "
        "Update leaves under no_grad(), or work on a clone()."
    )
    text = refusal(errors.InplaceError, lambda: x[0].add_(1))
    assert text.startswith("a view of a leaf Variable that requires grad is being used in an in-place operation.")


def test_integers_do_not_require_grad():
    text = refusal(errors.DtypeError, lambda: xpgrad.tensor([1, 2], requires_grad=True))
    assert text.startswith("Only Tensors of floating point and complex dtype can require gradients")
    assert "torch.int64" in text
    assert "dtype=float32" in text
    text = refusal(errors.DtypeError, lambda: xpgrad.tensor([True]).requires_grad_())
    assert "torch.bool" in text
    assert ".float()" in text


def test_nan_under_anomaly_detection():
    x = leaf(0.0)
    with warnings.catch_warnings(), xpgrad.autograd.detect_anomaly():
        warnings.simplefilter("ignore", RuntimeWarning)
        y = (x.sqrt() * 0).sum()
        text = refusal(errors.AnomalyError, y.backward)
    assert text.startswith("Function 'SqrtBackward0' returned nan values in its 0th output.")
    assert __file__ in text


def test_inference_tensors():
    with xpgrad.inference_mode():
        made = xpgrad.ones(2)
    text = refusal(errors.InferenceTensorError, lambda: made * leaf(1.0, 2.0))
    assert text.startswith("Inference tensors cannot be saved for backward.")
    assert "multiply" in text
    assert "clone" in text
    assert "clone()" in refusal(errors.InferenceTensorError, lambda: made.add_(1))


def test_positions_out_of_range():
    x = xpgrad.ones(2, 3)
    assert refusal(errors.IndexingError, lambda: x[2]) == "index 2 is out of bounds for dimension 0 with size 2"
    text = refusal(errors.IndexingError, lambda: x.sum(2))
    assert text == "Dimension out of range (expected to be in range of [-2, 1], but got 2)"
    text = refusal(errors.IndexRangeError, lambda: x[xpgrad.tensor([0, 5])])
    assert text == "index 5 is out of bounds for dimension 0 with size 2"
    assert "too many indices for tensor of dimension 2" in refusal(errors.IndexingError, lambda: x[0, 0, 0])


def test_what_the_array_library_cannot_do():
    text = refusal(errors.LinAlgError, lambda: xpgrad.array_api.linalg.inv(xpgrad.zeros(2, 2)))
    assert text.startswith("inv: ")
    assert "float32 (2, 2)" in text
    cause = None
    try:
        xpgrad.array_api.linalg.inv(xpgrad.zeros(2, 2))
    except errors.OperationError as error:
        cause = error.__cause__
    assert isinstance(cause, np.linalg.LinAlgError)


def test_things_that_are_no_tensors():
    text = refusal(errors.ArgumentTypeError, lambda: xpgrad.exp([1.0]))
    assert text == "exp(): argument 'input' (position 1) must be Tensor, not list"
    assert "got str: 'a'" in refusal(errors.ArgumentTypeError, lambda: xpgrad.add(xpgrad.ones(1), "a"))
    assert "dtype=torch.float32" in refusal(errors.ArgumentTypeError, lambda: xpgrad.ones(2, dtype="float32"))


def test_memory_that_cannot_be_written_to():
    array = np.zeros(3)
    array.flags.writeable = False
    text = refusal(errors.InplaceError, lambda: xpgrad.from_numpy(array).add_(1))
    assert text.startswith("in-place: the tensor's memory cannot be written to")
    assert "clone()" in text


def test_overlapping_memory():
    text = refusal(errors.InplaceError, lambda: xpgrad.ones(1).expand(3).add_(1))
    assert text.startswith(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory"
    )
