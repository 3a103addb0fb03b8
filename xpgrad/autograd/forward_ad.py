"""Forward mode: tensors that carry a tangent. Mirrors ``torch.autograd.forward_ad``.

There is no second set of rules: inside a `dual_level` what is computed from dual tensors is recorded, and
`unpack_dual` finds the tangent by differentiating the backward pass, which is linear in its start. That costs two
backward passes for each tensor that is unpacked, whatever the number of inputs.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, final

from xpgrad.autograd.calls import grad
from xpgrad.autograd.duals import Dual, closed
from xpgrad.autograd.graph import allow_mutation_on_saved_tensors
from xpgrad.core.grad_mode import enable_grad, is_grad_enabled, mode
from xpgrad.core.graph import GradientEdge, Node
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of, node_of
from xpgrad.errors import ArgumentError, GradientError
from xpgrad.functions.creation import zeros_like

__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]


class UnpackedDualTensor(NamedTuple):
    """What `unpack_dual` returns.

    Attributes:
        primal: The value.
        tangent: The directional derivative, or None if there is none.
    """

    primal: Any
    tangent: Any


class _Level(threading.local):
    """The duals of this thread's level with their tangents; None outside of levels."""

    duals: list[tuple[Node, Any]] | None = None


_level = _Level()


def enter_dual_level() -> int:
    """Begin a level, and return its number. Mirrors ``torch.autograd.forward_ad.enter_dual_level``.

    Raises:
        GradientError: There is a level already.
    """
    if _level.duals is not None:
        raise GradientError("Nested forward mode AD is not supported at the moment; use func.jvp for higher orders")
    _level.duals = []
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """End the level: its tangents are gone. Mirrors ``torch.autograd.forward_ad.exit_dual_level``.

    Raises:
        GradientError: There is no such level.
    """
    if _level.duals is None or level not in (None, 0):
        raise GradientError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    _level.duals = None


@final
class dual_level:  # noqa: N801  (PyTorch's name)
    """A `with` block in which tensors may have tangents. Recording is on in it, and what is saved may be written to.

    Mirrors ``torch.autograd.forward_ad.dual_level``.

    >>> import xpgrad as torch
    >>> import xpgrad.autograd.forward_ad as fwd
    >>> with fwd.dual_level():
    ...     x = fwd.make_dual(torch.tensor(3.0), torch.tensor(1.0))
    ...     fwd.unpack_dual(x**2).tangent
    tensor(6.)
    """

    def __enter__(self) -> int:
        number = enter_dual_level()
        self._around = ExitStack()
        self._around.enter_context(enable_grad())
        if mode.saved_hooks is None and mode.hooks_refused is None:
            # A tangent goes with its value through whatever is written; so must what the rules need.
            self._around.enter_context(allow_mutation_on_saved_tensors())
        return number

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._around.close()
        exit_dual_level()


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Any:
    """A tensor on the memory of ``tensor`` that carries ``tangent``. Mirrors ``torch.autograd.forward_ad.make_dual``.

    It requires grad, as all that is computed from it does: that is how tangents are found.

    Raises:
        GradientError: There is no level, or the shapes differ.
        ArgumentError: One of them is neither floating nor complex.
    """
    if _level.duals is None:
        raise GradientError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, x in (("primal", tensor), ("tangent", tangent)):
        if not (x.is_floating_point() or x.is_complex()):
            raise ArgumentError(f"Expected {name} to be floating point or complex, but got: {x.dtype}")
    if tensor.shape != tangent.shape:
        raise GradientError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(tensor.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    node = Dual(tensor)
    _level.duals.append((node, tangent.to(tensor.dtype)))
    dual = make_tensor(array_of(tensor), tensor._place, node)
    dual._cell = tensor._cell
    return dual


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The value and the tangent of ``tensor``. Mirrors ``torch.autograd.forward_ad.unpack_dual``.

    Both are differentiable with respect to what requires grad outside of the level.

    Returns:
        The tangent is None outside of levels, and for what does not depend on a dual tensor.
    """
    duals = _level.duals
    if not duals or not isinstance(tensor, TensorBase) or node_of(tensor) is None:
        return UnpackedDualTensor(tensor, None)
    dummy: Any = zeros_like(tensor, requires_grad=True)
    edges = [GradientEdge(node, 0) for node, _ in duals]
    with enable_grad():
        pulled = grad(tensor, edges, dummy, retain_graph=True, create_graph=True, allow_unused=True)
    used = [(g, tangent) for g, (_, tangent) in zip(pulled, duals, strict=True) if g is not None]
    if not used:
        return UnpackedDualTensor(tensor, None)
    tangent = zeros_like(tensor)
    linear = [(g, t) for g, t in used if node_of(g) is not None]
    if linear:
        outputs, weights = zip(*linear, strict=True)
        (found,) = grad(outputs, dummy, weights, create_graph=is_grad_enabled(), retain_graph=True, allow_unused=True)
        tangent = tangent if found is None else found
    return UnpackedDualTensor(closed(tensor, ()), closed(tangent, (node_of(dummy),)))
