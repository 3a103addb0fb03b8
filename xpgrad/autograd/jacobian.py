"""Whole matrices of derivatives: `jacobian` and `hessian`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.autograd.directions import (
    JACOBIAN,
    OUTPUTS,
    Tensors,
    finished,
    gradients,
    listed,
    pullback,
    require_history,
    require_number,
    started,
)
from xpgrad.core.grad_mode import enable_grad
from xpgrad.core.views import node_of
from xpgrad.errors import ChoiceError, GradientError, UnsupportedError
from xpgrad.functions.creation import zeros_like
from xpgrad.functions.joining import stack

_OF_FUNCTION = "outputs of the user-provided function"


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of ``func``. Mirrors ``torch.autograd.functional.jacobian``.

    Args:
        func: Takes tensors, returns one or a tuple of them.
        inputs: A tensor or a tuple of them, the point.
        create_graph: Give the result its history.
        strict: Raise where a result does not depend on an input, instead of giving zeros.
        vectorize: Accepted: the rows are computed one after the other all the same.
        strategy: ``"reverse-mode"``, a backward pass for each element of the results, or ``"forward-mode"``, one for
            each element of the inputs, by the double-backward trick. The latter needs ``vectorize``, as in PyTorch.

    Returns:
        For a result of shape ``s`` and an input of shape ``t`` a tensor of shape ``s + t``; a tuple by result, if
        these are a tuple, of tuples by input, if those are.

    Raises:
        ChoiceError: There is no such strategy.
        GradientError: ``strict``, or ``strict`` with ``vectorize``.
        UnsupportedError: The forward strategy with ``create_graph`` or without ``vectorize``.

    >>> import xpgrad as torch
    >>> torch.autograd.functional.jacobian(lambda x: x**2, torch.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise ChoiceError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    forward = strategy == "forward-mode"
    if forward:
        _check_forward(create_graph, strict, vectorize)
    with enable_grad():
        several_in, xs = listed(inputs, "inputs", "jacobian")
        xs = started(xs, create_graph)
        several_out, outputs = listed(func(*xs), _OF_FUNCTION, "jacobian")
        require_history(outputs, strict, OUTPUTS)
        if vectorize and strict:
            raise GradientError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        blocks = by_columns(outputs, xs, False) if forward else by_rows(outputs, xs, strict, create_graph)
    return finished(blocks, [several_out, several_in], create_graph)


def _check_forward(create_graph: bool, strict: bool, vectorize: bool) -> None:
    name = "torch.autograd.functional.jacobian"
    if create_graph:
        raise UnsupportedError(
            f'{name}: `create_graph=True` and `strategy="forward-mode"` are not supported together (yet). Please '
            'either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strict:
        raise GradientError(
            f'{name}: `strict=True` and `strategy="forward-mode"` are not supported together (yet). Please either set '
            '`strict=False` or `strategy="reverse-mode"`.'
        )
    if not vectorize:
        raise UnsupportedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian is only implemented for "
            "`vectorize=True`."
        )


def by_rows(outputs: Tensors, xs: Tensors, strict: bool, create_graph: bool) -> list[list[Any]]:
    """A backward pass for each element of the results."""
    blocks = []
    for i, y in enumerate(outputs):
        flat = y.reshape(-1)
        rows = [gradients((flat[k],), xs, None, create_graph, keep=True) for k in range(flat.numel())]
        if strict:
            for row in rows:
                _check_row(row, i, create_graph)
        blocks.append([_block([row[n] for row in rows], x, (*y.shape, *x.shape)) for n, x in enumerate(xs)])
    return blocks


def _check_row(row: Tensors, i: int, create_graph: bool) -> None:
    for n, g in enumerate(row):
        if g is None:
            raise GradientError(
                f"Output {i} of the user-provided function is independent of input {n}. This is not allowed in strict "
                "mode."
            )
        if create_graph and node_of(g) is None:
            raise GradientError(
                f"The jacobian of the user-provided function is independent of input {i}. This is not allowed in "
                "strict mode when create_graph=True."
            )


def _block(rows: list[Any], x: Any, shape: tuple[int, ...]) -> Any:
    if not rows:
        return x.new_zeros(shape)
    return stack([zeros_like(x) if g is None else g for g in rows]).reshape(shape)


def by_columns(outputs: Tensors, xs: Tensors, create_graph: bool) -> list[list[Any]]:
    """A backward pass through the gradients, which are linear in their weights, for each element of the inputs."""
    pulled, dummies = pullback(outputs, xs)
    by_input = []
    for x, g in zip(xs, pulled, strict=True):
        flat = None if g is None else g.reshape(-1)
        columns = [
            gradients((None if flat is None else flat[k],), dummies, None, create_graph, keep=True)
            for k in range(x.numel())
        ]
        by_input.append(
            [
                _block([c[n] for c in columns], y, (x.numel(), *y.shape)).movedim(0, -1).reshape((*y.shape, *x.shape))
                for n, y in enumerate(outputs)
            ]
        )
    return [list(blocks) for blocks in zip(*by_input, strict=True)]


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian of ``func``, which returns one number. Mirrors ``torch.autograd.functional.hessian``.

    The arguments are those of `jacobian`; ``outer_jacobian_strategy`` is how the gradient is differentiated.

    Returns:
        For inputs of shapes ``s`` and ``t`` a tensor of shape ``s + t``; a tuple of tuples if ``inputs`` is a tuple.

    >>> import xpgrad as torch
    >>> torch.autograd.functional.hessian(lambda x: (x**3).sum(), torch.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    several, xs = listed(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise ChoiceError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def number(*args: Any) -> Any:
        several_out, outputs = listed(func(*args), _OF_FUNCTION, "hessian")
        require_history(outputs, strict, OUTPUTS)
        require_number(several_out, outputs, "hessian")
        return outputs[0].squeeze()

    def gradient(*args: Any) -> Any:
        first = jacobian(number, args, create_graph=True)
        require_history(first, strict, JACOBIAN)
        return first

    blocks = jacobian(gradient, xs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return blocks if several else blocks[0][0]
