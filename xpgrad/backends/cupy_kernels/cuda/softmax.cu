// Softmax along the middle one of the axes (outer, length, inner), its logarithm, and the gradients of both.
// There are outer * inner rows.

template <class T>
__global__ void softmax(const T* x, T* out, long long rows, long long length, long long inner, long long width) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    for (long long first = blockIdx.x * width; first < rows; first += gridDim.x * width) {
        const Row row(first + tile.row, rows, length, inner);
        A top = -infinity<A>(), sum = 0;
        for (long long i = tile.lane; i < row.length; i += tile.lanes) top = Max::of(top, A(x[row.begin + i * inner]));
        top = combined<Max>(top, shared, tile);
        for (long long i = tile.lane; i < row.length; i += tile.lanes) sum += exp(A(x[row.begin + i * inner]) - top);
        sum = combined<Sum>(sum, shared, tile);
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const long long at = row.begin + i * inner;
            out[at] = T(exp(A(x[at]) - top) / sum);
        }
    }
}

template <class T>
__global__ void log_softmax(const T* x, T* out, long long rows, long long length, long long inner, long long width) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    for (long long first = blockIdx.x * width; first < rows; first += gridDim.x * width) {
        const Row row(first + tile.row, rows, length, inner);
        A top = -infinity<A>(), sum = 0;
        for (long long i = tile.lane; i < row.length; i += tile.lanes) top = Max::of(top, A(x[row.begin + i * inner]));
        top = combined<Max>(top, shared, tile);
        for (long long i = tile.lane; i < row.length; i += tile.lanes) sum += exp(A(x[row.begin + i * inner]) - top);
        const A log_sum = log(combined<Sum>(sum, shared, tile));
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const long long at = row.begin + i * inner;
            out[at] = T(A(x[at]) - top - log_sum);
        }
    }
}

template <class T>
__global__ void softmax_input(
    const T* g, const T* out, T* g_x, long long rows, long long length, long long inner, long long width) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    for (long long first = blockIdx.x * width; first < rows; first += gridDim.x * width) {
        const Row row(first + tile.row, rows, length, inner);
        A sum = 0;
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            sum += A(g[row.begin + i * inner]) * A(out[row.begin + i * inner]);
        }
        sum = combined<Sum>(sum, shared, tile);
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const long long at = row.begin + i * inner;
            g_x[at] = T(A(g[at]) * A(out[at]) - A(out[at]) * sum);
        }
    }
}

template <class T>
__global__ void log_softmax_input(
    const T* g, const T* out, T* g_x, long long rows, long long length, long long inner, long long width) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, inner == 1);
    for (long long first = blockIdx.x * width; first < rows; first += gridDim.x * width) {
        const Row row(first + tile.row, rows, length, inner);
        A sum = 0;
        for (long long i = tile.lane; i < row.length; i += tile.lanes) sum += A(g[row.begin + i * inner]);
        sum = combined<Sum>(sum, shared, tile);
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const long long at = row.begin + i * inner;
            g_x[at] = T(A(g[at]) - exp(A(out[at])) * sum);
        }
    }
}
