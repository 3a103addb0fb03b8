// What CuPy puts around the text of an ElementwiseKernel: two floats of two bytes, and arrays to be indexed at will.
#pragma once

#include "cuda_on_cpu.h"

#include <complex>

using std::complex;

template <int mantissa_bits, int lowest> class narrow {
    unsigned short bits_;

    static unsigned short narrowed(float x) {
        const unsigned int sign = std::signbit(x) ? 0x8000u : 0u;
        const unsigned int infinite = ((1u << (15 - mantissa_bits)) - 1) << mantissa_bits;
        if (std::isnan(x)) return static_cast<unsigned short>(sign | infinite | (1u << (mantissa_bits - 1)));
        const double size = std::fabs(static_cast<double>(x));
        if (size == 0 || std::isinf(x)) return static_cast<unsigned short>(sign | (size == 0 ? 0 : infinite));
        int exponent;
        std::frexp(size, &exponent);
        if (exponent < lowest) exponent = lowest;
        const unsigned int steps = static_cast<unsigned int>(
            std::nearbyint(std::ldexp(size, mantissa_bits + 1 - exponent)));
        const unsigned int bits = (static_cast<unsigned int>(exponent - lowest) << mantissa_bits) + steps;
        return static_cast<unsigned short>(sign | (bits > infinite ? infinite : bits));
    }

public:
    narrow() {}
    narrow(float x) : bits_(narrowed(x)) {}
    explicit narrow(double x) : bits_(narrowed(static_cast<float>(x))) {}
    explicit narrow(bool x) : narrow(static_cast<float>(x)) {}
    explicit narrow(int x) : narrow(static_cast<float>(x)) {}
    explicit narrow(unsigned int x) : narrow(static_cast<float>(x)) {}
    explicit narrow(long long x) : narrow(static_cast<float>(x)) {}
    explicit narrow(unsigned long long x) : narrow(static_cast<float>(x)) {}
    narrow& operator=(const narrow&) = default;
    template <class T> narrow& operator=(const T& x) { return *this = static_cast<narrow>(x); }

    operator float() const {
        const unsigned int steps = bits_ & ((1u << mantissa_bits) - 1);
        const unsigned int exponent = (bits_ & 0x7fffu) >> mantissa_bits;
        const float sign = bits_ & 0x8000u ? -1.0f : 1.0f;
        if (exponent == (1u << (15 - mantissa_bits)) - 1) return sign * (steps ? NAN : INFINITY);
        const unsigned int whole = exponent ? steps + (1u << mantissa_bits) : steps;
        const int scale = static_cast<int>(exponent ? exponent - 1 : 0) + lowest - 1 - mantissa_bits;
        return sign * static_cast<float>(std::ldexp(static_cast<double>(whole), scale));
    }
};

typedef narrow<10, -13> float16;
typedef narrow<7, -125> bfloat16;

namespace cpu {
static long long beyond = -1;

// What CUDA has and C++ lacks, by Newton's method; of float through double.
inline double erfcx(double x) {
    if (x < 25) return std::exp(x * x) * std::erfc(x);
    const double inverse = 1 / (2 * x * x);
    return (1 - inverse * (1 - 3 * inverse * (1 - 5 * inverse * (1 - 7 * inverse)))) / (x * 1.7724538509055160);
}

// Where erfc has the value q, for q up to 1.
inline double erfcinv(double q) {
    double y = std::sqrt(-std::log(q * (2 - q)) * 0.8);
    for (int i = 0; i < 30 && std::isfinite(y); ++i) {
        y += (std::log(std::erfc(y)) - std::log(q)) * 0.8862269254527580 * erfcx(y);
    }
    return y;
}
}  // namespace cpu

inline double erfcx(double x) { return cpu::erfcx(x); }
inline double erfinv(double x) {
    if (!(std::fabs(x) <= 1)) return NAN;
    return std::copysign(std::fabs(x) == 1 ? INFINITY : cpu::erfcinv(1 - std::fabs(x)), x);
}
inline double normcdfinv(double p) {
    if (!(p >= 0 && p <= 1)) return NAN;
    if (p == 0 || p == 1) return p == 0 ? -INFINITY : INFINITY;
    return 1.4142135623730951 * (p < 0.5 ? -cpu::erfcinv(2 * p) : cpu::erfcinv(2 * (1 - p)));
}
// The library's own throws where these overflow.
inline double cyl_bessel_i0(double x) { return std::fabs(x) <= 713 ? std::cyl_bessel_i(0.0, std::fabs(x)) : fabs(x) * INFINITY; }
inline double cyl_bessel_i1(double x) {
    return std::fabs(x) <= 713 ? std::copysign(std::cyl_bessel_i(1.0, std::fabs(x)), x) : x * INFINITY;
}
#define OF_FLOAT(name) inline float name(float x) { return static_cast<float>(name(static_cast<double>(x))); }
OF_FLOAT(erfcx)
OF_FLOAT(erfinv)
OF_FLOAT(normcdfinv)
OF_FLOAT(cyl_bessel_i0)
OF_FLOAT(cyl_bessel_i1)
OF_FLOAT(j0)
OF_FLOAT(j1)
OF_FLOAT(y0)
OF_FLOAT(y1)

// A `raw` argument, always contiguous here. Positions that are out of range are reported and go nowhere.
template <class T> struct CArray {
    T* data;
    std::ptrdiff_t size_;
    int ndim;
    std::ptrdiff_t shape_[16];

    std::ptrdiff_t size() const { return size_; }
    const std::ptrdiff_t* shape() const { return shape_; }
    T& operator[](std::ptrdiff_t i) const {
        static std::remove_cv_t<T> nowhere;
        if (i >= 0 && i < size_) return data[i];
        cpu::beyond = i;
        return nowhere;
    }
    template <class Int, std::size_t n> T& operator[](const Int (&index)[n]) const {
        std::ptrdiff_t at = 0;
        for (std::size_t axis = 0; axis < n; ++axis) at = at * shape_[axis] + index[axis];
        return (*this)[at];
    }
};

struct CIndexer {
    std::ptrdiff_t size_;
    std::ptrdiff_t size() const { return size_; }
};
