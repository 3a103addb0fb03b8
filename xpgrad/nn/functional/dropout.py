"""Dropout. Mirrors that of ``torch.nn.functional``. The masks are the same on every backend from the same seed."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.backends import philox
from xpgrad.core.inplace import inplace as in_place
from xpgrad.core.tensor_base import make_tensor
from xpgrad.errors import ArgumentError
from xpgrad.functions.arithmetic import mul
from xpgrad.functions.generator import generator_or_default
from xpgrad.nn.functional.checks import floating, shape_of


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """``input`` with each element zeroed with probability ``p`` and the others divided by ``1 - p``.

    Hinton et al. 2012. Without ``training``, ``input`` itself.

    Raises:
        ArgumentError: ``p`` is not between 0 and 1.
    """
    return _dropout("dropout", input, p, training, inplace, shape_of("dropout", input))


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, L) or (C, L)."""
    return _dropout_channels("dropout1d", 1, input, p, training, inplace)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, H, W) or (C, H, W)."""
    return _dropout_channels("dropout2d", 2, input, p, training, inplace)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    return _dropout_channels("dropout3d", 3, input, p, training, inplace)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout to the least value of `selu`, scaled so that mean and variance are kept (Klambauer et al. 2017)."""
    return _alpha_dropout(input, p, training, inplace, shape_of("alpha_dropout", input))


def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`alpha_dropout` of whole channels of (N, C, *)."""
    shape = shape_of("feature_alpha_dropout", input)
    return _alpha_dropout(input, p, training, inplace, (*shape[:2], *(1,) * (len(shape) - 2)))


def feature_dropout(input: Any, p: float, training: bool, inplace: bool) -> Any:
    """`dropout` of whole channels of (N, C, *)."""
    shape = shape_of("feature_dropout", input)
    if len(shape) < 2:
        raise ArgumentError("Feature dropout requires at least 2 dimensions in the input")
    return _dropout("feature_dropout", input, p, training, inplace, (*shape[:2], *(1,) * (len(shape) - 2)))


def _dropout_channels(name: str, ndim: int, input: Any, p: float, training: bool, inplace: bool) -> Any:
    shape = shape_of(name, input)
    if len(shape) not in (ndim + 1, ndim + 2):
        raise ArgumentError(
            f"{name}: expected {ndim + 2} dimensions (N, C, ...), or {ndim + 1} for one sample; got {list(shape)}"
        )
    return _dropout(name, input, p, training, inplace, shape[: len(shape) - ndim] + (1,) * ndim)


def _dropout(name: str, input: Any, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Any:
    _check_probability(p)
    if not training or p == 0.0:
        return input
    floating(name, input)
    scale = 0.0 if p == 1.0 else 1.0 / (1.0 - p)
    noise = _kept(input, p, shape, scale)
    return in_place(mul, input, noise) if inplace else mul(input, noise)


def _alpha_dropout(input: Any, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Any:
    _check_probability(p)
    if not training or p == 0.0:
        return input
    floating("alpha_dropout", input)
    least = -1.7580993408473766
    scale = 0.0 if p == 1.0 else 1.0 / math.sqrt((1.0 - p) * (1.0 + p * least * least))
    kept = _kept(input, p, shape, 1.0)
    shift = (1.0 - kept) * (scale * least) - scale * p * least

    def dropped(x: Any) -> Any:
        return x * (kept * scale) + shift

    return in_place(dropped, input) if inplace else dropped(input)


def _kept(input: Any, p: float, shape: tuple[int, ...], scale: float) -> Any:
    """``scale`` with probability ``1 - p`` and zeros otherwise, in the dtype of ``input``."""
    place, generator = input._place, generator_or_default(None)._philox
    mask = philox.bernoulli(place.xp, generator, 1.0 - p, shape, device=place.handle)
    # Scaled by an array: beside a Python number, bfloat16 would become float32.
    wanted = input._array.dtype
    return make_tensor(
        place.xp.astype(mask, wanted) * place.xp.asarray(scale, dtype=wanted, device=place.handle), place
    )


def _check_probability(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")
