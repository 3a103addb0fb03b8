"""Discrete Fourier transforms with PyTorch's arguments: the standard's, with ``dim``, ``s`` of one number, ``out``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.array_api import fft as standard
from xpgrad.errors import DtypeError, IndexingError, SettingError, ShapeError
from xpgrad.functions.checks import kind_of
from xpgrad.functions.dims import normalize_dims, takes_axis
from xpgrad.functions.elementwise import require_tensors
from xpgrad.functions.out import takes_out

Transform = Callable[..., Any]

_NORMS = {None: "backward", "backward": "backward", "ortho": "ortho", "forward": "forward"}


def _norm(norm: str | None) -> Any:
    if norm not in _NORMS:
        raise SettingError(f"Invalid normalization mode: {norm!r}; give 'backward', 'ortho' or 'forward'")
    return _NORMS[norm]


def _require_precision(name: str, input: Any) -> None:
    """Raise unless ``input`` is a tensor, and not of half precision.

    Raises:
        ArgumentTypeError: It is no tensor.
        DtypeError: It is of half precision.
    """
    require_tensors(f"fft_{name}", input=input)
    if input.dtype.name in ("float16", "bfloat16"):
        raise DtypeError(f"Unsupported dtype {kind_of(input)}: no library transforms half precision; use .float()")


def _along(transform: Transform, name: str) -> Transform:
    """The function of PyTorch for a transform along one axis."""

    def function(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
        _require_precision(name, input)
        if not input._array.ndim:
            raise IndexingError(f"Dimension specified as {dim} but tensor has no dimensions")
        return transform(input, n=n, axis=dim, norm=_norm(norm))

    return takes_out(takes_axis(_named(function, transform, name)))


def _along_several(transform: Transform, name: str, default: tuple[int, ...] | None = None) -> Transform:
    """The function of PyTorch for a transform along several axes, ``default`` unless others are named."""

    def function(
        input: Any,
        s: int | Sequence[int] | None = None,
        dim: int | Sequence[int] | None = default,
        norm: str | None = None,
    ) -> Any:
        _require_precision(name, input)
        s, axes = _lengths(input, s, dim)
        return transform(input, s=s, axes=axes, norm=_norm(norm))

    return takes_out(takes_axis(_named(function, transform, name)))


def _lengths(input: Any, s: Any, dim: Any) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """The lengths and the axes that are meant; a length of -1 is the input's own.

    Raises:
        ShapeError: There are more lengths than dimensions, or not as many as axes.
    """
    shape = input._array.shape
    s = (s,) if isinstance(s, int) else None if s is None else tuple(s)
    dim = (dim,) if isinstance(dim, int) else None if dim is None else tuple(dim)
    if dim and not shape:
        raise IndexingError(f"Dimension specified as {dim[0]} but tensor has no dimensions")
    if s is not None and len(s) > len(shape):
        raise ShapeError(f"Got shape with {len(s)} values but input tensor only has {len(shape)} dimensions.")
    if dim is not None:
        axes = normalize_dims(dim, len(shape)) or ()
    else:
        axes = tuple(range(0 if s is None else len(shape) - len(s), len(shape)))
    if s is not None and len(s) != len(axes):
        raise ShapeError(f"When given, dim and shape arguments must have the same length, got {len(axes)} and {len(s)}")
    return None if s is None else tuple(shape[a] if n == -1 else n for n, a in zip(s, axes, strict=True)), axes


def _named(function: Transform, transform: Transform, name: str) -> Transform:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{transform.__doc__} Mirrors ``torch.fft.{name}``."
    return function


def _hfftn(x: Any, *, s: Any, axes: Any, norm: Any) -> Any:
    """The real transform of a signal that is Hermitian along the last axis."""
    *others, last = axes
    if others:
        x = standard.fftn(x, s=None if s is None else s[:-1], axes=tuple(others), norm=norm)
    return standard.hfft(x, n=None if s is None else s[-1], axis=last, norm=norm)


def _ihfftn(x: Any, *, s: Any, axes: Any, norm: Any) -> Any:
    """The inverse of `hfftn`, half of it, of a real signal."""
    *others, last = axes
    x = standard.ihfft(x, n=None if s is None else s[-1], axis=last, norm=norm)
    return standard.ifftn(x, s=None if s is None else s[:-1], axes=tuple(others), norm=norm) if others else x


fft = _along(standard.fft, "fft")
ifft = _along(standard.ifft, "ifft")
rfft = _along(standard.rfft, "rfft")
irfft = _along(standard.irfft, "irfft")
hfft = _along(standard.hfft, "hfft")
ihfft = _along(standard.ihfft, "ihfft")
fftn = _along_several(standard.fftn, "fftn")
ifftn = _along_several(standard.ifftn, "ifftn")
rfftn = _along_several(standard.rfftn, "rfftn")
irfftn = _along_several(standard.irfftn, "irfftn")
hfftn = _along_several(_hfftn, "hfftn")
ihfftn = _along_several(_ihfftn, "ihfftn")
fft2 = _along_several(standard.fftn, "fft2", (-2, -1))
ifft2 = _along_several(standard.ifftn, "ifft2", (-2, -1))
rfft2 = _along_several(standard.rfftn, "rfft2", (-2, -1))
irfft2 = _along_several(standard.irfftn, "irfft2", (-2, -1))
hfft2 = _along_several(_hfftn, "hfft2", (-2, -1))
ihfft2 = _along_several(_ihfftn, "ihfft2", (-2, -1))


@takes_out
def fftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """The frequencies of the elements of a transform of ``n`` samples ``d`` apart. Mirrors ``torch.fft.fftfreq``."""
    return standard.fftfreq(n, d=d, dtype=dtype, device=device).requires_grad_(requires_grad)


@takes_out
def rfftfreq(
    n: int, d: float = 1.0, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """The frequencies of half a transform of ``n`` samples ``d`` apart. Mirrors ``torch.fft.rfftfreq``."""
    return standard.rfftfreq(n, d=d, dtype=dtype, device=device).requires_grad_(requires_grad)


@takes_axis
def fftshift(input: Any, dim: int | Sequence[int] | None = None) -> Any:
    """``input`` with the frequency 0 in the middle of ``dim``, of all by default. Mirrors ``torch.fft.fftshift``."""
    return standard.fftshift(input, axes=dim)


@takes_axis
def ifftshift(input: Any, dim: int | Sequence[int] | None = None) -> Any:
    """The inverse of `fftshift`. Mirrors ``torch.fft.ifftshift``."""
    return standard.ifftshift(input, axes=dim)
