"""Convolutions as products of matrices: the windows of several images side by side as columns, then cuBLAS.

The columns of a part of the batch are at most `_BLOCK` bytes, or those of one image. Sums over images are formed inside
the product, in float32 for the narrow floats.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.launching import kernel, launch
from xpgrad.backends.cupy_kernels.problem import Convolution
from xpgrad.backends.cupy_kernels.windows import packed

# Bytes of columns at a time.
_BLOCK = 1 << 28

# A thread has one channel of one window: neighbouring threads read and write neighbouring elements.
_GATHER: Final = r"""
extern "C" __global__ void gather_windows(const Number* images, Number* columns, Windows w) {
    const long long places = product(w.places), row = w.images * places, elements = product(w.shape);
    FOR_EACH(i, w.channels * row) {
        const long long channel = i / row, column = i % row;
        const Position place = unravel(column % places, w.places);
        const Number* image = images + (column / places * w.channels + channel) * product(w.size);
        Number* target = columns + channel * elements * row + column;
        Position element, pixel;
        FOR_EACH_ELEMENT(w, element) {
            *target = find_pixel(w, place, element, pixel) ? image[ravel(pixel, w.size)] : Number();
            target += row;
        }
    }
}
"""

# The transpose. A thread has one pixel and adds up what the windows that meet there have for it, in a fixed order.
_ADD_UP: Final = r"""
extern "C" __global__ void add_up_windows(const Number* columns, Number* images, Windows w) {
    const long long places = product(w.places), row = w.images * places, elements = product(w.shape);
    const long long size = product(w.size);
    FOR_EACH(i, w.images * w.channels * size) {
        const Position pixel = unravel(i % size, w.size);
        const long long channel = i / size % w.channels, image = i / size / w.channels;
        const Number* source = columns + channel * elements * row + image * places;
        Sum total = Sum();
        Position element, place;
        FOR_EACH_MEETING(w, pixel, element, place)
            total += widen(source[ravel(element, w.shape) * row + ravel(place, w.places)]);
        images[i] = narrow(total);
    }
}
"""


def forward(xp: Namespace, problem: Convolution, x: Array, w: Array, bias: Array | None) -> Array:
    """The convolution of ``x`` with ``w``, plus ``bias`` (O,); all contiguous and of one dtype."""
    column = (-1, *(1 for _ in problem.places))
    if problem.is_product:
        flat = xp.matmul(_matrices(problem, w)[0], x.reshape(*x.shape[:2], math.prod(problem.places)))
        out = flat.reshape(problem.y)
        if bias is not None:
            out += bias.reshape(column)
        return out
    out = cupy.empty(problem.y, x.dtype)
    for part, images in _parts(problem, x.itemsize):
        products = _product(xp, _matrices(problem, w), _columns(problem, x[part], images))
        # From channels, images and places to images, channels and places, in the pass that adds the bias.
        products = products.reshape(problem.outputs, images, *problem.places).swapaxes(0, 1)
        if bias is None:
            out[part] = products
        else:
            cupy.add(products, bias.reshape(column), out=out[part])
    return out


def transpose_input(xp: Namespace, problem: Convolution, g: Array, w: Array) -> Array:
    """The transpose of the convolution in ``x``."""
    transposed = xp.matrix_transpose(_matrices(problem, w))
    if problem.is_product:
        return xp.matmul(transposed[0], g.reshape(*g.shape[:2], math.prod(problem.places))).reshape(problem.x)
    out = cupy.empty(problem.x, g.dtype)
    for part, images in _parts(problem, g.itemsize):
        columns = _product(xp, transposed, _rows(problem, g[part], images))
        windows = problem.windows(images)
        target = out[part]
        launch(kernel(_ADD_UP, "add_up_windows", g.dtype.name), target.size, columns, target, packed(windows))
    return out


def transpose_weight(xp: Namespace, problem: Convolution, g: Array, x: Array) -> Array:
    """The transpose of the convolution in ``w``."""
    total = None
    for part, images in _parts(problem, x.itemsize):
        columns = xp.matrix_transpose(_columns(problem, x[part], images))
        product = _product(xp, _rows(problem, g[part], images), columns)
        if total is None:
            total = product
        else:
            # Few parts, but many times their number of images: what the product kept must not be lost here.
            wide = "float32" if x.dtype.name in ("float16", "bfloat16") else x.dtype
            total = total.astype(wide, copy=False) + product.astype(wide, copy=False)
    if total is None:
        return cupy.zeros(problem.w, x.dtype)
    return total.astype(x.dtype, copy=False).reshape(problem.w)


def _parts(problem: Convolution, itemsize: int) -> Iterator[tuple[slice, int]]:
    """The batch in parts, each with the number of its images."""
    image_bytes = problem.inputs * math.prod(problem.w[2:]) * math.prod(problem.places) * itemsize
    step = max(1, _BLOCK // max(1, image_bytes))
    for start in range(0, problem.images, step):
        stop = min(start + step, problem.images)
        yield slice(start, stop), stop - start


def _columns(problem: Convolution, x: Array, images: int) -> Array:
    """The windows of ``x`` (images, C, *S): (groups, C/groups * window, images * places)."""
    windows = problem.windows(images)
    elements, places = math.prod(windows.shape), math.prod(windows.places)
    rows = problem.inputs // problem.groups * elements
    columns = cupy.empty((problem.groups, rows, images * places), x.dtype)
    count = windows.channels * images * places
    launch(kernel(_GATHER, "gather_windows", x.dtype.name), count, x, columns, packed(windows))
    return columns


def _rows(problem: Convolution, g: Array, images: int) -> Array:
    """``g`` (images, O, *S') in the order of the columns: (groups, O/groups, images * places)."""
    rows = cupy.ascontiguousarray(g.swapaxes(0, 1))
    return rows.reshape(problem.groups, problem.outputs // problem.groups, images * math.prod(problem.places))


def _matrices(problem: Convolution, w: Array) -> Array:
    """``w`` (O, C/groups, *K) as one matrix per group: (groups, O/groups, C/groups * K)."""
    return w.reshape(problem.groups, problem.outputs // problem.groups, math.prod(problem.w[1:]))


def _product(xp: Namespace, x: Array, y: Array) -> Array:
    """The product of stacks of matrices. A single one is no stack: cuBLAS then splits long sums between blocks."""
    return xp.matmul(x[0], y[0])[None] if x.shape[0] == 1 else xp.matmul(x, y)
