"""Gradients, products and Jacobians as functions of functions. Mirrors ``torch.func``.

They nest: inside, what is computed is recorded, and a result keeps the part of its history that leads out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from xpgrad.autograd.directions import gradients, pullback, push
from xpgrad.autograd.duals import closed
from xpgrad.autograd.jacobian import by_columns, by_rows
from xpgrad.core.grad_mode import enable_grad, is_grad_enabled
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of
from xpgrad.errors import ArgumentTypeError, GradientError, UnsupportedError
from xpgrad.func.trees import form, leaves, mapped, rebuilt
from xpgrad.functions.creation import zeros_like

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def grad(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that computes the gradient of ``func``, which returns a tensor of no dimensions.

    Mirrors ``torch.func.grad``.

    Args:
        func: Takes tensors, or nested tuples, lists and dicts of them.
        argnums: The argument or arguments to differentiate with respect to.
        has_aux: ``func`` returns a pair, and so does the function: the second is passed on as it is.

    >>> import xpgrad as torch
    >>> torch.func.grad(torch.func.grad(lambda x: x**3))(torch.tensor(2.0))
    tensor(12.)
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        found, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return wrapper


def grad_and_value(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that computes a pair: the gradient of ``func``, and its value.

    Mirrors ``torch.func.grad_and_value``. With ``has_aux`` the second is the pair that ``func`` returns.
    """

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        inner = _Inner(args, argnums)
        with enable_grad():
            output = func(*inner.args, **kwargs)
            output, aux = _aux(output, has_aux)
            name = "grad_and_value(f)(*args)"
            if not isinstance(output, TensorBase):
                raise GradientError(f"{name}: Expected f(*args) to return a Tensor, got {type(output)}")
            if output._array.ndim:
                raise GradientError(
                    f"{name}: Expected f(*args) to return a scalar Tensor, got tensor with {output._array.ndim} dims. "
                    "Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            found = _filled(gradients((output,), inner.xs, None, inner.recording, keep=False), inner.xs)
        value = inner.leave(output)
        return inner.like_arguments(inner.leave(found)), (value, inner.leave(aux)) if has_aux else value

    return wrapper


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of ``func``, and the function that multiplies vectors by its Jacobian. Mirrors ``torch.func.vjp``.

    Returns:
        ``func(*primals)``, then a function of something in the form of that, which returns a tuple in the form of
        ``primals``; with ``has_aux`` also the second of what ``func`` returns.

    >>> import xpgrad as torch
    >>> value, pull = torch.func.vjp(lambda x: x**2, torch.tensor([1.0, 2.0]))
    >>> pull(torch.ones(2))
    (tensor([2., 4.]),)
    """
    inner = _Inner(primals, tuple(range(len(primals))))
    with enable_grad():
        output, aux = _aux(func(*inner.args), has_aux)
    outputs = tuple(leaves(output))

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        """The product of ``cotangents`` and the Jacobian."""
        if form(cotangents) != form(output):
            raise GradientError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {form(cotangents)}, primal output: {form(output)}"
            )
        recording = is_grad_enabled() if create_graph is None else create_graph
        with enable_grad():
            found = gradients(outputs, inner.xs, tuple(leaves(cotangents)), recording, keep=retain_graph)
            filled = _filled(found, inner.xs)
        return inner.like_arguments(inner.leave(filled, recording))

    value = inner.leave(output)
    return (value, pull, inner.leave(aux)) if has_aux else (value, pull)


def jvp(func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """The value of ``func`` and the product of its Jacobian and ``tangents``. Mirrors ``torch.func.jvp``.

    By the double-backward trick.

    Raises:
        GradientError: ``primals`` is no tuple, or ``tangents`` is not of its form.

    >>> import xpgrad as torch
    >>> torch.func.jvp(lambda x: x**2, (torch.tensor([1.0, 2.0]),), (torch.ones(2),))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    inner, output, aux = _linear_at("jvp", func, primals, has_aux)
    weights = _weights(inner, primals, tangents)
    outputs = tuple(leaves(output))
    with enable_grad():
        product = push(outputs, inner.xs, weights, strict, inner.recording)
    results = (inner.leave(output), inner.leave(rebuilt(output, iter(product))))
    return (*results, inner.leave(aux)) if has_aux else results


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of ``func``, and the function that multiplies its Jacobian by tangents.

    Mirrors ``torch.func.linearize``.
    """
    inner, output, _ = _linear_at("linearize", func, primals, False)
    outputs = tuple(leaves(output))
    with enable_grad():
        pulled, dummies = pullback(outputs, inner.xs)

    def product(*tangents: Any) -> Any:
        """The product of the Jacobian and ``tangents``."""
        weights = _weights(inner, primals, tangents)
        with enable_grad():
            found = _filled(gradients(pulled, dummies, weights, inner.recording, keep=True), outputs)
        return inner.leave(rebuilt(output, iter(found)))

    return inner.leave(output), product


def jacrev(func: Function, argnums: Argnums = 0, *, has_aux: bool = False, chunk_size: int | None = None) -> Function:
    """The function that computes the Jacobian of ``func``, row by row. Mirrors ``torch.func.jacrev``.

    ``chunk_size`` is accepted. The arguments are those of `grad`. The Jacobian has the form of what ``func`` returns,
    with the form of the arguments in each leaf.
    """
    return _jacobian(func, argnums, has_aux, lambda ys, xs, recording: by_rows(ys, xs, False, recording))


def jacfwd(func: Function, argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """`jacrev`, column by column. Mirrors ``torch.func.jacfwd``; ``randomness`` is accepted."""
    return _jacobian(func, argnums, has_aux, by_columns)


def hessian(func: Function, argnums: Argnums = 0) -> Function:
    """The function that computes the Hessian of ``func``. Mirrors ``torch.func.hessian``.

    >>> import xpgrad as torch
    >>> torch.func.hessian(lambda x: (x**3).sum())(torch.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)


def vmap(func: Function, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", **_: Any) -> NoReturn:
    """Not there.

    Raises:
        UnsupportedError: Always.
    """
    raise UnsupportedError(
        "vmap: mapping a function over a dimension needs a rule for every operation, and there are none here. Write "
        "the function for batches, or stack what it returns in a loop."
    )


def _jacobian(func: Function, argnums: Argnums, has_aux: bool, blocks: Callable[..., list[list[Any]]]) -> Function:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        inner = _Inner(args, argnums)
        with enable_grad():
            output, aux = _aux(func(*inner.args, **kwargs), has_aux)
            rows = blocks(tuple(leaves(output)), inner.xs, inner.recording)
        found = rebuilt(output, iter([inner.like_arguments(inner.leave(row)) for row in rows]))
        return (found, inner.leave(aux)) if has_aux else found

    return wrapper


def _linear_at(name: str, func: Function, primals: Any, has_aux: bool) -> tuple[_Inner, Any, Any]:
    if not isinstance(primals, tuple):
        raise GradientError(
            f"{name}(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call "
            "f(*primals)."
        )
    inner = _Inner(primals, tuple(range(len(primals))))
    with enable_grad():
        return (inner, *_aux(func(*inner.args), has_aux))


def _weights(inner: _Inner, primals: Any, tangents: Any) -> tuple[Any, ...]:
    if form(tangents) != form(primals):
        raise GradientError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For example, "
            "if primals is a tuple of 3 tensors, tangents also must be."
        )
    weights = tuple(leaves(tangents))
    for x, weight in zip(inner.xs, weights, strict=True):
        if x.shape != weight.shape:
            raise GradientError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is "
                f"not supported. Tensor is of size {list(x.shape)} while the given forward gradient is of size "
                f"{list(weight.shape)}."
            )
    return weights


def _aux(output: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return output, None
    if not isinstance(output, tuple) or len(output) != 2:
        raise GradientError(
            f"output of function f should be a tuple: (output, aux) if has_aux is True; got {type(output).__name__}"
        )
    return output


def _filled(found: Sequence[Any], likes: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(zeros_like(like) if g is None else g for g, like in zip(found, likes, strict=True))


class _Inner:
    """The arguments as a transformed function sees them.

    Attributes:
        args: All of them.
        xs: The tensors in those to differentiate with respect to, with a history of their own.
        recording: Whether the caller records.
    """

    def __init__(self, args: tuple[Any, ...], argnums: Argnums) -> None:
        self.recording = is_grad_enabled()
        self._argnums = argnums
        chosen = argnums if isinstance(argnums, tuple) else (argnums,)
        for n in chosen:
            if not -len(args) <= n < len(args):
                raise GradientError(f"Got argnum={n}, but only {len(args)} positional inputs")
        positions = [n % len(args) for n in chosen]
        started = [mapped(_start, args[n]) for n in positions]
        given = dict(zip(positions, started, strict=True))
        self.args = tuple(given.get(i, x) for i, x in enumerate(args))
        self._chosen = started
        self.xs = tuple(leaves(started))
        self._own = [node_of(x) for x in self.xs]

    def like_arguments(self, values: Sequence[Any]) -> Any:
        """``values``, one for each of ``xs``, in the form of the arguments that these are in."""
        trees = rebuilt(tuple(self._chosen), iter(values))
        return trees if isinstance(self._argnums, tuple) else trees[0]

    def leave(self, tree: Any, recording: bool | None = None) -> Any:
        """The tensors in ``tree`` with the part of their history that is the caller's."""
        keeps = self.recording if recording is None else recording

        def left(x: Any) -> Any:
            if not isinstance(x, TensorBase) or node_of(x) is None:
                return x
            return closed(x, self._own) if keeps else x.detach()  # type: ignore[attr-defined]

        return mapped(left, tree)


def _start(x: Any) -> Any:
    if not isinstance(x, TensorBase):
        raise ArgumentTypeError(
            f"to differentiate with respect to an argument it must be tensors, got {type(x).__name__}"
        )
    with enable_grad():
        return x.view_as(x) if node_of(x) is not None else x.detach().requires_grad_()  # type: ignore[attr-defined]
