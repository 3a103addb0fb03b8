// The part of cuDNN's plain C interface that convolutions use, on the memory of a CPU. It refuses what cuDNN's documentation
// forbids, and has algorithms with every trait that a choice between them looks at.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

enum { SUCCESS = 0, BAD_PARAM = 2000, NOT_SUPPORTED = 3000, EXECUTION_FAILED = 5000 };
enum { FLOAT = 0, DOUBLE = 1, HALF = 2, BFLOAT16 = 9 };

struct Array { int dtype; std::vector<long long> shape, strides; };
struct Settings { std::vector<int> padding, stride, dilation; int arithmetic, compute, groups; };
struct Context { void* stream; };

struct Performance {
    int algorithm, status;
    float milliseconds;
    std::size_t workspace;
    int is_deterministic, arithmetic, reserved[3];
};

// What a test may set and look at: the status that running returns, and the last run.
int status_of_runs = SUCCESS;
long long live, runs;
struct { int kind, algorithm, arithmetic, compute, groups; void* stream; } last;

constexpr std::size_t WORKSPACE = 256;

Array& array(void* p) { return *static_cast<Array*>(p); }
Settings& settings(void* p) { return *static_cast<Settings*>(p); }

template <class T> int create(void** out) { *out = new T(); ++live; return SUCCESS; }
template <class T> int destroy(void* p) { delete static_cast<T*>(p); --live; return SUCCESS; }

bool describes(const Array& x, const Array& w, const Array& y, const Settings& s) {
    const std::size_t axes = s.stride.size();
    if (x.shape.size() != axes + 2 || w.shape.size() != axes + 2 || y.shape.size() != axes + 2) return false;
    if (x.dtype != w.dtype || x.dtype != y.dtype || s.compute != (x.dtype == DOUBLE ? DOUBLE : FLOAT)) return false;
    if (x.shape[0] != y.shape[0] || x.shape[1] != w.shape[1] * s.groups || w.shape[0] != y.shape[1]) return false;
    for (std::size_t i = 0; i < axes; ++i) {
        const long long reach = (w.shape[i + 2] - 1) * s.dilation[i] + 1;
        if (y.shape[i + 2] != (x.shape[i + 2] + 2 * s.padding[i] - reach) / s.stride[i] + 1) return false;
    }
    return true;
}

double load(const void* data, int dtype, long long at) {
    if (dtype == DOUBLE) return static_cast<const double*>(data)[at];
    if (dtype == FLOAT) return static_cast<const float*>(data)[at];
    const std::uint32_t bits = static_cast<std::uint32_t>(static_cast<const std::uint16_t*>(data)[at]) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

void store(void* data, int dtype, long long at, double value) {
    if (dtype == DOUBLE) { static_cast<double*>(data)[at] = value; return; }
    const float narrow = static_cast<float>(value);
    if (dtype == FLOAT) { static_cast<float*>(data)[at] = narrow; return; }
    std::uint32_t bits;
    std::memcpy(&bits, &narrow, sizeof(bits));
    static_cast<std::uint16_t*>(data)[at] = static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

long long count(const Array& a) {
    long long n = 1;
    for (long long length : a.shape) n *= length;
    return n;
}

// Calls visit(x's offset, w's, y's) for each product of which the convolution is the sum.
template <class Visit> void each_product(const Array& x, const Array& w, const Array& y, const Settings& s, Visit visit) {
    const std::size_t axes = s.stride.size();
    const long long each = y.shape[1] / s.groups;
    for (long long i = 0; i < count(y); ++i) {
        std::vector<long long> at(axes + 2);
        long long rest = i, to = 0;
        for (std::size_t axis = axes + 2; axis-- > 0; rest /= y.shape[axis]) at[axis] = rest % y.shape[axis];
        for (std::size_t axis = 0; axis < axes + 2; ++axis) to += at[axis] * y.strides[axis];
        for (long long j = 0; j < count(w) / w.shape[0]; ++j) {
            long long element = j, from = at[0] * x.strides[0];
            bool inside = true;
            for (std::size_t axis = axes; axis-- > 0; element /= w.shape[axis + 2]) {
                const long long pixel = at[axis + 2] * s.stride[axis] - s.padding[axis]
                    + element % w.shape[axis + 2] * s.dilation[axis];
                inside = inside && 0 <= pixel && pixel < x.shape[axis + 2];
                from += pixel * x.strides[axis + 2];
            }
            from += (at[1] / each * w.shape[1] + element) * x.strides[1];
            if (inside) visit(from, at[1] * (count(w) / w.shape[0]) + j, to);
        }
    }
}

int find(const Array& x, const Array& w, const Array& y, const Settings& s, int wanted, int* found, Performance* out) {
    if (!describes(x, w, y, s)) return BAD_PARAM;
    if (x.dtype == HALF && s.groups > 1) return NOT_SUPPORTED;
    // The quickest needs too much, the next has an error, then two that work, of which one is deterministic.
    const Performance all[] = {
        {7, SUCCESS, 1.0f, std::size_t(1) << 40, 1, s.arithmetic, {}},
        {6, NOT_SUPPORTED, 1.5f, 0, 1, s.arithmetic, {}},
        {3, SUCCESS, 2.0f, WORKSPACE, 0, s.arithmetic, {}},
        {1, SUCCESS, 3.0f, WORKSPACE, 1, s.arithmetic == 0 ? 3 : s.arithmetic, {}},
    };
    for (*found = 0; *found < wanted && *found < 4; ++*found) out[*found] = all[*found];
    return SUCCESS;
}

int run(
    int kind, void* handle, const Array& x, const void* x_data, const Array& w, const void* w_data, const Array& y,
    const void* y_data, const Settings& s, int algorithm, void* workspace, std::size_t size, const void* one, const void* zero
) {
    if (status_of_runs != SUCCESS) return status_of_runs;
    if (!handle || !describes(x, w, y, s) || size < WORKSPACE || !workspace) return BAD_PARAM;
    const void* data[] = {x_data, w_data, y_data};
    for (const void* each : data) if (!each || reinterpret_cast<std::uintptr_t>(each) % 16) return BAD_PARAM;
    if (load(one, s.compute, 0) != 1 || load(zero, s.compute, 0) != 0) return BAD_PARAM;
    if (algorithm == 1 && s.arithmetic == 0) return BAD_PARAM;
    std::memset(workspace, 0xff, size);
    const Array& result = kind == 0 ? y : kind == 1 ? x : w;
    std::vector<double> sums(count(result));
    each_product(x, w, y, s, [&](long long i, long long j, long long k) {
        if (kind == 0) sums[k] += load(x_data, x.dtype, i) * load(w_data, x.dtype, j);
        if (kind == 1) sums[i] += load(y_data, x.dtype, k) * load(w_data, x.dtype, j);
        if (kind == 2) sums[j] += load(y_data, x.dtype, k) * load(x_data, x.dtype, i);
    });
    for (long long i = 0; i < count(result); ++i) store(const_cast<void*>(data[kind == 0 ? 2 : kind - 1]), x.dtype, i, sums[i]);
    last = {kind, algorithm, s.arithmetic, s.compute, s.groups, static_cast<Context*>(handle)->stream};
    ++runs;
    return SUCCESS;
}

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API void fake_set_status(int status) { status_of_runs = status; }
API long long fake_live() { return live; }
API long long fake_runs() { return runs; }
API const void* fake_last() { return &last; }

#ifndef VERSION
#define VERSION 92800
#endif
API std::size_t cudnnGetVersion() { return VERSION; }
API const char* cudnnGetErrorString(int status) {
    return status == BAD_PARAM ? "CUDNN_STATUS_BAD_PARAM" : status == EXECUTION_FAILED ? "CUDNN_STATUS_EXECUTION_FAILED"
        : status == 4004 ? "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED" : "CUDNN_STATUS_NOT_SUPPORTED";
}
API int cudnnCreate(void** p) { return create<Context>(p); }
API int cudnnDestroy(void* p) { return destroy<Context>(p); }
API int cudnnSetStream(void* p, void* stream) { static_cast<Context*>(p)->stream = stream; return SUCCESS; }
API int cudnnCreateTensorDescriptor(void** p) { return create<Array>(p); }
API int cudnnDestroyTensorDescriptor(void* p) { return destroy<Array>(p); }
API int cudnnCreateFilterDescriptor(void** p) { return create<Array>(p); }
API int cudnnDestroyFilterDescriptor(void* p) { return destroy<Array>(p); }
API int cudnnCreateConvolutionDescriptor(void** p) { return create<Settings>(p); }
API int cudnnDestroyConvolutionDescriptor(void* p) { return destroy<Settings>(p); }

API int cudnnSetTensorNdDescriptor(void* p, int dtype, int axes, const int* shape, const int* strides) {
    if (axes < 4) return BAD_PARAM;
    array(p) = {dtype, {shape, shape + axes}, {strides, strides + axes}};
    return SUCCESS;
}
API int cudnnSetFilterNdDescriptor(void* p, int dtype, int format, int axes, const int* shape) {
    if (axes < 4 || format != 0) return BAD_PARAM;
    array(p) = {dtype, {shape, shape + axes}, {}};
    return SUCCESS;
}
API int cudnnSetConvolutionNdDescriptor(
    void* p, int axes, const int* padding, const int* stride, const int* dilation, int mode, int compute
) {
    if (mode != 1) return NOT_SUPPORTED;
    settings(p) = {{padding, padding + axes}, {stride, stride + axes}, {dilation, dilation + axes}, 0, compute, 1};
    return SUCCESS;
}
API int cudnnSetConvolutionGroupCount(void* p, int groups) { settings(p).groups = groups; return SUCCESS; }
API int cudnnSetConvolutionMathType(void* p, int arithmetic) { settings(p).arithmetic = arithmetic; return SUCCESS; }

#define FIND(name, X, W, Y) \
    API int cudnnGetConvolution##name##Algorithm_v7( \
        void* handle, void* a, void* b, void* s, void* c, int wanted, int* found, Performance* out) { \
        return handle ? find(array(X), array(W), array(Y), settings(s), wanted, found, out) : int(BAD_PARAM); \
    } \
    API int cudnnGetConvolution##name##WorkspaceSize( \
        void* handle, void* a, void* b, void* s, void* c, int algorithm, std::size_t* size) { \
        if (!handle || !describes(array(X), array(W), array(Y), settings(s))) return BAD_PARAM; \
        *size = WORKSPACE; \
        return SUCCESS; \
    }
FIND(Forward, a, b, c)
FIND(BackwardData, c, a, b)
FIND(BackwardFilter, a, c, b)

#define RUN(name, kind, X, W, Y) \
    API int cudnnConvolution##name( \
        void* handle, const void* one, void* a, const void* a_data, void* b, const void* b_data, void* s, int algorithm, \
        void* workspace, std::size_t size, const void* zero, void* c, void* c_data) { \
        return run( \
            kind, handle, array(X), X##_data, array(W), W##_data, array(Y), Y##_data, settings(s), algorithm, workspace, \
            size, one, zero); \
    }
RUN(Forward, 0, a, b, c)
RUN(BackwardData, 1, c, a, b)
RUN(BackwardFilter, 2, a, c, b)
