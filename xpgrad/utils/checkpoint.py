"""Trading time for memory: what a function saves for its gradients is computed again in the backward pass.

Mirrors ``torch.utils.checkpoint``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from xpgrad.core.grad_mode import is_grad_enabled
from xpgrad.errors import ArgumentError
from xpgrad.utils.recomputation import CHECKS, CheckpointError, Region
from xpgrad.utils.reentrant import CheckpointFunction, check_backward_validity, detach_variable

__all__ = [
    "CheckpointError",
    "CheckpointFunction",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "detach_variable",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
]

Contexts = tuple[AbstractContextManager[Any], AbstractContextManager[Any]]

# What the context managers below say instead of the arguments of these names.
_early_stop: ContextVar[bool | None] = ContextVar("early_stop", default=None)
_debug: ContextVar[bool | None] = ContextVar("debug", default=None)


def noop_context_fn() -> Contexts:
    """The default of ``context_fn``: nothing around either run."""
    return nullcontext(), nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], Contexts] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, which keeps its arguments for the backward pass and runs again in there.

    Mirrors ``torch.utils.checkpoint.checkpoint``.

    Args:
        function: Does the same each time it is called. Checkpoints in it are fine.
        args: Its arguments, kept; they must not be written to in place.
        use_reentrant: True for the older variant, a `Function` whose backward runs a backward pass: no
            `autograd.grad`, no keyword arguments, and an argument has to require grad. Say which; without, PyTorch
            warns and takes True, and so does this.
        context_fn: Returns two context managers, for the first run and for those in backward passes.
        determinism_check: ``"default"`` to compare shape, dtype and device of what is saved, ``"none"`` not to.
        debug: Note which statements save what, and name them in a `CheckpointError`.
        early_stop: Stop the second run as soon as all that was saved is there.
        kwargs: Further arguments, and ``preserve_rng_state`` (True): draw the same random numbers in the second run.

    Raises:
        CheckpointError: In the backward pass, if the function saved something else than the first time.
        GradientError: In the backward pass, if ``use_reentrant`` and it is not a plain ``backward()``.
        ArgumentError: An argument is not for the variant, or ``determinism_check`` is no such name.

    >>> import xpgrad as torch
    >>> x = torch.ones(3, requires_grad=True)
    >>> torch.utils.checkpoint.checkpoint(lambda t: t.exp().sin(), x, use_reentrant=False).sum().backward()
    """
    if use_reentrant is None:
        _warn_about_variants("torch.utils.checkpoint", "Starting in PyTorch 2.9, calling checkpoint without")
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ArgumentError(f"Unexpected keyword arguments: {','.join(kwargs)}; they need use_reentrant=False")
        if context_fn is not noop_context_fn or debug is not False:
            raise ArgumentError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve, *args)
    debug = debug if (forced := _debug.get()) is None else forced
    if debug and context_fn is not noop_context_fn:
        raise ArgumentError("debug=True is incompatible with non-default context_fn")
    if determinism_check not in CHECKS:
        raise ArgumentError(f"determinism_check should be one of {list(CHECKS)}, but got {determinism_check}")
    first, again = context_fn()
    if not is_grad_enabled():
        return function(*args, **kwargs)
    region = Region(
        function,
        args,
        kwargs,
        context=again,
        preserve_rng_state=preserve,
        describe=CHECKS[determinism_check],
        early_stop=early_stop if (forced := _early_stop.get()) is None else forced,
        debug=debug,
    )
    with region.hooks(), first:
        return function(*args, **kwargs)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """The functions one after the other, in ``segments`` parts, all but the last checkpointed.

    Mirrors ``torch.utils.checkpoint.checkpoint_sequential``.

    Args:
        functions: A `Sequential` or a list of modules or functions, each of one argument.
        segments: How many parts.
        input: What the first function takes.
        use_reentrant: As in `checkpoint`.
        kwargs: Only ``preserve_rng_state``.

    Raises:
        ArgumentError: There are other keyword arguments.
    """
    if use_reentrant is None:
        _warn_about_variants("torch.utils.checkpoint.checkpoint_sequential", "In version 2.9, calling it without")
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ArgumentError(f"Unexpected keyword arguments: {','.join(kwargs)}; there is only preserve_rng_state")
    steps = list(functions.children()) if hasattr(functions, "children") else list(functions)
    length = len(steps) // segments
    done = 0
    for _ in range(segments - 1 if length else 0):
        part = _chain(steps[done : done + length])
        input = checkpoint(part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
        done += length
    return _chain(steps[done:])(input)


def _chain(steps: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(input: Any) -> Any:
        for step in steps:
            input = step(input)
        return input

    return run


def _warn_about_variants(name: str, since: str) -> None:
    warnings.warn(
        f"{name}: the use_reentrant parameter should be passed explicitly. {since} use_reentrant will raise an "
        "exception. use_reentrant=False is recommended, but if you need to preserve the current default behavior, you "
        "can pass use_reentrant=True. Refer to docs for more details on the differences between the two variants.",
        stacklevel=3,
    )


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Inside, ``early_stop`` of `checkpoint` is ``enable``. Mirrors ``torch.utils.checkpoint``'s of this name."""
    token = _early_stop.set(enable)
    try:
        yield
    finally:
        _early_stop.reset(token)


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Inside, ``debug`` of `checkpoint` is ``enabled``, unless that is None."""
    token = _debug.set(enabled)
    try:
        yield
    finally:
        _debug.reset(token)
