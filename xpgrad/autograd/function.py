"""Operations that users write themselves, with their own backward."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

from xpgrad.backends.base import Place
from xpgrad.core.grad_mode import mode, no_grad, trace
from xpgrad.core.graph import Gradients, Node, Output
from xpgrad.core.inplace import refuse
from xpgrad.core.packing import Packed
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of, node_of
from xpgrad.core.writes import last_write
from xpgrad.core.writing import take_history
from xpgrad.errors import ArgumentTypeError, GradientError, GraphFreedError, SavedValueModifiedError
from xpgrad.ops.copying import detach


def _no_node() -> None:
    return None


class Context:
    """What a `Function` keeps between its forward and its backward; also takes attributes of the user's own.

    Attributes:
        needs_input_grad: For each argument of ``forward``, whether it is a tensor that requires grad.
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._to_save: tuple[Any, ...] = ()
        # Each tensor with its version, and which result it is if it is one; or as a hook packed it, with its history.
        self._saved: list[tuple[Any, Any, int | None]] | None = []
        # Weak, or node and context would keep each other alive.
        self._node: Callable[[], FunctionNode | None] = _no_node
        self._constant: frozenset[int] = frozenset()
        self._dirty: frozenset[int] = frozenset()
        self._materialize = True

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors (inputs, results or others; None is allowed) for ``backward``.

        Raises:
            ArgumentTypeError: Something is no tensor; keep that as an attribute.
        """
        for i, tensor in enumerate(tensors):
            if tensor is not None and not isinstance(tensor, TensorBase):
                raise ArgumentTypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(tensor).__name__}; "
                    "keep it as an attribute of ctx"
                )
        self._to_save = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Accepted for programs that also define ``jvp``, which is never called: there is no forward mode."""

    def mark_dirty(self, *tensors: Any) -> None:
        """Say which arguments ``forward`` wrote to in place; they must be among its results."""
        self._dirty = frozenset(id(t) for t in tensors)

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say which results never require grad."""
        self._constant = frozenset(id(t) for t in tensors)

    def set_materialize_grads(self, value: bool) -> None:
        """Whether ``backward`` receives zeros (True, the default) or None for results without a gradient."""
        self._materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` kept.

        Raises:
            GraphFreedError: A backward pass has freed it.
            SavedValueModifiedError: One was modified in place since.
        """
        if self._saved is None:
            raise GraphFreedError(self._name())
        return tuple(self._unpack(*entry) for entry in self._saved)

    def _name(self) -> str:
        node = self._node()
        return "a Function" if node is None else node.name()

    def _unpack(self, tensor: Any, seen: Any, index: int | None) -> Any:
        if tensor is None:
            return None
        if isinstance(tensor, Packed):
            array, node = tensor.open(), self._node()
            edge = seen if index is None or node is None else node.edge_of(index, array, tensor.place)
            return make_tensor(array, tensor.place, edge)
        if tensor._cell[0] != seen:
            raise SavedValueModifiedError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: a "
                f"tensor of shape {tuple(tensor._array.shape)}, saved by {self._name()}, is at version "
                f"{tensor._cell[0]}; expected version {seen} instead. It was modified at {last_write(tensor._cell)}. "
                "Use the out-of-place operation there, or save a clone()."
            )
        node = self._node()
        if index is None or node is None:
            return tensor
        # A result: saved without its history, which would be a cycle, and given it back here.
        restored = make_tensor(tensor._array, tensor._place, node.edge_of(index, tensor._array, tensor._place))
        restored._cell = tensor._cell
        return restored

    def _keep(self, results: Sequence[Any]) -> None:
        self._saved = []
        for tensor in self._to_save:
            index = next((i for i, r in enumerate(results) if r is tensor), None)
            if tensor is not None and index is not None:
                alias = make_tensor(array_of(tensor), tensor._place)
                alias._cell = tensor._cell
                if id(tensor) in self._constant or not alias._place.dtype(alias._array.dtype).is_differentiable:
                    index = None
                tensor = alias
            if tensor is not None and mode.saved_hooks is not None:
                packed = Packed(mode.saved_hooks, array_of(tensor), tensor._place, tensor._cell)
                self._saved.append((packed, node_of(tensor), index))
            else:
                self._saved.append((tensor, 0 if tensor is None else tensor._cell[0], index))
        self._to_save = ()


class FunctionNode(Node):
    """The node of a custom `Function`; each Function has a subclass of its own name."""

    __slots__ = ("context", "function", "metas", "single")

    function: type[Function]
    context: Context
    metas: Sequence[tuple[Any, Any]]
    single: bool

    def __getattr__(self, name: str) -> Any:
        # In PyTorch the node and what `forward` calls `ctx` are one.
        if name in ("context", "_metadata"):
            raise AttributeError(name)
        return getattr(self.context, name)

    def edge_of(self, index: int, array: Any, place: Place) -> Node:
        """Where the gradient of this node's result number ``index`` goes."""
        return self if self.single else Output(self, index, array, place)

    def backward(self, xp: Any, g: Any) -> Sequence[Any]:
        gradients = [None if a is None else make_tensor(a, self.place) for a in self._arrived(g)]
        with no_grad():
            answers = self._call(gradients, recorded=False)
        return [None if a is None else array_of(a) for a in answers]

    def backward_recorded(self, xp: Any, g: Any) -> Sequence[Any]:
        return self._call(self._arrived(g), recorded=True)

    def _arrived(self, g: Any) -> list[Any]:
        return [g.by_index.get(i) for i in range(len(self.metas))] if isinstance(g, Gradients) else [g]

    def _call(self, gradients: list[Any], recorded: bool) -> Sequence[Any]:
        context = self.context
        for i, (shape, dtype) in enumerate(self.metas):
            g = gradients[i]
            if g is None:
                if context._materialize and dtype is not None:
                    zeros = self.place.xp.zeros(shape, dtype=dtype, device=self.place.handle)
                    gradients[i] = make_tensor(zeros, self.place)
            elif self.place.dtype(g._array.dtype).is_complex:
                gradients[i] = g.conj()
        answers = self.function.backward(context, *gradients)
        answers = list(answers) if isinstance(answers, tuple) else [answers]
        wanted = len(context.needs_input_grad)
        if len(answers) < wanted or any(a is not None for a in answers[wanted:]):
            raise GradientError(
                f"function {self.name()} returned an incorrect number of gradients "
                f"(expected {wanted}, got {len(answers)})"
            )
        checked = []
        for i, (answer, n) in enumerate(zip(answers, self.next, strict=False)):
            if answer is not None and not isinstance(answer, TensorBase):
                raise GradientError(
                    f"expected Variable or None (got {type(answer).__name__}) as gradient {i} of {self.name()}"
                )
            if answer is not None and n is not None and answer._place is not n.place:
                raise GradientError(
                    f"Function {self.name()} returned an invalid gradient at index {i} - expected device "
                    f"{n.place.device} but got {answer._place.device}; move it with .to(...)"
                )
            if answer is not None and n is not None and answer._place.dtype(answer._array.dtype).is_complex:
                answer = answer.conj()  # type: ignore[attr-defined]
            checked.append(answer)
        return checked

    def release(self) -> None:
        self.freed = True
        self.context._saved = None


class Function:
    """Base of custom operations: subclass with static ``forward`` and ``backward``, then call ``apply``.

    ``forward(ctx, *args)`` computes the result; or ``forward(*args)`` with ``setup_context(ctx, inputs, output)``.
    ``backward(ctx, *grad_outputs)`` returns a gradient (or None) for each argument of ``forward``; it is recorded when
    ``create_graph=True``, so it can be differentiated if it is made of tensor operations.
    Mirrors ``torch.autograd.Function``.

    Example:
        >>> import xpgrad
        >>> class Cube(xpgrad.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x**3
        ...
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         (x,) = ctx.saved_tensors
        ...         return 3 * g * x**2
        >>> x = xpgrad.tensor(2.0, requires_grad=True)
        >>> Cube.apply(x).backward()
        >>> x.grad
        tensor(12.)
    """

    _node_class: ClassVar[type[FunctionNode]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = vars(cls)
        if "vjp" in own and "backward" not in own:
            cls.backward = cls.vjp  # type: ignore[method-assign]
        elif "vjp" in own:
            cls.backward = staticmethod(_refuse_both)  # type: ignore[method-assign]
        cls._node_class = type(f"{cls.__name__}Backward", (FunctionNode,), {"__slots__": ()})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise GradientError(
            f"{type(self).__name__} is a Function with static methods: "
            f"call {type(self).__name__}.apply(...) instead of making an instance"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the result; to be overridden."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what ``backward`` needs, if ``forward`` does not take ``ctx``."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradients of the arguments; to be overridden."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    # Another name for `backward`, of which a class has one.
    vjp = backward

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward`` on ``args`` and record it."""
        nodes = tuple(node_of(x) if isinstance(x, TensorBase) else None for x in args)
        context = Context(tuple(n is not None for n in nodes))
        with no_grad():
            if cls.setup_context is Function.setup_context:
                output = cls.forward(context, *args, **kwargs)
            else:
                output = cls.forward(*args, **kwargs)
                cls.setup_context(context, args, output)
        results = list(output) if isinstance(output, (tuple, list)) else [output]
        if mode.grad and any(n is not None for n in nodes):
            cls._record(context, args, nodes, results)
        else:
            context._keep(results)
        return tuple(results) if isinstance(output, (tuple, list)) else results[0]

    @classmethod
    def _record(cls, context: Context, args: Any, nodes: tuple[Any, ...], results: list[Any]) -> None:
        first = next((r for r in results if isinstance(r, TensorBase)), None)
        if first is None:
            return
        node = cls._node_class()
        node.next, node.place, node.hooks, node.freed = nodes, first._place, None, False
        node.trace = trace()
        node.function, node.context, node.single = cls, context, len(results) == 1
        node.metas = [(r._array.shape, r._array.dtype) if isinstance(r, TensorBase) else (None, None) for r in results]
        node.shape, node.dtype = node.metas[0] if node.single else (None, None)
        context._node = weakref.ref(node)
        if context._dirty - {id(r) for r in results}:
            raise GradientError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
                f"are modified inplace must all be outputs of the Function. ({node.name()})"
            )
        is_constant = [id(r) in context._constant for r in results]
        for i, result in enumerate(results):
            if not isinstance(result, TensorBase):
                continue
            if any(result is x for x in args) and id(result) not in context._dirty:
                # An input returned as it came: its own history must stay with it, its memory is still the same.
                results[i] = detach.apply(result)
        context._keep(results)
        for i, result in enumerate(results):
            if not isinstance(result, TensorBase) or is_constant[i]:
                continue
            if not result._place.dtype(result._array.dtype).is_differentiable:
                continue
            edge = node.edge_of(i, result._array, result._place)
            if id(result) in context._dirty:
                refuse(result)
                take_history(result, edge)
            else:
                result._node = edge


def _refuse_both(ctx: Any, *grad_outputs: Any) -> Any:
    raise GradientError(
        "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of "
        "them."
    )


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a ``backward`` that cannot itself be differentiated: doing so raises instead of giving wrong results.

    Mirrors ``torch.autograd.function.once_differentiable``.
    """

    @functools.wraps(backward)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        recorded = bool(mode.grad) and any(isinstance(g, TensorBase) and node_of(g) is not None for g in gradients)
        with no_grad():
            answers = backward(ctx, *gradients)
        if not recorded:
            return answers
        listed = answers if isinstance(answers, tuple) else (answers,)
        refusing = tuple(_refuse(a, gradients) if isinstance(a, TensorBase) else a for a in listed)
        return refusing if isinstance(answers, tuple) else refusing[0]

    return wrapper


def _refuse(answer: Any, gradients: Sequence[Any]) -> Any:
    """``answer`` with a history that raises when gradients reach it."""
    node = _OnceDifferentiable()
    node.next = tuple(node_of(g) if isinstance(g, TensorBase) else None for g in gradients)
    node.place, node.shape, node.dtype = answer._place, answer._array.shape, answer._array.dtype
    node.hooks, node.freed, node.trace = None, False, None
    return make_tensor(array_of(answer), answer._place, node)


@final
class _OnceDifferentiable(Node):
    __slots__ = ()

    def backward(self, xp: Any, g: Any) -> Sequence[Any]:
        raise GradientError("trying to differentiate twice a function that was marked with @once_differentiable")

    backward_recorded = backward
