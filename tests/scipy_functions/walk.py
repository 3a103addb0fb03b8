"""Run the programs of `programs.py` through SciPy, on NumPy arrays and on tensors, and say what came of it.

``python tests/scipy_functions/walk.py`` prints `docs/scipy.md`; ``walk.py --json MODULE...`` prints the outcomes. SciPy
reads its switch when it is imported, so this is a process of its own.
"""

from __future__ import annotations

import os

os.environ["SCIPY_ARRAY_API"] = "1"

import importlib
import json
import re
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import scipy
from programs import ARRAYS, CONSTANT, PROGRAMS

import xpgrad
import xpgrad.array_api as xp

GRADIENT, VALUE, DETACHED, FAILS = "gradient", "value", "detached", "fails"
_STEP = 1e-6


def outcome(module: str, program: str) -> tuple[str, str]:
    """What ``program`` comes to on tensors: one of the four words above, and why."""
    names = [name for name in ARRAYS if re.search(rf"(?<![\w.'\"]){name}\b(?!['\"=(])", program)]
    try:
        expected = leaves(run(module, program, {name: ARRAYS[name] for name in names}, np))
    except Exception as error:
        return FAILS, f"on NumPy too: {_said(error)}"
    try:
        tensors = {name: as_tensor(name) for name in names}
        got = leaves(run(module, program, tensors, xp))
    except Exception as error:
        return without_gradient(module, program, names, expected, error)
    problem = difference(got, expected)
    if problem:
        return FAILS, problem
    try:
        problem = wrong_gradient(module, program, tensors, got)
    except Exception as error:
        return FAILS, f"in backward: {_said(error)}"
    if problem is None:
        return GRADIENT, ""
    return (VALUE, "") if problem == "" else (FAILS, problem)


def run(module: str, program: str, arrays: dict[str, Any], namespace: Any) -> Any:
    """The value of ``program``, whose first name is found in the SciPy module ``module``."""
    scope: dict[str, Any] = {"np": np, "xp": namespace, **arrays}
    scope |= {name: importlib.import_module(f"scipy.{name}") for name in ("special", "stats")}
    home = _Home(importlib.import_module(f"scipy.{module}"))
    bare = program.lstrip("(")
    opened = program[: len(program) - len(bare)]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return eval(re.sub(r"(?<![\w.])(transform|hierarchy|elementwise)\.", r"home.\1.", f"{opened}home.{bare}")
                    .replace("home.home.", "home."), scope | {"home": home})  # fmt: skip


class _Home:
    """Attributes of a module, submodules that it does not import among them."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            return importlib.import_module(f"{self._module.__name__}.{name}")


def as_tensor(name: str, requires_grad: bool = True) -> Any:
    x = xpgrad.tensor(ARRAYS[name])
    return x.requires_grad_() if requires_grad and _differentiated(name) else x


def _differentiated(name: str) -> bool:
    return ARRAYS[name].dtype.kind in "fc" and name not in CONSTANT


def leaves(result: Any) -> list[Any]:
    """The arrays and numbers that a result holds, in order."""
    return list(_leaves(result))


def _leaves(result: Any) -> Iterator[Any]:
    if isinstance(result, dict):
        for key in sorted(result, key=str):
            yield from _leaves(result[key])
    elif isinstance(result, (tuple, list)):
        for item in result:
            yield from _leaves(item)
    elif isinstance(result, (np.ndarray, np.number, np.bool_, xpgrad.Tensor, bool, int, float, complex)):
        yield result


def difference(got: list[Any], expected: list[Any]) -> str:
    """What is wrong with the values, or nothing."""
    if len(got) != len(expected):
        return f"{len(got)} results instead of {len(expected)}"
    for ours, theirs in zip(got, expected, strict=True):
        if isinstance(theirs, np.ndarray) and not isinstance(ours, xpgrad.Tensor):
            return f"the result is of class {type(ours).__name__}"
        a = ours.detach().numpy() if isinstance(ours, xpgrad.Tensor) else np.asarray(ours)
        b = np.asarray(theirs)
        if a.shape != b.shape:
            return f"the shape is {a.shape} instead of {b.shape}"
        if not np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True):
            return f"values differ by {np.nanmax(np.abs(a - b)):.1e}"
    return ""


def wrong_gradient(module: str, program: str, tensors: dict[str, Any], got: list[Any]) -> str | None:
    """None if gradients are right, an empty text if there is none to have, else what is wrong."""
    weights = [_weights(x) for x in got]
    recorded = [(x, w) for x, w in zip(got, weights, strict=True) if isinstance(x, xpgrad.Tensor) and x.requires_grad]
    wanted = [name for name in tensors if _differentiated(name)]
    slopes = {name: _slope(module, program, list(tensors), name, weights) for name in wanted}
    if not any(abs(slope) > 1e-7 for slope in slopes.values()):
        return ""
    if not recorded:
        return "the result has no gradient"
    loss = sum((x * xpgrad.tensor(w)).real.sum() if x.is_complex() else (x * xpgrad.tensor(w)).sum() for x, w in recorded)
    loss.backward()
    for name, slope in slopes.items():
        grad = tensors[name].grad
        ours = 0.0 if grad is None else float((grad.detach().numpy().conj() * _direction(name)).sum().real)
        if not np.isclose(ours, slope, rtol=2e-4, atol=1e-5):
            return f"the gradient in {name} is {ours:.4g} instead of {slope:.4g} along a random direction"
    return None


def _slope(module: str, program: str, names: list[str], moved: str, weights: list[Any]) -> float:
    """The derivative of the weighted sum of results along a direction of ``moved``, by differences on NumPy."""
    ends = []
    for sign in (1, -1):
        arrays = {name: ARRAYS[name] for name in names}
        arrays[moved] = arrays[moved] + sign * _STEP * _direction(moved)
        values = leaves(run(module, program, arrays, np))
        ends.append(sum(np.sum(np.nan_to_num(np.asarray(x)) * w).real for x, w in zip(values, weights, strict=True)))
    return float((ends[0] - ends[1]) / (2 * _STEP))


def _direction(name: str) -> np.ndarray[Any, Any]:
    x = ARRAYS[name]
    draw = np.random.default_rng(len(name) + x.size)
    step = draw.normal(size=x.shape)
    return step + 1j * draw.normal(size=x.shape) if x.dtype.kind == "c" else step


def _weights(x: Any) -> Any:
    shape = tuple(getattr(x, "shape", ()))
    return np.random.default_rng(7).uniform(0.5, 1.5, size=shape)


def without_gradient(
    module: str, program: str, names: list[str], expected: list[Any], error: Exception
) -> tuple[str, str]:
    """What ``program``, which fails on tensors that require gradients, comes to on those that do not."""
    try:
        got = leaves(run(module, program, {name: as_tensor(name, requires_grad=False) for name in names}, xp))
        problem = difference(got, expected)
    except Exception as plain:
        return FAILS, _said(plain)
    return (FAILS, problem) if problem else (DETACHED, _said(error))


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "Can't call numpy() on Tensor that requires grad" in text:
        return "computes in NumPy"
    return f"{type(error).__name__}: {text}"[:140]


def outcomes(modules: list[str]) -> dict[str, tuple[str, str]]:
    """The outcome of every program of ``modules``, by what is written in the document: ``stats.zscore(v)``."""
    xpgrad.set_default_dtype(xpgrad.float64)
    return {f"{module}.{program}": outcome(module, program) for module in modules for program in PROGRAMS[module]}


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name != "--json"] or list(PROGRAMS)
    found = outcomes(chosen)
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        for program, (word, why) in found.items():
            print(f"{word:9} {program}  {why}")
        print(scipy.__version__)
