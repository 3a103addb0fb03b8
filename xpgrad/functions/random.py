"""Random tensors from the portable generator: the same seed, the same values on every backend."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.data_types import finfo, iinfo
from xpgrad.array_api.operands import cast, dtype_of
from xpgrad.backends import philox
from xpgrad.backends.base import Place
from xpgrad.backends.dtypes import bool_, dtype, int64
from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, SettingError
from xpgrad.functions import draws
from xpgrad.functions.creation import DeviceLike, finish, place_for_device, size_of
from xpgrad.functions.generator import Generator, generator_or_default
from xpgrad.functions.layouts import require_strided
from xpgrad.functions.results import deliver, number

__all__ = ["rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm"]

# The types that PyTorch's errors about bounds name, as C++ spells them.
_C_TYPES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int", "int64": "long",
    "uint16": "unsigned short", "uint32": "unsigned int", "uint64": "unsigned long",
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double",
}  # fmt: skip


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    names: Any = None,
    out: Any = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """Uniform on [0, 1), in both parts if complex. Mirrors ``torch.rand``.

    Raises:
        UnsupportedDtypeError: ``dtype`` is an integer one.
    """
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    wanted = draws.dtype_for(out, dtype, get_default_dtype())
    array = draws.uniform(size_of(sizes, size), place, wanted, generator)
    return deliver(out, finish(array, place, requires_grad))


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    names: Any = None,
    out: Any = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """Standard normal, with half the variance in each part if complex. Mirrors ``torch.randn``.

    Raises:
        UnsupportedDtypeError: ``dtype`` is an integer one.
    """
    if layout is not None:
        require_strided(layout)
    place = place_for_device(device)
    wanted = draws.dtype_for(out, dtype, get_default_dtype())
    array = draws.normal(size_of(sizes, size), place, wanted, generator)
    return deliver(out, finish(array, place, requires_grad))


def randint(
    low: Any = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    out: Any = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """Integers from ``low`` (0 by default) up to but not including ``high``. Mirrors ``torch.randint``.

    Raises:
        SettingError: ``high`` is not above ``low``, or the dtype cannot hold what lies between.
    """
    if layout is not None:
        require_strided(layout)
    if isinstance(high, (tuple, list)):
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if size is None:
        raise ArgumentTypeError("randint: missing the argument 'size': write randint(high, size) or with low first")
    place = place_for_device(device)
    wanted = draws.dtype_for(out, dtype, int64)
    array = integers(number(low), number(high), size_of((size,)), place, wanted, generator)
    return deliver(out, finish(array, place, requires_grad))


def integers(low: int, high: int, shape: tuple[int, ...], place: Place, wanted: dtype, generator: Any) -> Any:
    """A raw array of the integers that `randint` draws.

    Raises:
        SettingError: As `randint`.
    """
    if wanted.is_complex:
        raise SettingError(f"check_random_bounds handles only integral, floating-point and boolean types; got {wanted}")
    if low >= high:
        raise SettingError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    least, greatest = bounds(wanted)
    for name, value in (("from", low), ("to - 1", high - 1)):
        if not least <= value <= greatest:
            raise SettingError(f"{name} is out of bounds for {_C_TYPES[wanted.name]}: {value} of {wanted}")
    whole = int64 if wanted.is_floating_point or wanted is bool_ else wanted
    source = generator_or_default(generator)._philox
    array = philox.randint(place.xp, source, low, high, shape, dtype=place.raw_dtype(whole), device=place.handle)
    return array if whole is wanted else place.xp.astype(array, place.raw_dtype(wanted))


def bounds(wanted: dtype) -> tuple[float, float]:
    """The least and the greatest number of a real dtype."""
    if wanted is bool_:
        return 0, 1
    limits: Any = finfo(wanted) if wanted.is_floating_point else iinfo(wanted)
    return limits.min, limits.max


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    out: Any = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """The integers below ``n`` in random order. Mirrors ``torch.randperm``.

    Raises:
        SettingError: ``n`` is negative, or larger than the dtype can hold.
    """
    if layout is not None:
        require_strided(layout)
    if n < 0:
        raise SettingError(f"Trying to create tensor with negative dimension {n}: [{n}]; n must be non-negative")
    wanted = draws.dtype_for(out, dtype, int64)
    if wanted.is_complex or wanted is bool_:
        raise draws.not_implemented("randperm", wanted)
    greatest = 2.0 ** math.ceil(-math.log2(finfo(wanted).eps) + 1) if wanted.is_floating_point else bounds(wanted)[1]
    if n > greatest:
        raise SettingError(
            f"value cannot be converted to type {_C_TYPES[wanted.name]} without overflow: not all integers below {n} "
            f"are exact in {wanted}; give dtype=int64"
        )
    place = place_for_device(device)
    source = generator_or_default(generator)._philox
    array = philox.permutation(place.xp, source, n, dtype=place.raw_dtype(int64), device=place.handle)
    return deliver(out, cast(finish(array, place, False), wanted).requires_grad_(requires_grad))


def rand_like(
    input: TensorBase,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    pin_memory: bool = False,
    generator: Generator | None = None,
) -> Any:
    """`rand` with the shape, and by default the dtype and device, of ``input``. Mirrors ``torch.rand_like``."""
    if layout is not None:
        require_strided(layout)
    place = input._place if device is None else place_for_device(device)
    array = draws.uniform(tuple(input._array.shape), place, dtype or dtype_of(input), generator)
    return finish(array, place, requires_grad)


def randn_like(
    input: TensorBase,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    pin_memory: bool = False,
    generator: Generator | None = None,
) -> Any:
    """`randn` with the shape, and by default the dtype and device, of ``input``. Mirrors ``torch.randn_like``."""
    if layout is not None:
        require_strided(layout)
    place = input._place if device is None else place_for_device(device)
    array = draws.normal(tuple(input._array.shape), place, dtype or dtype_of(input), generator)
    return finish(array, place, requires_grad)


def randint_like(
    input: TensorBase,
    low: Any = 0,
    high: Any = None,
    *,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    memory_format: Any = None,
    pin_memory: bool = False,
    generator: Generator | None = None,
) -> Any:
    """`randint` with the shape, and by default the dtype and device, of ``input``. Mirrors ``torch.randint_like``."""
    if layout is not None:
        require_strided(layout)
    low, high = (0, low) if high is None else (low, high)
    place = input._place if device is None else place_for_device(device)
    shape, wanted = tuple(input._array.shape), dtype or dtype_of(input)
    return finish(integers(number(low), number(high), shape, place, wanted, generator), place, requires_grad)
