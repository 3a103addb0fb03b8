"""Initialisers: from one seed the same numbers on every backend, up to the rounding of one operation."""

from __future__ import annotations

from typing import Any, Final

from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.testing.conformance.experiments import Experiment
from xpgrad.testing.conformance.subject import Subject

# The function, its settings, and the shape of what it fills.
_ROWS: Final[list[tuple[str, dict[str, Any], tuple[int, ...]]]] = [
    ("constant_", {"val": 3.5}, (2, 3)),
    ("dirac_", {"groups": 2}, (4, 2, 3)),
    ("eye_", {}, (3, 4)),
    ("kaiming_normal_", {"nonlinearity": "tanh"}, (4, 5)),
    ("kaiming_uniform_", {"a": 0.3, "mode": "fan_out"}, (4, 3, 2)),
    ("normal_", {"mean": 2.0, "std": 0.5}, (3, 5)),
    ("ones_", {}, (3,)),
    ("orthogonal_", {"gain": 2.0}, (3, 5)),
    ("sparse_", {"sparsity": 0.4}, (5, 3)),
    ("trunc_normal_", {"std": 2.0, "a": -1.0, "b": 1.5}, (4, 5)),
    ("uniform_", {"a": 2.0, "b": 3.0}, (3, 5)),
    ("xavier_normal_", {"gain": 2.0}, (4, 5)),
    ("xavier_uniform_", {}, (4, 5)),
    ("zeros_", {}, (2, 0)),
]

# A decomposition is less exact than a draw.
_LESS_EXACT: Final = {"orthogonal_": 1e-5}


def _experiment(name: str, settings: dict[str, Any], shape: tuple[int, ...]) -> Experiment:
    def program(here: Subject) -> Any:
        tensor = empty(shape, requires_grad=True)
        filled = getattr(init, name)(tensor, **settings)
        # What is drawn next shows how much was drawn.
        return {"filled": filled, "itself": filled is tensor, "next": init.uniform_(empty(2))}

    return Experiment(program, tolerance=_LESS_EXACT.get(name, 5e-7))


INITIALISERS: Final = {name: _experiment(name, settings, shape) for name, settings, shape in _ROWS}
