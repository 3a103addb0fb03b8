"""Every kernel against its fallback, at edges too: ties, NaN, infinities, bounds, empty arrays, other dtypes."""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
import pytest

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import get_backend
from xpgrad.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from xpgrad_torch.kernels import KERNELS  # noqa: E402

XP = get_backend("torch").place("cpu").xp
RANDOM = np.random.default_rng(0)


class Call(NamedTuple):
    """One call: the name of the function, its operands and settings, and how close results have to be."""

    name: str
    arrays: tuple[Any, ...]
    settings: dict[str, Any]
    tolerance: float

    def __str__(self) -> str:
        shapes = (f"{a.dtype}{a.shape}" if isinstance(a, np.ndarray) else str(a) for a in self.arrays)
        return " ".join([self.name, *shapes, *(f"{k}={v}" for k, v in self.settings.items())])


CALLS: list[Call] = []


def ask(name: str, *arrays: Any, **settings: Any) -> None:
    """Add a call; its operands may have no more digits than the least exact of them."""
    digits = {"float16": 2, "float32": 4}
    least = min((digits.get(a.dtype.name, 10) for a in arrays if isinstance(a, np.ndarray)), default=10)
    CALLS.append(Call(name, arrays, settings, 10.0**-least))


def draw(*shape: int, dtype: str = "float64") -> Any:
    values = RANDOM.standard_normal(shape)
    if dtype.startswith("complex"):
        values = values + 1j * RANDOM.standard_normal(shape)
    return values.astype(dtype) if dtype.startswith(("float", "complex")) else RANDOM.integers(-9, 9, shape, dtype)


def places(*shape: int, below: int) -> Any:
    return RANDOM.integers(0, below, shape)


# Functions of elements and along an axis.

EDGES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -2.0, 30.0, -30.0, 1e-8, math.inf, -math.inf, math.nan])
PAIRS = tuple(np.array(list(itertools.product(EDGES, EDGES))).T)
OF_ONE = ("digamma", "erf", "erfc", "erfcx", "erfinv", "frexp", "gammaln", "i0", "i0e", "i1", "i1e", "k0", "k0e", "k1")

for name in (*OF_ONE, "gelu", "gelu_tanh", "k1e", "log_ndtr", "ndtri", "relu", "sigmoid", "silu", "spherical_j0"):
    ask(name, EDGES)
    ask(name, EDGES.astype("float16"))
ask("relu", draw(5, dtype="int32"))
ask("frexp", draw(40))
for name in ("gelu_input", "gelu_tanh_input", "relu_input", "silu_input", "xlog1py", "xlogy"):
    ask(name, *PAIRS)
for name in ("gcd", "lcm"):
    ask(name, draw(20, dtype="int64"), draw(20, dtype="int64"))
for axis, shape in itertools.product((0, -1), ((3, 4), (3, 0), (1, 5), (13,))):
    ask("softmax", draw(*shape), axis=axis)
    ask("log_softmax", draw(*shape), axis=axis)
    ask("softmax_input", draw(*shape), draw(*shape), axis=axis)
    ask("log_softmax_input", draw(*shape), draw(*shape), axis=axis)
    for x in (draw(*shape), draw(*shape, dtype="complex128"), np.resize(EDGES, shape)):
        ask("logcumsumexp", x, axis=axis)
    for kind in ("max", "min"):
        ask("running_extreme", np.resize(EDGES, shape), axis=axis, kind=kind)

# Convolutions of one to three dimensions, and of no image.

PLAIN = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
BY_TWO = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "groups": 2}

for settings, images, dtype in itertools.product(
    (PLAIN, BY_TWO), (2, 0), ("float64", "float32", "int64", "complex128")
):
    x, w = draw(images, 4, 6, 7, dtype=dtype), draw(6, 4 // settings["groups"], 3, 2, dtype=dtype)
    g = draw(images, 6, *((4, 6) if settings is PLAIN else (3, 9)), dtype=dtype)
    ask("convolution", x, w, **settings)
    ask("biased_convolution", x, w, draw(6, dtype=dtype), **settings)
    ask("convolution_input", g, w, size=(6, 7), **settings)
    ask("convolution_weight", g, x, size=(3, 2), **settings)
ask("convolution", draw(2, 4, 9), draw(4, 2, 3), stride=(2,), padding=(1,), dilation=(2,), groups=2)
ask(
    "convolution",
    draw(1, 1, 4, 4, 4),
    draw(2, 1, 2, 2, 3),
    stride=(1,) * 3,
    padding=(1,) * 3,
    dilation=(1,) * 3,
    groups=1,
)

# Pooling, with ties, NaN and windows of nothing but the lowest number.

POOL = {"window": (2, 2), "stride": (2, 2), "padding": (0, 0), "ceil_mode": False}
ODD_POOL = {"window": (3, 2), "stride": (2, 3), "padding": (1, 1), "ceil_mode": True}
TIES = np.round(draw(2, 3, 6, 7))
NANS = np.where(RANDOM.random(TIES.shape) < 0.3, math.nan, TIES)
LOWEST = np.where(RANDOM.random(TIES.shape) < 0.8, -math.inf, TIES)

for x, settings in itertools.product((TIES, NANS, LOWEST, TIES.astype("int64"), TIES[:0]), (POOL, ODD_POOL)):
    ask("max_pool", x, dilation=(1, 1), **settings)
    ask("max_pool", x, dilation=(2, 1), **settings)
ask("max_pool", draw(2, 3, 8), window=(2,), stride=(2,), padding=(1,), dilation=(1,), ceil_mode=False)
ask(
    "max_pool",
    draw(1, 1, 4, 4, 4),
    window=(2,) * 3,
    stride=(2,) * 3,
    padding=(0,) * 3,
    dilation=(1,) * 3,
    ceil_mode=True,
)
ask("pool_gather", draw(2, 3, 6, 7), places(2, 3, 4, 5, below=42))
for dtype in ("float64", "int64"):
    ask("pool_scatter", draw(2, 3, 4, 5, dtype=dtype), places(2, 3, 4, 5, below=42), size=(6, 7))
for count_include_pad, divisor in itertools.product((True, False), (None, 3)):
    averaging = {"count_include_pad": count_include_pad, "divisor_override": divisor}
    ask("avg_pool_input", draw(2, 3, 3, 3), size=(6, 7), **POOL, **averaging)
    ask("avg_pool_input", draw(2, 3, 4, 3), size=(6, 7), **ODD_POOL, **averaging)
    ask("avg_pool_input", draw(0, 3, 3, 3), size=(6, 7), **POOL, **averaging)
    ask(
        "avg_pool_input", draw(2, 3, 4), size=(8,), window=(2,), stride=(2,), padding=(0,), ceil_mode=False, **averaging
    )

# Scattering, with places that many share and places that none has.

for dtype in ("float64", "int64", "complex128", "float16"):
    ask("scatter_add", draw(30, 2, dtype=dtype), places(30, below=7), size=8)
ask("scatter_add", draw(0, 2), places(0, below=7), size=7)
ask("scatter_add", draw(3), places(3, below=2), size=2)
for kind, dtype in itertools.product(("prod", "max", "min"), ("float64", "int64")):
    ask("scatter_reduce", draw(7, 2, dtype=dtype), places(9, below=7), draw(9, 2, dtype=dtype), kind=kind)
    ask("scatter_reduce", EDGES[:7], places(9, below=7), EDGES[-9:], kind=kind)

# Parts of arrays, and other readings of their memory.

BACKWARDS = (slice(None, None, -2), slice(3, 0, -1))
for index in ((slice(1, 3),), (0,), (..., None, -1), BACKWARDS, (slice(2, 2), 1), ()):
    part = np.zeros((3, 4))[index]
    ask("getitem", draw(3, 4), index=index)
    ask("embed", draw(*part.shape), index=index, shape=(3, 4))
    ask("assign", draw(3, 4), draw(*part.shape), index=index)
for dtype, widths in itertools.product(("float64", "int64", "complex64"), (((1, 0), (0, 2)), ((-1, 2), (0, 0)))):
    ask("constant_pad", draw(3, 4, dtype=dtype), widths=widths, value=2)
for x in (draw(3, 4), draw(4, 3).T):
    ask("as_strided", x, size=(2, 3), stride=(4, 1), offset=1)
ask("sliding_windows", draw(3, 7), axis=1, size=3, step=2)
ask("view_as_real", draw(3, dtype="complex64"))
for x in (draw(3, 2), draw(2, 3).T, draw(3, 3)[:, :2], draw(7)[1:].reshape(3, 2)):
    ask("view_as_complex", x)

# Normalisation.

for affine in ((draw(5), draw(5)), (None, None), (draw(5), None)):
    ask("layer_norm", draw(4, 5), *affine, ndim=1, eps=1e-5)
    ask("batch_norm", draw(4, 5), *affine, eps=1e-5)
    ask("batch_norm", draw(2, 5, 3, 2), *affine, eps=1e-5)
ask("batch_norm", np.ones((3, 2)), None, None, eps=1e-5)
ask("batch_norm", draw(1, 2), None, None, eps=1e-5)
ask("batch_norm", draw(0, 2), None, None, eps=1e-5)
ask("batch_norm", draw(4, 2, dtype="float16"), None, None, eps=1e-5)
ask("layer_norm", draw(2, 4, 5, dtype="float16"), None, None, ndim=2, eps=1e-5)

# Matrices.

REAL, COMPLEX = draw(3, 4, 4) + 4 * np.eye(4), draw(3, 4, 4, dtype="complex128") + 4 * np.eye(4)
INDEFINITE = np.stack([np.eye(3), np.diag([1.0, -1.0, 1.0]), np.full((3, 3), math.nan)])

for A in (REAL, COMPLEX):
    y, hermitian = A[..., :2].copy(), A @ A.conj().swapaxes(1, 2)
    ask("addmm", A[0, 0], A[0], A[1])
    ask("matrix_exp", A / 4)
    for matrices in (A, A[:, :, :2], A[:, :3]):
        ask("geqrf", matrices)
        ask("lu_factor", matrices)
    for upper in (True, False):
        ask("solve_triangular", A, y, upper=upper)
        ask("solve_triangular", A, y, upper=upper, unitriangular=True)
        ask("solve_triangular", A, y.swapaxes(1, 2), upper=upper, left=False)
        ask("cholesky_ex", hermitian, upper=upper)
    ask("cholesky_solve", y, np.linalg.cholesky(hermitian), upper=False)
    ask("ldl_factor", hermitian, hermitian=True)
ask("lu_factor", np.ones((2, 3, 3)))


def test_every_kernel_is_asked():
    # Random numbers are in test_backend.py; the others have tests of their own below.
    elsewhere = {*(f"philox_{what}" for what in ("bits", "normal", "uniform")), "adam_update", "sgd_update", "bitcast"}
    elsewhere |= {"eig", "eigvals", "ldl_solve"} | {"batch_norm_gradients", "layer_norm_gradients"}
    assert {call.name for call in CALLS} | elsewhere == set(KERNELS)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_it_gives_what_the_fallback_gives(call):
    arrays = [torch.from_numpy(a.copy()) if isinstance(a, np.ndarray) else a for a in call.arrays]
    expected = FALLBACKS[call.name](XP, *arrays, **call.settings)
    found = getattr(XP, call.name)(*arrays, **call.settings)
    if not isinstance(expected, tuple):
        expected, found = (expected,), (found,)
    for right, got in zip(expected, found, strict=True):
        assert (got.dtype, got.shape) == (right.dtype, right.shape)
        np.testing.assert_allclose(got.numpy(), right.numpy(), rtol=call.tolerance, atol=call.tolerance)


def test_cholesky_says_where_it_fails():
    matrices = torch.from_numpy(INDEFINITE)
    for function in (FALLBACKS["cholesky_ex"], KERNELS["cholesky_ex"]):
        assert function(XP, matrices, upper=False)[1].tolist() == [0, 2, 1]


@pytest.mark.parametrize("A", [REAL, COMPLEX], ids=["real", "complex"])
def test_eigenvectors_are_of_length_one(A):
    """In whatever order."""
    values, vectors = (array.numpy() for array in XP.eig(torch.from_numpy(A)))
    np.testing.assert_allclose(A @ vectors, vectors * values[:, None, :], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(XP.eigvals(torch.from_numpy(A)), values, atol=1e-12)


def test_triangles_with_a_zero_on_the_diagonal_have_no_finite_solution():
    assert not XP.solve_triangular(torch.zeros(2, 2), torch.ones(2, 1), upper=True).isfinite().any()


@pytest.mark.parametrize("hermitian", [True, False])
def test_ldl_solves(hermitian):
    A = torch.from_numpy(COMPLEX @ COMPLEX.conj().swapaxes(1, 2) if hermitian else COMPLEX + COMPLEX.swapaxes(1, 2))
    y = torch.from_numpy(COMPLEX[..., :2].copy())
    factors, pivots, info = XP.ldl_factor(A, hermitian=hermitian)
    assert info.tolist() == [0, 0, 0]
    np.testing.assert_allclose(A @ XP.ldl_solve(factors, pivots, y, hermitian=hermitian), y, atol=1e-10)


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
@pytest.mark.parametrize("needs", [(True, True, True), (True, False, False), (False, True, True)])
@pytest.mark.parametrize("is_affine", [True, False])
@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_gradients_of_normalisation(name, needs, is_affine, scale):
    """With and without gradients of the mean and the deviation."""
    x, weight, g = (torch.from_numpy(draw(*shape)) for shape in ((4, 5), (5,), (4, 5)))
    needs = needs if is_affine else (True, False, False)
    settings = {"eps": 1e-5} if name == "batch_norm" else {"eps": 1e-5, "ndim": 1}
    _, mean, spread = getattr(XP, name)(x, None, None, **settings)
    settings = {"needs": needs} | ({"eps": 1e-5} if name == "batch_norm" else {"ndim": 1})
    arrays = (g, mean * scale, spread * scale, x, weight if is_affine else None, mean, spread)
    expected = FALLBACKS[f"{name}_gradients"](XP, *arrays, **settings)
    found = getattr(XP, f"{name}_gradients")(*arrays, **settings)
    for right, got in zip(expected, found, strict=True):
        assert (right is None) == (got is None)
        if right is not None:
            right = right if right.ndim == got.ndim else right.sum(0)
            np.testing.assert_allclose(got, right, atol=1e-12)


@pytest.mark.parametrize("wrong", [{"groups": 3}, {"dilation": (9, 1)}])
def test_errors_are_the_fallbacks(wrong):
    x, w = torch.zeros(2, 4, 6, 7), torch.zeros(6, 4, 3, 2)
    texts = []
    for function in (FALLBACKS["convolution"], KERNELS["convolution"]):
        with pytest.raises(ShapeError) as caught:
            function(XP, x, w, **{**PLAIN, **wrong})
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


SGD = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "nesterov": False}
ADAM = {"step": 3.0, "lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8}


@pytest.mark.parametrize(
    ("name", "count", "settings"),
    [
        ("sgd_update", 0, SGD),
        ("sgd_update", 0, SGD | {"momentum": 0.9}),
        ("sgd_update", 1, SGD | {"momentum": 0.9, "dampening": 0.3}),
        ("sgd_update", 1, SGD | {"momentum": 0.9, "nesterov": True}),
        ("adam_update", 2, ADAM),
        ("adam_update", 3, ADAM),
    ],
)
def test_optimizers_step_as_the_fallbacks_do(name, count, settings):
    """In the memory of all but the gradient."""
    p, g, *moments = (torch.from_numpy(abs(draw(3, 4))) for _ in range(2 + count))
    rest = [*moments, *[None] * ((3 if name == "adam_update" else 1) - count)]
    kept = g.clone()
    expected = FALLBACKS[name](XP, p.clone(), g, *[m if m is None else m.clone() for m in rest], **settings)
    found = KERNELS[name](XP, p, g, *rest, **settings)
    assert found[0] is p
    assert all(new is old for new, old in zip(found[1:], rest, strict=True) if old is not None)
    for right, got in zip(expected, found, strict=True):
        assert (right is None) == (got is None)
        if right is not None:
            np.testing.assert_allclose(got, right, rtol=1e-12)
    np.testing.assert_array_equal(g, kept)


def test_bits_are_read_as_numpy_reads_them():
    x = draw(3, 4, dtype="float32")
    for dtype in ("int32", "uint8"):
        found = XP.bitcast(torch.from_numpy(x), dtype=getattr(torch, dtype))
        np.testing.assert_array_equal(found, x.view(dtype))


def test_norms_over_no_axis_are_sizes():
    for x in (torch.tensor(-2.0), torch.tensor([3 + 4j, 0])):
        assert XP.linalg.vector_norm(x, axis=()).tolist() == x.abs().tolist()
        assert XP.linalg.vector_norm(x, axis=(), ord=0).tolist() == (x != 0).float().tolist()


def test_products_of_integers_and_of_axes_that_differ():
    x = torch.arange(6).reshape(2, 3)
    assert XP.vecdot(x, x).tolist() == [5, 50]
    assert XP.vecdot(x * 1j, x * 1.0, axis=0).tolist() == [-9j, -17j, -29j]
    with pytest.raises(ValueError, match="same size"):
        XP.vecdot(x * 1.0, torch.ones(2, 1))


def test_memory_that_views_share():
    x = torch.zeros(3, 4)
    for part in (XP.getitem(x, index=(0,)), XP.sliding_windows(x, axis=1, size=2, step=1), XP.diagonal(x)):
        part += 1
    XP.as_strided(x, size=(2,), stride=(4,), offset=3).add_(1)
    XP.view_as_real(XP.view_as_complex(x.reshape(3, 2, 2))).add_(1)
    assert x.tolist() == [[4.0, 4.0, 4.0, 4.0], [2.0, 4.0, 3.0, 3.0], [2.0, 3.0, 4.0, 2.0]]
