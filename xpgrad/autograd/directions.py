"""What the functions of `autograd.functional` share: their arguments, gradients that may be missing, strictness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.autograd.calls import grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of
from xpgrad.errors import ArgumentTypeError, GradientError
from xpgrad.functions.creation import zeros_like

Tensors = tuple[Any, ...]


def listed(given: Any, name: str, function: str) -> tuple[bool, Tensors]:
    """Whether ``given`` is a tuple, and the tensors in it.

    Raises:
        ArgumentTypeError: There is something else.
    """
    several = isinstance(given, tuple)
    for i, element in enumerate(given if several else (given,)):
        if not isinstance(element, TensorBase):
            where = f"value at index {i}" if several else f"given {name}"
            raise ArgumentTypeError(
                f"The {name} given to {function} must be either a Tensor or a tuple of Tensors but the {where} has "
                f"type {type(element)}."
            )
    return several, given if several else (given,)


def started(tensors: Tensors, create_graph: bool, *, track: bool = True) -> Tensors:
    """The tensors to differentiate at: apart from the caller's graph, or in it if that is to be differentiable."""
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(track) for x in tensors
    )


def finished(results: Any, several: Sequence[bool], create_graph: bool) -> Any:
    """``results``, nested as deep as ``several`` is long, without history and without the tuples nobody asked for."""
    if not several:
        return results if create_graph else results.detach()
    inner = tuple(finished(r, several[1:], create_graph) for r in results)
    return inner if several[0] else inner[0]


def direction(v: Any, others: Tensors, several: bool, create_graph: bool, function: str) -> Tensors | None:
    """The tensors ``v``, of the shapes of ``others``; None if there are none and there need not be.

    Raises:
        GradientError: Their number or a shape is wrong, or they are missing though ``others`` is not one number.
    """
    if v is None:
        if len(others) == 1 and others[0].numel() == 1:
            return None
        what = (
            "user-provided function returns a single Tensor with a single element."
            if function == "vjp"
            else "input to the user-provided function is a single Tensor with a single element."
        )
        raise GradientError(f"The vector v can only be None if the {what}")
    _, given = listed(v, "v", function)
    if len(given) != len(others):
        raise GradientError(
            f"v is a tuple of invalid length: should be {len(others)} but got {len(given)}."
            if several
            else "The given v should contain a single Tensor."
        )
    for i, (have, other) in enumerate(zip(given, others, strict=True)):
        if have.shape != other.shape:
            entry = f"Entry {i} in " if several else ""
            raise GradientError(f"{entry}v has invalid size: should be {other.shape} but got {have.shape}.")
    return started(given, create_graph, track=False)


def gradients(outputs: Tensors, inputs: Tensors, weights: Tensors | None, create_graph: bool, keep: bool) -> Tensors:
    """The gradients of those of ``outputs`` that have any; None where there is none."""
    pairs = [
        (output, weight)
        for output, weight in zip(outputs, weights or (None,) * len(outputs), strict=True)
        if output is not None and node_of(output) is not None
    ]
    if not pairs:
        return (None,) * len(inputs)
    used, given = zip(*pairs, strict=True)
    return grad(used, inputs, given, retain_graph=keep or create_graph, create_graph=create_graph, allow_unused=True)


def pullback(outputs: Tensors, xs: Tensors) -> tuple[Tensors, Tensors]:
    """The gradients of ``outputs`` for weights of zero, and these weights: the first is linear in the second."""
    dummies = tuple(zeros_like(y, requires_grad=y.is_floating_point() or y.is_complex()) for y in outputs)
    return gradients(outputs, xs, dummies, create_graph=True, keep=True), dummies


def filled(found: Tensors, likes: Tensors, strict: bool, create_graph: bool, missing: str, constant: str) -> Tensors:
    """``found`` with zeros for what is missing.

    Raises:
        GradientError: Something is ``missing``, or ``constant`` where a graph was asked for, and ``strict``. The
            messages take the position.
    """
    if strict:
        for i, g in enumerate(found):
            if g is None:
                raise GradientError(missing.format(i))
            if create_graph and node_of(g) is None:
                raise GradientError(f"{constant.format(i)} This is not allowed in strict mode when create_graph=True.")
    return tuple(zeros_like(like) if g is None else g for g, like in zip(found, likes, strict=True))


INDEPENDENT = "The output of the user-provided function is independent of input {}. This is not allowed in strict mode."


def require_history(tensors: Tensors, strict: bool, message: str) -> None:
    """Raise if ``strict`` and one of ``tensors`` is missing or does not require grad.

    Raises:
        GradientError: The ``message``, which takes the position.
    """
    if strict:
        for i, x in enumerate(tensors):
            if x is None:
                raise GradientError(INDEPENDENT.format(i))
            if node_of(x) is None:
                raise GradientError(message.format(i))


OUTPUTS = (
    "Output {} of the user-provided function does not require gradients. The outputs must be computed in a "
    "differentiable manner from the input when running in strict mode."
)
GRADIENTS = (
    "The gradient with respect to input {} is independent of the inputs of the user-provided function. This is not "
    "allowed in strict mode."
)
JACOBIAN = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
    "independent of the input. This is not allowed in strict mode. You should ensure that your function is twice "
    "differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for "
    "example)."
)


def require_number(several: bool, outputs: Tensors, function: str) -> None:
    """Raise if a function to be differentiated twice does not return one tensor of one element.

    Raises:
        GradientError: It does not.
    """
    if several:
        raise GradientError(f"The function given to {function} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise GradientError(f"The Tensor returned by the function given to {function} should contain a single element")


JACOBIAN_IS_CONSTANT = "The jacobian of the user-provided function is independent of input {}."


def push(outputs: Tensors, xs: Tensors, weights: Tensors | None, strict: bool, create_graph: bool) -> Tensors:
    """The product of the Jacobian of ``outputs`` with respect to ``xs`` and ``weights``."""
    pulled, dummies = pullback(outputs, xs)
    require_history(pulled, strict, GRADIENTS)
    found = gradients(pulled, dummies, weights, create_graph, keep=False)
    return filled(
        found,
        outputs,
        strict,
        create_graph,
        "The gradient with respect to the input is independent of entry {} in the grad_outputs when using the double "
        "backward trick to compute forward mode gradients. This is not allowed in strict mode.",
        JACOBIAN_IS_CONSTANT,
    )
