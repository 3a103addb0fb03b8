"""The standard's discrete Fourier transforms.

``n`` and ``s`` crop the input or pad it with zeros; ``norm`` says which direction divides by the length:
``"backward"``, ``"forward"`` or, both by its square root, ``"ortho"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from xpgrad._typing import Shape
from xpgrad.array_api.creation import arange
from xpgrad.array_api.elementwise import conj
from xpgrad.array_api.manipulation import axes_of, axis_of, concat, roll
from xpgrad.array_api.operands import dtype_of, floating
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import dtype
from xpgrad.core.op import Op
from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ShapeError
from xpgrad.ops import fft as ops

__all__ = [
    "fft", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifftn", "ifftshift", "ihfft", "irfft", "irfftn", "rfft",
    "rfftfreq", "rfftn",
]  # fmt: skip

Norm: TypeAlias = Literal["backward", "ortho", "forward"]


def _along(op: Op, x: TensorBase, n: int | None, axis: int, norm: Norm, name: str) -> Any:
    """A transform along one axis.

    Raises:
        ShapeError: It would have no element.
        ArgumentError: There is no such ``norm``.
    """
    axis = axis_of(axis, x._array.ndim, name)
    n = x._array.shape[axis] if n is None else n
    _check(name, norm, (n,))
    return op.apply(x, n=n, axis=axis, norm=norm)


def _along_several(
    op: Op,
    x: TensorBase,
    s: Sequence[int] | None,
    axes: Sequence[int] | None,
    norm: Norm,
    name: str,
    *,
    half: bool = False,
) -> Any:
    """A transform along several axes; ``half`` if the last length of ``x`` is of half a transform."""
    shape = x._array.shape
    if axes is None:
        axes = range(len(shape)) if s is None else range(len(shape) - len(s), len(shape))
    axes = axes_of(tuple(axes), len(shape), name)
    if s is None:
        s = [shape[a] for a in axes]
        if half:
            s[-1] = 2 * (s[-1] - 1)
    if len(s) != len(axes):
        raise ArgumentError(f"{name}: {len(s)} lengths for {len(axes)} axes")
    _check(name, norm, tuple(s))
    return op.apply(x, s=tuple(s), axes=axes, norm=norm)


def _check(name: str, norm: str, lengths: Shape) -> None:
    if norm not in ops.DUAL:
        raise ArgumentError(f"{name}: norm must be 'backward', 'ortho' or 'forward', not {norm!r}")
    if any(n < 1 for n in lengths):
        raise ShapeError(f"{name}: Invalid number of data points ({min(lengths)}) specified")


def _dual(name: str, norm: Norm) -> Any:
    _check(name, norm, ())
    return ops.DUAL[norm]


def _real(x: TensorBase, name: str) -> Any:
    if dtype_of(x).is_complex:
        raise ArgumentError(f"{name}: takes a real tensor, got {dtype_of(x)}; use {name.replace('r', '', 1)}")
    return floating(x)


def fft(x: TensorBase, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Any:
    """The transform along ``axis``."""
    return _along(ops.fft if dtype_of(x).is_complex else ops.fft_of_real, floating(x), n, axis, norm, "fft")


def ifft(x: TensorBase, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Any:
    """The inverse transform along ``axis``."""
    return _along(ops.ifft if dtype_of(x).is_complex else ops.ifft_of_real, floating(x), n, axis, norm, "ifft")


def fftn(
    x: TensorBase, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Any:
    """The transform along ``axes``, all of them by default."""
    return _along_several(ops.fftn, floating(x), s, axes, norm, "fftn")


def ifftn(
    x: TensorBase, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Any:
    """The inverse transform along ``axes``, all of them by default."""
    return _along_several(ops.ifftn, floating(x), s, axes, norm, "ifftn")


def rfft(x: TensorBase, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Any:
    """The first ``n // 2 + 1`` elements of the transform of a real ``x``; conjugates of these are the others."""
    return _along(ops.rfft, _real(x, "rfft"), n, axis, norm, "rfft")


def irfft(x: TensorBase, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Any:
    """The real signal of length ``n`` whose transform begins with ``x``; an even length by default."""
    if n is None:
        n = 2 * (x._array.shape[axis_of(axis, x._array.ndim, "irfft")] - 1)
    return _along(ops.irfft, floating(x), n, axis, norm, "irfft")


def rfftn(
    x: TensorBase, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Any:
    """`rfft` along the last of ``axes``, then `fftn` along the others."""
    return _along_several(ops.rfftn, _real(x, "rfftn"), s, axes, norm, "rfftn")


def irfftn(
    x: TensorBase, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Any:
    """`ifftn` along all of ``axes`` but the last, then `irfft` along that."""
    return _along_several(ops.irfftn, floating(x), s, axes, norm, "irfftn", half=True)


def hfft(x: TensorBase, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Any:
    """The real transform, of length ``n``, of the signal with Hermitian symmetry that begins with ``x``."""
    return irfft(conj(floating(x)), n=n, axis=axis, norm=_dual("hfft", norm))


def ihfft(x: TensorBase, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Any:
    """The first ``n // 2 + 1`` elements of the inverse transform of a real ``x``."""
    return conj(rfft(x, n=n, axis=axis, norm=_dual("ihfft", norm)))


def fftfreq(n: int, /, *, d: float = 1.0, dtype: dtype | None = None, device: device | str | None = None) -> Any:
    """The frequencies of the elements of a transform of length ``n`` of samples ``d`` apart."""
    dtype = dtype or get_default_dtype()
    positive = arange(0, (n + 1) // 2, dtype=dtype, device=device)
    return concat((positive, arange(-(n // 2), 0, dtype=dtype, device=device))) / (n * d)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: dtype | None = None, device: device | str | None = None) -> Any:
    """The frequencies of the elements of half a transform of length ``n`` of samples ``d`` apart."""
    return arange(0, n // 2 + 1, dtype=dtype or get_default_dtype(), device=device) / (n * d)


def _shifted(x: TensorBase, axes: int | Sequence[int] | None, up: bool, name: str) -> Any:
    shape = x._array.shape
    chosen = axes_of(tuple(range(len(shape))) if axes is None else axes, len(shape), name)
    return roll(x, tuple([shape[a] // 2 if up else -(shape[a] // 2) for a in chosen]), axis=chosen)


def fftshift(x: TensorBase, /, *, axes: int | Sequence[int] | None = None) -> Any:
    """``x`` with the frequency 0 in the middle of ``axes``, of all of them by default."""
    return _shifted(x, axes, True, "fftshift")


def ifftshift(x: TensorBase, /, *, axes: int | Sequence[int] | None = None) -> Any:
    """The inverse of `fftshift`."""
    return _shifted(x, axes, False, "ifftshift")
