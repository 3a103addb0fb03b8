"""One program, run with PyTorch and with xpgrad: what comes out must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import torch

import xpgrad
from xpgrad.testing.conformance.programs.running import evaluate, run_backward, tensors

TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "complex64": 2e-5}


def differences(program: str) -> list[str]:
    """In what the two libraries differ on ``program``: values, dtypes, shapes, gradients; nodes unless after ``!``."""
    program, composed = program.removeprefix("!"), program.startswith("!")
    theirs, their_leaves = evaluate(torch, program)
    ours, our_leaves = evaluate(xpgrad, program)
    found = [line for line in _compare("result", ours, theirs) if not (composed and ".grad_fn: " in line)]
    if not found:
        run_backward(xpgrad, list(tensors(ours)))
        run_backward(torch, list(tensors(theirs)))
        for name, leaf in their_leaves.items():
            found += _compare(f"{name}.grad", our_leaves[name].grad, leaf.grad)
    return found


def _compare(what: str, ours: Any, theirs: Any) -> Iterator[str]:
    if isinstance(theirs, torch.Tensor):
        if not isinstance(ours, xpgrad.Tensor):
            yield f"{what}: a tensor in PyTorch, {type(ours).__name__} here"
            return
        for attribute in ("dtype", "shape", "requires_grad", "is_leaf"):
            a, b = (repr(getattr(t, attribute)) for t in (ours, theirs))
            if a != b:
                yield f"{what}.{attribute}: {a}, in PyTorch {b}"
        a, b = (t.grad_fn.name().rpartition("::")[2] if t.grad_fn else None for t in (ours, theirs))
        # PyTorch makes a view anew with `as_strided` once its base was written to; here it keeps its own operation.
        if a != b != "AsStridedBackward0":
            yield f"{what}.grad_fn: {a}, in PyTorch {b}"
        a, b = ours.detach().numpy(), theirs.detach().resolve_conj().resolve_neg().numpy()
        tolerance = TOLERANCE.get(b.dtype.name, 1e-12)
        if a.shape == b.shape and not np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True):
            yield f"{what}: {a.tolist()}, in PyTorch {b.tolist()}"
    elif isinstance(theirs, (tuple, list)) and not isinstance(theirs, torch.Size):
        if len(ours) != len(theirs):
            yield f"{what}: {len(ours)} values, in PyTorch {len(theirs)}"
            return
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            yield from _compare(f"{what}[{i}]", a, b)
    elif isinstance(theirs, (float, complex)) and theirs == theirs:
        if not isinstance(ours, type(theirs)) or abs(ours - theirs) > 2e-5 * (1 + abs(theirs)):
            yield f"{what}: {ours!r}, in PyTorch {theirs!r}"
    elif repr(ours) != repr(theirs):
        yield f"{what}: {ours!r}, in PyTorch {theirs!r}"


def failure(library: ModuleType, program: str) -> Exception | None:
    """What ``program`` raises, backward included."""
    try:
        value, _ = evaluate(library, program)
        run_backward(library, list(tensors(value)))
    except Exception as error:
        return error
    return None
