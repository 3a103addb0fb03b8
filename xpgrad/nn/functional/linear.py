"""Affine and bilinear maps. Mirrors those of ``torch.nn.functional``."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.functional.checks import same_dtype
from xpgrad.ops import linalg


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``input @ weight.T + bias``.

    Args:
        input: (*, in_features).
        weight: (out_features, in_features), or (in_features,) for a single output without its dimension.
        bias: (out_features,) or None.

    Returns:
        (*, out_features).

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    return linalg.linear(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """``input1 @ weight[k] @ input2 + bias[k]`` for each output ``k``.

    Args:
        input1: (*, in1_features).
        input2: (*, in2_features), with the same leading dimensions.
        weight: (out_features, in1_features, in2_features).
        bias: (out_features,) or None.

    Returns:
        (*, out_features).
    """
    same_dtype(input1, weight, bias)
    out_features, in1_features, in2_features = weight.shape
    rows = input1.reshape(-1, in1_features) @ weight.permute(1, 0, 2).reshape(in1_features, out_features * in2_features)
    products = rows.reshape(-1, out_features, in2_features) @ input2.reshape(-1, in2_features, 1)
    out = products.reshape(*input1.shape[:-1], out_features)
    return out if bias is None else out + bias
