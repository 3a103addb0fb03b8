"""What the library refused, said in the words of whoever asked: operation, shapes, dtypes."""

from __future__ import annotations

import itertools
from collections.abc import (
    Sequence,
)
from typing import (
    Any,
)

from xpgrad._typing import (
    Shape,
)
from xpgrad.backends.base import (
    Place,
)
from xpgrad.core.declaration import (
    Declaration,
)
from xpgrad.errors import (
    ArgumentTypeError,
    DtypeError,
    LinAlgError,
    OperationError,
    ShapeError,
    XpgradError,
)


def refused(op: Declaration, error: Exception, place: Place, inputs: Sequence[Any]) -> Exception:
    """The exception to raise for ``error``, which the forward of ``op`` raised on ``inputs``."""
    if isinstance(error, (XpgradError, RecursionError)):
        return error
    name = op.forward.__name__
    arrays = [x for x in inputs if hasattr(x, "shape")]
    shapes = [tuple(a.shape) for a in arrays]
    for (i, a), (j, b) in itertools.combinations(enumerate(shapes), 2):
        clash = _clash(a, b)
        if clash is not None and any(word in str(error) for word in ("broadcast", "must match")):
            given = " and ".join(map(str, shapes))
            return ShapeError(
                f"The size of tensor {_LETTERS[i]} ({clash[0]}) must match the size of tensor {_LETTERS[j]} "
                f"({clash[1]}) at non-singleton dimension {clash[2]}. {name}: shapes {given} do not broadcast"
            )
    for kinds, names, text in _WELL_KNOWN:
        if name in names and any(place.dtype(a.dtype).kind in kinds for a in arrays):
            return DtypeError(text.format(name=name, dtype=place.dtype(arrays[0].dtype).name))
    if isinstance(error, NotImplementedError):
        return error
    given = ", ".join(f"{place.dtype(a.dtype).name} {shape}" for a, shape in zip(arrays, shapes, strict=True))
    kind: type[XpgradError] = OperationError
    if is_about_matrices(error):
        kind = LinAlgError
    elif isinstance(error, TypeError):
        kind = ArgumentTypeError if _is_about_the_call(str(error)) else DtypeError
    return kind(f"{name}: {error} (given {given})")


def _is_about_the_call(text: str) -> bool:
    """Whether Python says so of a function that does not take what it was given."""
    return any(part in text for part in ("keyword argument", "positional argument", "required argument"))


def is_about_matrices(error: Exception) -> bool:
    """Whether it is a library's own ``LinAlgError``, as all call it that have one, some with an underscore."""
    return type(error).__name__.endswith("LinAlgError") and not isinstance(error, XpgradError)


_LETTERS = "abcdefgh"
_BITWISE = ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift")
# What many have met before: kinds of dtypes that some operations do not take, and PyTorch's words for it.
_WELL_KNOWN = [
    (("float", "complex"), _BITWISE, '"{name}" not implemented for {dtype}: bits are those of integers and booleans'),
    (
        ("float", "complex"),
        ("bitwise_invert",),
        "~ (operator.invert) is only implemented on integer and Boolean-type tensors, not on {dtype}",
    ),
    (
        ("bool",),
        ("negative",),
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the "
        "`~` or `logical_not()` operator instead.",
    ),
    (
        ("bool",),
        ("subtract",),
        "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
        "operator instead.",
    ),
]


def _clash(a: Shape, b: Shape) -> tuple[int, int, int] | None:
    """The two lengths that keep shapes from broadcasting, and at which dimension of the result that is."""
    ndim = max(len(a), len(b))
    for back, (m, n) in enumerate(zip(reversed(a), reversed(b), strict=False), 1):
        if m != n and 1 not in (m, n):
            return m, n, ndim - back
    return None
