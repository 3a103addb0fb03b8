"""Activation functions. Mirrors those of ``torch.nn.functional``."""

from __future__ import annotations

import warnings
from typing import Any

from xpgrad.backends import philox
from xpgrad.backends.dtypes import dtype
from xpgrad.core.inplace import inplace as in_place
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, DtypeError, SettingError, ShapeError
from xpgrad.functions import activation, pointwise, reduction
from xpgrad.functions.activation import celu_ as celu_
from xpgrad.functions.activation import hardshrink as hardshrink
from xpgrad.functions.activation import prelu as prelu
from xpgrad.functions.activation import real_kind
from xpgrad.functions.activation import relu_ as relu_
from xpgrad.functions.activation import rrelu_ as rrelu_
from xpgrad.functions.activation import selu_ as selu_
from xpgrad.functions.activation import threshold_ as threshold_
from xpgrad.functions.creation import finish
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.draws import draw
from xpgrad.functions.elementwise import Function
from xpgrad.functions.inplace import inplace_of
from xpgrad.functions.results import deliver
from xpgrad.nn.functional.checks import floating
from xpgrad.ops import activation as ops


def _activate(op: Op, inplace: bool, input: Any, **settings: Any) -> Any:
    """``op`` of ``input``, in its place if asked."""
    return in_place(op.apply, input, **settings) if inplace else op.apply(input, **settings)


def _either(function: Function, inplace: bool, input: Any, *settings: Any) -> Any:
    """``function`` of ``input``, in its place if asked."""
    return in_place(function, input, *settings) if inplace else function(input, *settings)


def relu(input: Any, inplace: bool = False) -> Any:
    """``max(input, 0)``; with ``inplace``, written into ``input``.

    Raises:
        DtypeError: ``input`` is boolean.
    """
    if isinstance(input, TensorBase) and input._place.dtype(input._array.dtype).name == "bool":
        raise DtypeError("Boolean inputs not supported for relu: convert it with .float() first")
    return in_place(pointwise.relu, input) if inplace else pointwise.relu(input)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """``input`` where it is above ``threshold``, ``value`` elsewhere."""
    return _either(activation.threshold, inplace, input, threshold, value)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """``input`` where positive, ``negative_slope * input`` elsewhere."""
    return _activate(ops.leaky_relu, inplace, floating("leaky_relu", input), negative_slope=float(negative_slope))


def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Any:
    """`leaky_relu` with a slope drawn from [lower, upper] for each element, or their mean if not ``training``.

    Raises:
        SettingError: ``lower`` is greater than ``upper``, or one is not finite.
    """
    return _either(activation.rrelu, inplace, input, lower, upper, training)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``input`` where positive, ``alpha * (exp(input) - 1)`` elsewhere."""
    return _activate(ops.elu, inplace, floating("elu", input), alpha=float(alpha), scale=1.0, input_scale=1.0)


def selu(input: Any, inplace: bool = False) -> Any:
    """`elu` scaled so that means and variances are kept (Klambauer et al. 2017, appendix)."""
    return _either(activation.selu, inplace, input)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere.

    Raises:
        SettingError: ``alpha`` is zero.
    """
    return _either(activation.celu, inplace, input, alpha)


def gelu(input: Any, approximate: str = "none", *, out: Any = None) -> Any:
    """``input`` times the normal distribution function of it, exactly or approximated by ``"tanh"``.

    Raises:
        SettingError: ``approximate`` is neither ``"none"`` nor ``"tanh"``.
    """
    if approximate not in ("none", "tanh"):
        raise SettingError(f"approximate argument must be either none or tanh, got {approximate!r}.")
    return deliver(out, (ops.gelu if approximate == "none" else ops.gelu_tanh).apply(floating("gelu", input)))


def silu(input: Any, inplace: bool = False) -> Any:
    """``input * sigmoid(input)``."""
    return _activate(ops.silu, inplace, floating("silu", input))


def mish(input: Any, inplace: bool = False) -> Any:
    """``input * tanh(softplus(input))``."""
    return _activate(ops.mish, inplace, floating("mish", input))


def sigmoid(input: Any) -> Any:
    """``1 / (1 + exp(-input))``."""
    return pointwise.sigmoid(input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent."""
    return pointwise.tanh(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0, *, out: Any = None) -> Any:
    """``log(1 + exp(beta * input)) / beta``, and ``input`` itself where ``beta * input`` is above ``threshold``."""
    return deliver(out, ops.softplus.apply(floating("softplus", input), beta=float(beta), threshold=float(threshold)))


def softsign(input: Any) -> Any:
    """``input / (1 + abs(input))``."""
    return input / (pointwise.abs(input) + 1)


def logsigmoid(input: Any, *, out: Any = None) -> Any:
    """``log(sigmoid(input))``, without overflow."""
    return deliver(out, ops.log_sigmoid.apply(floating("log_sigmoid", input)))


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """``input`` kept between ``min_val`` and ``max_val``.

    Raises:
        ArgumentError: ``min_val`` is greater than ``max_val``.
        DtypeError: ``input`` is boolean or complex.
        SettingError: ``input`` is unsigned and a limit negative.
    """
    if min_val > max_val:
        raise ArgumentError(f"min_val cannot be greater than max_val: got {min_val} and {max_val}")
    number = real_kind("hardtanh", input)
    low, high = number(min_val), number(max_val)
    if min_val < 0 and input.dtype.kind == "uint":
        raise SettingError(f"cannot do hardtanh on an unsigned type with negative limits: got {min_val}")
    return _activate(ops.hardtanh, inplace, input, min_val=low, max_val=high)


def relu6(input: Any, inplace: bool = False) -> Any:
    """``input`` kept between 0 and 6."""
    return hardtanh(input, 0.0, 6.0, inplace)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """``input / 6 + 1/2`` kept between 0 and 1."""
    return _activate(ops.hardsigmoid, inplace, floating("hardsigmoid", input))


def hardswish(input: Any, inplace: bool = False) -> Any:
    """``input * hardsigmoid(input)``."""
    return _activate(ops.hardswish, inplace, floating("hardswish", input))


def tanhshrink(input: Any) -> Any:
    """``input - tanh(input)``."""
    return input - pointwise.tanh(input)


def softshrink(input: Any, lambd: float = 0.5, *, out: Any = None) -> Any:
    """``input`` moved towards zero by ``lambd``, zero if it is nearer than that.

    Raises:
        SettingError: ``lambd`` is negative.
    """
    if lambd < 0:
        raise SettingError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return deliver(out, ops.softshrink.apply(floating("softshrink", input), lambd=float(lambd)))


def glu(input: Any, dim: int = -1) -> Any:
    """The first half of ``input`` along ``dim``, gated by the sigmoid of the second.

    Raises:
        ShapeError: ``dim`` has odd length.
    """
    floating("glu", input)
    if input._array.ndim == 0:
        raise ShapeError("glu does not support scalars because halving size must be even")
    axis = normalize_dim(dim, input._array.ndim)
    if input._array.shape[axis] % 2:
        raise ShapeError(f"Halving dimension must be even, but dimension {axis} is size {input._array.shape[axis]}")
    return ops.glu.apply(input, axis=axis)


elu_ = inplace_of(elu)
leaky_relu_ = inplace_of(leaky_relu)
hardtanh_ = inplace_of(hardtanh)


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Any:
    """``exp(input)`` divided by its sum over ``dim``, computed in ``dtype`` if given."""
    return reduction.softmax(input, _chosen("softmax", input, dim, _stacklevel), dtype=dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Any:
    """`softmax` of ``-input``."""
    return reduction.softmax(-input, _chosen("softmin", input, dim, _stacklevel), dtype=dtype)


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: dtype | None = None) -> Any:
    """The logarithm of `softmax`, computed without overflow."""
    return reduction.log_softmax(input, _chosen("log_softmax", input, dim, _stacklevel), dtype=dtype)


def _chosen(name: str, input: Any, dim: int | None, stacklevel: int) -> int:
    """``dim``, or with a warning the one that was implied of old."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if input._array.ndim in (0, 1, 3) else 1


def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """A sample from the Gumbel-softmax distribution (Jang, Gu and Poole 2016), one-hot if ``hard``.

    A one-hot sample has the gradient of the soft one.
    """
    exponential = draw(philox.exponential, tuple(logits._array.shape), logits._place, logits.dtype, None)
    gumbels = -finish(logits._place.xp.log(exponential), logits._place, False)
    soft = reduction.softmax((logits + gumbels) / tau, dim)
    if not hard:
        return soft
    index = soft.detach().argmax(dim, keepdim=True)
    axis = normalize_dim(dim, logits._array.ndim)
    numbers = logits.new_tensor(range(logits._array.shape[axis])).reshape(-1, *(1,) * (logits._array.ndim - axis - 1))
    one_hot = (numbers == index).to(dtype=soft.dtype)
    return one_hot - soft.detach() + soft
