"""Running the programs of `tables`: one line of Python each, in which `torch` is the library under test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from xpgrad.testing.conformance.programs import tables

_draw = np.random.default_rng(7)

# What the names in a program stand for; floating and complex ones require grad.
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


def programs() -> dict[str, list[str]]:
    """The programs of each table."""
    return {name.lower(): split(table) for name, table in vars(tables).items() if name.isupper()}


def split(table: str) -> list[str]:
    """The programs of a table."""
    return re.split(r"\s{2,}|\n", table.strip())


def evaluate(library: ModuleType, program: str) -> tuple[Any, dict[str, Any]]:
    """The value of ``program`` and the tensors it began with."""
    leaves = {name: library.from_numpy(array.copy()) for name, array in VARIABLES.items() if name in names_in(program)}
    for leaf in leaves.values():
        leaf.requires_grad_(leaf.is_floating_point() or leaf.is_complex())
    scope = {"torch": library, "np": np, **leaves}
    body = ast.parse(program).body
    assert isinstance(body[-1], ast.Expr)
    exec(compile(ast.Module(body[:-1], []), "<program>", "exec"), scope)
    return eval(compile(ast.Expression(body[-1].value), "<program>", "eval"), scope), leaves


def names_in(program: str) -> set[str]:
    """The names that ``program`` mentions."""
    return {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)}


def tensors(value: Any) -> Iterator[Any]:
    """The tensors in ``value``, however nested."""
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors(item)
    elif hasattr(value, "requires_grad"):
        yield value


def weights_for(library: ModuleType, results: list[Any]) -> list[Any]:
    """A gradient for each result that weighs each of its elements differently."""
    weights = []
    for result in results:
        weight = np.cos(np.arange(result.numel()).reshape(tuple(result.shape)) + 0.5)
        weight = weight + 1j * np.sin(weight) if result.is_complex() else weight
        if str(result.dtype) not in ("torch.float64", "torch.complex128"):
            # Not every device has the wider dtypes.
            weight = weight.astype({"f": "float32", "c": "complex64"}[weight.dtype.kind])
        weights.append(library.from_numpy(np.asarray(weight)).to(result.dtype))
    return weights


def run_backward(library: ModuleType, results: list[Any]) -> None:
    """Run backward from every result that requires grad."""
    results = [r for r in results if r.requires_grad]
    if results:
        library.autograd.backward(results, weights_for(library, results))


def second_derivatives(library: ModuleType, program: str) -> dict[str, Any]:
    """What the variables of ``program`` get from the gradients of its results, None if nothing does; as tensors.

    There is no variable if the program has no derivative.
    """
    value, leaves = evaluate(library, program.removeprefix("!"))
    results = [r for r in tensors(value) if r.requires_grad and not r.is_leaf]
    wanted = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    if not results or not wanted:
        return {}
    first = library.autograd.grad(
        results, list(wanted.values()), weights_for(library, results), create_graph=True, allow_unused=True
    )
    run_backward(library, [g for g in first if g is not None])
    return {name: x.grad for name, x in wanted.items()}
