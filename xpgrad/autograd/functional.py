"""Derivatives of functions: products with the Jacobian and the Hessian, and these themselves.

Mirrors ``torch.autograd.functional``. A product from the right is the gradient of a product from the left, which is
linear in its vector (the double-backward trick), so that none of this needs another mode of differentiation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.autograd.directions import (
    INDEPENDENT,
    JACOBIAN,
    JACOBIAN_IS_CONSTANT,
    OUTPUTS,
    Tensors,
    direction,
    filled,
    finished,
    gradients,
    listed,
    push,
    require_history,
    require_number,
    started,
)
from xpgrad.autograd.jacobian import hessian, jacobian
from xpgrad.core.grad_mode import enable_grad
from xpgrad.functions.creation import zeros_like

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

_OF_FUNCTION = "outputs of the user-provided function"
_HESSIAN_IS_CONSTANT = "The hessian of the user-provided function is independent of input {}."


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The product of ``v`` and the Jacobian of ``func``. Mirrors ``torch.autograd.functional.vjp``.

    Args:
        func: Takes tensors, returns one or a tuple of them.
        inputs: A tensor or a tuple of them, the point.
        v: Of the shapes of what ``func`` returns; may be left out for one number.
        create_graph: Give both results their history.
        strict: Raise where a result does not depend on an input, instead of giving zeros.

    Returns:
        What ``func`` returns, and the product in the form of ``inputs``.

    Raises:
        GradientError: ``v`` has other shapes, or ``strict``.
        ArgumentTypeError: There is something else than tensors.

    >>> import xpgrad as torch
    >>> torch.autograd.functional.vjp(lambda x: x**2, torch.tensor([1.0, 2.0]), torch.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        several_in, xs = listed(inputs, "inputs", "vjp")
        xs = started(xs, create_graph)
        several_out, outputs = listed(func(*xs), _OF_FUNCTION, "vjp")
        require_history(outputs, strict, OUTPUTS)
        weights = direction(v, outputs, several_out, create_graph, "vjp")
    found = gradients(outputs, xs, weights, create_graph, keep=False)
    product = filled(found, xs, strict, create_graph, INDEPENDENT, JACOBIAN_IS_CONSTANT)
    return finished(outputs, [several_out], create_graph), finished(product, [several_in], create_graph)


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The product of the Jacobian of ``func`` and ``v``. Mirrors ``torch.autograd.functional.jvp``.

    The arguments are those of `vjp`, but ``v`` has the shapes of ``inputs`` and the product that of the results.

    >>> import xpgrad as torch
    >>> torch.autograd.functional.jvp(lambda x: x.sum() * x, torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0]))
    (tensor([3., 6.]), tensor([4., 2.]))
    """
    with enable_grad():
        several_in, xs = listed(inputs, "inputs", "jvp")
        xs = started(xs, create_graph)
        weights = direction(v, xs, several_in, create_graph, "jvp")
        several_out, outputs = listed(func(*xs), _OF_FUNCTION, "jvp")
        require_history(outputs, strict, OUTPUTS)
        product = push(outputs, xs, weights, strict, create_graph)
    return finished(outputs, [several_out], create_graph), finished(product, [several_out], create_graph)


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The product of ``v`` and the Hessian of ``func``, which returns one number.

    Mirrors ``torch.autograd.functional.vhp``. The arguments are those of `vjp`, but ``v`` has the shapes of ``inputs``.

    >>> import xpgrad as torch
    >>> torch.autograd.functional.vhp(lambda x: (x**3).sum(), torch.tensor([1.0, 2.0]), torch.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    several, xs, outputs, pulled, weights = _first_gradients("vhp", func, inputs, v, create_graph, strict)
    found = gradients(pulled, xs, weights, create_graph, keep=False)
    missing = (
        "The jacobian of the user-provided function is independent of input {}. This is not allowed in strict mode."
    )
    product = filled(found, xs, strict, create_graph, missing, _HESSIAN_IS_CONSTANT)
    return finished(outputs, [False], create_graph), finished(product, [several], create_graph)


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The product of the Hessian of ``func``, which returns one number, and ``v``.

    Mirrors ``torch.autograd.functional.hvp``. As the Hessian is symmetric, `vhp` gives the same with one pass less.
    The arguments are those of `vjp`, but ``v`` has the shapes of ``inputs``.

    >>> import xpgrad as torch
    >>> torch.autograd.functional.hvp(lambda x: (x**3).sum(), torch.tensor([1.0, 2.0]), torch.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    several, xs, outputs, pulled, weights = _first_gradients("hvp", func, inputs, v, create_graph, strict)
    with enable_grad():
        dummies = tuple(zeros_like(x, requires_grad=True) for x in xs)
        twice = gradients(pulled, xs, dummies, create_graph=True, keep=True)
        found = gradients(twice, dummies, weights, create_graph, keep=False)
    missing = (
        "The hessian of the user-provided function is independent of entry {} in the grad_jacobian. This is not "
        "allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD."
    )
    product = filled(found, xs, strict, create_graph, missing, _HESSIAN_IS_CONSTANT)
    return finished(outputs, [False], create_graph), finished(product, [several], create_graph)


def _first_gradients(
    name: str, func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[bool, Tensors, Tensors, Tensors, Tensors | None]:
    """Whether the inputs are a tuple, they, what ``func`` makes of them, its recorded gradients, and ``v``."""
    with enable_grad():
        several, xs = listed(inputs, "inputs", name)
        xs = started(xs, create_graph)
        weights = direction(v, xs, several, create_graph, name)
        several_out, outputs = listed(func(*xs), _OF_FUNCTION, name)
        require_history(outputs, strict, OUTPUTS)
        require_number(several_out, outputs, name)
        pulled = gradients(outputs, xs, None, create_graph=True, keep=True)
        require_history(pulled, strict, JACOBIAN)
    return several, xs, outputs, pulled, weights
