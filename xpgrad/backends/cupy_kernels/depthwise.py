"""Convolutions of each channel by itself, without columns: matrices of one row would keep no multiplier busy.

The kernels (O, 1, *K) are ``O / C`` for each of C channels.
"""

from __future__ import annotations

import math
from typing import Any, Final

import cupy

from xpgrad._typing import Array
from xpgrad.backends.cupy_kernels.launching import MOST_BLOCKS, THREADS, kernel, launch
from xpgrad.backends.cupy_kernels.problem import Convolution
from xpgrad.backends.cupy_kernels.windows import packed

# A thread has one element of the result.
_FORWARD: Final = r"""
extern "C" __global__ void depthwise(
    const Number* images, const Number* kernels, Number* out, Windows w, long long each
) {
    const long long places = product(w.places), elements = product(w.shape), size = product(w.size);
    const long long outputs = w.channels * each;
    FOR_EACH(i, w.images * outputs * places) {
        const Position place = unravel(i % places, w.places);
        const long long output = i / places % outputs, image = i / places / outputs;
        const Number* source = images + (image * w.channels + output / each) * size;
        const Number* weight = kernels + output * elements;
        Sum total = Sum();
        Position element, pixel;
        FOR_EACH_ELEMENT(w, element)
            if (find_pixel(w, place, element, pixel))
                total += widen(source[ravel(pixel, w.size)]) * widen(weight[ravel(element, w.shape)]);
        out[i] = narrow(total);
    }
}
"""

# A thread has one pixel.
_TO_INPUT: Final = r"""
extern "C" __global__ void depthwise_input(
    const Number* g, const Number* kernels, Number* out, Windows w, long long each
) {
    const long long places = product(w.places), elements = product(w.shape), size = product(w.size);
    FOR_EACH(i, w.images * w.channels * size) {
        const Position pixel = unravel(i % size, w.size);
        const long long channel = i / size % w.channels, image = i / size / w.channels;
        const Number* source = g + (image * w.channels + channel) * each * places;
        const Number* weight = kernels + channel * each * elements;
        Sum total = Sum();
        Position element, place;
        FOR_EACH_MEETING(w, pixel, element, place) {
            const long long from = ravel(place, w.places), by = ravel(element, w.shape);
            for (long long k = 0; k < each; ++k)
                total += widen(source[k * places + from]) * widen(weight[k * elements + by]);
        }
        out[i] = narrow(total);
    }
}
"""

# A block has one element of a kernel: its threads add up places of their own, then one another's sums as a tree.
_TO_WEIGHT: Final = r"""
extern "C" __global__ void depthwise_weight(
    const Number* g, const Number* images, Number* out, Windows w, long long each
) {
    __shared__ Sum sums[THREADS];
    const long long places = product(w.places), elements = product(w.shape), size = product(w.size);
    const long long outputs = w.channels * each;
    for (long long i = blockIdx.x; i < outputs * elements; i += gridDim.x) {
        const Position element = unravel(i % elements, w.shape);
        const long long output = i / elements;
        Sum total = Sum();
        for (long long j = threadIdx.x; j < w.images * places; j += THREADS) {
            const long long image = j / places, at = j % places;
            Position pixel;
            if (find_pixel(w, unravel(at, w.places), element, pixel))
                total += widen(g[(image * outputs + output) * places + at])
                    * widen(images[(image * w.channels + output / each) * size + ravel(pixel, w.size)]);
        }
        sums[threadIdx.x] = total;
        __syncthreads();
        for (unsigned int half = THREADS / 2; half > 0; half /= 2) {
            if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
            __syncthreads();
        }
        if (threadIdx.x == 0) out[i] = narrow(sums[0]);
        __syncthreads();
    }
}
""".replace("THREADS", str(THREADS))


def forward(problem: Convolution, x: Array, w: Array) -> Array:
    """The convolution of ``x`` with ``w``, contiguous and of one real dtype."""
    out = cupy.empty(problem.y, x.dtype)
    function = kernel(_FORWARD, "depthwise", x.dtype.name)
    launch(function, out.size, x, w, out, *_settings(problem))
    return out


def transpose_input(problem: Convolution, g: Array, w: Array) -> Array:
    """The transpose of the convolution in ``x``."""
    out = cupy.empty(problem.x, g.dtype)
    function = kernel(_TO_INPUT, "depthwise_input", g.dtype.name)
    launch(function, out.size, g, w, out, *_settings(problem))
    return out


def transpose_weight(problem: Convolution, g: Array, x: Array) -> Array:
    """The transpose of the convolution in ``w``."""
    out = cupy.empty(problem.w, g.dtype)
    if math.prod(problem.w):
        function = kernel(_TO_WEIGHT, "depthwise_weight", g.dtype.name)
        function((min(out.size, MOST_BLOCKS),), (THREADS,), (g, x, out, *_settings(problem)))
    return out


def _settings(problem: Convolution) -> tuple[Any, int]:
    return packed(problem.windows(problem.images)), problem.outputs // problem.inputs
