// CUDA C++ on one thread of a CPU: what kernels may use, and how their threads take turns.
//
// The threads of a block are coroutines. One runs until it waits at __syncthreads, then the next one does, and when all
// wait they go on; a thread that ends while others wait is an error, as on a GPU. Threads and blocks run in the order
// of their numbers or in reverse, so that what depends on the order, which is a race on a GPU, gives two results.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <setjmp.h>
#include <type_traits>
#include <ucontext.h>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(...)

using std::abs;
using std::fabs;
using std::isfinite;
using std::isinf;
using std::isnan;
using std::signbit;
using std::ceil, std::copysign, std::cos, std::erf, std::erfc, std::exp, std::expm1, std::floor, std::fma, std::fmax;
using std::fmin, std::fmod, std::lgamma, std::log, std::log1p, std::log2, std::pow, std::rint, std::sin, std::sqrt;
using std::tanh, std::trunc;

template <class T> inline T max(T x, T y) { return x < y ? y : x; }
template <class T> inline T min(T x, T y) { return y < x ? y : x; }
inline float rsqrt(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }

template <class To, class From> inline To bits_as(From x) {
    static_assert(sizeof(To) == sizeof(From), "");
    To to;
    std::memcpy(&to, &x, sizeof(to));
    return to;
}
inline unsigned int __float_as_uint(float x) { return bits_as<unsigned int>(x); }
inline float __uint_as_float(unsigned int x) { return bits_as<float>(x); }
inline long long __double_as_longlong(double x) { return bits_as<long long>(x); }
inline double __longlong_as_double(long long x) { return bits_as<double>(x); }
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
    return static_cast<unsigned long long>((static_cast<unsigned __int128>(x) * y) >> 64);
}

template <class T> inline T atomicAdd(T* at, T value) { T old = *at; *at = old + value; return old; }
template <class T> inline T atomicMax(T* at, T value) { T old = *at; *at = old < value ? value : old; return old; }

struct dim3 { unsigned int x, y, z; };
static dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace cpu {

constexpr int MOST_THREADS = 1024;
constexpr std::size_t STACK = 64 * 1024;

// A context begins a fiber; from then on it is left and entered by jumps, which take no system call.
struct Fiber {
    ucontext_t context;
    jmp_buf place;
    char* stack;
    unsigned int thread;
    bool waits;
};

static jmp_buf scheduler_place;
static Fiber fibers[MOST_THREADS];
static Fiber* current;
static unsigned int next_thread, threads;
static bool reverse;
static void (*body)(void**);
static void** arguments;

inline void set_thread(unsigned int number) {
    number = reverse ? threads - 1 - number : number;
    threadIdx = {number % blockDim.x, number / blockDim.x % blockDim.y, number / blockDim.x / blockDim.y};
}

// A fiber runs thread after thread, so that a kernel in which none waits needs only one.
inline void run_threads() {
    while (next_thread < threads) {
        current->thread = next_thread++;
        set_thread(current->thread);
        body(arguments);
    }
    current->waits = false;
    _longjmp(scheduler_place, 1);
}

inline void begin(Fiber& fiber) {
    current = &fiber;
    if (!_setjmp(scheduler_place)) setcontext(&fiber.context);
}

inline void resume(Fiber& fiber) {
    current = &fiber;
    if (!_setjmp(scheduler_place)) _longjmp(fiber.place, 1);
}

// Returns false if some threads of the block ended while others waited.
inline bool run_block() {
    unsigned int started = 0;
    next_thread = 0;
    while (next_thread < threads) {
        Fiber& fiber = fibers[started];
        fiber.waits = false;
        if (!fiber.stack) fiber.stack = static_cast<char*>(std::malloc(STACK));
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack;
        fiber.context.uc_stack.ss_size = STACK;
        makecontext(&fiber.context, run_threads, 0);
        ++started;
        begin(fiber);
    }
    // Now each fiber that waits is one thread; a block in which only some do has more threads than such fibers.
    for (unsigned int waiting = 0;; waiting = 0) {
        for (unsigned int i = 0; i < started; ++i) waiting += fibers[i].waits;
        if (waiting == 0) return true;
        if (waiting != threads) return false;
        for (unsigned int i = 0; i < started; ++i) resume(fibers[i]);
    }
}

template <class T> struct Kind {
    static constexpr char code = std::is_same<T, bool>::value ? 'b'
        : std::is_floating_point<T>::value ? 'f'
        : std::is_integral<T>::value ? (std::is_signed<T>::value ? 'i' : 'u')
        : 'V';
};

// "*f4" is a pointer to float, "i8" a long long: what Python compares its arguments with.
template <class... A> struct Signature {
    static const char* text() {
        static char buffer[16 * sizeof...(A) + 1];
        char* at = buffer;
        ((at += std::snprintf(at, 16, "%s%c%d ", std::is_pointer<A>::value ? "*" : "",
            Kind<std::remove_cv_t<std::remove_pointer_t<A>>>::code, int(sizeof(std::remove_pointer_t<A>)))), ...);
        return buffer;
    }
};

template <class... A> const char* signature(void (*)(A...)) { return Signature<A...>::text(); }

template <auto kernel> struct Entry;
template <class... A, void (*kernel)(A...)> struct Entry<kernel> {
    template <std::size_t... I> static void call(void** args, std::index_sequence<I...>) {
        kernel(*static_cast<std::remove_cv_t<A>*>(args[I])...);
    }
    static void run(void** args) { call(args, std::index_sequence_for<A...>()); }
};

template <auto kernel> int launch(void** args, const unsigned int* grid, const unsigned int* block, int backwards) {
    gridDim = {grid[0], grid[1], grid[2]};
    blockDim = {block[0], block[1], block[2]};
    threads = block[0] * block[1] * block[2];
    reverse = backwards;
    body = Entry<kernel>::run;
    arguments = args;
    const unsigned long long blocks = static_cast<unsigned long long>(grid[0]) * grid[1] * grid[2];
    for (unsigned long long i = 0; i < blocks; ++i) {
        const unsigned long long number = backwards ? blocks - 1 - i : i;
        blockIdx = {static_cast<unsigned int>(number % grid[0]), static_cast<unsigned int>(number / grid[0] % grid[1]),
            static_cast<unsigned int>(number / grid[0] / grid[1])};
        if (!run_block()) return 1;
    }
    return 0;
}

}  // namespace cpu

inline void __syncthreads() {
    cpu::Fiber* fiber = cpu::current;
    fiber->waits = true;
    if (!_setjmp(fiber->place)) _longjmp(cpu::scheduler_place, 1);
    fiber->waits = false;
    cpu::set_thread(fiber->thread);
}
