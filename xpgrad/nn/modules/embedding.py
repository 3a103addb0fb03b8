"""Tables of vectors."""

from __future__ import annotations

from typing import Any, Self

from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional.embedding import embedding
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class Embedding(Module):
    """A table of vectors, looked up by index. Mirrors ``torch.nn.Embedding``.

    Args:
        num_embeddings: How many vectors.
        embedding_dim: Their length.
        padding_idx: A vector that starts as zero and gets no gradient.
        max_norm: If given, vectors that are looked up and have a greater norm are scaled down to it.
        norm_type: Which norm that is.
        scale_grad_by_freq: Divide the gradient of a vector by how often it is looked up.
        sparse: Accepted for PyTorch's sake; gradients are dense.
        _weight: The table, in place of a random one.
        _freeze: Whether the table is not to be trained.
        device: Where the table is.
        dtype: Its dtype.

    Raises:
        ArgumentError: ``padding_idx`` or ``_weight`` does not fit the sizes (PyTorch's AssertionError).

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Embedding(10, 3)(xpgrad.tensor([[1, 2, 4, 5], [4, 3, 2, 9]])).shape
        torch.Size([2, 4, 3])
    """

    weight: Parameter  # (num_embeddings, embedding_dim), standard normal

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False, _weight: Any = None,
        _freeze: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ArgumentError(f"Padding_idx must be within num_embeddings: {padding_idx} of {num_embeddings}")
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if _weight is None:
            table = empty(num_embeddings, embedding_dim, device=device, dtype=dtype)
            self.weight = Parameter(table, requires_grad=not _freeze)
            self.reset_parameters()
        else:
            if list(_weight.shape) != [num_embeddings, embedding_dim]:
                raise ArgumentError(
                    "Shape of weight does not match num_embeddings and embedding_dim: "
                    f"{list(_weight.shape)}, {num_embeddings}, {embedding_dim}"
                )
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0.0

    def forward(self, input: Any) -> Any:
        """The vectors at the indices in ``input``."""
        return embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        """The sizes, and what differs from the defaults."""
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        if self.sparse:
            text += ", sparse=True"
        return text

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
    ) -> Self:  # fmt: skip
        """The layer with the table ``embeddings``, trained only if not ``freeze``.

        Raises:
            ArgumentError: The table has not two dimensions.
        """
        if embeddings.ndim != 2:
            raise ArgumentError(f"Embeddings parameter is expected to be 2-dimensional, got {list(embeddings.shape)}")
        rows, columns = embeddings.shape
        return cls(
            rows, columns, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, _weight=embeddings,
            _freeze=freeze,
        )  # fmt: skip
