"""One row of the table of ops: an op with inputs and settings to ask questions on.

::

    Case(arithmetic.multiply, (draw(2, 3), draw(2, 3)), complex_too=True, broadcasts=True)
    Case(reductions.sum, (draw(2, 3),), {"axis": 1}, reference=np.sum)
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xpgrad.backends.base import Place
from xpgrad.backends.dtypes import dtype
from xpgrad.core.op import Op

Host = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Domain:
    """Where values may lie so that the function is smooth around each of them.

    Attributes:
        low, high: The values are between these. Imaginary parts are between 0.2 and 1.5 away from the real axis.
        apart: No two values are equal or nearly so, as functions that compare them need.
    """

    low: float = -2.0
    high: float = 2.0
    apart: bool = False


REAL = Domain()
POSITIVE = Domain(0.3, 2.5)
UNIT = Domain(-0.8, 0.8)
APART = Domain(apart=True)


@dataclass(frozen=True)
class Drawn:
    """An input of ``shape`` with values drawn from ``domain``, the same in every run."""

    shape: tuple[int, ...]
    domain: Domain = REAL

    def make(self, seed: int, kind: str) -> Host:
        random = np.random.default_rng(seed)
        low, high = self.domain.low, self.domain.high
        if self.domain.apart:
            # One value in the inner part of each of as many equal intervals, in random order.
            steps = np.arange(np.prod(self.shape, dtype=int)) + random.uniform(0.1, 0.9, int(np.prod(self.shape)))
            values = random.permutation(low + steps / max(1, steps.size) * (high - low)).reshape(self.shape)
        else:
            values = random.uniform(low, high, self.shape)
        if kind.startswith("complex"):
            away = random.uniform(0.2, 1.5, self.shape) * random.choice([-1.0, 1.0], self.shape)
            values = values + 1j * away
        return np.asarray(values, dtype=kind)


def draw(*shape: int, of: Domain = REAL) -> Drawn:
    """An input of ``shape`` with values from a domain."""
    return Drawn(shape, of)


@dataclass(frozen=True, eq=False)
class Case:
    """A row.

    Attributes:
        op: The operation.
        inputs: Drawn ones, host arrays as they are (indices, masks), or Python scalars.
        settings: The op's settings; a dtype among them is meant on each backend.
        reference: What the forward must agree with, of host arrays and settings; the NumPy function of the
            forward's name if None.
        complex_too: Ask of complex inputs as well.
        broadcasts: The inputs broadcast against each other.
        label: Tells rows of one op apart.
        kind: The dtype of the drawn inputs.
        tolerance: How far gradients may be from differences, relative and absolute.
        before: Makes of drawn inputs, as tensors, those that the op is for (Hermitian ones); differentiated with it.
        after: Makes of the results, as tensors, what the op promises about them (not the signs of vectors).
        needs: The capabilities that the library must have for it.
        refused: Inputs whose rule says that there is no derivative.
    """

    op: Op
    inputs: tuple[Any, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    reference: Callable[..., Any] | None = None
    complex_too: bool = False
    broadcasts: bool = False
    label: str = ""
    kind: str = "float64"
    tolerance: float = 1e-7
    before: Callable[..., tuple[Any, ...]] | None = None
    after: Callable[..., tuple[Any, ...]] | None = None
    needs: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        said = [self.op.forward.__name__, self.label, *(f"{k}={v}" for k, v in self.settings.items())]
        if self.kind != "float64":
            said.append(self.kind)
        return " ".join(word for word in said if word)

    @property
    def name(self) -> str:
        """What known failures are declared by: the op's module and name, then what tells its rows apart."""
        module = self.op.forward.__module__.rpartition(".")[2]
        words = [self.op.forward.__name__, self.label, *(f"{k}={v}" for k, v in self.settings.items())]
        kind = [] if self.kind == "float64" else [self.kind]
        return f"{module}.{','.join(filter(None, (*words, *kind)))}".replace(", ", ",").replace(" ", "_")

    def arrays(self) -> list[Any]:
        """The inputs as host arrays and scalars."""
        seed = zlib.crc32(self.id.encode())
        return [x.make(seed + i, self.kind) if isinstance(x, Drawn) else x for i, x in enumerate(self.inputs)]

    def settings_on(self, place: Place) -> dict[str, Any]:
        """The settings with the dtypes as ``place`` spells them."""
        return {k: place.raw_dtype(v) if isinstance(v, dtype) else v for k, v in self.settings.items()}

    def differentiable(self) -> list[int]:
        """Which inputs a gradient can be asked for."""
        covered = {x for inputs in self.op.rules for x in inputs}
        names = self.op.inputs * len(self.inputs) if self.op.variadic else self.op.inputs
        return [
            i
            for i, (name, x) in enumerate(zip(names, self.arrays(), strict=False))
            if name in covered and name not in self.refused and isinstance(x, np.ndarray) and x.dtype.kind in "fc"
        ]
