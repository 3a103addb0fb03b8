"""Fourier transforms by the standard."""

from __future__ import annotations

import numpy as np
import pytest

import xpgrad
from xpgrad import array_api as xp
from xpgrad.backends.base import Place
from xpgrad.backends.registry import use_backend
from xpgrad.errors import ArgumentError, ShapeError

RANDOM = np.random.default_rng(0)
REAL = RANDOM.normal(size=(3, 4))
COMPLEX = REAL + 1j * RANDOM.normal(size=(3, 4))


@pytest.fixture(autouse=True)
def _on_every_backend(place: Place):
    with use_backend(place.backend.name):
        yield


def leaf(values):
    return xp.asarray(values.tolist(), dtype=getattr(xp, values.dtype.name)).requires_grad_()


def agree(ours, theirs) -> None:
    np.testing.assert_allclose(np.asarray(ours.tolist()), theirs, atol=1e-12)


@pytest.mark.parametrize(("n", "axis", "norm"), [(None, -1, "backward"), (3, 0, "ortho"), (6, -1, "forward")])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_one_axis(name, n, axis, norm) -> None:
    host = REAL if name in ("rfft", "ihfft") else COMPLEX
    transform, settings = getattr(xp.fft, name), {"n": n, "axis": axis, "norm": norm}
    x = leaf(host)
    agree(transform(x, **settings), getattr(np.fft, name)(host, **settings))
    xpgrad.autograd.gradcheck(lambda x: transform(x, **settings), (x,))


@pytest.mark.parametrize(
    ("s", "axes"), [(None, None), (None, (0,)), (None, (1, 0)), ((2, 5), (0, 1)), ((5,), (0,)), ((4,), None)]
)
@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn"])
def test_several_axes(name, s, axes) -> None:
    host = REAL if name == "rfftn" else COMPLEX
    transform, settings = getattr(xp.fft, name), {"s": s, "axes": axes}
    expected = getattr(np.fft, name)(host, s=s, axes=(1,) if s == (4,) else axes)
    x = leaf(host)
    agree(transform(x, **settings), expected)
    xpgrad.autograd.gradcheck(lambda x: transform(x, **settings), (x,))


@pytest.mark.parametrize(
    ("name", "node"), [("fft", "FftR2C"), ("ifft", "Conj"), ("fftn", "FftC2C"), ("ifftn", "FftC2C")]
)
def test_real_input_becomes_complex(name, node) -> None:
    x = leaf(REAL)
    out = getattr(xp.fft, name)(x)
    agree(out, getattr(np.fft, name)(REAL))
    assert out.grad_fn.name() == f"{node}Backward0"
    xpgrad.autograd.gradcheck(getattr(xp.fft, name), (x,))
    assert getattr(xp.fft, name)(xp.ones((2,), dtype=xp.float32)).dtype is xp.complex64


def test_nodes_have_pytorchs_names() -> None:
    x, z = leaf(REAL), leaf(COMPLEX)
    for out, name in (
        (xp.fft.fft(z), "FftC2CBackward0"),
        (xp.fft.rfft(x), "FftR2CBackward0"),
        (xp.fft.irfft(z), "FftC2RBackward0"),
        (xp.fft.hfft(z), "FftC2RBackward0"),
        (xp.fft.ihfft(x), "ConjBackward0"),
        (xp.fft.fftshift(x), "RollBackward0"),
    ):
        assert out.grad_fn.name() == name


@pytest.mark.parametrize("n", [1, 4, 5])
def test_frequencies(n, place: Place) -> None:
    agree(xp.fft.fftfreq(n, d=0.5, dtype=xp.float64), np.fft.fftfreq(n, d=0.5))
    agree(xp.fft.rfftfreq(n, d=0.5, dtype=xp.float64), np.fft.rfftfreq(n, d=0.5))
    for made in (xp.fft.fftfreq(n), xp.fft.rfftfreq(n, device=place.device)):
        assert (made.dtype, made._place) == (xp.float32, place)


@pytest.mark.parametrize("axes", [None, 0, -1, (0, 1)])
def test_shifts(axes) -> None:
    x = leaf(REAL)
    agree(xp.fft.fftshift(x, axes=axes), np.fft.fftshift(REAL, axes=axes))
    agree(xp.fft.ifftshift(x, axes=axes), np.fft.ifftshift(REAL, axes=axes))
    agree(xp.fft.ifftshift(xp.fft.fftshift(x, axes=axes), axes=axes), REAL)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda x: xp.fft.fft(x, norm="both"),
            ArgumentError,
            "norm must be 'backward', 'ortho' or 'forward', not 'both'",
        ),
        (lambda x: xp.fft.hfft(x, norm="both"), ArgumentError, "hfft: norm must be"),
        (lambda x: xp.fft.fft(x, n=0), ShapeError, r"Invalid number of data points \(0\) specified"),
        (lambda x: xp.fft.fftn(x, s=(1, 2), axes=(0,)), ArgumentError, "fftn: 2 lengths for 1 axes"),
        (
            lambda x: xp.fft.rfft(xp.fft.fft(x)),
            ArgumentError,
            "rfft: takes a real tensor, got torch.complex128; use fft",
        ),
    ],
)
def test_what_does_not_fit(call, error, text) -> None:
    with pytest.raises(error, match=text):
        call(leaf(REAL))
