"""How tensors lie in memory, in PyTorch's spelling. Ours are all strided."""

from __future__ import annotations

from typing import Final, final


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
