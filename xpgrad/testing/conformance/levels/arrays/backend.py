"""What a backend says of itself, and that it is the one who computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.backends.base import OLDEST_PROTOCOL, PROTOCOL_VERSION
from xpgrad.backends.dtypes import BY_NAME
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import get_backend, resolve
from xpgrad.errors import DtypeError, UnknownDeviceError
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject, agree, raises

LEVEL = Level("arrays")

X: Final = np.asarray([[1.5, -2.0, 0.5], [3.0, 0.25, -1.0]], np.float32)


@LEVEL.check("backend/name")
def its_name_is_the_one_it_is_found_by(subject: Subject) -> None:
    """The name is a word in lower case under which the registry finds this very backend."""
    name: Any = subject.backend.name
    assert name == name.lower() and not set(name) & set(":, "), f"name: expected a word in lower case, got {name!r}"
    assert get_backend(name) is subject.backend, f"name: get_backend({name!r}) finds another backend"


@LEVEL.check("backend/protocol")
def its_protocol_is_spoken(subject: Subject) -> None:
    """The version of the protocol is one that this xpgrad knows."""
    number: Any = subject.backend.protocol
    wanted = f"an integer from {OLDEST_PROTOCOL} to {PROTOCOL_VERSION}"
    assert type(number) is int and OLDEST_PROTOCOL <= number <= PROTOCOL_VERSION, (
        f"protocol: expected {wanted}, got {number!r}"
    )


@LEVEL.check("backend/version")
def its_version_is_a_text(subject: Subject) -> None:
    """The library's version is a text, and the same whenever it is asked for."""
    version: Any = subject.backend.version()
    assert isinstance(version, str) and version, f"version(): expected a text, got {version!r}"
    assert subject.backend.version() == version, "version(): expected one answer, got another the second time"


@LEVEL.check("backend/array_types")
def its_array_types_are_types(subject: Subject) -> None:
    """``array_types`` is a tuple of types."""
    kinds: Any = subject.backend.array_types
    assert isinstance(kinds, tuple) and kinds, f"array_types: expected a tuple of types, got {kinds!r}"
    assert all(isinstance(kind, type) for kind in kinds), f"array_types: expected types, got {kinds!r}"


@LEVEL.check("backend/kernels")
def its_kernels_replace_something(subject: Subject) -> None:
    """Each kernel has the name of an extension function or of a function of the standard."""
    known = FALLBACKS.keys() | set(dir(np))
    strange = sorted(name for name in subject.backend.kernels if name not in known)
    assert not strange, f"kernels: nothing ever calls {', '.join(strange)}; is a name misspelt?"


@LEVEL.check("backend/devices")
def its_devices_are_found_by_name(subject: Subject) -> None:
    """Each device has a name, prints as one, and is found by what it prints."""
    backend = subject.backend
    names = backend.device_names()
    assert names and len(set(names)) == len(names), f"devices(): expected names, each once, got {names}"
    for name in names:
        place = backend.place(name)
        assert place.backend is backend and backend.place(name) is place, f"place({name!r}): expected one of its own"
        text = str(place.device)
        asked = text if ":" in text and text.startswith(backend.name) else f"{backend.name}:{text}"
        assert resolve(asked) is place, f"devices(): {asked!r} is expected to mean {place}, but means {resolve(asked)}"


@LEVEL.check("backend/devices/unknown")
def it_refuses_devices_that_it_lacks(subject: Subject) -> None:
    """A device that is not there is refused, with the names of those that are."""
    backend = subject.backend
    with raises(UnknownDeviceError, "place('nowhere')", *backend.device_names()):
        backend.place("nowhere")


@LEVEL.check("backend/current_device")
def new_arrays_go_to_its_current_device(subject: Subject) -> None:
    """``current_device()`` names a device, and it is where the library puts what nobody places."""
    backend = subject.backend
    name = backend.current_device()
    assert name in backend.device_names(), f"current_device(): expected one of its devices, got {name!r}"
    found = backend.place_of(backend.xp.zeros((2,), dtype=backend.place(name).raw_dtype(xpgrad.float32)))
    assert found is backend.place(name), f"current_device(): {name}, but a new array is on {found.device}"


@LEVEL.check("backend/device_name")
def it_knows_where_its_arrays_are(subject: Subject) -> None:
    """An array made for a device is on that device."""
    for place in subject.backend.places():
        array = place.backend.from_host(X, place.handle)
        found = place.backend.place_of(array)
        assert found is place, f"device_name: an array made for {place.device} is said to be on {found.device}"


@LEVEL.check("backend/synchronize")
def one_can_wait_for_it(subject: Subject) -> None:
    """``synchronize`` returns once there is nothing left to do."""
    x = subject.tensor(X)
    y = x * 2
    found = subject.backend.synchronize(subject.place.handle)  # type: ignore[func-returns-value]
    assert found is None, f"synchronize: expected None, got {found!r}"
    agree(subject.host(y), X * 2, what="x * 2 after synchronize")


@LEVEL.check("backend/memory_stats", needs={"memory statistics"})
def its_memory_is_counted(subject: Subject) -> None:
    """What is used grows by at least an array that is made, and the numbers are bytes."""
    backend, handle = subject.backend, subject.place.handle
    before = backend.memory_stats(handle)
    kept = backend.from_host(np.ones(1 << 20, np.float32), handle)
    backend.synchronize(handle)
    after = backend.memory_stats(handle)
    wrong = {name: n for name, n in after.items() if type(n) is not int or n < 0}
    assert not wrong, f"memory_stats: expected bytes, got {wrong}"
    grown = after.get("used_bytes", 1 << 22) - before.get("used_bytes", 0)
    assert grown >= kept.nbytes, f"memory_stats: used_bytes grew by {grown} for an array of {kept.nbytes} bytes"


@LEVEL.check("backend/raw_dtypes")
def it_has_the_dtypes_without_which_nothing_works(subject: Subject) -> None:
    """There are booleans, float32 and some integers, and no dtype has a name that tensors do not know."""
    names = set(subject.backend.raw_dtypes(subject.place.handle))
    strange = names - BY_NAME.keys()
    assert not strange, f"raw_dtypes: expected names such as float32, got {sorted(strange)}"
    missing = {"bool", "float32", "int32", "uint8"} - names
    assert not missing, f"raw_dtypes: {', '.join(sorted(missing))} missing; every device needs them"


@LEVEL.each({f"backend/dtype/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def arrays_have_the_dtype_that_they_are_asked_for(subject: Subject, name: str) -> None:
    """What ``raw_dtypes`` says for a name is what its arrays have, and is known by it."""
    place = subject.place
    raw = place.raw_dtype(BY_NAME[name])
    array = place.xp.zeros((2,), dtype=raw, device=place.handle)
    assert array.dtype == raw, f"zeros: expected {raw}, got {array.dtype}"
    assert place.dtype(array.dtype) is BY_NAME[name], f"dtype: {raw} is taken for {place.dtype(array.dtype)}"


@LEVEL.check("backend/raw_dtypes/nothing-hidden")
def it_has_no_dtype_that_it_does_not_say(subject: Subject) -> None:
    """What ``raw_dtypes`` leaves out, the library cannot make there."""
    for name in [name for name in BY_NAME if subject.lacks(frozenset({name}))]:
        raw = getattr(subject.backend.xp, name, None)
        try:
            made = subject.xp.zeros((2,), dtype=raw, device=subject.place.handle) + 0 if raw is not None else None
        except Exception:  # which one is the library's affair
            continue
        found = raw is not None and getattr(made, "dtype", None) == raw
        assert not found, f"raw_dtypes: {name} is missing, but the library makes and adds arrays of it"


@LEVEL.check("backend/dtype/unknown")
def it_refuses_dtypes_that_it_lacks(subject: Subject) -> None:
    """A dtype that the device has not is refused in words."""
    lacking = [name for name in BY_NAME if subject.lacks(frozenset({name}))]
    for name in lacking:
        with raises(DtypeError, f"zeros of {name}", name), subject.using():
            xpgrad.zeros(2, dtype=BY_NAME[name])


# How the library is asked for each kind of result; its type must be one of `array_types` once it is wrapped.
RESULTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "zeros": lambda xp, x: xp.zeros((2, 3), dtype=x.dtype, device=x.device),
    "add": lambda xp, x: xp.add(x, x),
    "operator": lambda xp, x: 2.0 * x - x,
    "comparison": lambda xp, x: x < 1.0,
    "element": lambda xp, x: x[0, 0],
    "row": lambda xp, x: x[0, :],
    "sum": lambda xp, x: xp.sum(x),
    "sum-along": lambda xp, x: xp.sum(x, axis=0),
    "mean": lambda xp, x: xp.mean(x),
    "max": lambda xp, x: xp.max(x),
    "argmax": lambda xp, x: xp.argmax(x),
    "any": lambda xp, x: xp.any(x > 0),
    "product-of-vectors": lambda xp, x: xp.matmul(x[0, :], x[1, :]),
    "matmul": lambda xp, x: xp.matmul(x, xp.permute_dims(x, (1, 0))),
    "reshape": lambda xp, x: xp.reshape(x, (3, 2)),
    "broadcast_to": lambda xp, x: xp.broadcast_to(x, (2, 2, 3)),
    "concat": lambda xp, x: xp.concat([x, x], axis=0),
    "where": lambda xp, x: xp.where(x > 0, x, -x),
    "sort": lambda xp, x: xp.sort(x, axis=-1),
    "astype": lambda xp, x: xp.astype(x, xp.int32),
    "of-0-d": lambda xp, x: xp.exp(x[0, 0]) + 1.0,
}


@LEVEL.each({f"results/{name}": (name, ask) for name, ask in RESULTS.items()}, needs={"int64"})
def results_are_its_arrays(subject: Subject, row: tuple[str, Callable[[Any, Any], Any]]) -> None:
    """A result is an array of the library on the device of what it was made of, and has NumPy's value."""
    name, ask = row
    x = subject.array(X)
    got = subject.place.wrap(ask(subject.xp, x))
    agree(subject.host(got), ask(subject.reference.xp, X), 1e-6, name)
    kinds = subject.backend.array_types
    assert not got.ndim or isinstance(got, kinds[0]), (
        f"{name}: expected {kinds[0]}, the first of array_types, got {type(got)}"
    )


# What tensors are asked, and the function of the raw namespace that has to answer.
CANARIES: Final[dict[str, Callable[[Any], Any]]] = {
    "multiply": lambda x: x * x,
    "add": lambda x: x + x,
    "exp": lambda x: x.exp(),
    "sum": lambda x: x.sum(),
    "matmul": lambda x: x @ x.mT,
    "where": lambda x: xpgrad.where(x > 0, x, x * 2),
    "concat": lambda x: xpgrad.cat([x, x]),
    "scatter_add": lambda x: x.index_add(0, xpgrad.tensor([1]), x[:1]),
}


@LEVEL.each({f"canary/{name}": (name, ask) for name, ask in CANARIES.items()}, needs={"int64"})
def the_librarys_own_function_answers(subject: Subject, row: tuple[str, Callable[[Any], Any]]) -> None:
    """What tensors are asked reaches the function of the raw namespace, and nothing else answers instead."""
    name, ask = row
    xp, calls = subject.xp, 0
    original = getattr(xp, name)

    def counting(*args: Any, **settings: Any) -> Any:
        nonlocal calls
        calls += 1
        return original(*args, **settings)

    setattr(xp, name, counting)
    try:
        with subject.using():
            got = ask(subject.tensor(X))
    finally:
        setattr(xp, name, original)
    assert calls, f"{name}: tensors gave an answer, but {name} of the backend's namespace was not called"
    agree(subject.host(got), subject.reference.backend.to_host(_on_reference(subject, ask)), 1e-6, name)


def _on_reference(subject: Subject, ask: Callable[[Any], Any]) -> Any:
    reference = Subject(subject.reference)
    with reference.using():
        return ask(reference.tensor(X))._array
