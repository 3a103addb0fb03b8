"""Random shapes, dimensions and indices: values, dtypes and gradients as in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import xpgrad
from xpgrad.testing.conformance.programs.running import run_backward, tensors

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*(encountered in|of empty slice|Degrees of freedom):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
asked = settings(max_examples=60, deadline=None, derandomize=True)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def values(shape, dtype="float64"):
    drawn = np.random.default_rng(sum(shape) + len(shape)).normal(size=shape) * 3
    return np.asarray(drawn).astype(dtype)


def check(function, *arrays):
    """Compare what ``function(library, *tensors)`` gives in both, or how it is refused."""
    outcomes = []
    for library in (torch, xpgrad):
        leaves = [library.from_numpy(a.copy()) for a in arrays]
        for leaf in leaves:
            leaf.requires_grad_(leaf.is_floating_point())
        try:
            results = list(tensors(function(library, *leaves)))
            run_backward(library, results)
        except (RuntimeError, IndexError, ValueError) as error:
            outcomes.append(error)
            continue
        found = [r.detach().numpy() for r in results]
        found += [np.zeros(tuple(x.shape)) if x.grad is None else x.grad.numpy() for x in leaves]
        outcomes.append(([str(r.dtype) for r in results], found))
    theirs, ours = outcomes
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception), f"PyTorch: {theirs!r}"
        return
    assert not isinstance(ours, Exception), repr(ours)
    assert ours[0] == theirs[0]
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


@asked
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0), st.data())
def test_broadcasting(drawn, data):
    name = data.draw(st.sampled_from(["add", "sub", "mul", "div", "maximum", "minimum", "atan2", "eq", "lt", "where"]))
    x, y = (values(shape) for shape in drawn.input_shapes)
    if name == "where":
        check(lambda library, x, y: library.where(x > y, x, y), x, y)
    else:
        check(lambda library, x, y: getattr(library, name)(x, y), x, y)


@asked
@given(shapes, shapes)
def test_shapes_that_may_not_broadcast(first, second):
    check(lambda library, x, y: x * y, values(first), values(second))


@asked
@given(shapes, st.data())
def test_reductions(shape, data):
    names = ["sum", "mean", "prod", "var", "std", "amax", "amin", "logsumexp", "all", "any", "max", "min", "argmax"]
    name = data.draw(st.sampled_from(names))
    several = name in ("sum", "mean", "var", "std", "amax", "amin", "logsumexp")
    choices = st.integers(-len(shape) - 1, len(shape))
    dim = data.draw(st.lists(choices, min_size=1, max_size=3).map(tuple) if several else choices)
    keepdim = data.draw(st.booleans())
    dtype = data.draw(st.sampled_from(["float64", "int64"])) if name in ("sum", "prod", "all", "any") else "float64"
    check(lambda library, x: getattr(x, name)(dim, keepdim=keepdim), values(shape, dtype))


@asked
@given(
    shapes,
    st.sampled_from(["cumsum", "cumprod", "softmax", "log_softmax", "sort", "unbind", "flip", "squeeze"]),
    st.data(),
)
def test_functions_along_a_dimension(shape, name, data):
    dim = data.draw(st.integers(-len(shape) - 1, len(shape)))
    check(lambda library, x: getattr(x, name)(dim), values(shape))


@asked
@given(shapes, st.data())
def test_other_shapes(shape, data):
    ndim = len(shape)
    kind = data.draw(
        st.sampled_from(["permute", "transpose", "flatten", "expand", "repeat", "reshape", "unsqueeze", "roll"])
    )
    if kind == "permute":
        order = data.draw(st.permutations(range(ndim)))
        check(lambda library, x: x.permute(order) if order else x * 1, values(shape))
    elif kind in ("transpose", "flatten"):
        dims = data.draw(st.tuples(*[st.integers(-ndim - 1, ndim)] * 2))
        check(lambda library, x: getattr(x, kind)(*dims), values(shape))
    elif kind == "expand":
        target = data.draw(st.lists(st.integers(-1, 4), max_size=5))
        check(lambda library, x: x.expand(*target) if target else x * 1, values(shape))
    elif kind == "repeat":
        counts = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
        check(lambda library, x: x.repeat(*counts), values(shape))
    elif kind == "reshape":
        target = data.draw(st.lists(st.integers(-1, 6), min_size=1, max_size=4))
        check(lambda library, x: x.reshape(*target), values(shape))
    else:
        number = data.draw(st.integers(-ndim - 2, ndim + 1))
        check(lambda library, x: getattr(x, kind)(number), values(shape))


def steps_forward(index):
    """PyTorch has no slices with negative steps."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(part, slice) or part.step is None or part.step > 0 for part in parts)


@asked
@given(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4), st.data())
def test_basic_indices(shape, data):
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True).filter(steps_forward))
    check(lambda library, x: x[index], values(shape))
    check(lambda library, x, v: assigned(x, index, v), values(shape), values(()))


def assigned(x, index, value):
    copy = x * 1
    copy[index] = value
    return copy


@asked
@given(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4), st.data())
def test_indices_with_arrays(shape, data):
    parts = []
    taken = data.draw(hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=3)))
    for length, positions in zip(shape, taken, strict=True):
        kind = data.draw(st.sampled_from(["array", "array", "integer", "slice", "all", "mask"]))
        if kind == "mask":
            mask = data.draw(hnp.arrays(bool, length))
            parts.append(np.resize(np.flatnonzero(mask), positions.shape) if mask.any() else positions)
        else:
            parts.append(
                {"array": positions, "integer": length - 1, "slice": slice(0, length, 2), "all": slice(None)}[kind]
            )

    def index(library):
        return tuple(library.from_numpy(p) if isinstance(p, np.ndarray) else p for p in parts)

    check(lambda library, x: x[index(library)], values(shape))
    check(lambda library, x, v: assigned(x, index(library), v), values(shape), values(()))


@asked
@given(shapes, st.data())
def test_masks(shape, data):
    mask = data.draw(hnp.arrays(bool, shape))
    check(lambda library, x: x[library.from_numpy(mask)], values(shape))
    check(lambda library, x, v: assigned(x, library.from_numpy(mask), v), values(shape), values(()))
    check(lambda library, x: x.masked_fill(library.from_numpy(mask), 2.0), values(shape))


@asked
@given(
    st.sampled_from(["(n?,k),(k,m?)->(n?,m?)", "(k),(k,m?)->(m?)"]).flatmap(
        lambda signature: hnp.mutually_broadcastable_shapes(signature=signature, max_dims=2, max_side=4, min_side=0)
    )
)
def test_matrix_products(drawn):
    x, y = (values(shape) for shape in drawn.input_shapes)
    check(lambda library, x, y: x @ y, x, y)


@asked
@given(st.lists(shapes, min_size=1, max_size=3), st.integers(-3, 3), st.sampled_from(["cat", "stack"]))
def test_joining(several, dim, name):
    arrays = [values(shape) for shape in several]
    check(lambda library, *tensors: getattr(library, name)(tensors, dim), *arrays)


@asked
@given(shapes, st.integers(1, 4), st.integers(-3, 3), st.sampled_from(["split", "chunk", "tensor_split"]))
def test_cutting(shape, size, dim, name):
    check(lambda library, x: getattr(library, name)(x, size, dim), values(shape))
