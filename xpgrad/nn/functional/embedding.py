"""Looking up rows of tables, and one-hot rows. Mirrors ``torch.nn.functional``."""

from __future__ import annotations

from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, DtypeError, SettingError, ShapeError
from xpgrad.functions.pointwise import where
from xpgrad.nn.functional.checks import bounds, indices_within, shape_of
from xpgrad.ops.embedding import embedding as _embedding


def embedding(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """The rows of ``weight`` at the indices in ``input``.

    Args:
        input: Integers, of any shape.
        weight: (num_embeddings, embedding_dim).
        padding_idx: A row that gets no gradient.
        max_norm: If given, rows that are looked up and have a greater norm are scaled down to it, in place.
        norm_type: Which norm that is.
        scale_grad_by_freq: Divide the gradient of a row by how often it is looked up.
        sparse: Accepted for PyTorch's sake; gradients are dense.

    Returns:
        (*input.shape, embedding_dim).

    Raises:
        IndexingError: An index is out of range.
        DtypeError: The indices are not integers.
        ShapeError: ``weight`` has not two dimensions.
        ArgumentError: ``padding_idx`` is out of range (PyTorch's AssertionError).
    """
    shape_of("embedding", input)
    if input.dtype.name not in ("int64", "int32"):
        raise DtypeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"{input.type()} instead (while checking arguments for embedding)"
        )
    if weight._array.ndim != 2:
        raise ShapeError(f"'weight' must be 2-D, got {list(weight.shape)}")
    rows = weight._array.shape[0]
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise ArgumentError(f"Padding_idx must be within num_embeddings: {padding_idx} of {rows}")
        padding_idx %= rows
    indices_within(input, rows, f"index out of range in self: {{}} of {rows} rows")
    if max_norm is not None:
        renormalize(weight, input, max_norm, norm_type)
    return _embedding.apply(weight, input, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)


def renormalize(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows of ``weight`` at ``indices`` down to ``max_norm``."""
    place = weight._place
    at = place.xp.reshape(array_of(indices), (-1,))
    times = place.xp.scatter_add(place.xp.ones_like(at), at, size=weight._array.shape[0])
    with no_grad():
        norms = weight.norm(norm_type, 1, keepdim=True)
        shrinks = (make_tensor(times, place).unsqueeze(1) > 0) & (norms > max_norm)
        weight.copy_(where(shrinks, weight * (max_norm / (norms + 1e-7)), weight))


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """For each index a row that is 1 there and 0 elsewhere.

    Args:
        tensor: int64, of any shape.
        num_classes: The length of a row; by default the least that holds all.

    Returns:
        (*tensor.shape, num_classes), int64.

    Raises:
        DtypeError: ``tensor`` is not int64.
        SettingError: An index is negative or too great.
    """
    shape_of("one_hot", tensor)
    if tensor.dtype.name != "int64":
        raise DtypeError("one_hot is only applicable to index tensor of type LongTensor.")
    found = bounds(tensor)
    if found is not None and found[0] < 0:
        raise SettingError(f"Class values must be non-negative, got {found[0]}.")
    if num_classes == -1:
        if 0 in tensor._array.shape:
            raise SettingError("Can not infer total number of classes from empty tensor.")
        num_classes = int(tensor.max()) + 1
    elif found is not None and found[1] >= num_classes:
        raise SettingError(f"Class values must be smaller than num_classes: got {found[1]} of {num_classes}.")
    classes = tensor.new_tensor(list(range(num_classes)))
    return (tensor.unsqueeze(-1) == classes).long()
