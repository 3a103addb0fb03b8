"""The backend: found by its entry point, on arrays of its own, computing what it should and no more."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import xpgrad
from xpgrad.backends import discovery
from xpgrad.errors import IndexRangeError

dask = pytest.importorskip("dask", reason="dask is not installed")
da = pytest.importorskip("dask.array", reason="dask is not installed with its arrays")


def to_dask(x):
    from xpgrad_dask import to_dask

    return to_dask(x)


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def numbers():
    return np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def test_it_is_found_by_its_entry_point_and_by_its_arrays():
    source = discovery.find("dask")
    assert (source.target, source.distribution) == ("xpgrad_dask:DaskBackend", "xpgrad-dask")
    assert run_python("import dask.array, xpgrad; print(xpgrad.as_tensor(dask.array.ones(2)).device)") == "dask:cpu"


def test_only_its_use_imports_dask():
    code = """
import sys, xpgrad
from xpgrad.backends import discovery
discovery.installed()
print("dask" in sys.modules, end=" ")
xpgrad.ones(2, device="dask:cpu")
print("dask" in sys.modules, "distributed" in sys.modules, "pandas" in sys.modules)
"""
    assert run_python(code) == "False True False False"


def test_arrays_go_in_and_come_out_as_they_are(numbers):
    array = da.from_array(numbers, chunks=(2, 4))
    x = xpgrad.as_tensor(array)
    assert to_dask(x) is array
    assert to_dask(x * 2.0).chunks == array.chunks
    with pytest.raises(TypeError, match="to_dask: expected a tensor on dask:cpu, got one on cpu"):
        to_dask(xpgrad.ones(2))


def test_memory_is_shared_with_nobody(numbers):
    kept = numbers.copy()
    with xpgrad.use_backend("dask"):
        x = xpgrad.from_numpy(numbers)
    y = x + 1.0
    numbers[...] = 0.0
    x.numpy()[...] = 0.0
    y.numpy()[...] = 0.0
    np.testing.assert_array_equal(x.numpy(), kept)
    np.testing.assert_array_equal(y.numpy(), kept + 1.0)


def test_in_place_methods_rebind(numbers):
    x = xpgrad.as_tensor(da.from_array(numbers, chunks=2))
    array, view = to_dask(x), x[:2]
    x.add_(1.0)
    assert to_dask(x) is not array
    view.mul_(0.0)
    np.testing.assert_allclose(x[1:4].numpy(), np.concatenate([np.zeros((1, 4)), numbers[2:4] + 1.0]), rtol=1e-6)


# Unknown lengths: they are computed, so that shapes are numbers.


def test_shapes_are_numbers(numbers):
    x = xpgrad.as_tensor(da.from_array(numbers, chunks=2))
    assert tuple(xpgrad.as_tensor(to_dask(x)[to_dask(x) > 0.0]).shape) == ((numbers > 0.0).sum(),)
    found = [x.nonzero(), x[x > 0.0], (x > 0.5).nonzero(as_tuple=True)[1], xpgrad.unique(x > 0.0)]
    expected = [np.argwhere(numbers), numbers[numbers > 0], np.nonzero(numbers > 0.5)[1], np.unique(numbers > 0)]
    for ours, theirs in zip(found, expected, strict=True):
        assert tuple(ours.shape) == theirs.shape
        assert all(type(n) is int for n in to_dask(ours).shape)
        np.testing.assert_array_equal(ours.numpy(), theirs)


def test_distinct_values_with_nan():
    values = np.asarray([np.nan, 1.0, np.nan, 0.5, 1.0])
    found = xpgrad.unique(xpgrad.as_tensor(da.from_array(values, chunks=2)), return_inverse=True, return_counts=True)
    with np.errstate(invalid="ignore"):
        expected = np.unique(values, return_inverse=True, return_counts=True, equal_nan=False)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs)


# What is wrong with values is found out when they are computed.


def test_an_index_out_of_range_is_refused_when_it_is_looked_for(numbers):
    x = xpgrad.as_tensor(da.from_array(numbers, chunks=2))
    picked = x.index_select(0, xpgrad.tensor([0, 6], device="dask:cpu"))
    with pytest.raises(IndexRangeError, match="index 6 is out of bounds for dimension 0 with size 6"):
        picked.sum().item()


def test_random_numbers_do_not_depend_on_the_chunks():
    def drawn(backend):
        with xpgrad.use_backend(backend):
            xpgrad.manual_seed(0)
            return [xpgrad.rand(1000), xpgrad.randn(301, dtype=xpgrad.float64), xpgrad.randperm(57)]

    expected = drawn("numpy")
    with dask.config.set({"array.chunk-size": "1 kB"}):
        found = drawn("dask")
    assert to_dask(found[0]).npartitions > 3
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_graphs_can_be_sent_to_other_processes(numbers):
    import pickle

    x = xpgrad.as_tensor(da.from_array(numbers, chunks=2)).requires_grad_()
    (gradient,) = xpgrad.autograd.grad(x.erf().softmax(0)[xpgrad.tensor([0, 3], device="dask:cpu")].sum(), [x])
    for array in (gradient, xpgrad.linalg.svdvals(x), xpgrad.zeros(5, 4, device="dask:cpu").index_add(
        0, xpgrad.tensor([1] * 6, device="dask:cpu"), x.detach()
    )):  # fmt: skip
        sent = pickle.loads(pickle.dumps(to_dask(array)))
        np.testing.assert_array_equal(np.asarray(sent), array.detach().numpy())
