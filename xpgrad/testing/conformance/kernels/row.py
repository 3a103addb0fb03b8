"""A row of the table of kernels: a function, inputs and settings for it, and how its answers are compared."""

from __future__ import annotations

from collections.abc import (
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    field,
)
from typing import (
    Any,
    Final,
)

import numpy as np

from xpgrad.testing.conformance.subject import (
    Host,
)

FLOATS: Final = ("float64", "float32", "float16")
NUMBERS: Final = (*FLOATS, "complex128", "complex64", "int64")


@dataclass(frozen=True)
class DtypeSetting:
    """Stands in settings for the library's dtype ``name``, or for the one that is asked if it is empty."""

    name: str = ""


@dataclass(frozen=True)
class DeviceSetting:
    """Stands in settings for what the library's ``device=`` takes."""


@dataclass(frozen=True, eq=False)
class Call:
    """One question to a function.

    Attributes:
        arrays: Its arguments. Those of float64 are asked in each dtype of the row; others, numbers and None stay.
        settings: Its settings.
    """

    arrays: tuple[Any, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def cast(self, dtype: str) -> Call:
        """The question in one dtype."""
        return Call(tuple(cast(value, dtype) for value in self.arrays), self.settings)


@dataclass(frozen=True, eq=False)
class Row:
    """What there is to ask of one function.

    Attributes:
        calls: The questions.
        dtypes: In which dtypes.
        exact: The answers are equal, down to the sign of zero.
        relative: How far an answer may be off is relative to its own size, not to the greatest of its array.
        looseness: By what the usual tolerance is multiplied.
        widens: The right answer is computed in double precision. Not so where the dtype decides what the answer is.
        is_view: Results may share memory with inputs.
        spent: The arguments that the function may write to.
        look: Makes what is compared of a call in one dtype and its results, where these are not unique.
        expected: Gives the right answer on the host, where the fallback has none.
        layouts: Whether it is asked with arrays that do not lie in row-major order, too.
    """

    calls: Sequence[Call]
    dtypes: tuple[str, ...] = FLOATS
    exact: bool = False
    relative: bool = False
    looseness: float = 1.0
    widens: bool = True
    is_view: bool = False
    spent: tuple[int, ...] = ()
    look: Callable[[Call, list[Any]], list[Any]] | None = None
    expected: Callable[..., Any] | None = None
    layouts: bool = True


def cast(value: Any, dtype: str) -> Any:
    """A master array in ``dtype``: integers are rounded from thrice the value, complex numbers get other parts."""
    value = np.asarray(value) if isinstance(value, np.generic) else value
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        return value
    kind = np.dtype(dtype).kind
    if kind in "iu":
        return np.asarray(np.round(3 * value), dtype)
    if kind == "c":
        return np.asarray(value + 1j * np.roll(value.reshape(-1), 1).reshape(value.shape), dtype)
    return value.astype(dtype)


def random(*shape: int, low: float = -2.0, high: float = 2.0) -> Host:
    """Numbers between the bounds, the same in every run."""
    return np.random.default_rng([len(shape), *shape]).uniform(low, high, shape)


def whole(*shape: int, low: int = -9, high: int = 10) -> Host:
    """Integers from ``low`` to below ``high``, the same in every run."""
    return np.random.default_rng([len(shape), *shape]).integers(low, high, shape)
