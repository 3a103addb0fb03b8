"""What only a GPU can show of the CuPy backend: that CUDA's libraries are called rightly, on real memory."""

from __future__ import annotations

import numpy as np
import pytest

import xpgrad
import xpgrad.cuda
from xpgrad.backends.fallbacks.scatter import scatter_add
from xpgrad.backends.registry import host_place, resolve

pytestmark = pytest.mark.cuda

# Unit roundoff of each type, and in the last two that of their parts.
ROUNDING = {
    "float16": 5e-4,
    "bfloat16": 4e-3,
    "float32": 6e-8,
    "float64": 2e-16,
    "complex64": 6e-8,
    "complex128": 2e-16,
}


@pytest.fixture
def place():
    return resolve("cuda")


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("orders", ["CC", "CT", "TC", "TT"])
@pytest.mark.parametrize(
    ("x", "y"),
    [((5, 33, 47), (5, 47, 29)), ((33, 47), (5, 47, 29)), ((5, 33, 47), (47, 29)), ((2, 1, 8, 9), (3, 9, 7))],
)
def test_products_of_stacks_round_as_they_should(place, x, y, orders, dtype):
    random = np.random.default_rng(0)
    raw = place.raw_dtype(getattr(xpgrad, dtype))
    arrays = []
    for shape, order in zip((x, y), orders, strict=True):
        values = random.uniform(-1, 1, shape)
        values = values + 1j * random.uniform(-1, 1, shape) if dtype.startswith("complex") else values
        if order == "T":
            values = np.ascontiguousarray(np.swapaxes(values, -1, -2))
        array = place.xp.astype(place.backend.from_host(values, place.handle), raw)
        arrays.append(array if order == "C" else place.xp.matrix_transpose(array))
    got = place.backend.to_host(place.xp.matmul(*arrays))
    wide = [place.backend.to_host(a).astype("complex128" if dtype.startswith("complex") else "float64") for a in arrays]
    assert got.dtype == raw
    # A sum of k products, and the rounding of the result: no more than k + 1 roundings of at most k.
    bound = (x[-1] + 1) * ROUNDING[dtype] if dtype in ("float16", "bfloat16") else x[-1] ** 2 * ROUNDING[dtype]
    np.testing.assert_allclose(got.astype(wide[0].dtype), np.matmul(*wide), rtol=0, atol=bound)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "int8", "int64"])
def test_scatter_add(place, dtype):
    random = np.random.default_rng(0)
    updates = random.integers(-2, 3, (10_000, 3)).astype(dtype)
    indices = random.integers(0, 50, 10_000)
    got = place.xp.scatter_add(
        place.backend.from_host(updates, place.handle), place.backend.from_host(indices, place.handle), size=50
    )
    expected = scatter_add(host_place().xp, updates, indices, size=50)
    np.testing.assert_array_equal(place.backend.to_host(got), expected)


def test_a_network_trains_as_on_numpy():
    def train(device):
        xpgrad.manual_seed(0)
        x, target = xpgrad.randn(64, 32).to(device), xpgrad.randn(64, 4).to(device)
        w, v = (xpgrad.randn(*size).to(device).mul(0.1).requires_grad_() for size in ((32, 64), (64, 4)))
        for _ in range(50):
            loss = (((x @ w).tanh() @ v - target) ** 2).mean()
            loss.backward()
            with xpgrad.no_grad():
                for p in (w, v):
                    p -= 0.1 * p.grad
                    p.grad.zero_()
        return loss.item()

    assert train("cuda") == pytest.approx(train("cpu"), rel=1e-3)


def test_memory_is_counted(place):
    before = xpgrad.cuda.memory_allocated()
    kept = xpgrad.zeros(1024, 1024, device="cuda")
    xpgrad.cuda.synchronize()
    assert xpgrad.cuda.memory_allocated() - before >= kept.nbytes


@pytest.mark.skipif(not xpgrad.cuda.device_count() > 1, reason="needs two CUDA devices")
def test_functions_run_on_their_places_device():
    second = resolve("cuda:1")
    x = second.xp.ones((2, 2))
    for made in (x, second.xp.exp(x), second.xp.linalg.inv(second.xp.eye(2)), second.xp.matmul(x, x)):
        assert second.backend.place_of(made) is second
