"""Making one batch of a list of samples. Mirrors ``torch.utils.data.default_collate``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from xpgrad.backends.dtypes import float64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DataError
from xpgrad.functions.joining import stack
from xpgrad.tensor.conversion import as_tensor, tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """The samples of ``batch`` as one: what is a number or an array in each becomes a tensor with one more dimension.

    Tensors and arrays are stacked, Python floats become float64, integers int64, and strings stay a list; this applies
    to each field of dicts, named tuples, tuples and lists.

    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ('a', 'b')]

    Raises:
        ArgumentTypeError: A sample holds something else.
        DataError: Lists are of several lengths.
        ShapeError: Tensors or arrays are of several shapes.
    """
    first = batch[0]
    if isinstance(first, TensorBase):
        return stack(batch)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise _unknown(first.dtype)
        return stack([as_tensor(array) for array in batch])
    if isinstance(first, (np.bool_, np.number)):
        return as_tensor(np.asarray(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _rebuilt(first, {name: default_collate([sample[name] for sample in batch]) for name in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*map(default_collate, zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        lengths = sorted({len(sample) for sample in batch})
        if len(lengths) > 1:
            raise DataError(
                f"each element in list of batch should be of equal size, but their lengths are {lengths}; "
                "give a collate_fn that pads them"
            )
        fields = [default_collate(field) for field in zip(*batch, strict=True)]
        return fields if isinstance(first, tuple) else _rebuilt(first, fields)
    raise _unknown(type(first))


def default_convert(data: Any) -> Any:
    """One sample with its NumPy arrays and scalars as tensors; what a loader without batches gives."""
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in "SUO" else as_tensor(data)
    if isinstance(data, (np.bool_, np.number)):
        return as_tensor(np.asarray(data))
    return mapped(default_convert, data)


def mapped(function: Callable[[Any], Any], data: Any) -> Any:
    """``data`` with ``function`` applied to what it holds."""
    if isinstance(data, Mapping):
        return _rebuilt(data, {name: function(value) for name, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(function, data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        made = [function(value) for value in data]
        return made if isinstance(data, tuple) else _rebuilt(data, made)
    return data


def _rebuilt(like: Any, values: Any) -> Any:
    """``values``, in a container of the type of ``like`` if that can be made of them."""
    if type(values) is type(like):
        return values
    try:
        return type(like)(values)
    except TypeError:
        return values


def _unknown(found: object) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {found}. "
        "Convert it in the dataset, or give a collate_fn."
    )
