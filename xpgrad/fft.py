"""Discrete Fourier transforms under ``torch.fft``'s names: the standard's functions with ``dim`` for ``axis``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.array_api import fft as standard
from xpgrad.array_api.fft import fftfreq, fftshift, ifftshift, rfftfreq

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip


def _along(transform: Callable[..., Any], name: str) -> Callable[..., Any]:
    def function(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
        return transform(input, n=n, axis=dim, norm=norm or "backward")

    return _named(function, transform, name)


def _along_several(
    transform: Callable[..., Any], name: str, default: tuple[int, ...] | None = None
) -> Callable[..., Any]:
    def function(
        input: Any, s: Sequence[int] | None = None, dim: Sequence[int] | None = default, norm: str | None = None
    ) -> Any:
        return transform(input, s=s, axes=dim, norm=norm or "backward")

    return _named(function, transform, name)


def _named(function: Callable[..., Any], transform: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{transform.__doc__} Mirrors ``torch.fft.{name}``."
    return function


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
fft2 = _along_several(standard.fftn, "fft2", (-2, -1))
ifft2 = _along_several(standard.ifftn, "ifft2", (-2, -1))
rfft2 = _along_several(standard.rfftn, "rfft2", (-2, -1))
irfft2 = _along_several(standard.irfftn, "irfft2", (-2, -1))
