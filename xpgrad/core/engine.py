"""The backward pass: one loop over the graph, for `Tensor.backward` and `autograd.grad` alike.

First the nodes that will run are counted: how many gradients each will receive. Then nodes run as soon as all of
theirs have arrived. Both are loops over a stack, linear in the number of edges, so depth is no concern.

Inside, the gradient of a complex value is the plain transpose, so that no rule needs a conjugate; users see
PyTorch's convention, its conjugate. The two are exchanged where gradients enter, leave, or meet a hook.
"""

from __future__ import annotations

import operator
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xpgrad.backends.base import Place
from xpgrad.core.fit import fitted
from xpgrad.core.grad_mode import mode, recording
from xpgrad.core.graph import AccumulateGrad, Gradients, Hooks, Node, Pass
from xpgrad.core.outliving import rebind, remember
from xpgrad.core.refused import is_about_matrices
from xpgrad.core.tensor_base import TensorBase, late, make_tensor
from xpgrad.core.views import array_of
from xpgrad.core.writes import count_write
from xpgrad.errors import AnomalyError, ArgumentTypeError, GradientError, LinAlgError

_accumulating = threading.Lock()


def run_backward(
    roots: Sequence[tuple[Node, Any]],
    *,
    keep_graph: bool,
    recorded: bool,
    capture: Iterable[Node] | None = None,
) -> dict[Node, Any]:
    """Send gradients from ``roots`` through the graph.

    Args:
        roots: Nodes with the gradient of each: raw arrays, or tensors if ``recorded``.
        keep_graph: Leave the saved values in place for another pass.
        recorded: Run the rules on tensors over the recorded namespace, so that the gradients have a graph.
        capture: If given, only what leads to these nodes runs, and the gradients that reach them are returned
            instead of added to leaves.

    Returns:
        The captured gradients by node; nodes that nothing reached are missing.
    """
    grads: dict[Node, Any] = {}
    for node, g in roots:
        g = conjugate(g, node, recorded)
        grads[node] = grads[node] + g if node in grads else g
    wanted = None if capture is None else set(capture)
    useful = None if wanted is None else _leading_to(wanted, grads)
    waiting = _count_arrivals(grads)
    previous = mode.grad
    mode.grad = recorded and recording()
    capturing = False
    if wanted is not None:
        capturing, mode.capturing = mode.capturing, True
    try:
        captured = _run(grads, waiting, keep_graph, recorded, wanted, useful)
        return {node: conjugate(g, node, recorded) for node, g in captured.items()}
    finally:
        mode.grad = previous
        if wanted is not None:
            mode.capturing = capturing


def _count_arrivals(roots: Iterable[Node]) -> dict[Node, int]:
    """How many gradients each node reachable from ``roots`` will receive from other nodes."""
    waiting = dict.fromkeys(roots, 0)
    stack = list(waiting)
    while stack:
        for n in stack.pop().next:
            if n is not None:
                if n in waiting:
                    waiting[n] += 1
                else:
                    waiting[n] = 1
                    stack.append(n)
    return waiting


def _leading_to(wanted: set[Node], roots: Iterable[Node]) -> set[Node]:
    """The nodes from which some wanted node can be reached, wanted ones included."""
    useful: set[Node] = set(wanted)
    visited: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(n, False) for n in roots]
    while stack:
        node, children_done = stack.pop()
        if children_done:
            if any(n in useful for n in node.next):
                useful.add(node)
        elif node not in visited:
            visited.add(node)
            stack.append((node, True))
            stack.extend((n, False) for n in node.next if n is not None and n not in visited)
    return useful


def _run(
    grads: dict[Node, Any],
    waiting: dict[Node, int],
    keep_graph: bool,
    recorded: bool,
    wanted: set[Node] | None,
    useful: set[Node] | None,
) -> dict[Node, Any]:
    captured: dict[Node, Any] = {}
    now: Pass | None = None
    ready = [(node, grads.pop(node)) for node in list(grads) if waiting[node] == 0]
    refuses_nan = mode.refuses_nan
    recorded_xp = late.recorded
    while ready:
        node, g = ready.pop()
        hooks = node.hooks
        if useful is not None and node not in useful:
            g = None
        if g is not None and hooks is not None:
            now = now or Pass(waiting, useful)
            g = _on_result(node, hooks, g, recorded, now)
        if wanted is not None:
            if node in wanted and g is not None:
                captured[node] = g
            if type(node) is AccumulateGrad:
                g = None
        if g is not None and hooks is not None and hooks.before:
            g = _before(node, hooks, g, recorded)
        if type(node) is AccumulateGrad:
            if g is not None:
                _accumulate(node, g, recorded)
            continue
        if g is None:
            results: Any = (None,) * len(node.next)
        else:
            try:
                place = node.place
                if recorded:
                    results = node.run_recorded(recorded_xp, g, keep_graph)
                elif place.guard is None:
                    results = node.run(place.xp, g, keep_graph)
                else:
                    results = place.guarded(node.run, place.xp, g, keep_graph)
            except Exception as error:
                if is_about_matrices(error):
                    error = LinAlgError(f"the gradient of {node.name()}: {error}").with_traceback(error.__traceback__)
                if node.trace:
                    error.add_note(f"{node.name()} was recorded at {node.trace}")
                raise error
            if hooks is not None and hooks.after:
                results = _after(hooks, node, results, g, recorded)
            if refuses_nan:
                _refuse_nan(node, results)
        for n, r in zip(node.next, results):  # noqa: B905  (checked by the rules' tests; strict= costs here)
            if n is None:
                continue
            if n in grads:
                if r is None:
                    r = grads[n]
                elif n.place.guard is None:
                    r = grads[n] + r
                else:
                    r = n.place.guarded(operator.add, grads[n], r)
            count = waiting[n]
            if count == 1:
                ready.append((n, r))
            else:
                waiting[n] = count - 1
                if r is not None:
                    grads[n] = r
        # Nothing may hold the gradients beyond their use: `_accumulate` keeps an array that it alone holds.
        results = g = r = None
    return captured


def _accumulate(node: AccumulateGrad, g: Any, recorded: bool) -> None:
    leaf = node.variable
    if leaf is None or leaf._node is None:
        return
    if node.is_complex:
        g = conjugate(g, node, recorded)
    hooks = node.hooks
    arrived = g if hooks is not None and hooks.after else None
    with _accumulating:
        add_to_grad(leaf, g, recorded)
    if hooks is not None:
        for hook in list(hooks.post_accumulate.values()):
            hook(leaf)
        for hook in list(hooks.after.values()):
            hook((), (arrived if recorded else make_tensor(arrived, node.place),))


def add_to_grad(tensor: TensorBase, g: Any, recorded: bool) -> None:
    """Add to ``tensor.grad``, in place as PyTorch does unless the sum itself is to be differentiable."""
    old = tensor._grad
    place = tensor._place
    if recorded:
        # A copy, since one gradient may arrive at several leaves and each may be written to.
        tensor._grad = late.recorded.asarray(g, copy=True) if old is None else old + g
    elif old is None:
        if place.mutable:
            if not (sys.getrefcount(g) <= _SOLE_OWNER and place.backend.owns_memory(g)):
                g = place.backend.copy(g)
        elif place.backend.lazy:
            remember(tensor)
        tensor._grad = make_tensor(g, place)
    elif old._node is not None:
        tensor._grad = old + make_tensor(g, place)
    elif place.mutable:
        place.backend.add_into(old._array, g)
        count_write(old._cell)
    else:
        rebind(old, old._array + g)
        if place.backend.lazy:
            remember(tensor)
        count_write(old._cell)


def _sole_owner_count() -> int:
    """The reference count that `add_to_grad` sees for an array that nobody else holds, on this interpreter.

    Three frames hold it there, as here; how many references that is differs between CPython versions.
    """

    def add_to_grad(g: object) -> int:
        return sys.getrefcount(g)

    def accumulate(g: object) -> int:
        count = add_to_grad(g)
        return count

    def run() -> int:
        g = object()
        count = accumulate(g)
        del g
        return count

    return run()


# Without the interpreter's lock a count says nothing of other threads, so that nothing counts as owned.
_SOLE_OWNER = _sole_owner_count() if getattr(sys, "_is_gil_enabled", lambda: True)() else 0


def conjugate(g: Any, node: Node, recorded: bool) -> Any:
    """``g``, a gradient of what ``node`` made, between the convention inside and PyTorch's."""
    if g is None or node.dtype is None or not node.place.dtype(node.dtype).is_complex:
        return g
    return (late.recorded if recorded else node.place.xp).conj(g)


def _on_result(node: Node, hooks: Hooks, g: Any, recorded: bool, now: Pass) -> Any:
    """What the hooks on a tensor make of its gradient, which is then kept if the tensor asked for that."""
    if hooks.tensor and not recorded and node.place.mutable:
        # Hooks may write to what they are shown, which may be shared or even one number seen many times.
        g = node.place.backend.copy(g)
    for hook in list(hooks.tensor.values()):
        answer = hook(_shown(g, node.place, recorded))
        if answer is not None:
            _check_replacement(hook, answer, node)
            g = _hidden(answer, recorded)
    for group in list(hooks.groups.values()):
        group(node, _shown(g, node.place, recorded), now)
    if hooks.retain is not None:
        kept = hooks.retain()
        if kept is not None:
            add_to_grad(kept, conjugate(g, node, recorded), recorded)
    return g


def _check_replacement(hook: Callable[..., Any], answer: object, node: Node) -> None:
    if not isinstance(answer, TensorBase):
        raise ArgumentTypeError(
            f"expected Variable, but hook returned {type(answer).__name__!r}; a hook returns None to leave the "
            "gradient as it is, or a tensor to replace it"
        )
    if tuple(answer._array.shape) != tuple(node.shape or ()):
        raise GradientError(
            f"hook {getattr(hook, '__name__', hook)!r} has changed the size of value: it was "
            f"{tuple(node.shape or ())}, the hook returned {tuple(answer._array.shape)}"
        )
    place = node.place
    if answer._place is not place or answer._array.dtype != node.dtype:
        raise GradientError(
            f"hook {getattr(hook, '__name__', hook)!r} has changed the type of value: it was "
            f"{place.dtype(node.dtype)} on {place.device}, the hook returned "
            f"{answer._place.dtype(answer._array.dtype)} on {answer._place.device}"
        )


def _before(node: Node, hooks: Hooks, g: Any, recorded: bool) -> Any:
    """What the hooks before a node make of the gradients of its results."""
    arrived = _apart(node, g)
    for hook in list(hooks.before.values()):
        answer = hook(tuple(_shown(a, node.place, recorded) for a in arrived))
        if answer is not None:
            arrived = tuple(_hidden(a, recorded) for a in (answer if isinstance(answer, tuple) else (answer,)))
    if isinstance(g, Gradients):
        return Gradients({i: a for i, a in enumerate(arrived) if a is not None})
    return arrived[0]


def _after(hooks: Hooks, node: Node, results: Sequence[Any], g: Any, recorded: bool) -> Sequence[Any]:
    """What the hooks after a node make of the gradients it computed."""
    outputs = tuple(_shown(a, node.place, recorded) for a in _apart(node, g))
    for hook in list(hooks.after.values()):
        answer = hook(
            tuple(
                None if n is None else _shown(r, n.place, recorded) for n, r in zip(node.next, results, strict=False)
            ),
            outputs,
        )
        if answer is not None:
            answers = answer if isinstance(answer, tuple) else (answer,)
            results = fitted(node, [_hidden(a, recorded) for a in answers], recorded)
    return results


def _apart(node: Node, g: Any) -> tuple[Any, ...]:
    """The gradient of each result of ``node``, None for those where none arrived."""
    return tuple(g.by_index.get(i) for i in range(len(node.metas))) if isinstance(g, Gradients) else (g,)


def _shown(g: Any, place: Place, recorded: bool) -> Any:
    """``g`` as hooks see it: a tensor, in PyTorch's convention."""
    if g is None:
        return None
    tensor = g if recorded else make_tensor(g, place)
    return late.recorded.conj(tensor) if place.dtype(tensor._array.dtype).is_complex else tensor


def _hidden(g: Any, recorded: bool) -> Any:
    """What a hook returned, as the engine has it: the inverse of `_shown`."""
    if g is None:
        return None
    if g._place.dtype(g._array.dtype).is_complex:
        g = late.recorded.conj(g)
    return g if recorded else array_of(g)


def _refuse_nan(node: Node, results: Sequence[Any]) -> None:
    """Raise if a rule returned NaN (anomaly detection only)."""
    for position, r in enumerate(results):
        array = r._array if isinstance(r, TensorBase) else r
        if array is None or isinstance(array, Gradients) or node.next[position] is None:
            continue
        place = node.place
        if place.dtype(array.dtype).is_differentiable and bool(place.xp.any(place.xp.isnan(array))):
            raise AnomalyError(
                f"Function '{node.name()}' returned nan values in its {position}th output. "
                f"It was recorded at {node.trace or 'a line that was not traced: detect_anomaly was off then'}."
            )
