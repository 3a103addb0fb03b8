"""The protocol between xpgrad and an array library: six members to give, everything else optional."""

from __future__ import annotations

import contextlib
import functools
import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Self, final

import numpy as np

from xpgrad._typing import Array, Namespace, RawDtype
from xpgrad.backends import dtypes
from xpgrad.backends.devices import device as device
from xpgrad.backends.namespace import layered as layered
from xpgrad.backends.namespace import raw_namespace
from xpgrad.errors import ArgumentTypeError, DtypeError, NoDeviceError, UnknownDeviceError

# The protocol that this xpgrad speaks, and the oldest that it still understands. Changes are additive: a new member
# has a default, and raises the first number only.
PROTOCOL_VERSION = 1
OLDEST_PROTOCOL = 1


@final
class Place:
    """One device of one backend, with what a tensor on it needs at hand. Interned: compare with ``is``.

    Attributes:
        backend: The backend that owns it.
        device: Its public name.
        handle: What the library's ``device=`` takes.
        xp: The raw namespace: the standard's functions and the extensions of ``fallbacks``.
        array_type: The type that results have nearly always; others go through ``wrap``.
        mutable: True if arrays can be written to and views see the writes.
        guard: None nearly always; else what to enter around operators on arrays of this device: `Backend.guard`, or
            nothing once a rare dtype is in use, whose results `forward` then looks after.
    """

    __slots__ = (
        "_dtypes",
        "_rare",
        "_raw_dtypes",
        "array_type",
        "backend",
        "device",
        "guard",
        "handle",
        "mutable",
        "xp",
    )

    def __init__(self, backend: Backend, name: device, handle: object) -> None:
        self.backend = backend
        self.device = name
        self.handle = handle
        self.guard = backend.guard(handle)
        self.xp = backend.namespace(handle)
        self.array_type = backend.array_types[0]
        self.mutable = backend.mutable
        self._rare: frozenset[RawDtype] = frozenset()
        self._raw_dtypes = dict(backend.raw_dtypes(handle))
        self._dtypes = {raw: dtypes.BY_NAME[name] for name, raw in self._raw_dtypes.items()}

    def __repr__(self) -> str:
        return f"Place({self.backend.name!r}, {self.device})"

    def guarded(self, function: Callable[..., Any], *args: Any, **settings: Any) -> Any:
        """``function(*args, **settings)`` with this device the library's current one."""
        if self.guard is None:
            return function(*args, **settings)
        with self.guard():
            return function(*args, **settings)

    def forward(self, function: Callable[..., Any], *args: Any, **settings: Any) -> Any:
        """`guarded` for the forward function of an op, whose results stay in a rare dtype that its arrays have.

        Libraries do not know of a dtype from another package that Python's numbers give way to it.
        """
        out = self.guarded(function, *args, **settings)
        given = {getattr(x, "dtype", None) for x in args if isinstance(x, self.backend.array_types)}
        narrow = next(iter(given & self._rare), None)
        if narrow is None or "dtype" in settings:
            return out
        if isinstance(out, tuple):
            return tuple([self._narrowed(x, given, narrow) for x in out])
        return self._narrowed(out, given, narrow)

    def _narrowed(self, x: Any, given: set[RawDtype], narrow: RawDtype) -> Any:
        kept = x.dtype in given or not self.dtype(x.dtype).is_floating_point
        return x if kept else self.xp.astype(self.wrap(x), narrow)

    def wrap(self, value: object) -> Array:
        """The value of an operation as an array: NumPy's reductions return scalars."""
        return value if isinstance(value, self.backend.array_types) else self.xp.asarray(value, device=self.handle)

    def dtype(self, raw: RawDtype) -> dtypes.dtype:
        """The dtype object for the library's ``raw``.

        Raises:
            DtypeError: Tensors have no such dtype.
        """
        try:
            return self._dtypes[raw]
        except (KeyError, TypeError):
            self._learn_rare()
        # Some libraries spell a dtype in several ways that are equal but hash differently.
        for known, ours in self._dtypes.items():
            if known == raw:
                return ours
        raise DtypeError(
            f"{self.backend.name}: arrays of dtype {raw} cannot be tensors; convert them to one of "
            f"{', '.join(self._raw_dtypes)}"
        )

    @property
    def widest(self) -> dtypes.dtype:
        """The real dtype in which it computes most exactly."""
        return dtypes.float64 if "float64" in self._raw_dtypes else dtypes.float32

    def raw_dtype(self, ours: dtypes.dtype) -> RawDtype:
        """The library's own spelling of ``ours``, which may be one of Python's types of numbers too.

        Raises:
            DtypeError: The device has no such dtype.
            ArgumentTypeError: It is no dtype.
        """
        try:
            return self._raw_dtypes[ours.name]
        except KeyError:
            self._learn_rare()
        except AttributeError:
            return self.raw_dtype(dtypes.of_type(ours))
        try:
            return self._raw_dtypes[ours.name]
        except KeyError:
            wanted = self.backend.rare_dtypes.get(ours.name)
            raise DtypeError(
                f"{self.device} of backend {self.backend.name!r} has no {ours}; it has {', '.join(self._raw_dtypes)}"
                f"{f'. To have it: {wanted}' if wanted else ''}"
            ) from None

    def _learn_rare(self) -> None:
        for name in self.backend.rare_dtypes.keys() - self._raw_dtypes.keys():
            raw = self.backend.rare_dtype(name, self.handle)
            if raw is not None:
                self._raw_dtypes[name] = raw
                self._dtypes[raw] = dtypes.BY_NAME[name]
                self._rare |= {raw}
                self.guard = self.guard or contextlib.nullcontext


class Backend(ABC):
    """An array library behind xpgrad. Subclass, set `name`, `xp` and `array_types`, and the three methods where needed.

    The defaults of the methods suit a library on the CPU that NumPy can read and that reads NumPy; the how-to
    `docs/howto/backend.md` goes through it. Instances are made without arguments, once, at first use.

    Attributes:
        name: What people call it: the name of its entry point, lower case, without colon or comma.
        protocol: The `PROTOCOL_VERSION` of the xpgrad that it was written for; a plugin that does not say is of the
            first, since a default that moved with xpgrad would never show a mismatch.
        mutable: Arrays can be written in place, and views see the write. If not, in-place methods rebind.
        lazy: Arrays are recipes, followed when somebody looks at the values; `compute` follows several at once.
        in_host_memory: NumPy and the library can see one array's memory without a copy; True if unsure.
        plain_device_names: Devices print as PyTorch's do, without the name of the backend (NumPy's and CuPy's).
        kernels: Fast versions of extension functions or of the library's own, by name, each
            ``f(xp, *arrays, **settings)`` with the answer of what it replaces.
        rare_dtypes: The dtypes that `rare_dtype` is asked for, each with what to do where it is missing.
        runtime: What the library has beyond arrays, for the face that knows it: CuPy's streams, for `xpgrad.cuda`.
    """

    name: ClassVar[str]
    protocol: ClassVar[int] = 1
    mutable: ClassVar[bool] = False
    lazy: ClassVar[bool] = False
    in_host_memory: ClassVar[bool] = True
    plain_device_names: ClassVar[bool] = False
    kernels: Mapping[str, Callable[..., Any]] = types.MappingProxyType({})
    rare_dtypes: Mapping[str, str] = types.MappingProxyType({})
    runtime: Any = None

    _places: dict[str, Place]

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Set up here what subclasses need not know of, so that their ``__init__`` need not call ours."""
        self = super().__new__(cls)
        self._places = {}
        return self

    # What every backend gives.

    @property
    @abstractmethod
    def xp(self) -> Namespace:
        """The library's Array API namespace."""

    @property
    @abstractmethod
    def array_types(self) -> tuple[type, ...]:
        """The types of its arrays, the usual one first."""

    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        """``array`` as a NumPy array, without a copy where memory is shared."""
        return np.asarray(array)

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Array:
        """A NumPy array as one of the library's on the device ``handle``; it may share memory."""
        return self.xp.asarray(array, device=handle)

    def devices(self) -> Mapping[str, object]:
        """Device names (``"cpu"``, ``"cuda:0"``) to what the library's ``device=`` takes, the default first.

        Asked once, when a device is first needed: loading a backend must not touch hardware.

        Raises:
            NoDeviceError: There is none to run on; the message says why and what to do.
        """
        return {"cpu": None}

    # What a backend may give.

    def current_device(self) -> str:
        """Which of several `devices` new arrays go to when nobody says."""
        return next(iter(self._handles))

    def device_name(self, array: Array) -> str:
        """Which of several `devices` holds ``array``."""
        for name, handle in self._handles.items():
            if handle == array.device:
                return name
        raise UnknownDeviceError(
            f"{self.name}: array on unknown device {array.device}; known: {', '.join(self._handles)}"
        )

    def admit(self, array: Array) -> Array:
        """``array``, which a program made with the library itself, as one to compute with, on its memory if possible.

        Raises:
            XpgradError: It cannot be one; the message says what to do.
        """
        return array

    def guard(self, handle: Any) -> Callable[[], AbstractContextManager[Any]] | None:
        """For a library that computes on a current device and not on its arrays': what makes ``handle`` current.

        Every function of the raw namespace then runs inside it.
        """
        return None

    def raw_dtypes(self, handle: Any) -> Mapping[str, RawDtype]:
        """Dtype names to the library's dtypes, for those that the device has."""
        found = {name: getattr(self.xp, name) for name in dtypes.BY_NAME if hasattr(self.xp, name)}
        info = getattr(self.xp, "__array_namespace_info__", None)
        if info is None:
            return found
        offered = info().dtypes(device=handle)
        beyond_the_standard = {"float16", "bfloat16"}
        return {n: offered.get(n, raw) for n, raw in found.items() if n in offered or n in beyond_the_standard}

    def rare_dtype(self, name: str, handle: Any) -> RawDtype | None:
        """A dtype that is not in `raw_dtypes` since having it costs an import; None if there is none such."""
        return None

    def write(self, target: Array, value: Array) -> None:
        """Store ``value`` into the memory of ``target``, which has its shape. Only called if `mutable`."""
        target[...] = value

    def fill(self, target: Array, number: complex) -> None:
        """Store ``number`` in every element of ``target``, whose dtype holds it. Only called if `mutable`."""
        target[...] = number

    def add_into(self, target: Array, value: Array) -> None:
        """Add ``value`` to ``target``, in its memory. Only called if `mutable`."""
        target += value

    def copy(self, array: Array) -> Array:
        """A copy of ``array`` in memory of its own."""
        return self.xp.asarray(array, copy=True)

    def owns_memory(self, array: Array) -> bool:
        """Whether ``array`` is the only view of its memory (False if unsure). Only called if `mutable`."""
        return False

    def shares_memory(self, view: Array, base: Array) -> bool:
        """Whether writing to ``base`` shows in ``view``. Only called if `mutable`."""
        return True

    def strides(self, array: Array) -> tuple[int, ...] | None:
        """Elements from one to the next along each axis; None if arrays do not say it. Only called if `mutable`."""
        steps = getattr(array, "strides", None)
        return None if steps is None else tuple([step // array.dtype.itemsize for step in steps])

    def compute(self, arrays: Sequence[Array]) -> None:
        """Compute ``arrays``, so that what is made of them starts from their values. Only called if `lazy`.

        Called at the end of a backward pass with what outlives it. Arrays too large to be kept may stay as they are.
        """
        return

    def address(self, array: Array) -> int:
        """Where in memory the first element of ``array`` lies.

        Raises:
            ArgumentTypeError: The library's arrays do not say it, by either of NumPy's and Numba's protocols.
        """
        for protocol in ("__array_interface__", "__cuda_array_interface__"):
            if hasattr(array, protocol):
                return int(getattr(array, protocol)["data"][0])
        raise ArgumentTypeError(f"data_ptr: arrays of backend {self.name!r} do not tell their address")

    def synchronize(self, handle: Any) -> None:
        """Wait until the device has done everything asked of it; nothing to wait for by default."""
        return

    def pin(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """A copy of a host array in page-locked memory, which devices read by themselves; itself if there is none."""
        return array

    def is_pinned(self, array: np.ndarray[Any, Any]) -> bool:
        """Whether a host array lies in page-locked memory; must not touch a device that was not in use."""
        return False

    def from_pinned(self, array: np.ndarray[Any, Any], handle: Any) -> Array:
        """`from_host` of an array that `is_pinned`, without waiting: nobody writes there until `synchronize`.

        The array stays alive until the device has read it.
        """
        return self.from_host(array, handle)

    def empty_cache(self, handle: Any) -> None:
        """Give back memory of the device that is kept for arrays to come; nothing is kept by default."""
        return

    def forget_compiled(self) -> None:
        """Drop what was compiled for earlier calls, for programs of thousands of shapes; nothing is by default."""
        return

    def memory_stats(self, handle: Any) -> dict[str, int]:
        """The device's memory as far as the library knows: ``used_bytes``, ``reserved_bytes``, ``free_bytes``, ..."""
        return {}

    def version(self) -> str:
        """The library's version."""
        return str(getattr(self.xp, "__version__", "unknown"))

    # Shared machinery.

    @functools.cached_property
    def _handles(self) -> dict[str, object]:
        handles = dict(self.devices())
        if not handles:
            raise NoDeviceError(f"backend {self.name!r} is installed, but finds no device to run on")
        return handles

    @functools.cached_property
    def _names(self) -> dict[str, device]:
        return {name: device(name, backend=self.name, plain=self.plain_device_names) for name in self._handles}

    @functools.cached_property
    def _sole(self) -> Place | None:
        """The place of a backend with one device, which nobody has to look up again."""
        return self.place(next(iter(self._handles))) if len(self._handles) == 1 else None

    @final
    def device_names(self) -> list[str]:
        """The names of the usable devices, the default first."""
        return list(self._handles)

    @final
    def places(self) -> list[Place]:
        """Every usable device, the default first."""
        return [self.place(name) for name in self._handles]

    @final
    def place(self, name: str) -> Place:
        """The device called ``name`` in `devices`.

        Raises:
            NoDeviceError: The backend has no device at all.
            UnknownDeviceError: It has none of that name.
        """
        found = self._places.get(name)
        if found is None:
            if name not in self._handles:
                raise UnknownDeviceError(
                    f"backend {self.name!r} has no device {name!r}; it has {', '.join(self._handles)}"
                )
            found = self._places.setdefault(name, Place(self, self._names[name], self._handles[name]))
        return found

    @final
    def current_place(self) -> Place:
        """Where new arrays go when nobody says."""
        return self._sole or self.place(self.current_device())

    @final
    def place_of(self, array: Array) -> Place:
        """The device that holds ``array``."""
        return self._sole or self.place(self.device_name(array))

    @final
    def find(self, asked: device) -> Place | None:
        """The device that ``asked`` means here, whatever backend it names; None if there is none of that type.

        Without an index it is the current device if that is of the type, else the first that is. Index 0 may be left
        out: PyTorch's ``cpu:0`` is ``cpu``.

        Raises:
            NoDeviceError: The backend has no device at all.
            UnknownDeviceError: It has devices of that type, but not that many.
        """
        if asked.index is None:
            current = self.current_place()
            if current.device.type == asked.type:
                return current
        same_type = {name: known for name, known in self._names.items() if known.type == asked.type}
        for name, known in same_type.items():
            if asked.index is None or asked.index == (known.index or 0):
                return self.place(name)
        if not same_type:
            return None
        raise UnknownDeviceError(
            f"backend {self.name!r} has no device '{asked.type}:{asked.index}'; it has {', '.join(self._handles)}"
        )

    @final
    def namespace(self, handle: object) -> Namespace:
        """The functions that ops and rules run on, for one device; see `namespace.raw_namespace`."""
        return raw_namespace(self.name, self.xp, self.kernels, self.guard(handle))
