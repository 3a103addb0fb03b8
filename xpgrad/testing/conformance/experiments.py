"""Experiments: short programs that are run on NumPy and on the backend that is asked, and must give the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from xpgrad.core.tensor_base import TensorBase
from xpgrad.nn.parameter import is_lazy
from xpgrad.random import fork_rng, manual_seed
from xpgrad.testing.conformance.narrow import narrow
from xpgrad.testing.conformance.narrow import tolerance as exactness
from xpgrad.testing.conformance.subject import Host, Subject

# Of results in single precision, after some sums.
TOLERANCE: Final = 1e-5
_OF_DOUBLES: Final = 1e-7

Program = Callable[[Subject], Any]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A row.

    Attributes:
        program: Does something on a device as a user would, new tensors going to that device, and returns what is to
            be seen of it: tensors and plain values, however nested.
        needs: The capabilities without which it has no sense.
        tolerance: How far numbers may be off, relative to 1 and to themselves; where that is less than single
            precision can do, a device without double precision may be off as far as it can do.
    """

    program: Program
    needs: frozenset[str] = frozenset()
    tolerance: float = TOLERANCE


class Experiments(dict[str, Experiment]):
    """Experiments by the names of their checks."""

    def add(
        self, name: str, *, needs: Iterable[str] = (), tolerance: float = TOLERANCE
    ) -> Callable[[Program], Program]:
        """Make the decorated function the experiment called ``name``."""

        def register(program: Program) -> Program:
            self[name] = Experiment(program, frozenset(needs), tolerance)
            return program

        return register


def needs(experiment: Experiment) -> Iterable[str]:
    """What a check of it needs: always the dtype of indices, of which PyTorch's functions make use everywhere."""
    return {"int64", *experiment.needs}


def ask(subject: Subject, experiment: Experiment) -> None:
    """Raise unless the experiment gives on the device what it gives on NumPy."""
    __tracebackhide__ = True
    compare(subject, experiment.program, experiment.tolerance)


def compare(subject: Subject, program: Program, tolerance: float = TOLERANCE) -> None:
    """Raise unless ``program`` gives on the device what it gives on NumPy."""
    __tracebackhide__ = True
    allowed = exactness(subject.place, tolerance) if tolerance < _OF_DOUBLES else tolerance
    same("", run(subject, program), run(Subject(subject.reference), program), allowed)


def given(here: Subject, value: Any, *, requires_grad: bool = False) -> Any:
    """A tensor of a host array, of a narrower dtype if the device lacks its own."""
    return here.tensor(narrow(here.place, np.asarray(value)), requires_grad=requires_grad)


def moved(here: Subject, make: Callable[[], Any]) -> Any:
    """A module drawn on NumPy and moved: drawing is asked elsewhere, and takes long where there is no kernel for it."""
    with Subject(here.reference).using():
        module = make()
    return module.to(here.place.device)


def run(here: Subject, program: Program) -> Any:
    """What ``program`` returns, tensors as host arrays, after a look at whether they are of the device."""
    with here.using(), fork_rng():
        manual_seed(0)
        return seen(here, program(here))


def seen(here: Subject, value: Any) -> Any:
    """``value`` with the tensors in it as host arrays."""
    if isinstance(value, TensorBase) and not is_lazy(value):
        return here.host(value)
    if isinstance(value, Mapping):
        return {key: seen(here, item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [seen(here, item) for item in value]
    return value


def same(where: str, got: Any, expected: Any, tolerance: float) -> None:
    """Raise unless two results, as `run` returns them, agree.

    Raises:
        AssertionError: They do not; the message says where, what was expected and what came.
    """
    __tracebackhide__ = True
    at = f"{where}: " if where else ""
    if isinstance(expected, Mapping):
        assert isinstance(got, Mapping), f"{at}expected {_brief(expected)}, got {_brief(got)}"
        assert list(got) == list(expected), f"{at}expected the names {list(expected)}, got {list(got)}"
        for key in expected:
            same(f"{where}.{key}" if where else str(key), got[key], expected[key], tolerance)
    elif isinstance(expected, list):
        assert isinstance(got, list), f"{at}expected {_brief(expected)}, got {_brief(got)}"
        assert len(got) == len(expected), f"{at}expected {len(expected)} results, got {len(got)}"
        for i, (mine, right) in enumerate(zip(got, expected, strict=True)):
            same(f"{where}[{i}]", mine, right, tolerance)
    elif isinstance(expected, np.ndarray):
        assert isinstance(got, np.ndarray), f"{at}expected {_brief(expected)}, got {_brief(got)}"
        _same_arrays(at, got, expected, tolerance)
    elif isinstance(expected, float):
        assert isinstance(got, float), f"{at}expected {expected}, got {_brief(got)}"
        _same_arrays(at, np.asarray(got), np.asarray(expected), tolerance)
    else:
        assert got == expected, f"{at}expected {_brief(expected)}, got {_brief(got)}"


def _same_arrays(at: str, got: Host, expected: Host, tolerance: float) -> None:
    __tracebackhide__ = True
    assert got.shape == expected.shape, f"{at}expected shape {expected.shape}, got {got.shape}"
    wanted = {expected.dtype.name, _NARROWED.get(expected.dtype.name)}
    assert got.dtype.name in wanted, f"{at}expected {expected.dtype.name}, got {got.dtype.name}"
    exact = expected.dtype.kind in "biu"
    with np.errstate(all="ignore"):
        close = got == expected if exact else np.isclose(got, expected, tolerance, tolerance, equal_nan=True)
    if not close.all():
        first = tuple(int(i) for i in np.argwhere(~close)[0])
        place = f" at {list(first)}" if first else ""
        raise AssertionError(
            f"{at}expected {expected[first]}, got {got[first]}{place}; {int((~close).sum())} of {close.size} numbers "
            f"are off{'' if exact else f' by more than {tolerance}'}"
        )


# What a device without 64-bit types has instead.
_NARROWED: Final = {"float64": "float32", "complex128": "complex64", "int64": "int32", "uint64": "uint32"}


def _brief(value: Any) -> str:
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else f"{value!r:.100}"
