"""Asking a function of a place's namespace, and the fallback over nothing but functions of NumPy's own."""

from __future__ import annotations

import functools
import types
from collections.abc import (
    Callable,
    Mapping,
)
from typing import (
    Any,
    Final,
)

import numpy as np

from xpgrad.backends.base import (
    Place,
)
from xpgrad.backends.dtypes import (
    BY_NAME,
)
from xpgrad.backends.fallbacks import (
    FALLBACKS,
)
from xpgrad.testing.conformance import (
    capabilities,
)
from xpgrad.testing.conformance.kernels.row import (
    Call,
    DeviceSetting,
    DtypeSetting,
    Row,
    cast,
)
from xpgrad.testing.conformance.subject import (
    Host,
    Subject,
    host,
)

# How far numbers of a dtype may be off, by the usual order of sums.
_TOLERANCES: Final = {"float64": 1e-12, "float32": 1e-5, "float16": 4e-3}
_WIDE: Final = {"float16": "float64", "float32": "float64", "complex64": "complex128"}

Layout = Callable[[Subject, Host], Any]


@functools.cache
def plain_namespace(place: Place) -> Any:
    """The library's functions with the fallbacks over them: no kernel of the backend, and none of a pack."""
    module: Any = types.ModuleType(f"{place.device} without kernels")

    def lookup(name: str) -> Any:
        value = functools.partial(FALLBACKS[name], module) if name in FALLBACKS else getattr(place.backend.xp, name)
        setattr(module, name, value)
        return value

    module.__getattr__ = lookup
    return module


def answers(subject: Subject, name: str, row: Row, call: Call, dtype: str, layout: Layout | None = None) -> list[Any]:
    """What the namespace's function gives, as host arrays, after a look at what it did to its inputs.

    Raises:
        AssertionError: It wrote to an input that is not its own, or gave one's memory away.
    """
    place, call = subject.place, call.cast(dtype)
    given = [_of_device(subject, value, dtype, layout) for value in call.arrays]
    out = place.guarded(getattr(place.xp, name), *given, **_settings(place, call.settings, dtype))
    found = [_seen(place, value) for value in _listed(out)]
    for i, (value, array) in enumerate(zip(call.arrays, given, strict=True)):
        if i not in row.spent and isinstance(array, place.backend.array_types):
            assert np.array_equal(host(place, array), value, equal_nan=value.dtype.kind in "fc"), (
                f"{name} wrote to its argument {i}"
            )
    if place.mutable and not row.is_view and not row.spent:
        for array in given:
            if isinstance(array, place.backend.array_types):
                place.backend.fill(array, 1)
        for value, kept in zip(_listed(out), found, strict=True):
            if isinstance(kept, np.ndarray):
                same = np.array_equal(_seen(place, value), kept, equal_nan=kept.dtype.kind in "fc")
                assert same, f"{name} gave back the memory of an argument"
    return found


def right_answers(subject: Subject, name: str, row: Row, call: Call, dtype: str) -> tuple[list[Any], list[Any]]:
    """What the fallback gives: in ``dtype``, which says of what dtypes results are, and as exactly as it can."""
    if row.expected is not None:
        return (_listed(row.expected(*call.cast(dtype).arrays, **_on_host_settings(call))),) * 2
    same = _fallback(subject, name, call, dtype, dtype)
    wide = _WIDE.get(dtype, dtype)
    if not row.widens or wide == dtype:
        return same, same
    return same, _fallback(subject, name, call, dtype, wide)


def _fallback(subject: Subject, name: str, call: Call, dtype: str, wide: str) -> list[Any]:
    # On NumPy, where it has the dtype: the many steps of a fallback take a library that compiles or computes late long.
    place = subject.reference if capabilities.has(subject.reference, dtype) else subject.place
    given = []
    for array in call.cast(dtype).arrays:
        widened = isinstance(array, np.ndarray) and array.dtype.name == dtype
        given.append(_of_device(Subject(place), array.astype(wide) if widened else array, dtype, None))
    function = getattr(plain_namespace(place), name)
    with np.errstate(all="ignore"):
        out = place.guarded(function, *given, **_settings(place, call.settings, dtype))
    return [_seen(place, value) for value in _listed(out)]


def close(got: Any, expected: Any, row: Row, dtype: str) -> Any:
    """Where two host arrays agree as they should."""
    if expected.dtype.kind not in "fc":
        return np.asarray(got == expected)
    with np.errstate(all="ignore"):
        if row.exact:
            equal = (got == expected) | ((got != got) & (expected != expected))
            return np.asarray(equal & ((expected != 0) | (_sign(got) == _sign(expected))))
        finite = np.abs(expected[np.isfinite(expected)])
        scale = 1.0 if row.relative else max(1.0, float(finite.max(initial=0.0)))
        real = {"complex128": "float64", "complex64": "float32"}.get(dtype, dtype)
        allowed = row.looseness * _TOLERANCES.get(real, 0.0)
        least = float(np.finfo(got.dtype).smallest_normal)
        absolute = least if row.relative else allowed * scale
        return np.isclose(got, expected, allowed, absolute, equal_nan=True)


def _sign(x: Any) -> Any:
    return (np.signbit(x.real), np.signbit(x.imag))[0] if x.dtype.kind == "c" else np.signbit(x)


def _listed(out: Any) -> list[Any]:
    return list(out) if isinstance(out, tuple) else [out]


def _seen(place: Place, value: Any) -> Any:
    """A result on the host; numbers and None as they are."""
    if value is None or (isinstance(value, (bool, int, float, complex)) and not isinstance(value, np.generic)):
        return value
    return np.array(host(place, value))


def _of_device(subject: Subject, value: Any, dtype: str, layout: Layout | None) -> Any:
    if isinstance(value, DtypeSetting):
        return _settings(subject.place, {"it": value}, dtype)["it"]
    if isinstance(value, list):
        return [_of_device(subject, cast(item, dtype), dtype, layout) for item in value]
    if not isinstance(value, np.ndarray):
        return value
    if layout is None or not value.ndim:
        return subject.array(np.array(value, order="C"))
    return layout(subject, value)


def _settings(place: Place, settings: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    made = {}
    for name, value in settings.items():
        if isinstance(value, DtypeSetting):
            value = place.raw_dtype(BY_NAME[value.name or dtype])
        made[name] = place.handle if isinstance(value, DeviceSetting) else value
    return made


def _on_host_settings(call: Call) -> dict[str, Any]:
    return {
        name: np.zeros(0, value.name) if isinstance(value, DtypeSetting) else value
        for name, value in call.settings.items()
    }


# The ways in which memory can lie that kernels meet, where slices are views.


def _turned(subject: Subject, value: Host) -> Any:
    array = subject.array(np.ascontiguousarray(value.T))
    return subject.backend.xp.permute_dims(array, tuple(reversed(range(value.ndim))))


def _backwards(subject: Subject, value: Host) -> Any:
    # A copy where a library has no negative steps.
    array = subject.array(np.ascontiguousarray(value[..., ::-1]))
    return subject.xp.getitem(array, index=(..., slice(None, None, -1)))


def _apart(subject: Subject, value: Host) -> Any:
    return subject.array(np.repeat(value, 2, axis=-1))[..., ::2]


def _offset(subject: Subject, value: Host) -> Any:
    return subject.array(np.concatenate([value[:1], value]))[1 if value.shape[0] else 0 :, ...]


LAYOUTS: Final[Mapping[str, Layout]] = {
    "turned": _turned,
    "backwards": _backwards,
    "apart": _apart,
    "offset": _offset,
}
