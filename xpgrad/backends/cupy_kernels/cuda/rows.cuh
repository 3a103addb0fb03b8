// Rows of elements, each combined into one value by some threads of a block.

constexpr int MOST_THREADS = 1024;

// A block works on `width` rows at once, with a power of two of threads, the lanes, on each. Neighbouring threads should
// read neighbouring memory: they are lanes of one row if a row lies in one piece, else the same lane of several rows.
struct Tile {
    int width, lanes, row, lane, step;

    __device__ Tile(long long rows_at_once, bool in_one_piece) {
        const int thread = static_cast<int>(threadIdx.x);
        width = static_cast<int>(rows_at_once);
        lanes = static_cast<int>(blockDim.x) / width;
        row = in_one_piece ? thread / lanes : thread % width;
        lane = in_one_piece ? thread % lanes : thread / width;
        step = in_one_piece ? 1 : width;
    }
};

struct Sum {
    template <class A> __device__ static A of(A x, A y) { return x + y; }
};

struct Max {
    template <class A> __device__ static A of(A x, A y) { return x < y ? y : x; }
};

// The values of all lanes of each row, combined; `shared` has a place for each thread. Every thread must come here.
template <class Combine, class A> __device__ A combined(A value, A* shared, const Tile& tile) {
    const int mine = static_cast<int>(threadIdx.x);
    shared[mine] = value;
    __syncthreads();
    for (int half = tile.lanes / 2; half > 0; half /= 2) {
        if (tile.lane < half) shared[mine] = Combine::of(shared[mine], shared[mine + half * tile.step]);
        __syncthreads();
    }
    const A all = shared[mine - tile.lane * tile.step];
    // Before anybody writes there again.
    __syncthreads();
    return all;
}

// Where row number `row` of an array (outer, length, inner) begins, and its length; beyond the last row that is 0, so
// that the threads that have none go through the same motions.
struct Row {
    long long begin, length;

    __device__ Row(long long row, long long rows, long long length_, long long inner)
        : begin(row / inner * length_ * inner + row % inner), length(row < rows ? length_ : 0) {}
};
