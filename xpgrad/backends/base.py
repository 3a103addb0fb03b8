"""The protocol between xpgrad and an array library: six members to give, everything else optional."""

from __future__ import annotations

import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, final

import numpy as np

from xpgrad._typing import Array, Namespace, RawDtype
from xpgrad.backends import dtypes
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.errors import DtypeError, UnknownDeviceError

PROTOCOL_VERSION = 1


@final
class device:  # noqa: N801  (PyTorch's name)
    """Where a tensor lives: ``device("cpu")``, ``device("cuda", 1)``, ``device("jax:cpu")``.

    As in PyTorch this is a name only: making one touches no library and needs no hardware.

    Attributes:
        type: ``"cpu"``, ``"cuda"`` or a backend's own word.
        index: Which one of that type, or None for the current one.
        backend: The backend's name if the string named it, else None.
    """

    __slots__ = ("backend", "index", "type")

    type: str
    index: int | None
    backend: str | None

    def __new__(
        cls, spec: str | device | int = "cpu", index: int | None = None, *, backend: str | None = None
    ) -> device:
        if isinstance(spec, device):
            return spec
        self = super().__new__(cls)
        if isinstance(spec, int):
            spec, index = "cuda", spec
        *words, last = spec.split(":")
        if words and last.isdecimal():
            if index is not None:
                raise UnknownDeviceError(f"device: {spec!r} carries an index already, and index={index} was given too")
            index, last = int(last), words.pop()
        if len(words) > 1 or not last:
            raise UnknownDeviceError(
                f"Invalid device string: {spec!r}. Write 'type', 'type:index', 'backend:type' or 'backend:type:index'."
            )
        self.type, self.index, self.backend = last, index, words[0] if words else backend
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (device, (str(self),))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return NotImplemented
        return (
            self.type == other.type
            and self.index == other.index
            and (self.backend == other.backend or self.backend is None or other.backend is None)
        )

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.backend, self.type, self.index) if part is not None)

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        backend = "" if self.backend is None else f", backend={self.backend!r}"
        return f"device(type={self.type!r}{index}{backend})"


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
    """

    __slots__ = ("_dtypes", "_raw_dtypes", "array_type", "backend", "device", "handle", "mutable", "xp")

    def __init__(self, backend: Backend, name: device, handle: object) -> None:
        self.backend = backend
        self.device = name
        self.handle = handle
        self.xp = backend.namespace(handle)
        self.array_type = backend.array_types[0]
        self.mutable = backend.mutable
        self._raw_dtypes = backend.raw_dtypes(handle)
        self._dtypes = {raw: dtypes.BY_NAME[name] for name, raw in self._raw_dtypes.items()}

    def __repr__(self) -> str:
        return f"Place({self.backend.name!r}, {self.device})"

    def wrap(self, value: object) -> Array:
        """The value of an operation as an array: NumPy's reductions return scalars."""
        return value if isinstance(value, self.backend.array_types) else self.xp.asarray(value, device=self.handle)

    def dtype(self, raw: RawDtype) -> dtypes.dtype:
        """The dtype object for the library's ``raw``."""
        try:
            return self._dtypes[raw]
        except (KeyError, TypeError):
            for known, ours in self._dtypes.items():
                if known == raw:
                    return ours
        raise DtypeError(f"{self.backend.name}: arrays of dtype {raw} cannot be tensors; convert them to one of "
                         f"{', '.join(self._raw_dtypes)}")  # fmt: skip

    def raw_dtype(self, ours: dtypes.dtype) -> RawDtype:
        """The library's own spelling of ``ours``."""
        try:
            return self._raw_dtypes[ours.name]
        except KeyError:
            raise DtypeError(
                f"{self.device} of backend {self.backend.name!r} has no {ours}; it has {', '.join(self._raw_dtypes)}"
            ) from None


class Backend(ABC):
    """An array library behind xpgrad. Subclass, set `name`, `xp` and `array_types`, and the three methods where needed.

    The defaults of the methods suit a library whose arrays NumPy can read and whose ``asarray`` reads NumPy's.
    """

    protocol: ClassVar[int] = PROTOCOL_VERSION
    name: ClassVar[str]

    # Whether arrays can be written in place with views seeing the write. If not, in-place methods rebind.
    mutable: ClassVar[bool] = False
    # Fast versions of extension functions or of the library's own, by name, each ``f(xp, *arrays, **settings)``.
    kernels: Mapping[str, Callable[..., Any]] = types.MappingProxyType({})

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

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

    def from_host(self, array: np.ndarray[Any, Any], handle: object) -> Array:
        """A NumPy array as one of the library's on the device ``handle``; it may share memory."""
        return self.xp.asarray(array, device=handle)

    def devices(self) -> Mapping[str, object]:
        """Device names (``"cpu"``, ``"cuda:0"``) to the library's handles, the default first; empty if none is usable."""
        return {"cpu": "cpu"}

    # What a backend may give.

    def device_name(self, array: Array) -> str:
        """Which of `devices` holds ``array``."""
        for name, handle in self.devices().items():
            if handle == array.device:
                return name
        raise UnknownDeviceError(f"{self.name}: array on unknown device {array.device}; known: {list(self.devices())}")

    def raw_dtypes(self, handle: object) -> dict[str, RawDtype]:
        """Dtype names to the library's dtypes, for those that the device has."""
        names = {name: getattr(self.xp, name, None) for name in dtypes.BY_NAME}
        return {name: raw for name, raw in names.items() if raw is not None}

    def write(self, target: Array, value: Array) -> None:
        """Store ``value`` into the memory of ``target``, which has its shape. Only called if `mutable`."""
        target[...] = value

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

    def synchronize(self, handle: object) -> None:
        """Wait until the device has done everything asked of it."""

    def memory_stats(self, handle: object) -> dict[str, int]:
        """Bytes in use and reserved on the device, where the library knows."""
        return {}

    def version(self) -> str:
        """The library's version."""
        return str(getattr(self.xp, "__version__", "unknown"))

    # Shared machinery.

    @final
    def places(self) -> list[Place]:
        """Every usable device, the default first."""
        return [self.place(name) for name in self.devices()]

    @final
    def place(self, name: str) -> Place:
        """The device called ``name`` in `devices`."""
        found = self._places.get(name)
        if found is None:
            devices = self.devices()
            if name not in devices:
                raise UnknownDeviceError(
                    f"backend {self.name!r} has no device {name!r}; it has {', '.join(devices) or 'none'}"
                )
            found = self._places.setdefault(name, Place(self, self._public_name(name), devices[name]))
        return found

    @final
    def place_of(self, array: Array) -> Place:
        """The device that holds ``array``."""
        if len(self._places) == 1 and len(self.devices()) == 1:
            return next(iter(self._places.values()))
        return self.place(self.device_name(array))

    def _public_name(self, name: str) -> device:
        return device(name, backend=self.name)

    @final
    def namespace(self, handle: object) -> Namespace:
        """The raw namespace for one device: kernels first, then the library's functions, then the fallbacks.

        A plain module object, since attributes of those are what CPython reads fastest; each name is
        looked up once and kept.
        """
        library = self.xp
        module = types.ModuleType(f"xpgrad raw namespace of {self.name} on {handle}")

        def bind(function: Callable[..., Any]) -> Callable[..., Any]:
            def bound(*args: Any, **settings: Any) -> Any:
                return function(module, *args, **settings)

            bound.__name__ = bound.__qualname__ = function.__name__
            bound.__doc__ = function.__doc__
            return bound

        def lookup(name: str) -> Any:
            if name in self.kernels:
                value = bind(self.kernels[name])
            elif hasattr(library, name):
                value = getattr(library, name)
            elif name in FALLBACKS:
                value = bind(FALLBACKS[name])
            else:
                raise AttributeError(f"the namespace of backend {self.name!r} has no {name!r}")
            setattr(module, name, value)
            return value

        module.__getattr__ = lookup  # type: ignore[method-assign]
        return module
