"""Affine and bilinear maps. Mirrors those of ``torch.nn.functional``."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.backends.dtypes import bool_
from xpgrad.errors import DtypeError, ShapeError
from xpgrad.functions.results import deliver
from xpgrad.nn.functional.checks import same_dtype, shape_of
from xpgrad.ops.linalg import linear as _linear
from xpgrad.ops.linalg import linear_folded, project, project_folded

_project_vector = project.named("SqueezeBackward4")


def linear(input: Any, weight: Any, bias: Any = None, *, out: Any = None) -> Any:
    """``input @ weight.T + bias``.

    Args:
        input: (*, in_features).
        weight: (out_features, in_features), or (in_features,) for a single output without its dimension.
        bias: (out_features,) or None.
        out: Where to put the result.

    Returns:
        (*, out_features).

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ, or they are booleans.
    """
    if out is not None:
        return deliver(out, linear(input, weight, bias))
    try:
        x, w = input._array, weight._array
    except AttributeError:
        shape_of("linear", input)
        raise
    # An ordinary pair of input and matrix goes straight on; anything else is looked at first.
    if (
        w.ndim != 2
        or x.ndim == 0
        or x.shape[-1] != w.shape[1]
        or x.dtype is not w.dtype
        or (bias is not None and (bias._array.dtype is not w.dtype or bias._array.shape != w.shape[:1]))
    ):
        _check_linear(input, weight, bias)
        if w.ndim == 1:
            return input @ weight if bias is None else input @ weight + bias
    if bias is None:
        return (project if x.ndim == 2 else project_folded if x.ndim > 2 else _project_vector).apply(input, weight)
    return (_linear if x.ndim == 2 else linear_folded).apply(bias, input, weight)


def _check_linear(input: Any, weight: Any, bias: Any) -> None:
    """Raise what `linear` raises."""
    shape_of("linear", input)
    if input.dtype is bool_:
        raise DtypeError("\"linear\" not implemented for 'Bool': convert it with .float() first")
    same_dtype(input, weight, bias)
    shape, against = list(input.shape), list(weight.shape)
    if not shape or len(against) not in (1, 2) or shape[-1] != against[-1]:
        rows = f"{math.prod(shape[:-1])}x{shape[-1]}" if shape else "a 0-d tensor"
        raise ShapeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows} and {'x'.join(map(str, reversed(against)))}): linear "
            "takes an input of size [*, in_features] and a weight of size [out_features, in_features]; got "
            f"{shape} and {against}"
        )
    if bias is not None and (bias._array.ndim > 1 or bias._array.shape[:1] not in ((), (1,), tuple(against[:-1]))):
        raise ShapeError(
            f"linear: a weight of size {against} has {math.prod(against[:-1])} outputs, but the bias is of size "
            f"{list(bias.shape)}"
        )


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """``input1 @ weight[k] @ input2 + bias[k]`` for each output ``k``.

    Args:
        input1: (*, in1_features).
        input2: (*, in2_features), with the same leading dimensions.
        weight: (out_features, in1_features, in2_features).
        bias: (out_features,) or None.

    Returns:
        (*, out_features).

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    same_dtype(input1, weight, bias)
    out_features, in1_features, in2_features = weight.shape
    if input1.shape[:-1] != input2.shape[:-1] or (input1.shape[-1], input2.shape[-1]) != (in1_features, in2_features):
        raise ShapeError(
            f"bilinear(): inputs of size {list(input1.shape)} and {list(input2.shape)} do not go with a weight of size "
            f"{list(weight.shape)}: the leading dimensions must be the same, the last {in1_features} and {in2_features}"
        )
    rows = input1.reshape(-1, in1_features) @ weight.permute(1, 0, 2).reshape(in1_features, out_features * in2_features)
    products = rows.reshape(-1, out_features, in2_features) @ input2.reshape(-1, in2_features, 1)
    out = products.reshape(*input1.shape[:-1], out_features)
    return out if bias is None else out + bias
