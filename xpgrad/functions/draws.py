"""Draws: raw arrays of random numbers in any dtype a tensor may have, and the words for those it may not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad.backends import philox
from xpgrad.backends.base import Place
from xpgrad.backends.dtypes import bfloat16, dtype, float32
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, UnsupportedDtypeError
from xpgrad.functions.generator import Generator, generator_or_default

Shape = tuple[int, ...]

# What PyTorch's errors call the dtypes: as tensor types, and as C++ has them.
_TENSOR_TYPES = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64", "float16": "Half", "bfloat16": "BFloat16",
    "float32": "Float", "float64": "Double", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip


def tensor_type(wanted: dtype) -> str:
    """What PyTorch's errors call a dtype: ``Long`` for int64."""
    return _TENSOR_TYPES[wanted.name]


def not_implemented(kernel: str, wanted: dtype) -> UnsupportedDtypeError:
    """PyTorch's error for a dtype that ``kernel`` has no code for."""
    return UnsupportedDtypeError(f"\"{kernel}\" not implemented for '{tensor_type(wanted)}'")


def draw(
    kind: Callable[..., Any], shape: Shape, place: Place, wanted: dtype, generator: Generator | None, **settings: Any
) -> Any:
    """A raw array from one of the distributions in `philox`, half precision by way of float32."""
    source = generator_or_default(generator)._philox
    narrow = wanted.itemsize == 2
    raw = place.raw_dtype(float32 if narrow else wanted)
    array = kind(place.xp, source, shape, dtype=raw, device=place.handle, **settings)
    return place.xp.astype(array, place.raw_dtype(wanted)) if narrow else array


def uniform(shape: Shape, place: Place, wanted: dtype, generator: Generator | None) -> Any:
    """A raw array uniform on [0, 1), also after rounding to half precision; both parts of complex numbers are.

    Raises:
        UnsupportedDtypeError: ``wanted`` is an integer dtype.
    """
    if wanted.itemsize == 2 and wanted.is_floating_point:
        array = draw(philox.uniform, shape, place, float32, generator)
        steps = 2.0**8 if wanted is bfloat16 else 2.0**11
        return place.xp.astype(place.xp.floor(array * steps) / steps, place.raw_dtype(wanted))
    if not wanted.is_differentiable:
        raise not_implemented("check_uniform_bounds", wanted)
    if wanted.is_complex:
        return _complex(draw(philox.uniform, (*shape, 2), place, wanted.to_real(), generator), place, wanted)
    return draw(philox.uniform, shape, place, wanted, generator)


def normal(shape: Shape, place: Place, wanted: dtype, generator: Generator | None) -> Any:
    """A raw array of standard normals; complex ones have half the variance in each part.

    Raises:
        UnsupportedDtypeError: ``wanted`` is an integer dtype.
    """
    if not wanted.is_differentiable:
        raise not_implemented("normal_kernel_cpu", wanted)
    if wanted.is_complex:
        parts = draw(philox.normal, (*shape, 2), place, wanted.to_real(), generator)
        return _complex(parts * math.sqrt(0.5), place, wanted)
    return draw(philox.normal, shape, place, wanted, generator)


def dtype_for(out: Any, wanted: dtype | None, default: dtype) -> dtype:
    """The dtype of what a function makes: as asked, that of ``out``, or the ``default``.

    Raises:
        DtypeError: One is asked for and ``out`` has another.
    """
    if not isinstance(out, TensorBase):
        return wanted or default
    own = out._place.dtype(out._array.dtype)
    if wanted is not None and wanted is not own:
        raise DtypeError(
            f"dtype {tensor_type(wanted)} does not match dtype of out parameter ({tensor_type(own)}); leave out one"
        )
    return own


def stretched(array: Any, place: Place, scale: Any, shift: Any) -> Any:
    """``array * scale + shift`` in the dtype of ``array``: beside Python's numbers, bfloat16 becomes float32."""
    return place.xp.astype(array * scale + shift, array.dtype, copy=False)


def _complex(parts: Any, place: Place, wanted: dtype) -> Any:
    raw = place.raw_dtype(wanted)
    return place.xp.astype(parts[..., 0], raw) + place.xp.astype(parts[..., 1], raw) * 1j
