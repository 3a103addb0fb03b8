"""Layers that only change the shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.errors import ArgumentTypeError
from xpgrad.nn.modules.module import Module


class Flatten(Module):
    """Makes one dimension of several, by default of all but the first. Mirrors ``torch.nn.Flatten``.

    Args:
        start_dim: The first of them.
        end_dim: The last.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Flatten()(xpgrad.ones(2, 3, 4)).shape
        torch.Size([2, 12])
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        """``input.flatten(start_dim, end_dim)``."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The dimensions."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Makes several dimensions of one. Mirrors ``torch.nn.Unflatten``.

    Args:
        dim: Which one.
        unflattened_size: Their lengths; one may be -1.

    Raises:
        ArgumentTypeError: ``dim`` or a length is not an integer.
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(dim, int):
            raise ArgumentTypeError(f"invalid argument type for dim parameter: expected int, got {type(dim).__name__}")
        for i, length in enumerate(unflattened_size):
            if not isinstance(length, int):
                raise ArgumentTypeError(
                    "unflattened_size must be tuple of ints, but found element of type "
                    f"{type(length).__name__} at pos {i}"
                )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Any) -> Any:
        """``input.unflatten(dim, unflattened_size)``."""
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The dimensions."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
