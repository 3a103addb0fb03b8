"""One program, run with PyTorch and with xpgrad: what comes out must be the same.

A program is a line of Python in which `torch` is the library and the names of `VARIABLES` are tensors. Its value is
what its last statement evaluates to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import torch

import xpgrad

_draw = np.random.default_rng(7)

# Floating and complex ones require grad.
VARIABLES: dict[str, np.ndarray[Any, Any]] = {
    "x": _draw.normal(size=(3, 4)).astype("float32"),
    "y": _draw.normal(size=4).astype("float32"),
    "w": _draw.normal(size=(3, 1)).astype("float32"),
    "s": np.asarray(_draw.normal(), "float32"),
    "a": _draw.normal(size=(4, 3)).astype("float32"),
    "b": _draw.normal(size=(2, 3, 4)).astype("float32"),
    "p": _draw.uniform(0.5, 2.0, size=(3, 4)).astype("float32"),
    "u": _draw.uniform(-0.9, 0.9, size=(3, 4)).astype("float32"),
    "d": _draw.normal(size=(3, 4)),
    "z": (_draw.normal(size=(3, 4)) + 1j * _draw.normal(size=(3, 4))).astype("complex64"),
    "v": (_draw.normal(size=4) + 1j * _draw.normal(size=4)).astype("complex64"),
    "e": np.zeros((0, 4), "float32"),
    "h": _draw.normal(size=(3, 4)).astype("float16"),
    "i": _draw.integers(-4, 5, size=(3, 4)),
    "j": _draw.integers(0, 3, size=(3, 4)),
    "k": np.asarray([2, 0, 2, 1]),
    "n": _draw.integers(1, 5, size=(3, 4)).astype("int32"),
    "m": _draw.uniform(size=(3, 4)) > 0.4,
    "q": np.asarray([True, False, True]),
    "o": np.asarray(3),
}
TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "complex64": 2e-5}


def evaluate(library: ModuleType, program: str) -> tuple[Any, dict[str, Any]]:
    """The value of ``program`` and the tensors it began with."""
    leaves = {name: library.from_numpy(array.copy()) for name, array in VARIABLES.items() if name in _names(program)}
    for leaf in leaves.values():
        leaf.requires_grad_(leaf.is_floating_point() or leaf.is_complex())
    scope = {"torch": library, "np": np, **leaves}
    body = ast.parse(program).body
    assert isinstance(body[-1], ast.Expr)
    exec(compile(ast.Module(body[:-1], []), "<program>", "exec"), scope)
    return eval(compile(ast.Expression(body[-1].value), "<program>", "eval"), scope), leaves


def _names(program: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)}


def differences(program: str) -> list[str]:
    """In what the two libraries differ on ``program``: values, dtypes, shapes, nodes, gradients."""
    theirs, their_leaves = evaluate(torch, program)
    ours, our_leaves = evaluate(xpgrad, program)
    found = list(_compare("result", ours, theirs))
    if not found:
        our_tensors, their_tensors = list(tensors(ours)), list(tensors(theirs))
        _backward(xpgrad, our_tensors)
        _backward(torch, their_tensors)
        for name, leaf in their_leaves.items():
            found += _compare(f"{name}.grad", our_leaves[name].grad, leaf.grad)
    return found


def tensors(value: Any) -> Iterator[Any]:
    """The tensors in ``value``, however nested."""
    if isinstance(value, (torch.Tensor, xpgrad.Tensor)):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors(item)


def _backward(library: ModuleType, results: list[Any]) -> None:
    """Run backward from every result with a gradient that weighs each element differently."""
    results = [r for r in results if r.requires_grad]
    weights = []
    for result in results:
        weight = np.cos(np.arange(result.numel()).reshape(tuple(result.shape)) + 0.5)
        weight = weight + 1j * np.sin(weight) if result.is_complex() else weight
        weights.append(library.from_numpy(np.asarray(weight)).to(result.dtype))
    if results:
        library.autograd.backward(results, weights)


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
        _backward(library, list(tensors(value)))
    except Exception as error:
        return error
    return None
