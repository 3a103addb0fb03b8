"""Activation functions that PyTorch has beside ``torch.relu`` too, and backward passes it has as functions."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends import philox
from xpgrad.backends.dtypes import dtype
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, SettingError, ShapeError
from xpgrad.functions.arithmetic import mul
from xpgrad.functions.checks import floating, kind_of, shape_of
from xpgrad.functions.creation import finish
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.draws import draw, stretched
from xpgrad.functions.elementwise import binary_function
from xpgrad.functions.generator import Generator, generator_or_default
from xpgrad.functions.inplace import inplace_of
from xpgrad.functions.pointwise import relu
from xpgrad.functions.results import deliver
from xpgrad.ops import activation as ops
from xpgrad.ops.arithmetic import multiply

__all__ = [
    "celu", "celu_", "hardshrink", "native_dropout", "native_dropout_backward", "prelu", "relu_", "rrelu", "rrelu_",
    "selu", "selu_", "threshold", "threshold_",
]  # fmt: skip


def threshold(input: Any, threshold: float, value: float, *, out: Any = None) -> Any:
    """``input`` where it is above ``threshold``, ``value`` elsewhere. Mirrors ``torch.threshold``.

    Raises:
        DtypeError: ``input`` is boolean or complex.
    """
    number = real_kind("threshold", input)
    return deliver(out, ops.threshold.apply(input, threshold=number(threshold), value=number(value)))


def real_kind(name: str, x: Any) -> type:
    """`float` or `int`, in which settings beside ``x`` count.

    Raises:
        DtypeError: ``x`` is boolean or complex.
    """
    shape_of(name, x)
    kind = x._place.dtype(x._array.dtype).kind
    if kind in ("bool", "complex"):
        raise DtypeError(f"\"{name}\" not implemented for '{kind_of(x)}': convert it with .float() first")
    return float if kind == "float" else int


def selu(input: Any) -> Any:
    """`elu` scaled so that means and variances are kept (Klambauer et al. 2017, appendix). Mirrors ``torch.selu``."""
    alpha, scale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
    return ops.elu.apply(floating("selu", input), alpha=alpha, scale=scale, input_scale=1.0)


def celu(input: Any, alpha: float = 1.0) -> Any:
    """``input`` where positive, ``alpha * (exp(input / alpha) - 1)`` elsewhere. Mirrors ``torch.celu``.

    Raises:
        SettingError: ``alpha`` is zero.
    """
    if alpha == 0:
        raise SettingError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return ops.celu.apply(floating("celu", input), alpha=float(alpha), scale=1.0, input_scale=1.0 / alpha)


def prelu(input: Any, weight: Any) -> Any:
    """``input`` where positive, ``weight * input`` elsewhere, with one weight or one for each channel (dim 1).

    Mirrors ``torch.prelu``.

    Raises:
        DtypeError: The dtypes differ, or are not floating.
        ShapeError: The number of weights is neither 1 nor that of the channels.
    """
    floating("prelu", input)
    if not isinstance(weight, TensorBase):
        raise ArgumentTypeError(f"prelu(): argument 'weight' (position 2) must be Tensor, not {type(weight).__name__}")
    if weight._array.dtype != input._array.dtype:
        raise DtypeError(f"prelu: Type promoting not supported. Got {kind_of(input)} and {kind_of(weight)}")
    shape, weights = input._array.shape, weight._array.shape
    if len(weights) > 1:
        raise ShapeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {len(weights)}")
    if weights in ((), (1,)):
        return ops.prelu.apply(input, weight.reshape(weights[: len(shape)]))  # type: ignore[attr-defined]
    channels = shape[1] if len(shape) > 1 else 1
    if not shape or weights[0] != channels:
        raise ShapeError(
            "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
            f"{weights[0]} and channel size = {channels}."
        )
    return ops.prelu.apply(input, weight.reshape(-1, *(1,) * (len(shape) - 2)))  # type: ignore[attr-defined]


def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False,
    generator: Generator | None = None,
) -> Any:  # fmt: skip
    """A leaky ReLU with a slope drawn from [lower, upper] for each element, or their mean if not ``training``.

    Mirrors ``torch.rrelu``.

    Raises:
        SettingError: ``lower`` is greater than ``upper``, or one is not finite.
    """
    floating("rrelu", input)
    for name, bound in (("lower", lower), ("upper", upper)):
        if not -float("inf") < bound < float("inf"):
            raise SettingError(f"rrelu: {name} bound must be finite, got {bound}")
    if lower > upper:
        raise SettingError(f"Lower bound should be less than or equal to the upper bound, got {lower} and {upper}")
    if training:
        uniform = draw(philox.uniform, tuple(input._array.shape), input._place, input.dtype, generator)
        slope = finish(stretched(uniform, input._place, upper - lower, lower), input._place, False)
    else:
        slope = input.new_full((), (lower + upper) / 2)
    return ops.rrelu.apply(input, slope)


relu_ = inplace_of(relu)
threshold_ = inplace_of(threshold)
selu_ = inplace_of(selu)
celu_ = inplace_of(celu)
rrelu_ = inplace_of(rrelu, draws=True)


def hardshrink(input: Any, lambd: float = 0.5, *, out: Any = None) -> Any:
    """``input``, but zero where it is no farther than ``lambd`` from zero. Mirrors ``torch.Tensor.hardshrink``."""
    return deliver(out, ops.hardshrink.apply(floating("hardshrink", input), lambd=float(lambd)))


def _safe_softmax(input: Any, dim: int, dtype: dtype | None = None) -> Any:
    """The softmax over ``dim``, and zeros where all scores are minus infinity: nothing to attend to.

    Mirrors ``torch.ops.aten._safe_softmax``.
    """
    input = cast(input, dtype) if dtype is not None else input
    return ops.safe_softmax.apply(floating("softmax", input), axis=normalize_dim(dim, input._array.ndim))


def _softmax_backward_data(grad_output: Any, output: Any, dim: int, input_dtype: dtype) -> Any:
    """The gradient of the input of a softmax from that of its ``output``. Mirrors ``torch._softmax_backward_data``.

    Raises:
        DtypeError: ``input_dtype`` is neither that of the gradient, nor float16 beside float32.
    """
    given = grad_output._place.dtype(grad_output._array.dtype)
    if given is not input_dtype and (given.name, input_dtype.name) != ("float32", "float16"):
        raise DtypeError(f"expected input and grad types to match, or input to be at::Half and grad to be at::Float: "
                         f"got {input_dtype.name} and {given.name}")  # fmt: skip
    axis = normalize_dim(dim, output._array.ndim)
    return cast(ops.softmax_gradient.apply(grad_output, output, axis=axis), input_dtype)


def native_dropout(input: Any, p: float, train: bool | None) -> tuple[Any, Any]:
    """``input`` with elements zeroed with probability ``p`` and the others divided by ``1 - p``, and which were kept.

    Mirrors ``torch.native_dropout``.

    Raises:
        ArgumentError: ``p`` is not between 0 and 1.
    """
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")
    place, shape = floating("native_dropout", input)._place, tuple(input._array.shape)
    share = 1.0 if train is False else 1.0 - p
    source = generator_or_default(None)._philox
    mask = make_tensor(philox.bernoulli(place.xp, source, share, shape, device=place.handle), place)
    return mul(mul(input, mask), 1.0 / share if share else 0.0), mask


def native_dropout_backward(grad_output: Any, mask: Any, scale: float) -> Any:
    """The gradient of the input of a dropout that kept ``mask`` and multiplied by ``scale``.

    Mirrors ``torch.ops.aten.native_dropout_backward``.
    """
    kept = mask if mask._array.dtype == grad_output._array.dtype else cast(mask, grad_output.dtype)
    return _dropped(grad_output, mul(kept, scale))


_dropped = binary_function(multiply.named("NativeDropoutBackwardBackward0"), "native_dropout_backward")
