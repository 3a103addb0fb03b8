"""Random mixtures of all kinds of indices: what they read and write, gradients and refusals, as in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xpgrad
from xpgrad.testing.conformance.programs.running import run_backward

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
asked = settings(max_examples=400, deadline=None, derandomize=True)

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def positions(length, shape):
    """Indices of ``shape`` on an axis of ``length``, of which one in twenty may be out of range."""
    low, high = (-length, length - 1) if length else (0, 0)
    number = st.integers(0, 19).flatmap(lambda n: st.just(length + 1) if n == 0 else st.integers(low, high))
    count = int(np.prod(shape))
    return st.lists(number, min_size=count, max_size=count).map(lambda v: np.asarray(v, np.int64).reshape(shape))


def slices(length):
    bound = st.none() | st.integers(-length - 1, length + 1)
    return st.builds(slice, bound, bound, st.none() | st.integers(1, 3))


@st.composite
def indices(draw, shape):
    """A tuple of parts: what stands for tensors are host arrays."""
    common = draw(st.sampled_from([(), (1,), (3,), (2, 1), (2, 3), (0,)]))
    parts, axis = [], 0
    for _ in range(draw(st.integers(1, len(shape) + 2))):
        length = shape[axis] if axis < len(shape) else 2
        kind = draw(st.sampled_from(["integer", "slice", "None", "...", "array", "array", "list", "mask", "flag"]))
        if kind == "integer":
            parts.append(int(draw(positions(length, ()))))
        elif kind == "slice":
            parts.append(draw(slices(length)))
        elif kind == "None":
            parts.append(None)
            axis -= 1
        elif kind == "..." and Ellipsis not in [p for p in parts if p is Ellipsis]:
            parts.append(Ellipsis)
            axis = max(axis, len(shape) - draw(st.integers(0, 2))) - 1
        elif kind == "array":
            wanted = draw(st.sampled_from([common, common, (), (1,), common[-1:], (3,)]))
            array = draw(positions(length, wanted))
            parts.append(array.astype(draw(st.sampled_from(["int64", "int64", "int32"]))))
        elif kind == "list":
            parts.append(draw(positions(length, (draw(st.integers(1, 3)),))).tolist())
        elif kind == "mask":
            covered = shape[axis : axis + draw(st.integers(1, 2))] or (2,)
            if draw(st.integers(0, 9)) == 0:
                covered = (*covered[:-1], covered[-1] + 1)
            bits = draw(st.lists(st.booleans(), min_size=int(np.prod(covered)), max_size=int(np.prod(covered))))
            parts.append(np.asarray(bits, bool).reshape(covered))
            axis += len(covered) - 1
        elif kind == "flag":
            parts.append(draw(st.booleans()))
            axis -= 1
        axis += 1
    return tuple(parts)


def on(library, index):
    """An index with its host arrays as tensors; one part stands by itself."""
    parts = tuple(library.from_numpy(p.copy()) if isinstance(p, np.ndarray) else p for p in index)
    return parts[0] if len(parts) == 1 else parts


def values(shape, start=0.0):
    return np.asarray(np.arange(np.prod(shape), dtype="float64").reshape(shape) + start)


def compare(program, *arrays):
    """Run ``program(library, *tensors)`` with both libraries; results, gradients and refusals have to agree."""
    outcomes = []
    for library in (torch, xpgrad):
        leaves = [library.from_numpy(a.copy()).requires_grad_() for a in arrays]
        try:
            result = program(library, *leaves)
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            outcomes.append(error)
            continue
        run_backward(library, [result])
        grads = [np.zeros(tuple(x.shape)) if x.grad is None else x.grad.numpy() for x in leaves]
        outcomes.append([result.detach().numpy(), *grads])
    theirs, ours = outcomes
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)), f"PyTorch: {theirs!r}, xpgrad: {ours!r}"
        return
    assert not isinstance(ours, Exception), repr(ours)
    for mine, expected in zip(ours, theirs, strict=True):
        assert mine.shape == expected.shape
        np.testing.assert_allclose(mine, expected, rtol=1e-12, atol=1e-12)


@asked
@given(st.data())
def test_reading(data):
    shape = data.draw(shapes)
    index = data.draw(indices(shape))
    compare(lambda library, x: x[on(library, index)], values(shape))


def part_shape(shape, index):
    """The shape of the part that ``index`` names, if there is one."""
    try:
        return tuple(torch.from_numpy(values(shape))[on(torch, index)].shape)
    except (RuntimeError, IndexError, ValueError):
        return None


@st.composite
def fitting(draw, shape):
    """A shape that broadcasts to ``shape``, or now and then one that does not."""
    if draw(st.integers(0, 9)) == 0:
        return draw(shapes)
    kept = shape[draw(st.integers(0, len(shape))) :]
    ones = draw(st.lists(st.booleans(), min_size=len(kept), max_size=len(kept)))
    return tuple(1 if one else n for one, n in zip(ones, kept, strict=True))


@asked
@given(st.data())
def test_writing(data):
    shape = data.draw(shapes)
    index = data.draw(indices(shape))
    value = values(data.draw(fitting(part_shape(shape, index) or ())), 100.0)

    def write(library, x, v):
        y = x * 1
        y[on(library, index)] = v
        return y

    compare(write, values(shape), value)


@asked
@given(st.data())
def test_writing_numbers(data):
    shape = data.draw(shapes)
    index = data.draw(indices(shape))

    def write(library, x):
        y = x * 1
        y[on(library, index)] = 7
        return y

    compare(write, values(shape))


@asked
@given(st.data())
def test_adding_at_arrays(data):
    shape = data.draw(shapes.filter(lambda s: 0 not in s and s))
    count = data.draw(st.integers(1, len(shape)))
    common = data.draw(st.sampled_from([(), (3,), (2, 2)]))
    index = tuple(data.draw(positions(n, common)) for n in shape[:count])
    value = values(data.draw(fitting((*common, *shape[count:]))), 100.0)

    def put(library, x, v):
        parts = tuple(library.from_numpy(p.copy()) for p in index)
        return x.index_put(parts, v, accumulate=True)

    compare(put, values(shape), value)
