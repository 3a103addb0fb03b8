"""The nodes of the graph, and the hooks that hang on them.

A node points to where gradients go next, never back to tensors, so a graph has no reference cycles and is
freed as soon as the last tensor that needs it goes.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Container, Sequence
from itertools import count
from typing import Any, NamedTuple, final

from xpgrad._typing import Array, Namespace, RawDtype, Shape
from xpgrad.backends.base import Place
from xpgrad.core.fit import fitted
from xpgrad.core.tensor_base import TensorBase


class Node:
    """One recorded operation, or the end of the graph at a leaf.

    Attributes:
        next: For each input in turn, the node its gradient goes to, or None.
        shape, dtype: Of the result, hence of the gradient that arrives; None if there are several results.
        place: The device of the result.
        hooks: What users have registered, or None.
        freed: True once a backward pass has dropped the saved values.
        trace: Where the operation was called, if anomaly detection was on.
        metadata: A dict for users' own notes (made when first asked for).
    """

    __slots__ = ("__weakref__", "_metadata", "dtype", "freed", "hooks", "next", "place", "shape", "trace")

    # The names of the arrays it saves for its rules.
    saved: tuple[str, ...] = ()
    # Shape and dtype of each result, for nodes with several.
    metas: Sequence[tuple[Shape, RawDtype]] = ()

    next: tuple[Node | None, ...]
    shape: Shape | None
    dtype: RawDtype
    place: Place
    hooks: Hooks | None
    freed: bool
    trace: str | None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"

    def backward(self, xp: Namespace, g: Array) -> Sequence[Array | None]:
        """The gradients of the inputs, in the order of `next`, from raw arrays; not recorded."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def backward_recorded(self, xp: Namespace, g: Any) -> Sequence[Any]:
        """The same with tensors and the recorded namespace, so that the result can be differentiated again."""
        raise NotImplementedError(f"{type(self).__name__} has no recorded backward")

    def release(self) -> None:
        """Drop what was saved for the rules."""

    # What the engine calls. Generated classes have it all in one function, written out, instead of the three above.

    def run(self, xp: Namespace, g: Array, keep_graph: bool) -> Sequence[Array | None]:
        """What `backward` gives, in the shapes and dtypes of the inputs; then `release`, unless the graph is kept."""
        results = fitted(self, self.backward(xp, g), False)
        if not keep_graph:
            self.release()
        return results

    def run_recorded(self, xp: Namespace, g: Any, keep_graph: bool) -> Sequence[Any]:
        """The same with `backward_recorded`."""
        results = fitted(self, self.backward_recorded(xp, g), True)
        if not keep_graph:
            self.release()
        return results

    # PyTorch's names for users who walk the graph.

    def name(self) -> str:
        """The class name, as in ``torch.autograd.graph.Node.name``."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """Pairs of the next node and which of its outputs this edge belongs to."""
        return tuple(
            (n.next[0], n.index) if isinstance(n, Output) else (None if isinstance(n, NoHistory) else n, 0)
            for n in self.next
        )

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dict for users' own notes."""
        try:
            return self._metadata  # type: ignore[no-any-return]
        except AttributeError:
            self._metadata: Any = {}
            return self._metadata

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_inputs, grad_outputs)`` after this node ran; what it returns replaces ``grad_inputs``."""
        return RemovableHandle(hooks_of(self).after, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_outputs)`` before this node runs; what it returns replaces ``grad_outputs``."""
        return RemovableHandle(hooks_of(self).before, hook)


@final
class AccumulateGrad(Node):
    """The end of the graph at a leaf: adds what arrives to the leaf's ``grad``.

    It holds its leaf weakly, since the leaf holds it: a leaf that nobody can reach needs no gradient.
    """

    __slots__ = ("is_complex", "leaf")

    def __init__(self, leaf: TensorBase) -> None:
        self.leaf = weakref.ref(leaf)
        self.next = ()
        self.describe(leaf)
        self.hooks = None
        self.freed = False
        self.trace = None

    def describe(self, leaf: TensorBase) -> None:
        """Take the shape, dtype and device that a gradient must have from ``leaf``."""
        self.place = leaf._place
        self.shape = leaf._array.shape
        self.dtype = leaf._array.dtype
        self.is_complex = self.place.dtype(self.dtype).is_complex

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    @property
    def variable(self) -> TensorBase | None:
        """The leaf, or None if it is gone."""
        return self.leaf()


@final
class NoHistory(Node):
    """The end of the graph at a view made under ``no_grad`` of what requires grad: it drops what arrives."""

    __slots__ = ()

    def __init__(self, view: TensorBase) -> None:
        self.next = ()
        self.place = view._place
        self.shape = view._array.shape
        self.dtype = view._array.dtype
        self.hooks = None
        self.freed = False
        self.trace = None

    def backward(self, xp: Namespace, g: Array) -> Sequence[Array | None]:
        return ()

    backward_recorded = backward


@final
class Output(Node):
    """One of several results of an operation; gathers its gradient and hands it to the operation's node."""

    __slots__ = ("index",)

    def __init__(self, node: Node, index: int, array: Array, place: Place) -> None:
        self.next = (node,)
        self.index = index
        self.place = place
        self.shape = array.shape
        self.dtype = array.dtype
        self.hooks = None
        self.freed = False
        self.trace = None

    def backward(self, xp: Namespace, g: Array) -> Sequence[Array | None]:
        return (Gradients({self.index: g}),)

    backward_recorded = backward


@final
class Gradients:
    """What has arrived so far for a node with several results, by the number of the result."""

    __slots__ = ("by_index",)

    # Equal to a many-result node's, so that the engine's check passes.
    shape = None
    dtype = None

    def __init__(self, by_index: dict[int, Array]) -> None:
        self.by_index = by_index

    def __add__(self, other: Gradients) -> Gradients:
        merged = dict(self.by_index)
        for index, g in other.by_index.items():
            merged[index] = merged[index] + g if index in merged else g
        return Gradients(merged)


@final
class Hooks:
    """What users registered on one node: called in the order of registration."""

    __slots__ = ("after", "before", "groups", "post_accumulate", "retain", "tensor")

    def __init__(self) -> None:
        self.tensor: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self.before: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self.after: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        self.post_accumulate: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        # Those of several tensors together: called with the node, its gradient and the `Pass`.
        self.groups: OrderedDict[int, Callable[..., Any]] = OrderedDict()
        # The tensor whose `grad` is kept though it is no leaf (`Tensor.retain_grad`).
        self.retain: weakref.ref[TensorBase] | None = None


@final
class Pass:
    """A backward pass: which nodes run in it.

    Attributes:
        notes: For hooks on several tensors: what has arrived so far, by hook.
    """

    __slots__ = ("_reached", "_useful", "notes")

    def __init__(self, reached: Container[Node], useful: Container[Node] | None) -> None:
        self._reached = reached
        self._useful = useful
        self.notes: dict[Any, dict[int, Any]] = {}

    def runs(self, node: Node) -> bool:
        """Whether a gradient arrives at ``node``."""
        return node in self._reached and (self._useful is None or node in self._useful)


class GradientEdge(NamedTuple):
    """Where the gradient of a tensor goes: a node, and which of its results the tensor is.

    Mirrors ``torch.autograd.graph.GradientEdge``. Stands for the tensor in `autograd.grad` and `autograd.backward`.

    Attributes:
        node: The operation that made the tensor, or the end of the graph at a leaf.
        output_nr: Which of its results it is.
        ownership_token: What gathers the gradient if there are several results; None if not.
    """

    node: Node
    output_nr: int
    ownership_token: Node | None = None

    @property
    def target(self) -> Node:
        """Where the engine sends the gradient."""
        return self.node if self.ownership_token is None else self.ownership_token


@final
class RemovableHandle:
    """What registering a hook returns: ``remove()`` takes it off; as a context manager, at the end of the block."""

    _ids = count()

    def __init__(self, hooks: OrderedDict[int, Callable[..., Any]], hook: Callable[..., Any]) -> None:
        self.id = next(self._ids)
        self._hooks = weakref.ref(hooks)
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook off; a second call does nothing."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def move_retained(tensor: TensorBase, node: Node | None) -> None:
    """Let ``tensor.grad`` be kept (`Tensor.retain_grad`) at ``node``, which becomes the one that made the tensor."""
    hooks: Hooks | None = None if tensor._node is None else tensor._node.hooks
    if hooks is not None and hooks.retain is not None and hooks.retain() is tensor and node is not None:
        hooks_of(node).retain, hooks.retain = hooks.retain, None


def hooks_of(node: Node) -> Hooks:
    """The node's hooks, made if there are none yet."""
    if node.hooks is None:
        node.hooks = Hooks()
    return node.hooks
