"""The elements of arrays in CUDA source: ``Number`` in memory, ``Sum`` to compute with, and ``Real`` to divide by."""

from __future__ import annotations

from typing import Final

# CUDA's own types by dtype, and those in which they add up. Integers wrap around in the end, whatever they add up in.
_PLAIN: Final[dict[str, tuple[str, str]]] = {
    "bool": ("bool", "long long"),
    "int8": ("signed char", "long long"),
    "int16": ("short", "long long"),
    "int32": ("int", "long long"),
    "int64": ("long long", "long long"),
    "uint8": ("unsigned char", "unsigned long long"),
    "uint16": ("unsigned short", "unsigned long long"),
    "uint32": ("unsigned int", "unsigned long long"),
    "uint64": ("unsigned long long", "unsigned long long"),
    "float32": ("float", "float"),
    "float64": ("double", "double"),
}

_CONVERSIONS: Final = r"""
__device__ inline Sum widen(Number x) { return static_cast<Sum>(x); }
__device__ inline Number narrow(Sum x) { return static_cast<Number>(x); }
"""

# Instructions instead of <cuda_fp16.h>, which machines without CUDA's headers lack; arithmetic where there are none.
_FLOAT16: Final = r"""
struct Number { unsigned short bits; };
typedef float Sum;
typedef float Real;

__device__ inline Sum widen(Number x) {
#ifdef __CUDA_ARCH__
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(x.bits));
    return wide;
#else
    const unsigned int sign = (x.bits & 0x8000u) << 16, magnitude = x.bits & 0x7fffu;
    if (magnitude >= 0x7c00u) return __uint_as_float(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
    // The exponents differ by 112; a product by 2 to that power is right for subnormal numbers too.
    const float scaled = __uint_as_float(magnitude << 13) * 5.192296858534828e33f;
    return sign ? -scaled : scaled;
#endif
}

__device__ inline Number narrow(Sum x) {
    Number number;
#ifdef __CUDA_ARCH__
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(number.bits) : "f"(x));
#else
    const unsigned int bits = __float_as_uint(x), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    unsigned int narrowed;
    if (magnitude > 0x7f800000u) narrowed = 0x7e00u;
    else if (magnitude >= 0x47800000u) narrowed = 0x7c00u;
    // Adding 0.5 leaves a subnormal number in the last bits, rounded.
    else if (magnitude < 0x38800000u) narrowed = __float_as_uint(__uint_as_float(magnitude) + 0.5f) - 0x3f000000u;
    else narrowed = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
    number.bits = static_cast<unsigned short>(sign | narrowed);
#endif
    return number;
}
"""

_BFLOAT16: Final = r"""
struct Number { unsigned short bits; };
typedef float Sum;
typedef float Real;

__device__ inline Sum widen(Number x) { return __uint_as_float(static_cast<unsigned int>(x.bits) << 16); }

__device__ inline Number narrow(Sum x) {
    const unsigned int bits = __float_as_uint(x);
    Number number;
    // To the nearest, ties to even; a NaN must not become an infinity.
    if ((bits & 0x7fffffffu) > 0x7f800000u) number.bits = static_cast<unsigned short>(bits >> 16 | 0x40u);
    else number.bits = static_cast<unsigned short>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
    return number;
}
"""

_COMPLEX: Final = r"""
typedef REAL Real;
struct Number { Real real, imag; };
typedef Number Sum;

__device__ inline Sum widen(Number x) { return x; }
__device__ inline Number narrow(Sum x) { return x; }
__device__ inline Sum& operator+=(Sum& x, const Sum& y) { x.real += y.real; x.imag += y.imag; return x; }
__device__ inline Sum operator/(const Sum& x, Real y) { Sum out = {x.real / y, x.imag / y}; return out; }
"""

SOURCES: Final[dict[str, str]] = {
    **{
        name: f"typedef {number} Number;\ntypedef {total} Sum;\ntypedef {total} Real;\n{_CONVERSIONS}"
        for name, (number, total) in _PLAIN.items()
    },
    "float16": _FLOAT16,
    "bfloat16": _BFLOAT16,
    "complex64": _COMPLEX.replace("REAL", "float"),
    "complex128": _COMPLEX.replace("REAL", "double"),
}

# Real numbers that are not integers.
FLOATS: Final = frozenset({"float16", "bfloat16", "float32", "float64"})
