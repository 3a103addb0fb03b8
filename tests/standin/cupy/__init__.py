"""A stand-in for CuPy over NumPy; see the README beside it."""

from __future__ import annotations

import builtins as _builtins
import functools as _functools
import gc as _gc
import importlib as _importlib
import math as _math
import operator as _operator
from pathlib import Path as _Path
from typing import Any as _Any

import numpy as _np

from cupy import _launches
from cupy import cuda as cuda

__version__ = "14.2.0"

for _name in (
    "bool bool_ complex64 complex128 complexfloating dtype e finfo float16 float32 float64 floating generic iinfo inexact inf "
    "int8 int16 int32 int64 integer intp nan newaxis number pi signedinteger uint8 uint16 uint32 uint64 unsignedinteger"
).split():
    globals()[_name] = getattr(_np, _name)

# Around and in new memory: as a float it is NaN, so that what a kernel forgets to write shows.
_GUARD, _JUNK = 1024, 0xFF

_ATOMICS = {"float16", "float32", "float64", "int32", "uint32", "uint64"}


class _Pointer:
    def __init__(self, host: _Any) -> None:
        self.ptr = host.__array_interface__["data"][0]


class ndarray:
    """An array on one of the make-believe devices."""

    __slots__ = ("__weakref__", "_guarded", "_host", "_source", "device")
    __array_ufunc__ = None
    __hash__ = None

    def __init__(self, host: _Any) -> None:
        self._host = host
        self._guarded = None
        self.device = cuda.Device()

    def __getattr__(self, name: str) -> _Any:
        if name != "_host":
            raise AttributeError(name)
        self._host = self._source.copy()
        return self._host

    def check_guard(self) -> None:
        """Raise if a kernel wrote beyond the ends of memory that `empty` gave."""
        if (
            self._guarded is not None
            and (self._guarded[:_GUARD] != _JUNK).any() | (self._guarded[-_GUARD:] != _JUNK).any()
        ):
            raise MemoryError("a kernel wrote beyond the ends of an array")

    def __array__(self, *_: _Any, **__: _Any) -> _Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __repr__(self) -> str:
        return f"<stand-in {self._host!r} on {self.device}>"

    def get(self) -> _Any:
        return self._host.copy()

    @property
    def base(self) -> _Any:
        return None if self._host.base is None or self._guarded is not None else _wrap(self._host.base)

    @property
    def data(self) -> _Pointer:
        return _Pointer(self._host)

    def __getitem__(self, key: _Any) -> ndarray:
        key = _wrapped_around(key, self._host.shape)
        found = self._host[key]
        if isinstance(found, _np.generic):
            found = self._host[(*key, ...) if isinstance(key, tuple) else (key, ...)]
        _launches.record_unless_view("getitem", found, [self._host])
        return _wrap(found, self.device)

    def __setitem__(self, key: _Any, value: _Any) -> None:
        _launches.record("setitem")
        self._host[_wrapped_around(key, self._host.shape)] = _unwrap(value)

    def __len__(self) -> int:
        return len(self._host)


def _delegated(name: str) -> _Any:
    def call(self: ndarray, *args: _Any, **settings: _Any) -> _Any:
        _check_device(self)
        found = getattr(self._host, name)(*_unwrap(args), **_unwrap(settings))
        _launches.record_unless_view(name, found, [self._host])
        return _wrap(found)

    return call


for _name in (
    "all any argmax argmin argsort astype conj conjugate copy cumsum dot fill flatten max mean min nonzero prod ravel repeat "
    "reshape round squeeze std sum swapaxes take trace transpose var view"
).split():
    setattr(ndarray, _name, _delegated(_name))
for _name in "T mT real imag".split():
    setattr(ndarray, _name, property(lambda self, name=_name: _wrap(getattr(self._host, name), self.device)))
for _name in "shape dtype ndim size itemsize nbytes strides flags".split():
    setattr(ndarray, _name, property(lambda self, name=_name: getattr(self._host, name)))
for _name in "item tolist __bool__ __int__ __float__ __complex__ __index__".split():
    setattr(ndarray, _name, lambda self, name=_name: getattr(self._host, name)())


def _operators() -> None:
    def unary(function: _Any) -> _Any:
        return lambda self: _compute(function, self)

    def binary(function: _Any) -> _Any:
        return lambda self, other: _compute(function, self, other)

    def reflected(function: _Any) -> _Any:
        return lambda self, other: _compute(function, other, self)

    def inplace(function: _Any) -> _Any:
        def run(self: ndarray, other: _Any) -> ndarray:
            _check_device(self)
            _launches.record(function.__name__)
            function(self._host, _unwrap(other))
            return self

        return run

    for name in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split():
        function = getattr(_operator, f"__{name}__")
        setattr(ndarray, f"__{name}__", binary(function))
        setattr(ndarray, f"__r{name}__", reflected(function))
        setattr(ndarray, f"__i{name}__", inplace(getattr(_operator, f"__i{name}__")))
    for name in "eq ne lt le gt ge".split():
        setattr(ndarray, f"__{name}__", binary(getattr(_operator, f"__{name}__")))
    for name in "neg pos abs invert".split():
        setattr(ndarray, f"__{name}__", unary(getattr(_operator, f"__{name}__")))


def _check_device(array: ndarray) -> None:
    if array.device != cuda.Device():
        raise ValueError(f"array on device {array.device.id}, but the current device is {cuda.Device().id}")


def _unwrap(value: _Any) -> _Any:
    if isinstance(value, ndarray):
        _check_device(value)
        return value._host
    if isinstance(value, _np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, dict):
        return {key: _unwrap(item) for key, item in value.items()}
    return type(value)(map(_unwrap, value)) if type(value) in (list, tuple) else value


def _wrap(value: _Any, device: _Any = None) -> _Any:
    if isinstance(value, _np.ndarray | _np.generic):
        made = ndarray(_np.asarray(value))
        made.device = device or made.device
        return made
    if hasattr(value, "_fields"):
        return type(value)(*map(_wrap, value))
    return type(value)(map(_wrap, value)) if type(value) in (list, tuple) else value


def _compute(function: _Any, *args: _Any, **settings: _Any) -> _Any:
    given = _unwrap(args)
    with _np.errstate(all="ignore"):
        found = function(*given, **_unwrap(settings))
    _launches.record_unless_view(function.__name__, found, [a for g in given for a in (g if type(g) is list else [g])])
    return _wrap(found)


def _wrapped_around(key: _Any, shape: _Any) -> _Any:
    """An index with integer arrays as CuPy reads it: positions beyond the ends wrap around."""
    keys = key if isinstance(key, tuple) else (key,)
    arrays = [isinstance(k, ndarray) and k.dtype.kind in "iu" for k in keys]
    # The built-in functions by full name: CuPy's of the same names take their places below.
    if _builtins.any(arrays) and not _builtins.any(k is Ellipsis or k is None for k in keys):
        return tuple(
            _unwrap(k) % _builtins.max(n, 1) if is_array else _unwrap(k)
            for k, n, is_array in zip(keys, shape, arrays, strict=False)
        )
    return _unwrap(key)


def _function(name: str, function: _Any, parameters: set[str]) -> _Any:
    @_functools.wraps(function)
    def call(*args: _Any, **settings: _Any) -> _Any:
        unknown = settings.keys() - parameters
        if unknown and "**kwargs" not in parameters:
            raise TypeError(f"{name}() got unexpected keyword arguments {', '.join(sorted(unknown))}")
        return _compute(function, *args, **settings)

    return call


class ufunc:
    """An elementwise function."""

    def __init__(self, name: str, function: _Any) -> None:
        self.__name__ = name
        self._function = function
        self._call = _function(name, function, {"out", "dtype", "casting"})

    def __call__(self, *args: _Any, **settings: _Any) -> _Any:
        return self._call(*args, **settings)

    def at(self, a: ndarray, indices: ndarray, b: _Any) -> None:
        if a.dtype.name not in _ATOMICS:
            raise TypeError(f"atomicAdd knows no {a.dtype}")
        _launches.record(f"{self.__name__}.at")
        self._function.at(_unwrap(a), _wrapped_around(indices, a.shape), _unwrap(b))


def _namespace(title: str, source: _Any) -> dict[str, _Any]:
    """CuPy's functions of one module, with CuPy's parameter names, computed by NumPy's of the same name."""
    text = (_Path(__file__).parent / "signatures.txt").read_text()
    made: dict[str, _Any] = {}
    for line in text.partition(f"[{title}]\n")[2].partition("\n[")[0].splitlines():
        name, *parameters = line.split()
        function = getattr(source, name)
        made[name] = ufunc(name, function) if parameters == ["ufunc"] else _function(name, function, set(parameters))
    return made


_operators()
globals().update(_namespace("cupy", _np))


def array(
    obj: _Any, dtype: _Any = None, copy: _Any = True, order: str = "K", ndmin: int = 0, *, blocking: _Any = False
) -> ndarray:
    if isinstance(obj, ndarray) and obj.device != cuda.Device():
        obj = obj._host.copy()
    if _is_copied_later(obj, dtype, blocking):
        return _copied_later(obj)
    host = obj._host if isinstance(obj, ndarray) else _np.array(obj)
    if not isinstance(obj, ndarray):
        copy = True if copy is None else copy
    made = _np.array(host, dtype=dtype, copy=copy, order=order, ndmin=ndmin)
    _launches.record_unless_view("array", made, [host] if isinstance(obj, ndarray) else [])
    return obj if isinstance(obj, ndarray) and made is host else ndarray(made)


def asarray(a: _Any, dtype: _Any = None, order: _Any = None, *, copy: _Any = None, blocking: _Any = False) -> ndarray:
    return array(a, dtype, copy, order or "K", blocking=blocking)


def _is_copied_later(obj: _Any, dtype: _Any, blocking: bool) -> bool:
    """Whether CuPy returns before the copy has begun: from page-locked memory that needs no other layout or dtype."""
    return (
        isinstance(obj, _np.ndarray)
        and obj.ndim > 0
        and obj.flags.c_contiguous
        and _np.dtype(dtype or obj.dtype) == obj.dtype
        and cuda.pinned_memory.is_memory_pinned(obj.__array_interface__["data"][0])
        and not blocking
    )


def _copied_later(source: _Any) -> ndarray:
    """An array that has what ``source`` holds once the current stream gets there, or somebody looks at the array."""
    made = ndarray.__new__(ndarray)
    made._guarded, made.device = None, cuda.Device()
    made._source = source
    cuda.get_current_stream()._work.append(lambda: made._host)
    return made


def empty(shape: _Any, dtype: _Any = float, order: str = "C") -> ndarray:
    dtype, shape = _np.dtype(dtype), (shape,) if isinstance(shape, int) else tuple(shape)
    memory = _np.full(2 * _GUARD + _math.prod(shape) * dtype.itemsize, _JUNK, dtype=_np.uint8)
    made = ndarray(memory[_GUARD : len(memory) - _GUARD].view(dtype).reshape(shape, order=order))
    made._guarded = memory
    return made


def empty_like(
    prototype: ndarray, dtype: _Any = None, order: str = "K", subok: _Any = None, shape: _Any = None
) -> ndarray:
    return empty(prototype.shape if shape is None else shape, prototype.dtype if dtype is None else dtype)


def asnumpy(a: ndarray) -> _Any:
    return a.get()


def matmul(*args: _Any) -> ndarray:
    x, y = map(_unwrap, args)
    _launches.record("matmul")
    # NumPy multiplies bfloat16 in float32, and leaves it there.
    return _wrap(_np.matmul(x, y).astype(_np.result_type(x, y), copy=False))


def take(a: ndarray, indices: _Any, axis: _Any = None, out: _Any = None) -> ndarray:
    return _compute(_np.take, a, indices, axis, mode="wrap")


class _Pool:
    def __init__(self) -> None:
        self._most = 0

    def used_bytes(self) -> int:
        here = [x for x in _gc.get_objects() if type(x) is ndarray and x.device == cuda.Device()]
        memory = {id(root): root.nbytes for root in map(_root, here)}
        used = _builtins.sum(memory.values())
        self._most = _builtins.max(used, self._most)
        return used

    def total_bytes(self) -> int:
        return _builtins.max(self.used_bytes(), self._most)

    def free_all_blocks(self, stream: _Any = None) -> None:
        self._most = 0


def _root(x: ndarray) -> _Any:
    """The array of NumPy that owns the memory."""
    found = x._host
    while isinstance(found.base, _np.ndarray):
        found = found.base
    return found


_pool = _Pool()


def get_default_memory_pool() -> _Pool:
    return _pool


def get_default_pinned_memory_pool() -> _Pool:
    return _Pool()


def _as_strided(x: ndarray, shape: _Any = None, strides: _Any = None) -> ndarray:
    made = _wrap(_np.lib.stride_tricks.as_strided(_unwrap(x), shape, strides))
    # As CuPy's, it does not say whose memory it has.
    made.__class__ = _Strided
    return made


class _Strided(ndarray):
    __slots__ = ()
    base = None

    def view(self, *args: _Any) -> _Any:
        return _wrap(self._host.view(*args))


class lib:
    class stride_tricks:
        as_strided = staticmethod(_as_strided)


# These look here for what is above.
fft, linalg = (_importlib.import_module(f"cupy.{_name}") for _name in ("fft", "linalg"))
ElementwiseKernel, RawKernel, RawModule = (
    getattr(_importlib.import_module("cupy._kernels"), _name)
    for _name in ("ElementwiseKernel", "RawKernel", "RawModule")
)
