"""The standard's creation functions. A ``device`` is one of ours, as text or object; the default one if None."""

from __future__ import annotations

import math
from typing import Any

from xpgrad._typing import Scalar, Shape
from xpgrad.array_api.manipulation import broadcast_to, reshape, stack
from xpgrad.array_api.operands import cast, dtype_of, meet
from xpgrad.backends.base import Place, device
from xpgrad.backends.dtypes import dtype, int64
from xpgrad.backends.registry import default_place, host_place, place_for, resolve
from xpgrad.core.promotion import get_default_dtype, scalar_dtype
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError
from xpgrad.ops import triangular
from xpgrad.ops.copying import copy as clone
from xpgrad.ops.moving import move

__all__ = [
    "arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like", "linspace", "meshgrid",
    "ones", "ones_like", "tril", "triu", "zeros", "zeros_like",
]  # fmt: skip

Device = device | str | None


def _place(device: Device) -> Place:
    return default_place() if device is None else resolve(device)


def _made(name: str, shape: int | Shape, dtype: dtype | None, device: Device) -> Any:
    place = _place(device)
    raw = place.raw_dtype(dtype or get_default_dtype())
    return make_tensor(getattr(place.xp, name)(shape, dtype=raw, device=place.handle), place)


def _made_like(name: str, x: TensorBase, dtype: dtype | None, device: Device) -> Any:
    if device is not None and resolve(device) is not x._place:
        return _made(name, tuple(x._array.shape), dtype or dtype_of(x), device)
    place = x._place
    raw = x._array.dtype if dtype is None else place.raw_dtype(dtype)
    return make_tensor(getattr(place.xp, name)(x._array.shape, dtype=raw, device=place.handle), place)


def empty(shape: int | Shape, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """A tensor of ``shape`` with arbitrary values, floating by default."""
    return _made("empty", shape, dtype, device)


def zeros(shape: int | Shape, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """A tensor of ``shape`` with 0 everywhere, floating by default."""
    return _made("zeros", shape, dtype, device)


def ones(shape: int | Shape, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """A tensor of ``shape`` with 1 everywhere, floating by default."""
    return _made("ones", shape, dtype, device)


def full(shape: int | Shape, fill_value: Scalar, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """A tensor of ``shape`` with ``fill_value`` everywhere, by default in the dtype that it has as a scalar."""
    place = _place(device)
    raw = place.raw_dtype(dtype or scalar_dtype(fill_value))
    return make_tensor(place.xp.full(shape, fill_value, dtype=raw, device=place.handle), place)


def empty_like(x: TensorBase, /, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """`empty` with the shape, and by default the dtype and device, of ``x``."""
    return _made_like("empty", x, dtype, device)


def zeros_like(x: TensorBase, /, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """`zeros` with the shape, and by default the dtype and device, of ``x``."""
    return _made_like("zeros", x, dtype, device)


def ones_like(x: TensorBase, /, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """`ones` with the shape, and by default the dtype and device, of ``x``."""
    return _made_like("ones", x, dtype, device)


def full_like(x: TensorBase, /, fill_value: Scalar, *, dtype: dtype | None = None, device: Device = None) -> Any:
    """`full` with the shape, and by default the dtype and device, of ``x``."""
    place = x._place if device is None else resolve(device)
    raw = place.raw_dtype(dtype or dtype_of(x))
    return make_tensor(place.xp.full(x._array.shape, fill_value, dtype=raw, device=place.handle), place)


def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: dtype | None = None, device: Device = None
) -> Any:
    """The matrix (``n_rows``, ``n_cols``), square by default, with ones on the ``k``-th diagonal only."""
    place = _place(device)
    raw = place.raw_dtype(dtype or get_default_dtype())
    return make_tensor(place.xp.eye(n_rows, n_cols, k=k, dtype=raw, device=place.handle), place)


def arange(
    start: float, /, stop: float | None = None, step: float = 1, *, dtype: dtype | None = None, device: Device = None
) -> Any:
    """Values from ``start``, 0 if only one number is given, up to but not including ``stop``, in steps of ``step``.

    Raises:
        ArgumentError: ``step`` is zero.
    """
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ArgumentError("arange: the step must not be 0")
    place = _place(device)
    if dtype is None:
        dtype = int64 if all(isinstance(v, int) for v in (start, stop, step)) else get_default_dtype()
    # From the count, so that no library's rounding makes one element more or less.
    count = max(math.ceil((stop - start) / step), 0)
    raw = place.raw_dtype(dtype)
    if not dtype.is_differentiable or (isinstance(start, int) and isinstance(step, int)):
        end = start + count * step
        return make_tensor(place.xp.arange(start, end, step, dtype=raw, device=place.handle), place)
    wide = place.raw_dtype(place.widest)
    return make_tensor(
        place.xp.astype(start + step * place.xp.arange(count, dtype=wide, device=place.handle), raw), place
    )


def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: dtype | None = None,
    device: Device = None,
    endpoint: bool = True,
) -> Any:
    """``num`` evenly spaced values from ``start`` to ``stop``, which is the last of them if ``endpoint``."""
    place = _place(device)
    if dtype is None:
        dtype = get_default_dtype()
        if any(isinstance(v, complex) for v in (start, stop)):
            dtype = dtype.to_complex()
    raw = place.raw_dtype(dtype)
    return make_tensor(place.xp.linspace(start, stop, num, dtype=raw, device=place.handle, endpoint=endpoint), place)


def meshgrid(*arrays: TensorBase, indexing: str = "xy") -> list[Any]:
    """Coordinate matrices of 1-d coordinates: element (i, j, ...) of each is its array's at its own index of these.

    With ``indexing="xy"`` the first two axes are exchanged.

    Raises:
        ArgumentError: ``indexing`` is neither ``"xy"`` nor ``"ij"``.
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: indexing must be 'xy' or 'ij', not {indexing!r}")
    order = list(range(len(arrays)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    lengths = tuple([math.prod(arrays[i]._array.shape) for i in order])
    grids: list[Any] = []
    for i, x in enumerate(arrays):
        line = reshape(x, tuple([-1 if i == j else 1 for j in order]))
        grids.append(broadcast_to(line, lengths))
    return grids


def tril(x: TensorBase, /, *, k: int = 0) -> Any:
    """``x`` (..., n, m) with zeros above its ``k``-th diagonal."""
    return triangular.tril.apply(x, k=k)


def triu(x: TensorBase, /, *, k: int = 0) -> Any:
    """``x`` (..., n, m) with zeros below its ``k``-th diagonal."""
    return triangular.triu.apply(x, k=k)


def asarray(obj: Any, /, *, dtype: dtype | None = None, device: Device = None, copy: bool | None = None) -> Any:
    """``obj`` as a tensor; of a tensor with its history, so that gradients flow back to it.

    Args:
        obj: A tensor, a Python scalar, nested sequences of these, an array of a library that some backend knows,
            or anything that speaks DLPack or that NumPy can read.
        dtype: The dtype wanted. By default that of ``obj``; for Python's floats the default dtype, for integers int64.
        device: Where; by default where ``obj`` is, and the default device for what is in none.
        copy: True for new memory always, False for never, None if it cannot be helped.

    Raises:
        ArgumentError: ``copy`` is False, but ``obj`` cannot be shared.
        ArgumentTypeError: Nothing can be made of ``obj``.
    """
    if isinstance(obj, TensorBase):
        x, is_new = obj, False
    elif _holds_tensors(obj):
        x, is_new = stack([asarray(item, device=device) for item in obj]), True
    else:
        x, is_new = _read(obj, dtype, device)
    result: Any = x
    if device is not None and resolve(device) is not x._place:
        result = move(result, resolve(device))
    if dtype is not None:
        result = cast(result, dtype)
    is_new = is_new or result is not x
    if copy is False and is_new:
        raise ArgumentError(
            f"asarray: {type(obj).__name__} cannot become a tensor of dtype {dtype} on device {device} without a copy; "
            "give copy=None"
        )
    return clone.apply(result) if copy and not is_new else result


def floating_tensors(*operands: Any) -> list[Any]:
    """Tensors and numbers, one of them a tensor, as floating tensors of one dtype. Not in the standard."""
    met = meet(operands, "floating_tensors", needs_float=True)
    first = next(x for x in met if isinstance(x, TensorBase))
    dtype, device = dtype_of(first), first._place.device
    return [x if isinstance(x, TensorBase) else full((), x, dtype=dtype, device=device) for x in met]


def _holds_tensors(obj: Any) -> bool:
    stack = [obj] if isinstance(obj, (list, tuple)) else []
    while stack:
        for item in stack.pop():
            if isinstance(item, TensorBase):
                return True
            if isinstance(item, (list, tuple)):
                stack.append(item)
    return False


def _read(obj: Any, wanted: dtype | None, device: Device) -> tuple[Any, bool]:
    """A tensor of something else, and whether its memory is new."""
    if isinstance(obj, (bool, int, float, complex, list, tuple)):
        return _from_python(obj, wanted, _place(device)), True
    try:
        place = place_for(obj)
    except TypeError:
        return _from_elsewhere(obj), False
    array = place.backend.admit(obj)
    place.dtype(array.dtype)  # which raises for what no tensor can hold
    return make_tensor(array, place), False


def _from_elsewhere(obj: Any) -> Any:
    """A tensor of what no backend knows: on its memory through DLPack, or of what NumPy makes of it."""
    if hasattr(obj, "__dlpack__") and hasattr(obj, "__dlpack_device__"):
        return from_dlpack(obj)
    place = host_place()
    array = place.xp.asarray(obj)
    try:
        place.dtype(array.dtype)
    except DtypeError:
        kind = type(obj).__name__
        raise ArgumentTypeError(f"asarray: cannot make a tensor of {kind} {obj!r:.60}; give numbers") from None
    return make_tensor(array, place)


def _from_python(obj: Any, wanted: dtype | None, place: Place) -> Any:
    """A tensor on ``place`` of Python scalars, nested in sequences or not."""
    host = host_place()
    try:
        array = host.xp.asarray(obj)
        have = host.dtype(array.dtype)
    except (ValueError, DtypeError) as error:
        raise ArgumentTypeError(
            f"asarray: cannot make a tensor of {obj!r:.60}; give numbers in sequences of equal lengths ({error})"
        ) from None
    if wanted is None and have.is_differentiable:
        wanted = get_default_dtype() if have.is_floating_point else get_default_dtype().to_complex()
    if wanted is not None and wanted is not have and wanted.name != "bfloat16":
        array = host.xp.astype(array, host.raw_dtype(wanted))
    return make_tensor(place.backend.from_host(array, place.handle), place)


def from_dlpack(x: Any, /, *, device: Device = None, copy: bool | None = None) -> Any:
    """A tensor on the memory of any object that speaks DLPack; on another ``device`` a copy.

    Raises:
        ArgumentError: ``copy`` is False, but ``device`` is another than that of ``x``.
    """
    if isinstance(x, TensorBase):
        made: Any = x
    else:
        try:
            place = place_for(x)
        except TypeError:
            host, wanted = host_place(), _place(device)
            # Where the exporting library has no backend here: the memory of a CPU can be read by NumPy.
            place = wanted if wanted.device.type != "cpu" else host
            made = make_tensor(place.xp.from_dlpack(x), place)
        else:
            made = make_tensor(place.backend.admit(x), place)
    return asarray(made, device=device, copy=copy)
