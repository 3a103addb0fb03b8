"""Dtypes: to the device and back bit for bit, limits, kinds and conversions between them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from xpgrad.backends.dtypes import BY_NAME
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.levels.arrays.creation import host_dtype
from xpgrad.testing.conformance.subject import Host, Subject, identical

LEVEL = Level("arrays")


def specials(subject: Subject, name: str) -> Host:
    """Values of the dtype ``name`` that are easily lost: zeros of both signs, limits, NaN and infinities."""
    raw, kind = host_dtype(subject, name), BY_NAME[name].kind
    if kind == "bool":
        return np.asarray([True, False, True])
    if kind in ("int", "uint"):
        limits = np.iinfo(raw)
        return np.asarray([0, 1, 77, limits.min, limits.max, limits.max - 1], raw)
    if kind == "complex":
        parts = specials(subject, BY_NAME[name].to_real().name)
        pairs: Host = np.asarray([*itertools.product(parts, parts)], parts.dtype).view(raw)
        return pairs[:, 0]
    limits = subject.reference.xp.finfo(raw)
    values = [0.0, -0.0, 1.0, -1.5, limits.max, limits.min, limits.smallest_normal, limits.eps]
    return np.asarray([*map(float, values), np.nan, np.inf, -np.inf], raw)


@LEVEL.each({f"host/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def goes_there_and_back_bit_for_bit(subject: Subject, name: str) -> None:
    """``from_host`` and ``to_host`` keep every value of every dtype, and the dtype."""
    values = specials(subject, name)
    array = subject.array(values)
    assert array.dtype == subject.place.raw_dtype(BY_NAME[name]), f"from_host: expected {name}, got {array.dtype}"
    identical(subject.host(array), values, f"{name} to the device and back")


LAYOUTS: Final[dict[str, Callable[[Host], Host]]] = {
    "0-d": lambda x: np.asarray(x[1, 1]),
    "empty": lambda x: x[:0],
    "one-element": lambda x: x[1:2, 1:2],
    "transposed": lambda x: x.T,
    "column-major": np.asfortranarray,
    "every-other": lambda x: x[:, ::2],
    "backwards": lambda x: x[::-1, ::-1],
    "broadcast": lambda x: np.broadcast_to(x[:1], (3, 4)),
    "read-only": lambda x: np.broadcast_to(x, x.shape),
    "unaligned": lambda x: _unaligned(x),
}


def _unaligned(x: Host) -> Host:
    memory = np.zeros(x.nbytes + 1, np.uint8)[1:]
    memory[:] = np.frombuffer(x.tobytes(), np.uint8)
    return memory.view(x.dtype).reshape(x.shape)


@LEVEL.each({f"host/{name}": layout for name, layout in LAYOUTS.items()})
def takes_host_arrays_of_any_layout(subject: Subject, layout: Callable[[Host], Host]) -> None:
    """``from_host`` reads arrays however they lie in memory, and leaves them as they are."""
    for kind in (np.float32, np.int32):
        given = layout(np.arange(12, dtype=kind).reshape(3, 4))
        before = given.copy()
        array = subject.backend.from_host(given, subject.place.handle)
        identical(subject.host(array), before, f"{np.dtype(kind).name} to the device and back")
        identical(given, before, f"the {np.dtype(kind).name} array that was given")


@LEVEL.each(
    {f"finfo/{name}": name for name, d in BY_NAME.items() if d.is_floating_point or d.is_complex},
    needs=lambda name: {name},
)
def knows_the_limits_of_floats(subject: Subject, name: str) -> None:
    """``finfo`` of the raw namespace says what NumPy's says."""
    found = subject.xp.finfo(subject.place.raw_dtype(BY_NAME[name]))
    right = subject.reference.xp.finfo(host_dtype(subject, name))
    for limit in ("bits", "eps", "max", "min", "smallest_normal"):
        got, expected = float(getattr(found, limit)), float(getattr(right, limit))
        assert got == expected, f"finfo({name}).{limit}: expected {expected}, got {got}"


@LEVEL.each(
    {f"iinfo/{name}": name for name, d in BY_NAME.items() if d.kind in ("int", "uint")}, needs=lambda name: {name}
)
def knows_the_limits_of_integers(subject: Subject, name: str) -> None:
    """``iinfo`` of the raw namespace says what NumPy's says."""
    found, right = subject.xp.iinfo(subject.place.raw_dtype(BY_NAME[name])), np.iinfo(name)
    for limit in ("bits", "max", "min"):
        got, expected = int(getattr(found, limit)), int(getattr(right, limit))
        assert got == expected, f"iinfo({name}).{limit}: expected {expected}, got {got}"


KINDS: Final = {
    "bool": {"bool"},
    "signed integer": {"int"},
    "unsigned integer": {"uint"},
    "integral": {"int", "uint"},
    "real floating": {"float"},
    "complex floating": {"complex"},
    "numeric": {"int", "uint", "float", "complex"},
}


@LEVEL.each({f"isdtype/{kind.replace(' ', '-')}": kind for kind in KINDS})
def tells_kinds_of_dtypes(subject: Subject, kind: str) -> None:
    """``isdtype`` of the raw namespace knows the kind of every dtype of the device."""
    place = subject.place
    for name in place.backend.raw_dtypes(place.handle):
        got = bool(place.xp.isdtype(place.raw_dtype(BY_NAME[name]), kind))
        expected = BY_NAME[name].kind in KINDS[kind]
        assert got is expected, f"isdtype({name}, {kind!r}): expected {expected}, got {got}"


# Values that a dtype of each kind may have, by the kind that it is cast to. What is out of an integer's range is said
# nowhere, and a complex number has no one real number.
_BITS: Final = [True, False]
_COUNTS: Final = [0, 1, 2, 100]
_WHOLE: Final = [0, 1, -1, 100, -100]
_REAL: Final = [0.0, -0.0, 1 / 3, -2.5, 60000.0, 1e-7, np.nan, np.inf, -np.inf]
VALUES: Final[dict[str, dict[str, list[Any]]]] = {
    "bool": {"bool": _BITS, "int": _BITS, "uint": _BITS, "float": _BITS, "complex": _BITS},
    "uint": {"bool": _COUNTS, "int": _COUNTS, "uint": _COUNTS, "float": _COUNTS, "complex": _COUNTS},
    "int": {"bool": _WHOLE, "int": _WHOLE, "uint": _COUNTS, "float": _WHOLE, "complex": _WHOLE},
    "float": {
        "bool": [0.0, -0.0, 0.25, -1.0, np.nan, np.inf],
        "int": [0.0, 0.75, -0.75, 2.5, -2.5, 99.5],
        "uint": [0.0, 0.75, 2.5, 99.5],
        "float": _REAL,
        "complex": _REAL,
    },
    "complex": {"bool": [0, 1j, -2.0, 1 + 1j], "complex": [0, 1j, 1 / 3 - 2j, complex(np.inf, -1), complex(1, np.nan)]},
}


@LEVEL.each({f"cast/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def is_cast_as_numpy_casts(subject: Subject, name: str) -> None:
    """``.to(dtype)`` truncates to integers, rounds to the nearest float, and keeps NaN and infinities."""
    source = BY_NAME[name]
    for target in subject.backend.raw_dtypes(subject.place.handle):
        values = VALUES[source.kind].get(BY_NAME[target].kind)
        if values is None:
            continue
        given = np.asarray(values, host_dtype(subject, name))
        with np.errstate(all="ignore"):
            expected = given.astype(host_dtype(subject, target))
        got = subject.tensor(given).to(BY_NAME[target])
        identical(subject.host(got), expected, f"{name} {given.tolist()} to {target}")


# What becomes infinite, rounds, or has no place in the narrower dtype.
ROUNDED: Final[dict[str, tuple[str, list[Any], str]]] = {
    "float64-to-float32": ("float64", [1e300, -1e300, 1e-300, 1 + 2**-24, 1 + 3 * 2**-24, 0.1], "float32"),
    "float32-to-float16": ("float32", [1e6, -1e6, 1e-10, 1 + 2**-11, 1 + 3 * 2**-11, 0.1], "float16"),
    "int32-to-float32": ("int32", [2**24 + 1, 2**24 + 3, -(2**24) - 1, 2**31 - 1], "float32"),
    "int64-to-float64": ("int64", [2**53 + 1, 2**53 + 3, -(2**53) - 1, 2**63 - 1], "float64"),
    "int64-to-float32": ("int64", [2**24 + 1, 2**40 + 1, 2**63 - 1, -(2**63)], "float32"),
}


@LEVEL.each({f"cast/{name}": row for name, row in ROUNDED.items()}, needs=lambda row: {row[0], row[2]})
def is_rounded_to_the_nearest(subject: Subject, row: tuple[str, list[Any], str]) -> None:
    """A cast to a dtype with fewer digits rounds half to even, and beyond the greatest number gives infinity."""
    name, values, target = row
    given = np.asarray(values, name)
    with np.errstate(all="ignore"):
        expected = given.astype(target)
    got = subject.tensor(given).to(BY_NAME[target])
    identical(subject.host(got), expected, f"{name} {values} to {target}")
