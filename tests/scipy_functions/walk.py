"""Run the programs of ``programs.txt`` on NumPy arrays and on tensors, and say what came of each.

``python tests/scipy_functions/walk.py`` prints `docs/scipy.md`; ``walk.py --json MODULE...`` prints the outcomes. SciPy
reads its switch when it is imported, so this is a process of its own.
"""

from __future__ import annotations

import os

if __name__ == "__main__":
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
import sklearn
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
    if not any(isinstance(x, xpgrad.Tensor) for x in got):
        return VALUE, "the result is a Python number"
    try:
        problem = wrong_gradient(module, program, tensors, got)
    except xpgrad.errors.SavedValueModifiedError:
        return while_written_to(module, program, names)
    except Exception as error:
        return FAILS, f"in backward: {_said(error)}"
    if problem is None:
        return GRADIENT, ""
    return (VALUE, "") if problem == "" else (FAILS, problem)


def while_written_to(module: str, program: str, names: list[str]) -> tuple[str, str]:
    """What ``program``, which writes into what rules have saved, comes to where that is allowed."""
    with xpgrad.autograd.graph.allow_mutation_on_saved_tensors():
        tensors = {name: as_tensor(name) for name in names}
        problem = wrong_gradient(module, program, tensors, leaves(run(module, program, tensors, xp)))
    return (GRADIENT, "under `allow_mutation_on_saved_tensors()`") if problem is None else (FAILS, problem)


def run(module: str, program: str, arrays: dict[str, Any], namespace: Any) -> Any:
    """The value of ``program``, whose first name is found in the SciPy module ``module``."""
    scope: dict[str, Any] = {"np": np, "xp": namespace, **arrays}
    scope |= {name: importlib.import_module(f"scipy.{name}") for name in ("special", "stats")}
    home = _Home(importlib.import_module(full_name(module)))
    bare = program.lstrip("(")
    opened = program[: len(program) - len(bare)]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return eval(re.sub(r"(?<![\w.])(transform|hierarchy|elementwise)\.", r"home.\1.", f"{opened}home.{bare}")
                    .replace("home.home.", "home."), scope | {"home": home})  # fmt: skip


def full_name(module: str) -> str:
    """The name to import ``module`` by: SciPy's are written without the package."""
    return module if module.startswith("sklearn.") else f"scipy.{module}"


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
            return "the result is a NumPy array"
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
    loss = sum(
        (x * xpgrad.tensor(w)).real.sum() if x.is_complex() else (x * xpgrad.tensor(w)).sum() for x, w in recorded
    )
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
    # Ones stay: they are the leading coefficients of filters, which SciPy divides by where they are anything else.
    step = np.where(x == 1, 0.0, draw.normal(size=x.shape))
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
    text = re.sub(r"<module '([^']*)'[^>]*>", r"\1", " ".join(str(error).split()))
    if "Can't call numpy() on Tensor that requires grad" in text:
        return "computes in NumPy"
    return f"{type(error).__name__}: {text}"[:140]


def outcomes(modules: list[str]) -> dict[str, tuple[str, str]]:
    """The outcome of every program of ``modules``, by what is written in the document: ``stats.zscore(v)``."""
    xpgrad.set_default_dtype(xpgrad.float64)
    sklearn.set_config(array_api_dispatch=True)
    return {f"{module}.{program}": outcome(module, program) for module in modules for program in PROGRAMS[module]}


# Of a library's modules these are listed with what was not asked.
ASKED_IN_FULL = [module for module in PROGRAMS if not module.startswith("sklearn.")]
MEANINGS = {GRADIENT: "yes", VALUE: "values, no gradient to have", DETACHED: "without gradient", FAILS: "no"}


def document() -> Iterator[str]:
    """The lines of ``docs/scipy.md``."""
    yield _HEAD.format(version=scipy.__version__, sklearn=sklearn.__version__)
    found = outcomes(list(PROGRAMS))
    totals = {word: sum(outcome[0] == word for outcome in found.values()) for word in MEANINGS}
    yield "| tensors work | programs |"
    yield "|---|---|"
    yield from (f"| {meaning} | {totals[word]} |" for word, meaning in MEANINGS.items())
    for module, programs in PROGRAMS.items():
        yield f"\n## {full_name(module)}\n"
        yield "| program | tensors work | why not |"
        yield "|---|---|---|"
        for program in programs:
            word, why = found[f"{module}.{program}"]
            yield f"| `{module}.{program}` | {MEANINGS[word]} | {why.replace('|', '/')} |"
        unasked = sorted(not_asked(module))
        if unasked:
            yield f"\nNot asked: {', '.join(unasked)}."


def not_asked(module: str) -> Iterator[str]:
    """The public functions of ``module`` that no program calls."""
    home = importlib.import_module(full_name(module))
    text = " ".join([*PROGRAMS[module], *PROGRAMS["signal.windows" if module == "signal" else module]])
    for name in home.__all__ if module in ASKED_IN_FULL else ():
        function = getattr(home, name)
        if callable(function) and not isinstance(function, type) and not re.search(rf"\b{name}\b", text):
            yield name


_HEAD = """# SciPy and scikit-learn on tensors

With `SCIPY_ARRAY_API=1` in the environment before SciPy is imported, those of its functions that are written for the
Array API take tensors and let gradients through. This is what came of SciPy {version} with
`set_default_dtype(float64)`: values are held against SciPy on NumPy arrays, gradients against finite differences along
a random direction. The names in the programs are arrays of `tests/scipy_functions/programs.py`. The page is printed by
`python tests/scipy_functions/walk.py > docs/scipy.md`.

- **yes**: right values, and right gradients in every floating argument. SciPy writes into its intermediate results here
  and there. Where one was saved for the backward pass, everything has to run inside
  `with xpgrad.autograd.graph.allow_mutation_on_saved_tensors():`, which the last column then says.
- **values, no gradient to have**: right values, of a function that is constant in pieces, takes nothing floating or
  returns a number.
- **without gradient**: right values for tensors that require no gradient; others are refused by NumPy, which computes.
- **no**: SciPy insists on NumPy arrays, of which its result is one, or on what only these have.

SciPy looks for `xp.special` before it computes in NumPy. `xpgrad.array_api.special` is there for that, and with it
statistics and their p-values have gradients. What is "not asked" are functions that SciPy does not write for the Array
API either, and objects such as distributions, whose methods compute in NumPy.

scikit-learn {sklearn} is asked in the same way, with `sklearn.set_config(array_api_dispatch=True)`, at the end of the
page. Its metrics are numbers, so that they have no gradient; distances, kernels, scalers and linear models have.
"""


if __name__ == "__main__":
    if "--json" in sys.argv:
        print(json.dumps(outcomes([name for name in sys.argv[1:] if name != "--json"])))
    else:
        print("\n".join(document()))
