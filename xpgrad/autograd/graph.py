"""Looking at the graph and at what it saves. Mirrors ``torch.autograd.graph``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Literal, final

from xpgrad.backends.base import Place
from xpgrad.backends.registry import host_place
from xpgrad.core.grad_mode import mode as modes
from xpgrad.core.grad_mode import recording
from xpgrad.core.graph import GradientEdge, Node, Output, Pass, RemovableHandle, hooks_of
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import node_of
from xpgrad.core.writes import count_write
from xpgrad.errors import ArgumentError, GradientError
from xpgrad.ops.copying import copy, detach
from xpgrad.ops.moving import move

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """Where the gradient of ``tensor`` goes. Mirrors ``torch.autograd.graph.get_gradient_edge``.

    Raises:
        GradientError: It does not require grad.
    """
    node = node_of(tensor)
    if node is None:
        raise GradientError(
            "It is not possible to get the gradient edge for a Tensor that does not require gradients; call "
            "requires_grad_() on it first"
        )
    if isinstance(node, Output):
        (made_by,) = node.next
        assert made_by is not None
        return GradientEdge(made_by, node.index, node)
    return GradientEdge(node, 0)


def increment_version(tensor: Any) -> None:
    """Note that the memory of a tensor, or of several, was written, though not by an operation.

    Mirrors ``torch.autograd.graph.increment_version``.
    """
    for each in (tensor,) if isinstance(tensor, TensorBase) else tuple(tensor):
        count_write(each._cell)


class saved_tensors_hooks:  # noqa: N801  (PyTorch's name)
    """Inside, what operations save for their gradients goes through ``pack_hook``, and back through ``unpack_hook``.

    Mirrors ``torch.autograd.graph.saved_tensors_hooks``. Of several such blocks the innermost counts.

    Args:
        pack_hook: Takes a tensor and returns anything. It must not write to the tensor.
        unpack_hook: Takes that and returns the tensor, with the same values, whenever a gradient rule needs it.

    >>> import xpgrad as torch
    >>> x = torch.ones(3, requires_grad=True)
    >>> with torch.autograd.graph.saved_tensors_hooks(lambda t: t.numpy(), torch.from_numpy):
    ...     y = x.exp().sum()
    >>> y.backward()
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook
        self._previous: list[Any] = []

    def __enter__(self) -> None:
        if modes.hooks_refused is not None:
            raise GradientError(modes.hooks_refused)
        self._previous.append(modes.saved_hooks)
        _set_hooks((self.pack_hook, self.unpack_hook))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _set_hooks(self._previous.pop())


def _set_hooks(hooks: Any) -> None:
    modes.saved_hooks = hooks
    if modes.grad:
        modes.grad = recording()


@final
class save_on_cpu(saved_tensors_hooks):  # noqa: N801  (PyTorch's name)
    """Inside, saved values are kept in the host's memory and brought back when a gradient rule needs them.

    Mirrors ``torch.autograd.graph.save_on_cpu``.

    Args:
        pin_memory: Accepted for PyTorch's sake.
        device_type: Accepted for PyTorch's sake.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(self._to_host, self._back)

    @staticmethod
    def _to_host(tensor: TensorBase) -> tuple[Place, TensorBase]:
        place = tensor._place
        return place, tensor if place.device.type == "cpu" else move(tensor, host_place())

    @staticmethod
    def _back(packed: tuple[Place, TensorBase]) -> TensorBase:
        place, tensor = packed
        return tensor if tensor._place is place else move(tensor, place)


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Inside, `saved_tensors_hooks` raises a GradientError with ``error_message``.

    Mirrors ``torch.autograd.graph.disable_saved_tensors_hooks``.

    Raises:
        GradientError: Such hooks are at work already.
    """
    if modes.saved_hooks is not None:
        raise GradientError(error_message)
    previous, modes.hooks_refused = modes.hooks_refused, error_message
    try:
        yield
    finally:
        modes.hooks_refused = previous


@final
class _AllowMutation:
    """What `allow_mutation_on_saved_tensors` gives; PyTorch's has a store to empty."""

    def clear(self) -> None:
        """Nothing to do: what was saved belongs to the graph."""


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_AllowMutation]:
    """Inside, what is saved for gradients may be written to afterwards: a copy is saved.

    Mirrors ``torch.autograd.graph.allow_mutation_on_saved_tensors``, which copies when something is written.

    Raises:
        GradientError: Such blocks cannot be nested.
    """
    hooks = modes.saved_hooks
    if hooks is not None and hooks[0] is _copied:
        raise GradientError("allow_mutation_on_saved_tensors contexts cannot be nested")
    with saved_tensors_hooks(_copied, _as_it_is):
        yield _AllowMutation()


def _copied(tensor: TensorBase) -> Any:
    # A tensor of its own even where arrays cannot be written, since writing puts another array into the old one.
    return copy.apply(tensor) if tensor._place.mutable else detach.apply(tensor)


def _as_it_is(tensor: TensorBase) -> TensorBase:
    return tensor


@final
class _MultiHandle:
    """Several handles as one."""

    def __init__(self, handles: Iterable[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        """Take all the hooks off."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> _MultiHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Any], fn: Callable[[Any], None], *, mode: Literal["all", "any"] = "all"
) -> _MultiHandle:
    """Call ``fn`` once in each backward pass that computes gradients of ``tensors``.

    Mirrors ``torch.autograd.graph.register_multi_grad_hook``.

    Args:
        tensors: Tensors that require grad. (Under ``"any"`` those that do not are left out.)
        fn: Called with the list of the gradients, None for those that the pass does not compute, when the last of
            them is there; under ``"any"`` with the first gradient.
        mode: ``"all"`` or ``"any"``.

    Raises:
        ArgumentError: ``mode`` is neither.
        GradientError: A tensor does not require grad.
    """
    if mode not in ("all", "any"):
        raise ArgumentError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    nodes = [node_of(t) for t in tensors]
    if mode == "any":
        nodes = [n for n in nodes if n is not None]
    elif None in nodes:
        raise GradientError("cannot register a hook on a tensor that doesn't require gradient")
    group = _Group(nodes, fn, wants_all=mode == "all")
    return _MultiHandle(
        RemovableHandle(hooks_of(node).groups, group.arrival(position)) for position, node in enumerate(nodes)
    )


@final
class _Group:
    """One multi-grad hook, called by those of its tensors."""

    def __init__(self, nodes: list[Node], fn: Callable[[Any], None], wants_all: bool) -> None:
        self._nodes = nodes
        self._fn = fn
        self._wants_all = wants_all

    def arrival(self, position: int) -> Callable[[Node, Any, Pass], None]:
        """The hook for the tensor at ``position``."""

        def hook(node: Node, g: Any, now: Pass) -> None:
            arrived = now.notes.setdefault(self, {})
            arrived[position] = g
            if not self._wants_all:
                if len(arrived) == 1:
                    self._fn(g)
            elif len(arrived) == sum(map(now.runs, self._nodes)):
                self._fn([arrived.get(i) for i in range(len(self._nodes))])

        return hook
