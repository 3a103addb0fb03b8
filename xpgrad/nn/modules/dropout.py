"""Dropout layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from xpgrad.errors import ArgumentError
from xpgrad.nn.functional.dropout import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from xpgrad.nn.modules.module import Module


class _DropoutNd(Module):
    drop: ClassVar[Callable[..., Any]]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """``input`` with some of it dropped; while not training, ``input`` itself."""
        return type(self).drop(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Zeroes each element with probability ``p`` while training, and divides the others by ``1 - p``.

    Mirrors ``torch.nn.Dropout``. The masks are the same on every backend from the same seed.

    Args:
        p: The probability.
        inplace: Write into the input.

    Source: Hinton et al. 2012.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Dropout().eval()(xpgrad.ones(3))
        tensor([1., 1., 1.])
    """

    drop = dropout


class Dropout1d(_DropoutNd):
    """`Dropout` of whole channels of (N, C, L) or (C, L). Mirrors ``torch.nn.Dropout1d``."""

    drop = dropout1d


class Dropout2d(_DropoutNd):
    """`Dropout` of whole channels of (N, C, H, W) or (C, H, W). Mirrors ``torch.nn.Dropout2d``."""

    drop = dropout2d


class Dropout3d(_DropoutNd):
    """`Dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W). Mirrors ``torch.nn.Dropout3d``."""

    drop = dropout3d


class AlphaDropout(_DropoutNd):
    """Dropout for networks of `SELU`: it keeps mean and variance. Mirrors ``torch.nn.AlphaDropout``.

    Source: Klambauer et al. 2017.
    """

    drop = alpha_dropout


class FeatureAlphaDropout(_DropoutNd):
    """`AlphaDropout` of whole channels of (N, C, *). Mirrors ``torch.nn.FeatureAlphaDropout``."""

    drop = feature_alpha_dropout
