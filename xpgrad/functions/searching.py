"""Where values are, or would be, among others."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api import searching
from xpgrad.array_api.operands import cast, dtype_of
from xpgrad.backends.dtypes import int32, int64
from xpgrad.core.promotion import scalar_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, IndexRangeError, SettingError
from xpgrad.functions.comparison import eq, lt
from xpgrad.functions.elementwise import meet
from xpgrad.functions.results import deliver, deliver_exactly
from xpgrad.functions.scattering import gather
from xpgrad.functions.shape import reshape, unsqueeze

__all__ = ["bucketize", "isin", "searchsorted"]


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False, out: Any = None
) -> Any:
    """Whether each of ``elements`` is among ``test_elements``. Mirrors ``torch.isin``.

    Raises:
        ArgumentTypeError: Neither is a tensor.
        DtypeError: They are boolean or complex.
    """
    if not isinstance(elements, TensorBase) and not isinstance(test_elements, TensorBase):
        raise ArgumentTypeError(
            f"isin() received an invalid combination of arguments: at least one must be a Tensor, got "
            f"{type(elements).__name__} and {type(test_elements).__name__}"
        )
    for x in (elements, test_elements):
        kind = dtype_of(x) if isinstance(x, TensorBase) else scalar_dtype(x)
        if kind.kind in ("bool", "complex"):
            raise DtypeError(f"Unsupported input type encountered for isin(): {kind}")
    if not isinstance(elements, TensorBase):
        found = eq(test_elements, elements).any()
    elif not isinstance(test_elements, TensorBase):
        found = eq(elements, test_elements)
    else:
        found = eq(unsqueeze(elements, -1), reshape(test_elements, (-1,))).any(-1)
    return deliver(out, ~found if invert else found)


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
    out: Any = None,
) -> Any:
    """Where in a sorted vector, or in the vectors (..., n), each of ``input`` would be inserted.

    Mirrors ``torch.searchsorted``; ``right`` (or ``side="right"``) is after elements equal to it.

    Raises:
        SettingError: ``side`` contradicts ``right``, or the leading dimensions differ.
        ShapeError, DtypeError: ``sorter`` is not of the shape of ``sorted_sequence``, or not of int64.
    """
    if side not in (None, "left", "right"):
        raise SettingError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise SettingError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True"
        )
    edges = sorted_sequence.detach()
    values: Any = input
    values = values.detach() if isinstance(input, TensorBase) else edges.new_full((), input, dtype=scalar_dtype(input))
    rows, wanted = tuple(edges._array.shape), tuple(values._array.shape)
    if not rows or (len(rows) > 1 and not wanted):
        raise SettingError(
            "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got "
            f"boundaries tensor dim({len(rows)}) and input value's dim({len(wanted)})"
        )
    if len(rows) > 1 and rows[:-1] != wanted[:-1]:
        raise SettingError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries "
            f"tensor and input value tensor must match, but we got boundaries tensor {list(rows)} and input value "
            f"tensor {list(wanted)}"
        )
    if sorter is not None:
        _check_sorter(sorter, rows)
        edges = gather(edges, -1, sorter)
    from_right = right or side == "right"
    if len(rows) == 1:
        edges, values = meet((edges, values), name="searchsorted")
        found = searching.searchsorted(edges, reshape(values, (-1,)), side="right" if from_right else "left")
        found = reshape(found, wanted)
    else:
        edges, values = unsqueeze(edges, -2), unsqueeze(values, -1)
        # Of NaN, which come after all numbers, none is less than another.
        before = ~lt(values, edges) if from_right else lt(edges, values) | (values != values) & (edges == edges)
        found = before.sum(-1)
    return deliver_exactly(out, cast(found, int32 if out_int32 else int64))


def _check_sorter(sorter: Any, rows: tuple[int, ...]) -> None:
    if tuple(sorter._array.shape) != rows:
        raise SettingError(
            f"torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor {list(rows)} "
            f"and got sorter tensor {list(sorter._array.shape)}"
        )
    if sorter.dtype is not int64:
        raise DtypeError(f"torch.searchsorted(): sorter must be a tensor of long dtype but got dtype {sorter.dtype}")
    if sorter.numel() and (int(sorter.min()) < 0 or int(sorter.max()) >= rows[-1]):
        raise IndexRangeError("torch.searchsorted(): sorter index out of range")


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False, out: Any = None) -> Any:
    """Which of the intervals between ``boundaries``, a vector, each of ``input`` is in. Mirrors ``torch.bucketize``.

    Raises:
        SettingError: ``boundaries`` is no vector.
    """
    if boundaries._array.ndim != 1:
        raise SettingError(f"boundaries tensor must be 1 dimension, but got dim({boundaries._array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right, out=out)
