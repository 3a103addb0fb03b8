"""Transforms of the pieces of a signal over time, and back. Mirrors ``torch.stft`` and ``torch.istft``."""

from __future__ import annotations

from typing import Any

from xpgrad.errors import SettingError
from xpgrad.functions import fft
from xpgrad.functions.creation import arange
from xpgrad.functions.elementwise import require_tensors
from xpgrad.functions.reordering import transpose
from xpgrad.functions.selection import index_select
from xpgrad.functions.shape import reshape
from xpgrad.functions.slices import index_add
from xpgrad.functions.strides import view_as_complex, view_as_real
from xpgrad.ops.shape import constant_pad

__all__ = ["istft", "stft"]

_MODES = ("constant", "reflect", "replicate", "circular")


def stft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Any:
    """The transforms of ``n_fft`` samples, ``hop_length`` apart, of a signal. Mirrors ``torch.stft``.

    Args:
        input: Signals (length) or (batch, length).
        n_fft: How long the pieces are.
        hop_length: How far apart they begin; a quarter of ``n_fft`` by default.
        win_length: How long the window is; ``n_fft`` by default. A shorter one is in the middle of the piece.
        window: What the pieces are multiplied with; ones by default.
        center: Piece t is around sample ``t * hop_length`` of the signal, padded at its ends.
        pad_mode: How: ``"reflect"``, ``"constant"``, ``"replicate"`` or ``"circular"``.
        normalized: Divide by the square root of ``n_fft``.
        onesided: Only the first ``n_fft // 2 + 1`` frequencies; the default of real signals.
        return_complex: The result is complex, not pairs of real numbers; has to be said unless something else is.
        align_to_window: Without ``center``: how far pieces are taken; only None and False are known.

    Returns:
        The transforms (frequencies, pieces), or (batch, frequencies, pieces).

    Raises:
        SettingError: The lengths do not fit each other, or what they are is not said.
    """
    require_tensors("stft", input=input)
    hop = n_fft // 4 if hop_length is None else hop_length
    length = n_fft if win_length is None else win_length
    window_is_complex = window is not None and window.dtype.is_complex
    if return_complex is None:
        return_complex = input.dtype.is_complex or window_is_complex
        if not return_complex:
            raise SettingError(
                "stft requires the return_complex parameter be given for real inputs, and will further require that "
                "return_complex=True in a future PyTorch release."
            )
    if not (input.dtype.is_floating_point or input.dtype.is_complex):
        raise SettingError(f"stft: expected a tensor of floating point or complex values, got {input.dtype}")
    if input._array.ndim not in (1, 2):
        raise SettingError(f"stft: expected a 1D or 2D tensor, got shape {tuple(input._array.shape)}")
    single = input._array.ndim == 1
    x = reshape(input, (1, -1)) if single else input
    if center:
        x = _padded(x, n_fft // 2, pad_mode)
    samples = x._array.shape[-1]
    if not 0 < n_fft <= samples:
        raise SettingError(f"stft: expected 0 < n_fft <= {samples}, but got n_fft={n_fft}")
    if hop <= 0:
        raise SettingError(f"stft: expected hop_length > 0, but got hop_length={hop}")
    kernel = _window("stft", window, length, n_fft)
    count = 1 + (samples - n_fft) // hop
    pieces = reshape(index_select(x, 1, _samples(count, hop, n_fft, x)), (-1, count, n_fft))
    if kernel is not None:
        pieces = pieces * kernel
    norm = "ortho" if normalized else None
    is_complex = pieces.dtype.is_complex
    half = not is_complex if onesided is None else onesided
    if half and is_complex:
        raise SettingError("Cannot have onesided output if window or input is complex")
    out = transpose(fft.rfft(pieces, norm=norm) if half else fft.fft(pieces, norm=norm), 1, 2)
    out = out[0] if single else out
    return out if return_complex else view_as_real(out)


def istft(
    input: Any,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Any = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Any:
    """The signal whose `stft`, with these settings, is nearest to ``input``. Mirrors ``torch.istft``.

    Griffin & Lim 1984: the pieces, windowed again, are added up and divided by the sum of the squared windows.

    Raises:
        SettingError: The lengths do not fit each other, or some sample is in no window.
    """
    require_tensors("istft", input=input)
    hop = n_fft // 4 if hop_length is None else hop_length
    window_length = n_fft if win_length is None else win_length
    if not input.dtype.is_complex:
        input = view_as_complex(input)
    if input._array.ndim not in (2, 3):
        raise SettingError(f"istft: expected a tensor with 2 or 3 dimensions, got shape {tuple(input._array.shape)}")
    single = input._array.ndim == 2
    x = transpose(input[None] if single else input, 1, 2)
    _, count, frequencies = x._array.shape
    half = frequencies != n_fft if onesided is None else onesided
    if frequencies != (n_fft // 2 + 1 if half else n_fft):
        raise SettingError(
            f"istft: expected the frequency dimension (3rd to the last) of the input tensor to match n_fft "
            f"({n_fft}) when onesided={half}, but got {frequencies}"
        )
    if not 0 < hop <= window_length <= n_fft:
        raise SettingError(
            f"istft: expected 0 < hop_length <= win_length <= n_fft, but got {hop}, {window_length}, {n_fft}"
        )
    if not count:
        raise SettingError("istft: input tensor cannot be empty.")
    kernel = _window("istft", window, window_length, n_fft)
    norm = "ortho" if normalized else None
    if return_complex and half:
        raise SettingError("Cannot have onesided output if window or input is complex")
    # Of a real signal the other half is known.
    pieces = fft.ifft(x, norm=norm) if return_complex else fft.irfft(x[..., : n_fft // 2 + 1], n_fft, norm=norm)
    if kernel is None:
        kernel = pieces.new_ones((n_fft,), dtype=pieces.dtype.to_real())
    total = n_fft + hop * (count - 1)
    signal = _added_up(pieces * kernel, hop, total)
    weight = _added_up((kernel * kernel).expand(1, count, n_fft), hop, total)
    start = n_fft // 2 if center else 0
    end = total if length is None and not center else total - start if length is None else start + length
    signal, weight = signal[:, start : min(end, total)], weight[:, start : min(end, total)]
    if float(weight.detach().abs().min()) <= 1e-11:
        raise SettingError("window overlap add min: 1; some sample is in no window: choose a shorter hop_length")
    signal = signal / weight
    if end > total:
        signal = constant_pad.apply(signal, widths=((0, 0), (0, end - total)))
    return signal[0] if single else signal


def _window(name: str, window: Any, length: int, n_fft: int) -> Any:
    """The window in the middle of a piece; None for ones."""
    if not 0 < length <= n_fft:
        raise SettingError(f"{name}: expected 0 < win_length <= n_fft, but got win_length={length}")
    if window is not None and (window._array.ndim != 1 or window._array.shape[0] != length):
        raise SettingError(
            f"{name}: expected a 1D window tensor of size equal to win_length={length}, but got window with size "
            f"{list(window._array.shape)}"
        )
    if length == n_fft:
        return window
    before = (n_fft - length) // 2
    kernel = arange(0, length) * 0.0 + 1.0 if window is None else window
    return constant_pad.apply(kernel, widths=((before, n_fft - length - before),))


def _samples(count: int, hop: int, n_fft: int, like: Any) -> Any:
    """Which samples the pieces are made of, one after the other."""
    starts = arange(0, count, device=like.device) * hop
    return reshape(starts[:, None] + arange(0, n_fft, device=like.device), (-1,))


def _added_up(pieces: Any, hop: int, total: int) -> Any:
    """The sum of pieces (batch, count, n), each where it is in a signal of length ``total``."""
    batch, count, n = pieces._array.shape
    silence = pieces.new_zeros((batch, total))
    return index_add(silence, 1, _samples(count, hop, n, pieces), reshape(pieces, (batch, count * n)))


def _padded(x: Any, n: int, mode: str) -> Any:
    """``x`` (batch, length) with ``n`` more samples at either end.

    Raises:
        SettingError: The signal is too short for that, or the mode is unknown.
    """
    if mode == "constant":
        return constant_pad.apply(x, widths=((0, 0), (n, n)))
    length = x._array.shape[-1]
    if mode not in _MODES:
        raise SettingError(f"stft: pad_mode must be one of {', '.join(_MODES)}, not {mode!r}")
    if n >= length + (mode == "circular") and mode != "replicate":
        raise SettingError(
            f"Padding size should be less than the corresponding input dimension, but got: padding ({n}, {n}) at "
            f"dimension 1 of input {list(x._array.shape)}"
        )
    places = range(-n, length + n)
    if mode == "reflect":
        last = max(length - 1, 1)
        sources = [last - abs(last - k % (2 * last)) for k in places]
    else:
        sources = [k % length if mode == "circular" else min(max(k, 0), length - 1) for k in places]
    return index_select(x, 1, x.new_tensor(sources, dtype=arange(0, 1).dtype))
