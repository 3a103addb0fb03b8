"""`grad` and `backward`: the two ways to run the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.core import backward as core
from xpgrad.core.graph import GradientEdge
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, GradientError
from xpgrad.functions.joining import stack

Tensors = Any


def backward(
    tensors: Tensors,
    grad_tensors: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors = None,
) -> None:
    """Add the gradients of ``tensors`` to the ``grad`` of the leaves. Mirrors ``torch.autograd.backward``.

    Args:
        tensors: A tensor or several.
        grad_tensors: For each the gradient to start from; None for scalars.
        retain_graph: Keep the saved values; by default if ``create_graph``.
        create_graph: Record the backward pass.
        inputs: Accumulate into these only.

    Raises:
        GradientError: A tensor is no scalar and has no gradient given, or does not require grad.
    """
    outputs = _sequence(tensors)
    gradients = _sequence(grad_tensors) if grad_tensors is not None else (None,) * len(outputs)
    core.backward(outputs, gradients, retain_graph, create_graph, inputs)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of ``outputs`` with respect to ``inputs``. Mirrors ``torch.autograd.grad``.

    Args:
        outputs: A tensor or several.
        inputs: A tensor or several, leaves or not.
        grad_outputs: For each output the gradient to start from; None for scalars.
        retain_graph: Keep the saved values; by default if ``create_graph``.
        create_graph: Record the backward pass, so that the gradients can be differentiated.
        only_inputs: Must be True, as in PyTorch.
        allow_unused: Return None for inputs that the outputs do not depend on instead of raising.
        is_grads_batched: ``grad_outputs`` have a leading batch dimension, and so have the results.
        materialize_grads: Return zeros for such inputs; implies ``allow_unused``.

    Returns:
        A tensor per input, with its shape, dtype and device.

    Raises:
        GradientError: An input was not used or does not require grad; an output is no scalar and has no gradient.
        ArgumentTypeError: ``only_inputs=False``.
    """
    if not only_inputs:
        raise ArgumentTypeError("only_inputs=False is gone; to accumulate into leaves use autograd.backward")
    if materialize_grads and allow_unused is False:
        raise GradientError("Expected allow_unused to be True or not passed when materialize_grads=True")
    out, inp = _sequence(outputs), _sequence(inputs)
    given = _sequence(grad_outputs) if grad_outputs is not None else (None,) * len(out)
    unused_ok = bool(allow_unused) or materialize_grads
    if not is_grads_batched:
        return core.grad(out, inp, given, retain_graph, create_graph, unused_ok, materialize_grads)
    batch = _batch_length(given)
    keep = create_graph if retain_graph is None else retain_graph
    rows = [
        core.grad(
            out,
            inp,
            [None if g is None else g[i] for g in given],
            keep or i + 1 < batch,
            create_graph,
            unused_ok,
            materialize_grads,
        )
        for i in range(batch)
    ]
    return tuple(None if any(g is None for g in column) else stack(column) for column in zip(*rows, strict=True))


def _batch_length(gradients: Sequence[Any]) -> int:
    """The length of the leading dimension that ``gradients`` have in common."""
    shapes = [tuple(g._array.shape) for g in gradients if g is not None]
    lengths = {shape[:1] for shape in shapes}
    if len(lengths) != 1 or () in lengths:
        raise GradientError(
            "is_grads_batched=True takes grad_outputs with a leading batch dimension, of one length for all; "
            f"got shapes {shapes}"
        )
    ((length,),) = lengths
    return int(length)


def _sequence(tensors: Any) -> Sequence[Any]:
    return (tensors,) if isinstance(tensors, (TensorBase, GradientEdge)) else tuple(tensors)
