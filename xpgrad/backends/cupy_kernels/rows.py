"""Rows of elements, each combined into one value by some threads of a block: the grid for it, and the CUDA for it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import cupy

from xpgrad._typing import Array
from xpgrad.backends.cupy_kernels.elements import FLOATS

_WARP: Final = 32
_THREADS: Final = 256
# A block has no more, and from this length on a row is worth as many.
_MOST_THREADS: Final = 1024
_LONG: Final = 4096
# Blocks go on with the rows that are left, in steps of the whole grid.
_MOST_BLOCKS: Final = 1 << 16

# The dtype in which numbers are added up.
WIDE: Final = {**dict.fromkeys(FLOATS, "float32"), "float64": "float64"}

SOURCE: Final = r"""
// What kernels declare with __launch_bounds__, so that the compiler leaves registers for as many.
constexpr int MOST_THREADS = 1024;
#define INFINITE static_cast<Real>(__uint_as_float(0x7f800000u))

// A block works on `width` rows at once, with a power of two of threads, the lanes, on each. Neighbouring threads
// should read neighbouring memory: they are lanes of one row if it lies in one piece, else one lane of several rows.
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

struct Adding {
    __device__ static Real of(Real x, Real y) { return x + y; }
};

struct Greatest {
    __device__ static Real of(Real x, Real y) { return x < y ? y : x; }
};

// The values of all lanes of each row, combined; `shared` has a place for each thread. Every thread must come here.
template <class Combine> __device__ Real combined(Real value, Real* shared, const Tile& tile) {
    const int mine = static_cast<int>(threadIdx.x);
    shared[mine] = value;
    __syncthreads();
    for (int half = tile.lanes / 2; half > 0; half /= 2) {
        if (tile.lane < half) shared[mine] = Combine::of(shared[mine], shared[mine + half * tile.step]);
        __syncthreads();
    }
    const Real all = shared[mine - tile.lane * tile.step];
    // Before anybody writes there again.
    __syncthreads();
    return all;
}

// Row number `number` of an array (outer, length, inner), which has outer * inner rows. Beyond the last the length is
// 0, so that threads that have no row go through the same motions.
struct Row {
    long long begin, inner, length;

    __device__ Row(long long number, long long rows, long long length_, long long inner_)
        : begin(number / inner_ * length_ * inner_ + number % inner_), inner(inner_),
          length(number < rows ? length_ : 0) {}

    __device__ long long at(long long i) const { return begin + i * inner; }
};

// The first row of each tile that is this block's, and the elements of a row that are this thread's.
#define FOR_TILES(first, rows, width) \
    for (long long first = blockIdx.x * (width); first < (rows); first += gridDim.x * (width))
#define FOR_LANE(i, length) for (long long i = tile.lane; i < (length); i += tile.lanes)
"""


class Deal(NamedTuple):
    """How rows of elements are dealt to the threads of a grid.

    Attributes:
        blocks: How many blocks.
        threads: Of how many threads each, a power of two.
        width: How many rows a block works on at once, a power of two: each has ``threads // width`` of the threads.
    """

    blocks: int
    threads: int
    width: int


def deal(rows: int, length: int, neighbours: int = 1) -> Deal:
    """A grid for ``rows`` rows of ``length`` elements, both at least 1.

    Args:
        rows: How many rows.
        length: How many elements each has.
        neighbours: How many rows alternate in memory: 1 if each lies in one piece.
    """
    threads = _MOST_THREADS if length >= _LONG else _THREADS
    # Of rows that alternate, a block reads as many at once as make a full transaction.
    lanes = min(threads // min(power_of_two(neighbours), _WARP), power_of_two(length))
    width = threads // lanes
    return Deal(min(-(-rows // width), _MOST_BLOCKS), threads, width)


def power_of_two(n: int) -> int:
    """The least power of two that is at least ``n``."""
    return 1 << (n - 1).bit_length()


def plain(x: Array | None) -> Array | int:
    """``x`` in one piece, as kernels take it; a null pointer for None."""
    if x is None:
        return 0
    return x if x.flags.c_contiguous else cupy.ascontiguousarray(x)


def same_floats(*arrays: Any) -> bool:
    """Whether all of ``arrays``, of which some may be None, have the same real floating dtype."""
    dtypes = {a.dtype.name for a in arrays if a is not None}
    return len(dtypes) == 1 and dtypes <= FLOATS
