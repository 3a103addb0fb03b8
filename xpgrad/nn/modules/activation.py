"""Activation layers. Each computes the function of like name in `xpgrad.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from xpgrad.errors import ArgumentError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional import activation as F
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class _Plain(Module):
    """A function without settings; arguments of the constructor mean nothing."""

    function: ClassVar[Callable[..., Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return type(self).function(input)


class Sigmoid(_Plain):
    """``1 / (1 + exp(-x))``. Mirrors ``torch.nn.Sigmoid``."""

    function = F.sigmoid


class Tanh(_Plain):
    """The hyperbolic tangent. Mirrors ``torch.nn.Tanh``."""

    function = F.tanh


class Softsign(_Plain):
    """``x / (1 + abs(x))``. Mirrors ``torch.nn.Softsign``."""

    function = F.softsign


class LogSigmoid(_Plain):
    """``log(1 / (1 + exp(-x)))``. Mirrors ``torch.nn.LogSigmoid``."""

    function = F.logsigmoid


class Tanhshrink(_Plain):
    """``x - tanh(x)``. Mirrors ``torch.nn.Tanhshrink``."""

    function = F.tanhshrink


class _Inplace(Module):
    """A function whose only setting is whether it writes into its input."""

    function: ClassVar[Callable[..., Any]]

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return type(self).function(input, self.inplace)

    def extra_repr(self) -> str:
        """Whether it writes into its input."""
        return "inplace=True" if self.inplace else ""


class ReLU(_Inplace):
    """``max(x, 0)``. Mirrors ``torch.nn.ReLU``.

    Args:
        inplace: Write into the input.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.ReLU()(xpgrad.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    function = F.relu


class ReLU6(_Inplace):
    """``min(max(x, 0), 6)``. Mirrors ``torch.nn.ReLU6``."""

    function = F.relu6

    # Users ask these of it, as of any Hardtanh.
    min_val = 0.0
    max_val = 6.0


class SELU(_Inplace):
    """An `ELU` that keeps means and variances (Klambauer et al. 2017). Mirrors ``torch.nn.SELU``."""

    function = F.selu


class SiLU(_Inplace):
    """``x * sigmoid(x)``. Mirrors ``torch.nn.SiLU``."""

    function = F.silu


class Mish(_Inplace):
    """``x * tanh(softplus(x))``. Mirrors ``torch.nn.Mish``."""

    function = F.mish


class Hardswish(_Inplace):
    """``x * min(max(x + 3, 0), 6) / 6``. Mirrors ``torch.nn.Hardswish``."""

    function = F.hardswish

    def extra_repr(self) -> str:
        """Nothing, as in PyTorch."""
        return ""


class Hardsigmoid(_Inplace):
    """``min(max(x + 3, 0), 6) / 6``. Mirrors ``torch.nn.Hardsigmoid``."""

    function = F.hardsigmoid

    def extra_repr(self) -> str:
        """Nothing, as in PyTorch."""
        return ""


class Threshold(Module):
    """``x`` where it is above ``threshold``, ``value`` elsewhere. Mirrors ``torch.nn.Threshold``.

    Args:
        threshold: The threshold.
        value: What takes the place of what is not above it.
        inplace: Write into the input.
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        return f"threshold={self.threshold}, value={self.value}{_inplace(self)}"


class LeakyReLU(Module):
    """``x`` where positive, ``negative_slope * x`` elsewhere. Mirrors ``torch.nn.LeakyReLU``.

    Args:
        negative_slope: The slope below zero.
        inplace: Write into the input.
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        return f"negative_slope={self.negative_slope}{_inplace(self)}"


class PReLU(Module):
    """``x`` where positive, ``weight * x`` elsewhere, with a weight that is trained. Mirrors ``torch.nn.PReLU``.

    Args:
        num_parameters: One weight, or one for each channel (dimension 1).
        init: Their first value.
        device: Where they are.
        dtype: Their dtype.
    """

    weight: Parameter  # (num_parameters,)

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weights to their first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """`LeakyReLU` with a slope drawn for each element while training, then their mean. Mirrors ``torch.nn.RReLU``.

    Args:
        lower: The least slope.
        upper: The greatest.
        inplace: Write into the input.
    """

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        return f"lower={self.lower}, upper={self.upper}{_inplace(self)}"


class _Exponential(Module):
    function: ClassVar[Callable[..., Any]]

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return type(self).function(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        return f"alpha={self.alpha}{_inplace(self)}"


class ELU(_Exponential):
    """``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere. Mirrors ``torch.nn.ELU``.

    Args:
        alpha: Minus the value far below zero.
        inplace: Write into the input.
    """

    function = F.elu


class CELU(_Exponential):
    """``x`` where positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere. Mirrors ``torch.nn.CELU``."""

    function = F.celu


class GELU(Module):
    """``x`` times the normal distribution function of ``x``. Mirrors ``torch.nn.GELU``.

    Args:
        approximate: ``"none"``, or ``"tanh"`` for an approximation.

    Source: Hendrycks and Gimpel 2016.
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The approximation."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    """``log(1 + exp(beta * x)) / beta``. Mirrors ``torch.nn.Softplus``.

    Args:
        beta: How sharp the bend at zero is.
        threshold: Above it ``beta * x`` passes unchanged.
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The settings."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardtanh(Module):
    """``x`` kept between ``min_val`` and ``max_val``. Mirrors ``torch.nn.Hardtanh``.

    Args:
        min_val: The least value.
        max_val: The greatest.
        inplace: Write into the input.

    Raises:
        ArgumentError: ``min_val`` is not below ``max_val`` (PyTorch's AssertionError).
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if min_val >= max_val:
            raise ArgumentError(f"max_val must be larger than min_val, got {max_val} and {min_val}")
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        """The settings."""
        return f"min_val={self.min_val}, max_val={self.max_val}{_inplace(self)}"


class _Shrink(Module):
    function: ClassVar[Callable[..., Any]]

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return type(self).function(input, self.lambd)

    def extra_repr(self) -> str:
        """The threshold."""
        return str(self.lambd)


class Softshrink(_Shrink):
    """``x`` moved towards zero by ``lambd``, zero if it is nearer than that. Mirrors ``torch.nn.Softshrink``."""

    function = F.softshrink


class Hardshrink(_Shrink):
    """``x``, but zero where it is no farther than ``lambd`` from zero. Mirrors ``torch.nn.Hardshrink``."""

    function = F.hardshrink


class GLU(Module):
    """The first half along ``dim``, gated by the sigmoid of the second. Mirrors ``torch.nn.GLU``."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class _AlongDim(Module):
    function: ClassVar[Callable[..., Any]]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """The function of ``input``."""
        return type(self).function(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """``exp(x)`` divided by its sum over ``dim``. Mirrors ``torch.nn.Softmax``.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Softmax(dim=0)(xpgrad.zeros(4))
        tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """

    function = F.softmax


class Softmin(_AlongDim):
    """`Softmax` of ``-x``. Mirrors ``torch.nn.Softmin``."""

    function = F.softmin


class LogSoftmax(_AlongDim):
    """The logarithm of `Softmax`. Mirrors ``torch.nn.LogSoftmax``."""

    function = F.log_softmax


class Softmax2d(_Plain):
    """`Softmax` over the channels of (N, C, H, W) or (C, H, W). Mirrors ``torch.nn.Softmax2d``."""

    def forward(self, input: Any) -> Any:
        """The function of ``input``.

        Raises:
            ArgumentError: It has not 3 or 4 dimensions.
        """
        if input.ndim not in (3, 4):
            raise ArgumentError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return F.softmax(input, -3)


def _inplace(module: Any) -> str:
    return ", inplace=True" if module.inplace else ""
