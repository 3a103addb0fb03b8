"""Between tensors and everything else: Python values, NumPy, other libraries, other dtypes and devices."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from xpgrad import array_api
from xpgrad.array_api.operands import cast, dtype_of
from xpgrad.backends.base import Place, device
from xpgrad.backends.dtypes import BY_NAME, dtype
from xpgrad.backends.registry import host_place, loaded_backends, place_for, resolve
from xpgrad.core.grad_mode import mode
from xpgrad.core.promotion import get_default_dtype, promote_types
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of, node_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, BackendError, DtypeError, GradientError, OperationError
from xpgrad.functions.checks import LEGACY_NAMES
from xpgrad.functions.creation import DeviceLike, finish, place_for_device
from xpgrad.functions.results import require_fitting
from xpgrad.ops.copying import copy as clone
from xpgrad.ops.moving import move, pin


def tensor(
    data: Any,
    *,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """A new leaf holding a copy of ``data``: nested sequences of numbers, an array or a tensor.

    Python floats take the default dtype, integers int64, booleans bool; arrays keep theirs. Mirrors ``torch.tensor``.

    Raises:
        ArgumentError: Sequences of unequal lengths.
        ArgumentTypeError: Elements that are not numbers.
        DtypeError: Numbers that the integers of ``dtype`` do not reach.
    """
    if isinstance(data, TensorBase):
        place = data._place if device is None else place_for_device(device)
        array = data._place.backend.to_host(array_of(data)) if place is not data._place else array_of(data)
        source = host_place() if place is not data._place else place
        return _copied(array, source, place, dtype, requires_grad)
    found = _place_of_array(data)
    if found is not None:
        data = found.backend.admit(data)
        # A NumPy array is host data and goes where new tensors go; other libraries' arrays stay where they are.
        place = found if device is None and found is not host_place() else place_for_device(device)
        host = data if found is place else found.backend.to_host(data)
        return _copied(host, place if found is place else host_place(), place, dtype, requires_grad)
    host = _host_array(data, exact=dtype is not None)
    if dtype is not None and dtype.kind in ("int", "uint") and host.size and host.dtype.kind in "iuf":
        require_fitting(host.min().item(), host.max().item(), dtype)
    return _copied(host, host_place(), place_for_device(device), dtype, requires_grad)


def as_tensor(data: Any, dtype: dtype | None = None, device: DeviceLike = None) -> Any:
    """``data`` as a tensor, sharing memory and keeping the history where it can. Mirrors ``torch.as_tensor``."""
    if isinstance(data, TensorBase):
        return to(data, device=device, dtype=dtype)
    found = _place_of_array(data)
    if found is None:
        return tensor(data, dtype=dtype, device=device)
    return to(finish(found.backend.admit(data), found, False), device=device, dtype=dtype)


def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Any:
    """``obj`` as a tensor; a tensor keeps its history (unlike PyTorch's). Mirrors ``torch.asarray``."""
    made = as_tensor(obj, dtype, device)
    if copy and isinstance(obj, TensorBase) and made is obj:
        made = clone.apply(made)
    elif copy and not isinstance(obj, TensorBase):
        made = tensor(obj, dtype=dtype, device=device)
    return made.requires_grad_() if requires_grad else made


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Any:
    """A tensor on the memory of a NumPy array. Mirrors ``torch.from_numpy``.

    Raises:
        ArgumentTypeError: It is not a NumPy array, or not one of numbers.
    """
    if not isinstance(ndarray, np.ndarray):
        raise ArgumentTypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    if ndarray.dtype.name not in BY_NAME:
        raise ArgumentTypeError(
            f"can't convert np.ndarray of type {ndarray.dtype}. The only supported types are: {', '.join(BY_NAME)}."
        )
    place = place_for_device(None)
    array = host_place().backend.admit(ndarray)
    return finish(array if place is host_place() else place.backend.from_host(array, place.handle), place, False)


def frombuffer(buffer: Any, *, dtype: dtype, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Any:
    """A tensor on the memory of an object with Python's buffer protocol. Mirrors ``torch.frombuffer``.

    Args:
        buffer: The object.
        dtype: How its bytes are read.
        count: How many elements are read, all of them for -1.
        offset: How many bytes are skipped.
        requires_grad: Whether the result is a leaf that requires grad.

    Raises:
        ArgumentError: The buffer has not as many elements, or a part of one is left over.
    """
    length, size = memoryview(buffer).nbytes, dtype.itemsize
    if not length or not count:
        raise ArgumentError(f"both buffer length ({length}) and count ({count}) must not be 0")
    if not 0 <= offset < length:
        raise ArgumentError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({length} bytes) minus 1"
        )
    if count > 0 and offset + count * size > length:
        raise ArgumentError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({length} bytes)"
        )
    if count < 0 and (length - offset) % size:
        raise ArgumentError(
            f"buffer length ({length - offset} bytes) after offset ({offset} bytes) must be a multiple of element size "
            f"({size})"
        )
    array = np.frombuffer(buffer, host_place().raw_dtype(dtype), count, offset)
    return finish(array, host_place(), requires_grad)


class _Capsule:
    """What an older program passes around instead of the object that speaks DLPack."""

    def __init__(self, capsule: Any) -> None:
        self._capsule = capsule

    def __dlpack__(self, **_: Any) -> Any:
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def to_dlpack(tensor: TensorBase) -> Any:
    """A DLPack capsule for the memory of ``tensor``, to be taken up once. Mirrors ``torch.utils.dlpack.to_dlpack``."""
    # Of the first version that says whether memory may be written to: without it NumPy takes it for read-only.
    return tensor.__dlpack__(max_version=(1, 0))  # type: ignore[attr-defined]


def from_dlpack(source: Any) -> Any:
    """A tensor on the memory of any object that speaks DLPack, or of a capsule. Mirrors ``torch.from_dlpack``."""
    if type(source).__name__ == "PyCapsule":
        source = _Capsule(source)
    if isinstance(source, TensorBase):
        _refuse_export(source)
        return finish(array_of(source), source._place, False)
    found = _place_of_array(source)
    if found is not None:
        return finish(found.backend.admit(source), found, False)
    return finish(np.from_dlpack(source), host_place(), False)


def _refuse_export(tensor: TensorBase) -> None:
    """Raise if ``tensor`` has a history, which DLPack would lose.

    Raises:
        BufferError: It requires grad.
    """
    if node_of(tensor) is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")


def _place_of_array(data: Any) -> Place | None:
    """Where ``data`` lives if it is an array of some backend, else None."""
    if isinstance(data, (list, tuple, bool, int, float, complex, np.generic)):
        return None
    try:
        return place_for(data)
    except TypeError:
        return None


def _copied(array: Any, source: Place, place: Place, wanted: dtype | None, requires_grad: bool) -> Any:
    """A leaf on ``place`` holding a copy of ``array``, which lives on ``source``."""
    if wanted is not None and source.dtype(array.dtype) is not wanted:
        array = source.xp.astype(array, source.raw_dtype(wanted))
    else:
        array = source.backend.copy(array)
    if source is not place:
        array = place.backend.from_host(array, place.handle)
    return finish(array, place, requires_grad)


def _host_array(data: Any, exact: bool) -> np.ndarray[Any, Any]:
    """Nested sequences as a NumPy array in the dtype PyTorch infers, or as NumPy reads them if ``exact``."""
    python_floats = False
    given: set[dtype] = set()
    stack = [data]
    holds_tensors = False
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        elif isinstance(item, TensorBase):
            holds_tensors = True
            given.add(dtype_of(item))
        elif isinstance(item, (np.generic, np.ndarray)):
            given |= {BY_NAME[name] for name in (item.dtype.name,) if name in BY_NAME}
        elif isinstance(item, (float, complex)):
            python_floats = True
    if holds_tensors:
        data = _without_tensors(data)
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ArgumentError(_ragged(data) or f"tensor: {error}") from error
    if array.dtype == object or array.dtype.name not in BY_NAME:
        raise _unknown(data)
    if python_floats or array.size == 0:
        default = get_default_dtype()
        given.add(default.to_complex() if array.dtype.kind == "c" else default)
    if not exact and any(each.is_differentiable for each in given):
        # Not as NumPy has it, where float32 and an integer make float64.
        array = array.astype(host_place().raw_dtype(functools.reduce(promote_types, given)))
    return array


def _unknown(data: Any) -> Exception:
    """The error for ``data`` that holds something else than numbers, named after the first such thing."""
    stack, culprit = [data], data
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack.extend(reversed(item))
        elif not isinstance(item, (bool, int, float, complex, np.generic, np.ndarray)):
            culprit = item
            break
    if isinstance(culprit, str):
        return ArgumentTypeError(f"new(): invalid data type 'str': {culprit!r:.60} is no number")
    return DtypeError(f"Could not infer dtype of {type(culprit).__name__}: tensors hold numbers, got {culprit!r:.60}")


def _without_tensors(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_without_tensors(item) for item in data]
    return data._place.backend.to_host(array_of(data)) if isinstance(data, TensorBase) else data


def _ragged(data: Any, depth: int = 0) -> str:
    """Where nested sequences stop being rectangular, in PyTorch's words."""
    if isinstance(data, (list, tuple)) and data and isinstance(data[0], (list, tuple)):
        for item in data:
            if not isinstance(item, (list, tuple)):
                return f"expected sequence at dim {depth + 1}, got {type(item).__name__}"
            if len(item) != len(data[0]):
                return f"expected sequence of length {len(data[0])} at dim {depth + 1} (got {len(item)})"
        for item in data:
            inner = _ragged(item, depth + 1)
            if inner:
                return inner
    return ""


def to(
    x: TensorBase,
    *,
    device: DeviceLike = None,
    dtype: dtype | None = None,
    copy: bool = False,
    non_blocking: bool = False,
) -> Any:
    """``x`` with another dtype or on another device, itself if it has both already; gradients flow back.

    With ``non_blocking``, a device may still read page-locked memory of the host after this has returned.
    """
    result = x
    if dtype is not None:
        result = cast(result, dtype)
    if device is not None:
        place = resolve(device)
        if place is not x._place:
            result = move(result, place, non_blocking=non_blocking)
    if copy and result is x:
        result = clone.apply(x)
    return result


def accelerator(device: Any = None) -> Place | None:
    """The CUDA device ``device``, the current one if it is None; None if there is no CUDA device and none was named.

    Raises:
        BackendError: There is no such device.
    """
    try:
        return resolve("cuda" if device is None else device)
    except BackendError:
        if device is not None:
            raise
        return None


class Conversion(TensorBase):
    """Methods that turn a tensor into something else."""

    __slots__ = ()

    def numpy(self, *, force: bool = False) -> np.ndarray[Any, Any]:
        """The values as a NumPy array, sharing memory where the library's arrays do.

        Raises:
            GradientError: The tensor requires grad and ``force`` is False.
        """
        if node_of(self) is not None and not force and mode.grad:
            raise GradientError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self._place.device.type == "cuda" and not force:
            raise ArgumentTypeError(
                f"can't convert {self._place.device} device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        return self._place.backend.to_host(array_of(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self.numpy()
        return np.array(array, dtype=dtype, copy=copy)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """The Array API namespace whose arrays are tensors.

        Raises:
            ArgumentError: The version asked for is newer than what is implemented.
        """
        if api_version is not None and api_version > array_api.__array_api_version__:
            raise ArgumentError(
                f"__array_namespace__: version {api_version} was asked for; this is {array_api.__array_api_version__}"
            )
        return array_api

    # NumPy's own operators leave the work to ours.
    __array_priority__ = 1000

    def item(self) -> Any:
        """The value of a one-element tensor as a Python number.

        Raises:
            GradientError: There are more or fewer elements.
        """
        array = self._place.backend.to_host(array_of(self))
        if array.size != 1:
            raise GradientError(f"a Tensor with {array.size} elements cannot be converted to Scalar")
        return array.item()

    def tolist(self) -> Any:
        """The values as nested lists, or as a number if 0-d."""
        return self._place.backend.to_host(array_of(self)).tolist()

    def __bool__(self) -> bool:
        array = self._place.backend.to_host(array_of(self))
        if array.size != 1:
            what = "no values" if array.size == 0 else "more than one value"
            raise GradientError(f"Boolean value of Tensor with {what} is ambiguous; use .any() or .all()")
        return bool(array.item())

    def __float__(self) -> float:
        return float(self._only_element())

    def __int__(self) -> int:
        return int(self._only_element())

    def __complex__(self) -> complex:
        return complex(self._only_element())

    def _only_element(self) -> Any:
        try:
            return self.item()
        except GradientError:
            raise ArgumentError(
                f"only one element tensors can be converted to Python scalars, this one is {tuple(self._array.shape)}"
            ) from None

    def __index__(self) -> int:
        value = self._place.backend.to_host(array_of(self))
        if value.size != 1 or value.dtype.kind not in "biu":
            raise ArgumentTypeError(
                "only integer tensors of a single element can be converted to an index, this one is "
                f"{value.dtype.name} {value.shape}"
            )
        return int(value.item())

    def __format__(self, spec: str) -> str:
        if self._array.ndim == 0:
            return format(self.item(), spec)
        if spec:
            raise ArgumentTypeError(
                f"unsupported format string passed to Tensor.__format__: {spec!r} needs one element, this tensor has "
                f"shape {tuple(self._array.shape)}"
            )
        return str(self)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[Any, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        _refuse_export(self)
        asked = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        # Libraries of before 2023.12 know the first option only.
        return array_of(self).__dlpack__(**{name: value for name, value in asked.items() if value is not None})

    def __dlpack_device__(self) -> Any:
        return array_of(self).__dlpack_device__()

    # Dtypes and devices.

    def to(
        self,
        *args: Any,
        dtype: dtype | None = None,
        device: DeviceLike = None,
        copy: bool = False,
        non_blocking: bool = False,
        memory_format: Any = None,
    ) -> Any:
        """With a dtype, a device, both, or those of another tensor. Mirrors ``torch.Tensor.to``.

        With ``non_blocking``, a copy from page-locked memory (see `pin_memory`) to a CUDA device is made in the order
        of its current stream, and that memory must stay as it is until then.
        """
        switches = []
        for value in args:
            if isinstance(value, TensorBase):
                dtype, device = value._place.dtype(value._array.dtype), value._place.device
            elif type(value) is _DTYPE:
                dtype = value
            elif isinstance(value, bool):
                switches.append(value)
            elif value is not None:
                device = value
        non_blocking, copy = (*switches, *(non_blocking, copy)[len(switches) :])
        return to(self, device=device, dtype=dtype, copy=copy, non_blocking=non_blocking)

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """Without arguments the legacy type name; else the tensor in ``dtype``. Mirrors ``torch.Tensor.type``."""
        if dtype is None:
            return LEGACY_NAMES[self._place.dtype(self._array.dtype).name]
        if isinstance(dtype, str):
            names = {name: BY_NAME[key] for key, name in LEGACY_NAMES.items()}
            if dtype not in names:
                raise ArgumentError(f"invalid type: {dtype!r}; known: {', '.join(names)}")
            return to(self, dtype=names[dtype])
        return to(self, dtype=getattr(dtype, "dtype", dtype))

    def type_as(self, other: TensorBase) -> Any:
        """In the dtype and on the device of ``other``."""
        return self.to(other)

    def cpu(self, memory_format: Any = None) -> Any:
        """On the CPU."""
        return to(self, device="cpu")

    def cuda(self, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Any:
        """On a CUDA device, the first by default."""
        return to(self, device="cuda" if device is None else device, non_blocking=non_blocking)

    def pin_memory(self, device: Any = None) -> Any:
        """A copy in page-locked memory, of which `to` a CUDA device need not wait. Mirrors ``torch.Tensor.pin_memory``.

        The tensor itself if it is pinned already, not NumPy's, or if there is no CUDA device.

        Raises:
            OperationError: It is on a CUDA device.
        """
        if self._place.device.type == "cuda":
            kind = self.type().replace("torch.", "torch.cuda.")
            raise OperationError(
                f"cannot pin '{kind}' only dense CPU tensors can be pinned; this one is on {self._place.device}, call "
                ".cpu() first"
            )
        place = accelerator(device)
        if place is None or self._place is not host_place() or self.is_pinned():
            return self
        return pin(self, place)

    def is_pinned(self, device: Any = None) -> bool:
        """Whether the memory is page-locked. Mirrors ``torch.Tensor.is_pinned``."""
        if self._place is not host_place():
            return False
        array = array_of(self)
        return any(backend.is_pinned(array) for backend in loaded_backends().values())

    def float(self, memory_format: Any = None) -> Any:
        """As float32."""
        return cast(self, BY_NAME["float32"])

    def double(self, memory_format: Any = None) -> Any:
        """As float64."""
        return cast(self, BY_NAME["float64"])

    def half(self, memory_format: Any = None) -> Any:
        """As float16."""
        return cast(self, BY_NAME["float16"])

    def bfloat16(self, memory_format: Any = None) -> Any:
        """As bfloat16 (needs ml_dtypes on NumPy)."""
        return cast(self, BY_NAME["bfloat16"])

    def long(self, memory_format: Any = None) -> Any:
        """As int64."""
        return cast(self, BY_NAME["int64"])

    def int(self, memory_format: Any = None) -> Any:
        """As int32."""
        return cast(self, BY_NAME["int32"])

    def short(self, memory_format: Any = None) -> Any:
        """As int16."""
        return cast(self, BY_NAME["int16"])

    def char(self, memory_format: Any = None) -> Any:
        """As int8."""
        return cast(self, BY_NAME["int8"])

    def byte(self, memory_format: Any = None) -> Any:
        """As uint8."""
        return cast(self, BY_NAME["uint8"])

    def bool(self, memory_format: Any = None) -> Any:
        """As bool."""
        return cast(self, BY_NAME["bool"])

    def chalf(self, memory_format: Any = None) -> Any:
        """Complex numbers of half precision, which no array library has.

        Raises:
            DtypeError: Always.
        """
        raise DtypeError("complex32 is in no array library; use .cfloat()")

    def cfloat(self, memory_format: Any = None) -> Any:
        """As complex64."""
        return cast(self, BY_NAME["complex64"])

    def cdouble(self, memory_format: Any = None) -> Any:
        """As complex128."""
        return cast(self, BY_NAME["complex128"])

    def to_device(self, device: device, /, *, stream: Any = None) -> Any:
        """On another device (Array API)."""
        return to(self, device=device)


_DTYPE = dtype
