"""What `Tensor.backward` and `autograd.grad` share: checking what they are given, then one run of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.core.engine import add_to_grad, run_backward
from xpgrad.core.graph import AccumulateGrad, GradientEdge, Node
from xpgrad.core.outliving import compute, remembered
from xpgrad.core.tensor_base import TensorBase, late, make_tensor
from xpgrad.core.views import array_of, node_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, GradientError, MixedBackendsError

Tensors = Sequence[Any]


def backward(
    tensors: Tensors,
    gradients: Sequence[Any],
    retain_graph: bool | None,
    create_graph: bool,
    inputs: TensorBase | Tensors | None,
) -> None:
    """Accumulate the gradients of ``tensors`` into leaves, or into ``inputs`` only."""
    roots = _roots(tensors, gradients, create_graph)
    keep = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        run_backward(roots, keep_graph=keep, recorded=create_graph)
        _compute_what_outlives(roots, create_graph, tensors)
        return
    wanted = (inputs,) if isinstance(inputs, (TensorBase, GradientEdge)) else tuple(inputs)
    if not wanted:
        raise GradientError("`inputs` argument to `backward()` cannot be empty.")
    nodes = [_node_of_input(x) for x in wanted]
    found = run_backward(roots, keep_graph=keep, recorded=create_graph, capture=nodes)
    for x, node in dict(zip(wanted, nodes, strict=True)).items():
        keeps_it_already = node.hooks is not None and node.hooks.retain is not None
        if isinstance(x, GradientEdge):
            x = x.node.variable if isinstance(x.node, AccumulateGrad) else None
        if node in found and not keeps_it_already and x is not None:
            add_to_grad(x, found[node], create_graph)
    _compute_what_outlives(roots, create_graph, tensors)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    gradients: Sequence[Any],
    retain_graph: bool | None,
    create_graph: bool,
    allow_unused: bool,
    materialize_grads: bool,
) -> tuple[Any, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``, without touching any ``grad``."""
    roots = _roots(outputs, gradients, create_graph)
    keep = create_graph if retain_graph is None else retain_graph
    nodes = [_node_of_input(x) for x in inputs]
    found = run_backward(roots, keep_graph=keep, recorded=create_graph, capture=nodes)
    results = []
    for i, node in enumerate(nodes):
        g, place = found.get(node), node.place
        if g is None and materialize_grads:
            g = make_tensor(place.xp.zeros(node.shape, dtype=node.dtype, device=place.handle), place)
        elif g is None and not allow_unused:
            raise GradientError(
                f"The differentiated Tensor at index {i} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )
        elif g is not None and not create_graph:
            # A copy where arrays can be written: the same one may be another input's gradient, or a view of a number.
            g = make_tensor(place.backend.copy(g) if place.mutable else g, place)
        results.append(g)
    _compute_what_outlives(roots, create_graph, outputs, inputs, results)
    return tuple(results)


def _compute_what_outlives(roots: Sequence[tuple[Node, Any]], recorded: bool, *tensors: Tensors) -> None:
    """Where libraries compute late: the values of ``tensors``, and of all that was written since the last time."""
    # Recorded gradients are on the way to others, which begin at their recipes.
    if not recorded and (remembered or (roots and roots[0][0].place.backend.lazy)):
        compute(*tensors)


def _node_of_input(x: Any) -> Node:
    if not isinstance(x, TensorBase):
        if isinstance(x, GradientEdge):
            return x.target
        raise GradientError(f"all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}")
    node: Node | None = node_of(x)
    if node is None:
        raise GradientError(
            "One of the differentiated Tensors does not require grad. Call requires_grad_() on it first."
        )
    return node


def _roots(tensors: Tensors, gradients: Sequence[Any], recorded: bool) -> list[tuple[Node, Any]]:
    """Each tensor's node with the gradient to start from."""
    if len(tensors) != len(gradients):
        raise ArgumentError(f"got {len(tensors)} tensors and {len(gradients)} gradients")
    roots = []
    for i, (tensor, g) in enumerate(zip(tensors, gradients, strict=True)):
        if not isinstance(tensor, TensorBase):
            if not isinstance(tensor, GradientEdge):
                raise ArgumentTypeError(f"backward: expected tensors, got {type(tensor).__name__}")
            node = tensor.target
            # A tensor of the right form: the graph does not keep the values.
            tensor = make_tensor(
                node.place.xp.zeros(node.shape, dtype=node.dtype, device=node.place.handle), node.place
            )
            roots.append((node, _start(tensor, g, i, recorded)))
            continue
        node = node_of(tensor)
        if node is None:
            raise GradientError(
                f"element {i} of tensors does not require grad and does not have a grad_fn. No input of the "
                "computation had requires_grad=True, or it ran under no_grad()."
            )
        roots.append((node, _start(tensor, g, i, recorded)))
    return roots


def _start(tensor: TensorBase, g: Any, position: int, recorded: bool) -> Any:
    place, array = tensor._place, array_of(tensor)
    if g is None:
        if array.shape != () and any(n != 1 for n in array.shape):
            raise GradientError(
                "grad can be implicitly created only for scalar outputs; this one has shape "
                f"{tuple(array.shape)}. Pass a gradient of that shape, or reduce it first, with .sum() say."
            )
        if place.dtype(array.dtype).is_complex:
            raise GradientError(
                "grad can be implicitly created only for real scalar outputs but got "
                f"{place.dtype(array.dtype)}; pass a gradient, or take .abs() or .real first."
            )
        ones = place.xp.ones(array.shape, dtype=array.dtype, device=place.handle)
        return make_tensor(ones, place) if recorded else ones
    if not isinstance(g, TensorBase):
        raise ArgumentTypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if g._place is not place:
        raise MixedBackendsError("backward", [str(place.device), str(g._place.device)])
    if tuple(g._array.shape) != tuple(array.shape):
        raise GradientError(
            f"Mismatch in shape: grad_output[{position}] has a shape of torch.Size({list(g._array.shape)}) and "
            f"output[{position}] has a shape of torch.Size({list(array.shape)})."
        )
    if g._array.dtype != array.dtype:
        if place.dtype(g._array.dtype).is_complex and not place.dtype(array.dtype).is_complex:
            raise GradientError(
                f"For complex Tensors, both grad_output and output are required to have the same dtype: grad_output"
                f"[{position}] is {place.dtype(g._array.dtype)}, output[{position}] {place.dtype(array.dtype)}."
            )
        g = late.recorded.astype(g, place.dtype(array.dtype))
    return g if recorded else array_of(g)
