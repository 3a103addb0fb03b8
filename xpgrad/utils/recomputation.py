"""A region of a program whose saved values are dropped, and computed again when a gradient rule asks for one."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, final

from xpgrad.autograd.graph import saved_tensors_hooks
from xpgrad.core.grad_mode import enable_grad, mode
from xpgrad.core.packing import Packed
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of, node_of
from xpgrad.core.writes import calling_statement, last_write
from xpgrad.errors import GradientError, SavedValueModifiedError
from xpgrad.functions.generator import default_generator
from xpgrad.random import fork_rng


class CheckpointError(GradientError):
    """What a checkpointed function saved the second time is not what it saved the first time."""


def _metadata(tensor: Any) -> dict[str, Any]:
    return {"shape": tensor.shape, "dtype": tensor.dtype, "device": tensor.device}


# By name, what has to be the same both times.
CHECKS: dict[str, Callable[[Any], Any]] = {"default": _metadata, "none": lambda tensor: None}


class _Complete(BaseException):
    """Everything is computed again, and the rest of the function need not run; no error, so that nobody catches it."""


class _Handle:
    """Stands for a saved value; what is computed again is kept as long as its handle."""

    __slots__ = ("__weakref__", "position")

    def __init__(self, position: int) -> None:
        self.position = position


@final
class Region:
    """One call of a checkpointed function.

    Saved values are kept as handles. The first that is asked for has the function run again, with hooks that collect
    what it saves; a value is dropped when the node that saved it lets go of its handle.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        context: AbstractContextManager[Any],
        preserve_rng_state: bool,
        describe: Callable[[Any], Any],
        early_stop: bool,
        debug: bool,
    ) -> None:
        self._function = function
        # Before the region's own hooks are in place: an outer region computes the arguments of an inner one again.
        self._args = [_Kept(x) if isinstance(x, TensorBase) else x for x in args]
        self._kwargs = kwargs
        self._context = context
        self._describe = describe
        self._early_stop = early_stop
        self._state = default_generator.get_state() if preserve_rng_state else None
        self._handles: list[weakref.ref[_Handle]] = []
        self._described: list[Any] = []
        self._sites: list[str] | None = [] if debug else None
        self._values: weakref.WeakKeyDictionary[_Handle, Any] = weakref.WeakKeyDictionary()

    def hooks(self) -> saved_tensors_hooks:
        """What has to be in place while the function runs the first time."""
        return saved_tensors_hooks(self._pack, self._unpack)

    def _pack(self, tensor: Any) -> _Handle:
        handle = _Handle(len(self._handles))
        self._handles.append(weakref.ref(handle))
        self._described.append(self._describe(tensor))
        if self._sites is not None:
            self._sites.append(calling_statement())
        return handle

    def _unpack(self, handle: _Handle) -> Any:
        if handle not in self._values:
            self._run_again()
        return self._values[handle]

    def _run_again(self) -> None:
        found: list[Any] = []
        sites: list[str] = []

        def collect(tensor: Any) -> Any:
            position = len(found)
            if position >= len(self._handles):
                raise CheckpointError(
                    "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original "
                    f"forward pass: that saved {position}. {self._hint(sites)}"
                )
            found.append(self._describe(tensor))
            if self._sites is not None:
                sites.append(calling_statement())
            handle = self._handles[position]()
            if handle is not None:
                self._values[handle] = tensor
            if self._early_stop and len(found) == len(self._handles):
                raise _Complete
            return tensor

        args = [x.tensor() if isinstance(x, _Kept) else x for x in self._args]
        with self._generator(), enable_grad(), saved_tensors_hooks(collect, _same), self._context:
            try:
                self._function(*args, **self._kwargs)
            except _Complete:
                pass
        self._check(found, sites)

    @contextmanager
    def _generator(self) -> Iterator[None]:
        with fork_rng(enabled=self._state is not None):
            if self._state is not None:
                default_generator.set_state(self._state)
            yield

    def _check(self, found: list[Any], sites: list[str]) -> None:
        if len(found) != len(self._handles):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self._handles)}\n"
                f"Number of tensors saved during recomputation: {len(found)}.\n{self._hint(sites)}"
            )
        differing = [
            f"tensor at position {i}:\nsaved metadata: {before}\nrecomputed metadata: {after}\n"
            for i, (before, after) in enumerate(zip(self._described, found, strict=True))
            if before != after and self._handles[i]() is not None
        ]
        if differing:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                f"during the forward pass.\n{''.join(differing)}.\n{self._hint(sites)}"
            )

    def _hint(self, sites: list[str]) -> str:
        if self._sites is None:
            return "The function must do the same both times; pass debug=True to see which statements saved what."
        first = next((i for i, (a, b) in enumerate(zip(self._sites, sites, strict=False)) if a != b), None)
        if first is None:
            return f"Saved at, the first time: {self._sites}; the second time: {sites}."
        return f"The first difference is tensor {first}: saved at {self._sites[first]}, then at {sites[first]}."


@final
class _Kept:
    """An argument, packed if there are hooks for that, and given back as it was."""

    def __init__(self, tensor: TensorBase) -> None:
        self._node = node_of(tensor)
        hooks = mode.saved_hooks
        self._value: Any = tensor
        self._seen = tensor._cell[0]
        if hooks is not None:
            self._value = Packed(hooks, array_of(tensor), tensor._place, tensor._cell)

    def tensor(self) -> Any:
        value = self._value
        if isinstance(value, Packed):
            return make_tensor(value.open(), value.place, self._node)
        if value._cell[0] != self._seen:
            raise SavedValueModifiedError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: an "
                f"argument of a checkpointed function, of shape {tuple(value._array.shape)}, was modified at "
                f"{last_write(value._cell)}. Use the out-of-place operation there, or pass a clone()."
            )
        return value


def _same(tensor: Any) -> Any:
    return tensor
