// Floats of two bytes, which kernels read and write but compute with in float, and the type in which each is added up.

template <class A> __device__ inline A infinity() { return static_cast<A>(__uint_as_float(0x7f800000u)); }

struct float16 {
    unsigned short bits;

    float16() = default;

    __device__ explicit float16(float x) {
#ifdef __CUDA_ARCH__
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
#else
        const unsigned int all = __float_as_uint(x), sign = all >> 16 & 0x8000u, size = all & 0x7fffffffu;
        unsigned int rounded;
        if (size > 0x7f800000u) {
            rounded = 0x7e00u;
        } else if (size >= 0x477ff000u) {  // 65520, from which on infinity is nearer than 65504
            rounded = 0x7c00u;
        } else if (size < 0x38800000u) {  // 2^-14; added to 1/2, its last digit is that of the smallest floats
            rounded = __float_as_uint(__uint_as_float(size) + 0.5f) - 0x3f000000u;
        } else {
            rounded = (size + 0xfffu + (size >> 13 & 1u) - 0x38000000u) >> 13;
        }
        bits = static_cast<unsigned short>(sign | rounded);
#endif
    }

    __device__ operator float() const {
#ifdef __CUDA_ARCH__
        float x;
        asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
        return x;
#else
        const unsigned int sign = (bits & 0x8000u) << 16, size = bits & 0x7fffu;
        if (size >= 0x7c00u) return __uint_as_float(sign | 0x7f800000u | (size & 0x3ffu) << 13);
        // The digits, where a float has them, times the 2^112 by which exponents are counted differently.
        return __uint_as_float(sign | size << 13) * __uint_as_float(0x77800000u);
#endif
    }
};

struct bfloat16 {
    unsigned short bits;

    bfloat16() = default;

    __device__ explicit bfloat16(float x) {
        const unsigned int all = __float_as_uint(x);
        const bool is_nan = (all & 0x7fffffffu) > 0x7f800000u;
        bits = static_cast<unsigned short>(is_nan ? all >> 16 | 0x40u : (all + 0x7fffu + (all >> 16 & 1u)) >> 16);
    }

    __device__ operator float() const { return __uint_as_float(static_cast<unsigned int>(bits) << 16); }
};

template <class T> struct Wide { typedef T type; };
template <> struct Wide<float16> { typedef float type; };
template <> struct Wide<bfloat16> { typedef float type; };
