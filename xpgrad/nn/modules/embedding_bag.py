"""Tables of vectors that are looked up by the bag."""

from __future__ import annotations

from typing import Any, Self

from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional.embedding_bag import embedding_bag
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class EmbeddingBag(Module):
    """Sums, means or maxima of the vectors of a table, bag by bag. Mirrors ``torch.nn.EmbeddingBag``.

    Args:
        num_embeddings: How many vectors.
        embedding_dim: Their length.
        max_norm: If given, vectors that are looked up and have a greater norm are scaled down to it.
        norm_type: Which norm that is.
        scale_grad_by_freq: Divide the gradient of a vector by how often it is looked up.
        mode: ``"sum"``, ``"mean"`` or ``"max"``.
        sparse: Accepted for PyTorch's sake; gradients are dense.
        _weight: The table, in place of a random one.
        include_last_offset: Whether the last offset is the end of the last bag.
        padding_idx: A vector that starts as zero, gets no gradient and is left out.
        device: Where the table is.
        dtype: Its dtype.

    Raises:
        ArgumentError: ``padding_idx`` or ``_weight`` does not fit the sizes (PyTorch's AssertionError).

    Example:
        >>> import xpgrad
        >>> bags = xpgrad.nn.EmbeddingBag(10, 3, mode="sum")
        >>> bags(xpgrad.tensor([1, 2, 4, 5, 4, 3, 2, 9]), xpgrad.tensor([0, 4])).shape
        torch.Size([2, 3])
    """

    weight: Parameter  # (num_embeddings, embedding_dim), standard normal

    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, _weight: Any = None,
        include_last_offset: bool = False, padding_idx: int | None = None, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ArgumentError(f"padding_idx must be within num_embeddings: {padding_idx} of {num_embeddings}")
            padding_idx %= num_embeddings
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.padding_idx = padding_idx
        if _weight is None:
            self.weight = Parameter(empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
            self.reset_parameters()
        else:
            if list(_weight.shape) != [num_embeddings, embedding_dim]:
                raise ArgumentError(
                    "Shape of weight does not match num_embeddings and embedding_dim: "
                    f"{list(_weight.shape)}, {num_embeddings}, {embedding_dim}"
                )
            self.weight = Parameter(_weight)
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0.0

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """The sum, mean or maximum of the vectors at the indices in each bag; see `nn.functional.embedding_bag`."""
        return embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode,
            self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The sizes and what differs from the defaults."""
        said = [str(self.num_embeddings), str(self.embedding_dim)]
        if self.max_norm is not None:
            said.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            said.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq:
            said.append("scale_grad_by_freq=True")
        said.append(f"mode={self.mode!r}")
        if self.padding_idx is not None:
            said.append(f"padding_idx={self.padding_idx}")
        return ", ".join(said)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:  # fmt: skip
        """A layer with the table ``embeddings`` (num_embeddings, embedding_dim), not trained if ``freeze``.

        Raises:
            ArgumentError: ``embeddings`` has not two dimensions (PyTorch's AssertionError).
        """
        if embeddings.dim() != 2:
            raise ArgumentError("Embeddings parameter is expected to be 2-dimensional")
        rows, columns = embeddings.shape
        bags = cls(
            rows, columns, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings, include_last_offset,
            padding_idx,
        )  # fmt: skip
        bags.weight.requires_grad_(not freeze)
        return bags
