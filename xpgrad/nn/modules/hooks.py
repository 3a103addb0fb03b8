"""The part of a module that is called, and the hooks around a call and around its backward pass."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.autograd.function import Function
from xpgrad.core.grad_mode import mode
from xpgrad.core.graph import Node, RemovableHandle
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of
from xpgrad.errors import HookError
from xpgrad.nn.modules.state import Stateful

Hook = Callable[..., Any]
Hooks = OrderedDict[int, Hook]


class Hookable(Stateful):
    """Calling a module runs its `forward`; hooks see and may replace what goes in and out, forward and backward."""

    # Whether a hook was ever registered here: the one thing that a call without hooks looks at.
    _is_hooked: bool = False

    _forward_pre_hooks: Hooks
    _forward_hooks: Hooks
    _backward_pre_hooks: Hooks
    _backward_hooks: Hooks
    # Ids of the hooks that also get the keyword arguments, and of those to be called after an error too.
    _hooks_with_kwargs: set[int]
    _hooks_always_called: set[int]

    forward: Callable[..., Any]

    def __init__(self) -> None:
        super().__init__()
        self.__dict__.update(
            _forward_pre_hooks=OrderedDict(),
            _forward_hooks=OrderedDict(),
            _backward_pre_hooks=OrderedDict(),
            _backward_hooks=OrderedDict(),
            _hooks_with_kwargs=set(),
            _hooks_always_called=set(),
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`, and the hooks around it."""
        if self._is_hooked:
            return self._call_hooked(args, kwargs)
        return self.forward(*args, **kwargs)

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before every `forward`.

        Args:
            hook: What it returns, if not None, becomes the arguments (a single value, the only one).
            prepend: Call it before the hooks there are, not after.
            with_kwargs: Call ``hook(module, args, kwargs)``; it returns None or new ``(args, kwargs)``.

        Returns:
            A handle whose ``remove()`` takes the hook off.
        """
        return self._register(self._forward_pre_hooks, hook, prepend, with_kwargs)

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after every `forward`.

        Args:
            hook: What it returns, if not None, becomes the output.
            prepend: Call it before the hooks there are, not after.
            with_kwargs: Call ``hook(module, args, kwargs, output)``.
            always_call: Call it with None for the output even if `forward` or another hook raised.

        Returns:
            A handle whose ``remove()`` takes the hook off.
        """
        handle = self._register(self._forward_hooks, hook, prepend, with_kwargs)
        if always_call:
            self._hooks_always_called.add(handle.id)
        return handle

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when the gradients of the output are known; it may return others."""
        return self._register(self._backward_pre_hooks, hook, prepend, False)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the arguments are known.

        Both are tuples, with None for what has no gradient; the hook may return other gradients for the arguments.
        """
        return self._register(self._backward_hooks, hook, prepend, False)

    def _register(self, hooks: Hooks, hook: Hook, prepend: bool, with_kwargs: bool) -> RemovableHandle:
        self._is_hooked = True
        handle = RemovableHandle(hooks, hook)
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        if with_kwargs:
            self._hooks_with_kwargs.add(handle.id)
        return handle

    def _call_hooked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        output = None
        called: set[int] = set()
        try:
            args, kwargs = self._before_forward(args, kwargs)
            passage = None
            if self._backward_hooks or self._backward_pre_hooks:
                passage = _Passage(self, list(self._backward_pre_hooks.values()), list(self._backward_hooks.values()))
                args = passage.enter(args)
            output = self.forward(*args, **kwargs)
            for key, hook in list(self._forward_hooks.items()):
                called.add(key)
                output = self._after_forward(key, hook, args, kwargs, output)
            return output if passage is None else passage.leave(output)
        except Exception:
            for key, hook in list(self._forward_hooks.items()):
                if key in self._hooks_always_called and key not in called:
                    try:
                        output = self._after_forward(key, hook, args, kwargs, output)
                    except Exception as error:
                        warnings.warn(
                            "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                            f"another error was raised in forward: {error}",
                            stacklevel=3,
                        )
            raise

    def _before_forward(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        for key, hook in list(self._forward_pre_hooks.items()):
            if key in self._hooks_with_kwargs:
                answer = hook(self, args, kwargs)
                if answer is not None:
                    if not isinstance(answer, tuple) or len(answer) != 2:
                        raise HookError(
                            "forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got "
                            f"{answer!r:.80}."
                        )
                    args, kwargs = answer
            else:
                answer = hook(self, args)
                if answer is not None:
                    args = answer if isinstance(answer, tuple) else (answer,)
        return args, kwargs

    def _after_forward(self, key: int, hook: Hook, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        answer = hook(self, args, kwargs, output) if key in self._hooks_with_kwargs else hook(self, args, output)
        return output if answer is None else answer


class BackwardHookFunction(Function):
    """The identity on some tensors: a node of the graph that all their gradients pass together."""

    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Any:
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*(t for t in tensors if not t.requires_grad))
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return grads


class _Passage:
    """The backward hooks around one call: nodes on its arguments and on its output, tied together.

    On the way back the gradients of the output arrive first, those of the arguments last.
    """

    def __init__(self, module: Any, before: Sequence[Hook], after: Sequence[Hook]) -> None:
        self._module = module
        self._before = before
        self._after = after
        self._grad_output: tuple[Any, ...] | None = None
        self._arguments = 0
        self._is_entered = False

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, with a node through which their gradients leave."""
        self._arguments = len(args)
        args, node, at = _through(args)
        if node is not None:
            self._is_entered = True
            node.register_hook(lambda grads, _: self._leave_backward(_spread(grads, at, len(args)), at))
        return args

    def leave(self, output: Any) -> Any:
        """The output, with a node through which its gradients arrive."""
        if not isinstance(output, (TensorBase, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(output)}",
                stacklevel=4,
            )
            return output
        outputs, node, at = _through(output if isinstance(output, tuple) else (output,))
        if node is not None:
            node.register_prehook(lambda grads: self._enter_backward(_spread(grads, at, len(outputs)), at))
        return outputs if isinstance(output, tuple) else outputs[0]

    def _enter_backward(self, grads: tuple[Any, ...], at: Sequence[int]) -> tuple[Any, ...]:
        for hook in self._before:
            grads = _answered(hook(self._module, grads), grads, "pre hook returned an invalid number of grad_output")
        self._grad_output = grads
        if not self._is_entered:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no "
                "inputs require gradients.",
                stacklevel=2,
            )
            nothing = (None,) * self._arguments
            for hook in self._after:
                answer = hook(self._module, nothing, grads)
                if answer is not None and any(a is not None for a in answer):
                    raise HookError(
                        "Backward hook for Modules where no input requires gradient should always return None or None "
                        "for all gradients."
                    )
            self._grad_output = None
        return tuple(grads[i] for i in at)

    def _leave_backward(self, grads: tuple[Any, ...], at: Sequence[int]) -> tuple[Any, ...] | None:
        # A second derivative may reach the arguments without passing the output.
        if self._grad_output is None:
            return None
        for hook in self._after:
            answer = hook(self._module, grads, self._grad_output)
            grads = _answered(answer, grads, "hook returned an invalid number of grad_input")
        self._grad_output = None
        return tuple(grads[i] for i in at)


def _through(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], Node | None, list[int]]:
    """``values`` with the tensors among them passed through one node, that node, and where the tensors are."""
    at = [i for i, value in enumerate(values) if isinstance(value, TensorBase)]
    if not mode.grad or not any(node_of(values[i]) is not None for i in at):
        return values, None, at
    passed = BackwardHookFunction.apply(*(values[i] for i in at))
    tensors = passed if isinstance(passed, tuple) else (passed,)
    result = list(values)
    for i, tensor in zip(at, tensors, strict=True):
        result[i] = tensor
    node = next(t.grad_fn for t in tensors if t.grad_fn is not None)
    return type(values)(*result) if hasattr(values, "_fields") else tuple(result), node, at


def _spread(grads: Sequence[Any], at: Sequence[int], count: int) -> tuple[Any, ...]:
    """The gradients in their places among ``count`` values, None in the others."""
    values: list[Any] = [None] * count
    for i, g in zip(at, grads, strict=True):
        values[i] = g
    return tuple(values)


def _answered(answer: Any, grads: tuple[Any, ...], complaint: str) -> tuple[Any, ...]:
    """What a hook returned in place of ``grads``, or these if it returned nothing."""
    if answer is None:
        return grads
    replaced: tuple[Any, ...] = answer if isinstance(answer, tuple) else (answer,)
    if len(replaced) != len(grads):
        raise HookError(f"Backward {complaint}, got {len(replaced)}, but expected {len(grads)}")
    return replaced
