"""Affine and bilinear layers."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional.linear import bilinear, linear
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class Identity(Module):
    """``y = x``, whatever the arguments of the constructor. Mirrors ``torch.nn.Identity``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """``input`` itself."""
        return input


class Linear(Module):
    """``y = x @ weight.T + bias``, with ``x`` (*, in_features) and ``y`` (*, out_features).

    Mirrors ``torch.nn.Linear``.

    Args:
        in_features: The length of the last dimension of ``x``.
        out_features: That of ``y``.
        bias: Whether there is one.
        device: Where the parameters are.
        dtype: Their dtype.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Linear(20, 30)(xpgrad.randn(128, 20)).shape
        torch.Size([128, 30])
    """

    weight: Parameter  # (out_features, in_features), uniform in +-1/sqrt(in_features)
    bias: Parameter | None  # (out_features,), likewise

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            _uniform_by(self.bias, self.in_features)

    def forward(self, input: Any) -> Any:
        """``input @ weight.T + bias``."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """``y = x1 @ weight[k] @ x2 + bias[k]`` for each output ``k``. Mirrors ``torch.nn.Bilinear``.

    Args:
        in1_features: The length of the last dimension of ``x1``.
        in2_features: That of ``x2``.
        out_features: That of ``y``.
        bias: Whether there is one.
        device: Where the parameters are.
        dtype: Their dtype.
    """

    weight: Parameter  # (out_features, in1_features, in2_features), uniform in +-1/sqrt(in1_features)
    bias: Parameter | None  # (out_features,), likewise

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in1_features, in2_features, device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_features, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        _uniform_by(self.weight, self.in1_features)
        if self.bias is not None:
            _uniform_by(self.bias, self.in1_features)

    def forward(self, input1: Any, input2: Any) -> Any:
        """``input1 @ weight[k] @ input2 + bias[k]``."""
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


def _uniform_by(tensor: Any, features: int) -> None:
    """Uniform in +-1/sqrt(features)."""
    bound = 1 / math.sqrt(features) if features > 0 else 0
    init.uniform_(tensor, -bound, bound)
