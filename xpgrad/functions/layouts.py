"""How tensors lie in memory, in PyTorch's spelling. Ours are all strided."""

from __future__ import annotations

from typing import Final, final

from xpgrad.errors import OperationError

__all__ = [
    "channels_last", "channels_last_3d", "contiguous_format", "layout", "memory_format", "preserve_format",
    "sparse_coo", "strided",
]  # fmt: skip


@final
class layout:  # noqa: N801  (PyTorch's name)
    """A layout. Mirrors ``torch.layout``; that of every tensor is `strided`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


strided: Final = layout("strided")
sparse_coo: Final = layout("sparse_coo")


def require_strided(asked: object) -> None:
    """Raise unless ``asked`` is the layout that tensors have.

    Raises:
        OperationError: It is another.
    """
    if asked is not strided:
        raise OperationError(f"layout: only torch.strided is supported, got {asked}; keep the tensor dense")


@final
class memory_format:  # noqa: N801  (PyTorch's name)
    """An order of the elements of a tensor in memory. Mirrors ``torch.memory_format``.

    Functions take it for PyTorch's sake; what the array library does with memory, it does by itself.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


contiguous_format: Final = memory_format("contiguous_format")
preserve_format: Final = memory_format("preserve_format")
channels_last: Final = memory_format("channels_last")
channels_last_3d: Final = memory_format("channels_last_3d")
