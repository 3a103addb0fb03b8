"""The older way to checkpoint: a `Function` whose backward runs a backward pass of its own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, final

from xpgrad.autograd.calls import backward as run_backward
from xpgrad.autograd.function import Function
from xpgrad.core.grad_mode import enable_grad, mode, no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of
from xpgrad.errors import GradientError
from xpgrad.functions.generator import default_generator
from xpgrad.random import fork_rng


def detach_variable(inputs: Any) -> tuple[Any, ...]:
    """Each of a tuple as it is, but tensors without their history.

    Raises:
        GradientError: It is no tuple.
    """
    if not isinstance(inputs, tuple):
        raise GradientError(f"Only tuple of tensors is supported. Got Unsupported input type: {type(inputs).__name__}")
    return tuple(
        x.detach().requires_grad_(x.requires_grad) if isinstance(x, TensorBase) else x  # type: ignore[attr-defined]
        for x in inputs
    )


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn if no tensor among ``inputs`` requires grad."""
    if not any(isinstance(x, TensorBase) and node_of(x) is not None for x in inputs):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)


@final
class CheckpointFunction(Function):
    """Runs a function without recording, and again with it when gradients arrive."""

    @staticmethod
    def forward(ctx: Any, run_function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        """The value of the function."""
        check_backward_validity(args)
        ctx.run_function = run_function
        ctx.state = default_generator.get_state() if preserve_rng_state else None
        ctx.others = [None if isinstance(x, TensorBase) else x for x in args]
        ctx.positions = [i for i, x in enumerate(args) if isinstance(x, TensorBase)]
        ctx.save_for_backward(*(args[i] for i in ctx.positions))
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:
        """The gradients of the arguments; those of what else the function uses are added to the leaves."""
        if mode.capturing:
            raise GradientError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` "
                "parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or call "
                ".backward() without passing the `inputs` argument."
            )
        args = list(ctx.others)
        for i, x in zip(ctx.positions, ctx.saved_tensors, strict=True):
            args[i] = x
        fresh = detach_variable(tuple(args))
        with fork_rng(enabled=ctx.state is not None), enable_grad():
            if ctx.state is not None:
                default_generator.set_state(ctx.state)
            outputs = ctx.run_function(*fresh)
        outputs = (outputs,) if isinstance(outputs, TensorBase) else outputs
        roots = [
            (y, g) for y, g in zip(outputs, grads, strict=True) if isinstance(y, TensorBase) and node_of(y) is not None
        ]
        if not roots:
            raise GradientError(
                "none of output has requires_grad=True, this checkpoint() is not necessary: call the function itself"
            )
        run_backward([y for y, _ in roots], [g for _, g in roots])
        return (None, None, *(x.grad if isinstance(x, TensorBase) else None for x in fresh))  # type: ignore[attr-defined]
