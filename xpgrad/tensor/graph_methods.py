"""Methods that work on the graph: backward, hooks, detaching."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.core.backward import backward
from xpgrad.core.graph import AccumulateGrad, RemovableHandle, hooks_of
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import Turned, node_of
from xpgrad.errors import GradientError, InplaceError
from xpgrad.functions import pointwise
from xpgrad.ops.copying import detach


class GraphMethods(TensorBase):
    """What a tensor does in the graph."""

    __slots__ = ()

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[TensorBase] | TensorBase | None = None,
    ) -> None:
        """Add the gradient of this tensor to the ``grad`` of the leaves it was computed from.

        Args:
            gradient: The gradient of the final result with respect to this tensor; may be left out for a scalar.
            retain_graph: Keep the saved values for another pass; by default if ``create_graph``.
            create_graph: Record the backward pass, so that the gradients can be differentiated.
            inputs: Accumulate into these tensors only.

        Raises:
            GradientError: The tensor is no scalar and ``gradient`` is missing, or it does not require grad.
            GraphFreedError: An earlier pass freed what this one needs.
        """
        backward((self,), (gradient,), retain_graph, create_graph, inputs)

    def detach(self) -> Any:
        """The same values, sharing memory, outside the graph."""
        return detach.apply(self)

    def detach_(self) -> Any:
        """Take this tensor itself out of the graph.

        Raises:
            InplaceError: It is a view: detach the base, or use ``detach()``.
        """
        if self._is_view():  # type: ignore[attr-defined]
            raise InplaceError(
                "Can't detach views in-place. Use detach() instead, or detach_() the tensor this is a view of."
            )
        self._node = None
        if isinstance(self._view, Turned):
            self._view.is_tracked = False
        return self

    clone = pointwise.clone

    def retain_grad(self) -> None:
        """Keep ``grad`` for this tensor though it is no leaf.

        Raises:
            GradientError: It does not require grad.
        """
        node = node_of(self)
        if node is None:
            raise GradientError("can't retain_grad on Tensor that has requires_grad=False")
        if not isinstance(node, AccumulateGrad):
            hooks_of(node).retain = weakref.ref(self)

    @property
    def retains_grad(self) -> bool:
        """True for a non-leaf whose ``grad`` is kept."""
        node = node_of(self)
        return node is not None and node.hooks is not None and node.hooks.retain is not None

    def register_hook(self, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call ``hook(grad)`` whenever this tensor's gradient is computed; what it returns replaces it.

        Raises:
            GradientError: The tensor does not require grad.
        """
        node = node_of(self)
        if node is None:
            raise GradientError("cannot register a hook on a tensor that doesn't require gradient")
        return RemovableHandle(hooks_of(node).tensor, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Any], None]) -> RemovableHandle:
        """Call ``hook(tensor)`` after a gradient was added to this leaf's ``grad``.

        Raises:
            GradientError: The tensor is no leaf, or does not require grad.
        """
        node = node_of(self)
        if node is None:
            raise GradientError("cannot register a hook on a tensor that doesn't require gradient")
        if not isinstance(node, AccumulateGrad):
            raise GradientError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return RemovableHandle(hooks_of(node).post_accumulate, hook)
