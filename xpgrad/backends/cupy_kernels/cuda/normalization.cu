// Normalising rows that lie in one piece (layers) or one plane of each sample (channels), and the gradients.
// A pointer may be null where the mathematics has a term less.

template <class T>
__global__ void layer_norm(
    const T* x, const T* weight, const T* bias, T* out, T* mean, T* inverse, long long rows, long long length,
    long long width, double eps) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, true);
    for (long long first = blockIdx.x * width; first < rows; first += gridDim.x * width) {
        const Row row(first + tile.row, rows, length, 1);
        A sum = 0, squares = 0;
        for (long long i = tile.lane; i < row.length; i += tile.lanes) sum += A(x[row.begin + i]);
        const A middle = combined<Sum>(sum, shared, tile) / A(length);
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const A off = A(x[row.begin + i]) - middle;
            squares += off * off;
        }
        const A scale = A(1) / sqrt(combined<Sum>(squares, shared, tile) / A(length) + A(eps));
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            A y = (A(x[row.begin + i]) - middle) * scale;
            if (weight) y *= A(weight[i]);
            if (bias) y += A(bias[i]);
            out[row.begin + i] = T(y);
        }
        if (first + tile.row < rows && tile.lane == 0) {
            mean[first + tile.row] = T(middle);
            inverse[first + tile.row] = T(scale);
        }
    }
}

template <class T>
__global__ void layer_norm_input(
    const T* g, const T* g_mean, const T* g_inverse, const T* x, const T* weight, const T* mean, const T* inverse, T* g_x,
    long long rows, long long length, long long width) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, true);
    for (long long first = blockIdx.x * width; first < rows; first += gridDim.x * width) {
        const long long number = first + tile.row;
        const Row row(number, rows, length, 1);
        const A middle = row.length ? A(mean[number]) : A(0), scale = row.length ? A(inverse[number]) : A(1);
        A along_mean = 0, along_normal = 0;
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const A here = A(g[row.begin + i]) * (weight ? A(weight[i]) : A(1));
            along_mean += here;
            along_normal += here * ((A(x[row.begin + i]) - middle) * scale);
        }
        along_mean = combined<Sum>(along_mean, shared, tile);
        along_normal = combined<Sum>(along_normal, shared, tile);
        if (row.length) {
            along_mean = (along_mean - A(g_mean[number]) / scale) / A(length);
            along_normal = (along_normal + A(g_inverse[number]) * scale) / A(length);
        }
        for (long long i = tile.lane; i < row.length; i += tile.lanes) {
            const A here = A(g[row.begin + i]) * (weight ? A(weight[i]) : A(1));
            const A normal = (A(x[row.begin + i]) - middle) * scale;
            g_x[row.begin + i] = T((here - (normal * along_normal + along_mean)) * scale);
        }
    }
}

// Sums over the rows, of g times what was normalised and of g: `parts` (2, gridDim.y, length) holds those of every
// gridDim.y-th row. A block sums `width` neighbouring columns.
template <class T>
__global__ void layer_norm_weights(
    const T* g, const T* x, const T* mean, const T* inverse, typename Wide<T>::type* parts, long long rows,
    long long length, long long width) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, false);
    for (long long first = blockIdx.x * width; first < length; first += gridDim.x * width) {
        const long long column = first + tile.row;
        A weighted = 0, plain = 0;
        for (long long row = blockIdx.y + static_cast<long long>(tile.lane) * gridDim.y; row < rows && column < length;
             row += static_cast<long long>(tile.lanes) * gridDim.y) {
            const A here = A(g[row * length + column]);
            weighted += here * ((A(x[row * length + column]) - A(mean[row])) * A(inverse[row]));
            plain += here;
        }
        weighted = combined<Sum>(weighted, shared, tile);
        plain = combined<Sum>(plain, shared, tile);
        if (tile.lane == 0 && column < length) {
            parts[blockIdx.y * length + column] = weighted;
            parts[(gridDim.y + blockIdx.y) * length + column] = plain;
        }
    }
}

// The elements of one channel of (samples, channels, plane), dealt to the lanes of a tile: a power of two of them,
// `across`, go along the plane. Beyond the last channel there are none.
struct Channel {
    long long samples, channels, plane, number, sample, place, sample_step, place_step;

    __device__ Channel(
        const Tile& tile, long long number_, long long samples_, long long channels_, long long plane_, long long across)
        : samples(number_ < channels_ ? samples_ : 0), channels(channels_), plane(plane_), number(number_),
          sample(tile.lane / across), place(tile.lane % across), sample_step(tile.lanes / across), place_step(across) {}

    template <class Visit> __device__ void each(Visit visit) const {
        for (long long n = sample; n < samples; n += sample_step) {
            const long long begin = (n * channels + number) * plane;
            for (long long i = place; i < plane; i += place_step) visit(begin + i);
        }
    }
};

template <class T>
__global__ void batch_norm(
    const T* x, const T* weight, const T* bias, T* out, T* mean, T* variance, long long samples, long long channels,
    long long plane, long long width, long long across, double eps) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, plane > 1);
    const A count = A(samples * plane);
    for (long long first = blockIdx.x * width; first < channels; first += gridDim.x * width) {
        const Channel mine(tile, first + tile.row, samples, channels, plane, across);
        A sum = 0, squares = 0;
        mine.each([&](long long at) { sum += A(x[at]); });
        const A middle = combined<Sum>(sum, shared, tile) / count;
        mine.each([&](long long at) { squares += (A(x[at]) - middle) * (A(x[at]) - middle); });
        const A spread = combined<Sum>(squares, shared, tile) / count;
        if (mine.samples == 0) continue;
        const A scale = (weight ? A(weight[mine.number]) : A(1)) / sqrt(spread + A(eps));
        const A shift = bias ? A(bias[mine.number]) : A(0);
        mine.each([&](long long at) { out[at] = T((A(x[at]) - middle) * scale + shift); });
        if (tile.lane == 0) {
            mean[mine.number] = T(middle);
            variance[mine.number] = T(spread);
        }
    }
}

template <class T>
__global__ void batch_norm_gradients(
    const T* g, const T* g_mean, const T* g_variance, const T* x, const T* weight, const T* mean, const T* variance,
    T* g_x, T* g_weight, T* g_bias, long long samples, long long channels, long long plane, long long width,
    long long across, double eps) {
    typedef typename Wide<T>::type A;
    __shared__ A shared[MOST_THREADS];
    const Tile tile(width, plane > 1);
    const A count = A(samples * plane);
    for (long long first = blockIdx.x * width; first < channels; first += gridDim.x * width) {
        const Channel mine(tile, first + tile.row, samples, channels, plane, across);
        const A middle = mine.samples ? A(mean[mine.number]) : A(0);
        const A inverse = A(1) / sqrt((mine.samples ? A(variance[mine.number]) : A(0)) + A(eps));
        A plain = 0, weighted = 0;
        mine.each([&](long long at) {
            plain += A(g[at]);
            weighted += A(g[at]) * (A(x[at]) - middle);
        });
        plain = combined<Sum>(plain, shared, tile);
        weighted = combined<Sum>(weighted, shared, tile) * inverse;
        if (mine.samples == 0) continue;
        if (g_x) {
            const A scale = weight ? inverse * A(weight[mine.number]) : inverse;
            const A along_mean = (A(g_mean[mine.number]) - plain * scale) / count;
            const A along_off = (A(2) * A(g_variance[mine.number]) - weighted * scale * inverse) / count;
            mine.each([&](long long at) {
                g_x[at] = T(A(g[at]) * scale + ((A(x[at]) - middle) * along_off + along_mean));
            });
        }
        if (tile.lane == 0) {
            if (g_weight) g_weight[mine.number] = T(weighted);
            if (g_bias) g_bias[mine.number] = T(plain);
        }
    }
}
