"""Windows of signals: those of ``torch.signal.windows``, and the older ones of ``torch`` itself.

Harris 1978, "On the use of windows for harmonic analysis with the discrete Fourier transform". A symmetric window is
for filters; a periodic one, for spectra, is the symmetric one with an element more, without the last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from xpgrad.core.promotion import get_default_dtype
from xpgrad.errors import ArgumentError, ArgumentTypeError, SettingError
from xpgrad.functions.creation import arange
from xpgrad.functions.layouts import strided
from xpgrad.functions.pointwise import abs, clamp, cos, exp, sin, sqrt
from xpgrad.functions.special import i0

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def _positions(name: str, M: int, dtype: Any, layout: Any, device: Any) -> Any:
    """The numbers 0 to M - 1.

    Raises:
        ArgumentError: M is negative, or the dtype or the layout is another than the windows have.
    """
    dtype = dtype or get_default_dtype()
    if M < 0:
        raise ArgumentError(f"{name} requires non-negative window length, got M={M}")
    if layout not in (None, strided):
        raise ArgumentError(f"{name} is implemented for strided tensors only, got: {layout}")
    if dtype.name not in ("float32", "float64"):
        raise ArgumentError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    return arange(0, M, dtype=dtype, device=device)


def _span(M: int, sym: bool) -> int:
    """How far it is from the first element to the last of the symmetric window."""
    return max(M - 1 if sym else M, 1)


def _middle(M: int, sym: bool) -> float:
    return (M - 1 if sym or M <= 1 else M) / 2


def _alone(k: Any, window: Any) -> Any:
    """``window``, of one element 1."""
    return k + 1 if k._array.shape[0] == 1 else window


def bartlett(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A triangle that ends in zeros. Mirrors ``torch.signal.windows.bartlett``."""
    k = _positions("bartlett", M, dtype, layout, device)
    return _alone(k, 1 - abs(k * (2 / _span(M, sym)) - 1)).requires_grad_(requires_grad)


def cosine(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """Half a period of a sine. Mirrors ``torch.signal.windows.cosine``."""
    k = _positions("cosine", M, dtype, layout, device)
    return sin((k + 0.5) * (math.pi / (M + (not sym and M > 1) or 1))).requires_grad_(requires_grad)


def exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """``exp(-abs(k - center) / tau)``. Mirrors ``torch.signal.windows.exponential``.

    Raises:
        ArgumentError: ``tau`` is not positive, or a symmetric window was given a centre.
    """
    k = _positions("exponential", M, dtype, layout, device)
    if tau <= 0:
        raise ArgumentError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ArgumentError("Center must be None for symmetric windows; give sym=False")
    center = _middle(M, sym) if center is None else center
    return exp(-abs((k - center) / tau)).requires_grad_(requires_grad)


def gaussian(
    M: int,
    *,
    std: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """A bell of standard deviation ``std``. Mirrors ``torch.signal.windows.gaussian``.

    Raises:
        ArgumentError: ``std`` is not positive.
    """
    k = _positions("gaussian", M, dtype, layout, device)
    if std <= 0:
        raise ArgumentError(f"Standard deviation must be positive, got: {std} instead.")
    k = (k - _middle(M, sym)) / (std * math.sqrt(2))
    return exp(-(k * k)).requires_grad_(requires_grad)


def kaiser(
    M: int,
    *,
    beta: float = 12.0,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """A Bessel function of a half circle, the narrower the larger ``beta``. Mirrors ``torch.signal.windows.kaiser``.

    Raises:
        ArgumentError: ``beta`` is negative.
    """
    k = _positions("kaiser", M, dtype, layout, device)
    if beta < 0:
        raise ArgumentError(f"beta must be non-negative, got: {beta} instead.")
    return _alone(k, _kaiser(k, beta, _span(M, sym))).requires_grad_(requires_grad)


def _kaiser(k: Any, beta: float, span: int) -> Any:
    side = k * (2 / span) - 1
    return i0(beta * sqrt(clamp(1 - side * side, min=0))) / i0(k.new_tensor(beta))


def general_cosine(
    M: int,
    *,
    a: Iterable[float],
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """A sum of cosines weighted with ``a``, of alternating sign. Mirrors ``torch.signal.windows.general_cosine``.

    Raises:
        ArgumentTypeError: ``a`` is no sequence of numbers.
        ArgumentError: It is empty.
    """
    return _cosines("general_cosine", M, a, sym, dtype, layout, device).requires_grad_(requires_grad)


def _cosines(name: str, M: int, a: Iterable[float], sym: bool, dtype: Any, layout: Any, device: Any) -> Any:
    k = _positions(name, M, dtype, layout, device)
    if not isinstance(a, Iterable):
        raise ArgumentTypeError(f"Coefficients must be a list/tuple, got {type(a).__name__}")
    weights = list(a)
    if not weights:
        raise ArgumentError("Coefficients cannot be empty; a constant window has one")
    return _alone(k, _sum_of_cosines(k, weights, _span(M, sym)))


def _sum_of_cosines(k: Any, weights: list[float], span: int) -> Any:
    out = k * 0 + weights[0]
    for i, weight in enumerate(weights[1:], 1):
        out = out + (-1) ** i * weight * cos(k * (2 * math.pi * i / span))
    return out


def general_hamming(
    M: int,
    *,
    alpha: float = 0.54,
    sym: bool = True,
    dtype: Any = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Any:
    """``alpha - (1 - alpha) cos(2 pi k / (M - 1))``. Mirrors ``torch.signal.windows.general_hamming``."""
    weights = (alpha, 1.0 - alpha)
    return _cosines("general_hamming", M, weights, sym, dtype, layout, device).requires_grad_(requires_grad)


def hamming(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A raised cosine on a pedestal. Mirrors ``torch.signal.windows.hamming``."""
    return _cosines("hamming", M, (0.54, 0.46), sym, dtype, layout, device).requires_grad_(requires_grad)


def hann(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A raised cosine. Mirrors ``torch.signal.windows.hann``."""
    return _cosines("hann", M, (0.5, 0.5), sym, dtype, layout, device).requires_grad_(requires_grad)


_BLACKMAN = (0.42, 0.5, 0.08)


def blackman(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A sum of three cosines. Mirrors ``torch.signal.windows.blackman``."""
    return _cosines("blackman", M, _BLACKMAN, sym, dtype, layout, device).requires_grad_(requires_grad)


def nuttall(
    M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Any:
    """A sum of four cosines with the smallest side lobes (Nuttall 1981). Mirrors ``torch.signal.windows.nuttall``."""
    weights = (0.3635819, 0.4891775, 0.1365995, 0.0106411)
    return _cosines("nuttall", M, weights, sym, dtype, layout, device).requires_grad_(requires_grad)


# The older ones, periodic unless asked otherwise.


def _older(name: str, length: int, dtype: Any, device: Any) -> Any:
    dtype = dtype or get_default_dtype()
    if not dtype.is_floating_point:
        raise SettingError(f"{name} expects floating point dtypes, got: {dtype}")
    if length < 0:
        raise SettingError(f"{name} requires non-negative window_length, got window_length={length}")
    return arange(0, length, dtype=dtype, device=device)


def bartlett_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """A triangle that ends in zeros. Mirrors ``torch.bartlett_window``."""
    k = _older("bartlett_window", window_length, dtype, device)
    return _alone(k, 1 - abs(k * (2 / _span(window_length, not periodic)) - 1)).requires_grad_(requires_grad)


def blackman_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """A sum of three cosines. Mirrors ``torch.blackman_window``."""
    k = _older("blackman_window", window_length, dtype, device)
    window = _sum_of_cosines(k, list(_BLACKMAN), _span(window_length, not periodic))
    return _alone(k, window).requires_grad_(requires_grad)


def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *, dtype: Any = None,
    layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """``alpha - beta cos(2 pi k / window_length)``. Mirrors ``torch.hamming_window``."""
    k = _older("hamming_window", window_length, dtype, device)
    window = _sum_of_cosines(k, [alpha, beta], _span(window_length, not periodic))
    return _alone(k, window).requires_grad_(requires_grad)


def hann_window(
    window_length: int, periodic: bool = True, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """A raised cosine. Mirrors ``torch.hann_window``."""
    k = _older("hann_window", window_length, dtype, device)
    window = _sum_of_cosines(k, [0.5, 0.5], _span(window_length, not periodic))
    return _alone(k, window).requires_grad_(requires_grad)


def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None, layout: Any = None,
    device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Any:  # fmt: skip
    """A Bessel function of a half circle, the narrower the larger ``beta``. Mirrors ``torch.kaiser_window``."""
    k = _older("kaiser_window", window_length, dtype, device)
    return _alone(k, _kaiser(k, beta, _span(window_length, not periodic))).requires_grad_(requires_grad)
