"""What the library refused, said in the words of whoever asked: operation, shapes, dtypes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from xpgrad._typing import Shape
from xpgrad.backends.base import Place
from xpgrad.core.declaration import Declaration
from xpgrad.errors import DtypeError, OperationError, ShapeError, XpgradError


def refused(op: Declaration, error: Exception, place: Place, inputs: Sequence[Any]) -> Exception:
    """The exception to raise for ``error``, which the forward of ``op`` raised on ``inputs``."""
    if isinstance(error, XpgradError):
        return error
    name = op.forward.__name__
    arrays = [x for x in inputs if hasattr(x, "shape")]
    shapes = [tuple(a.shape) for a in arrays]
    for (i, a), (j, b) in itertools.combinations(enumerate(shapes), 2):
        clash = _clash(a, b)
        if clash is not None and "broadcast" in str(error):
            given = " and ".join(map(str, shapes))
            return ShapeError(
                f"The size of tensor {_LETTERS[i]} ({clash[0]}) must match the size of tensor {_LETTERS[j]} "
                f"({clash[1]}) at non-singleton dimension {clash[2]}. {name}: shapes {given} do not broadcast"
            )
    given = ", ".join(f"{place.dtype(a.dtype).name} {shape}" for a, shape in zip(arrays, shapes, strict=True))
    kind = DtypeError if isinstance(error, TypeError) else OperationError
    return kind(f"{name}: {error} (given {given})")


_LETTERS = "abcdefgh"


def _clash(a: Shape, b: Shape) -> tuple[int, int, int] | None:
    """The two lengths that keep shapes from broadcasting, and at which dimension of the result that is."""
    ndim = max(len(a), len(b))
    for back, (m, n) in enumerate(zip(reversed(a), reversed(b), strict=False), 1):
        if m != n and 1 not in (m, n):
            return m, n, ndim - back
    return None
