"""Shapes as PyTorch shows them, and an element count that can be called."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, SupportsIndex, overload

from xpgrad.functions import broadcasting


class Size(tuple[int, ...]):
    """A shape: a tuple that prints as PyTorch's. Mirrors ``torch.Size``."""

    __slots__ = ()
    __module__ = "xpgrad"

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, index: slice, /) -> Size: ...
    def __getitem__(self, index: Any, /) -> Any:
        item = super().__getitem__(index)
        return Size(item) if isinstance(index, slice) else item

    def __add__(self, other: Any, /) -> Any:
        return Size(super().__add__(tuple(other)))

    def __radd__(self, other: Any, /) -> Size:
        return Size(tuple(other) + tuple(self))

    def __mul__(self, other: SupportsIndex, /) -> Size:
        return Size(super().__mul__(other))


class ElementCount(int):
    """The number of elements, as the Array API's ``x.size``; called, the shape, as PyTorch's ``x.size()``."""

    _shape: Size

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> ElementCount:
        """The count of a tensor with ``shape``."""
        self = cls(math.prod(shape))
        self._shape = Size(shape)
        return self

    def __call__(self, dim: int | None = None) -> Any:
        """The shape, or its length along ``dim``."""
        return self._shape if dim is None else self._shape[dim]


def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """The shape to which ``shapes`` (a length is one of them) broadcast. Mirrors ``torch.broadcast_shapes``.

    Raises:
        ShapeError: They do not.
    """
    return Size(broadcasting.broadcast_shapes(*shapes))
