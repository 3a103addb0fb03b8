"""The loss of classification in one launch, and its gradient in one or two; on large batches one more each."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cupy

from xpgrad._typing import Array, Namespace, Shape
from xpgrad.backends.cupy_kernels import rows
from xpgrad.backends.cupy_kernels.launching import kernel, launch
from xpgrad.backends.fallbacks import loss as fallback

# Arrays are (outer, classes, inner), targets (outer, inner). A null pointer stands for what is not there.
_SOURCE: Final = (
    rows.SOURCE
    + r"""
struct Targets {
    const long long* target;
    const Number* weight;
    long long classes, inner, has_ignored, ignored;

    // How much target number i counts. A class that is none makes the loss NaN, and nothing is read for it.
    __device__ Real share(long long i) const {
        if (has_ignored && target[i] == ignored) return 0;
        if (target[i] < 0 || target[i] >= classes) return INFINITE - INFINITE;
        return weight ? widen(weight[target[i]]) : Real(1);
    }

    __device__ Real loss(long long i, const Number* x) const {
        if (has_ignored && target[i] == ignored) return 0;
        if (target[i] < 0 || target[i] >= classes) return INFINITE - INFINITE;
        return -widen(x[(i / inner * classes + target[i]) * inner + i % inner]) * share(i);
    }
};

// The result of a reduction, and by how much a mean divides.
__device__ inline void finish(Real loss, Real shares, long long averages, Number* out, Real* total) {
    if (out) out[0] = narrow(averages ? loss / shares : loss);
    if (total) total[0] = shares;
}

extern "C" __global__ void nll_each(
    const Number* x, const long long* target, const Number* weight, Number* out, long long count, long long classes,
    long long inner, long long has_ignored, long long ignored) {
    const Targets targets = {target, weight, classes, inner, has_ignored, ignored};
    FOR_EACH(i, count) out[i] = narrow(targets.loss(i, x));
}

// Each of several blocks leaves its sums in `parts` (2, gridDim.x), for `nll_total` to add up.
extern "C" __global__ void __launch_bounds__(MOST_THREADS) nll_sums(
    const Number* x, const long long* target, const Number* weight, Number* out, Real* total, Real* parts,
    long long count, long long classes, long long inner, long long has_ignored, long long ignored, long long averages) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(1, true);
    const Targets targets = {target, weight, classes, inner, has_ignored, ignored};
    Real loss = 0, shares = 0;
    FOR_EACH(i, count) {
        if (x) loss += targets.loss(i, x);
        shares += targets.share(i);
    }
    loss = combined<Adding>(loss, shared, tile);
    shares = combined<Adding>(shares, shared, tile);
    if (threadIdx.x > 0) return;
    if (gridDim.x == 1) {
        finish(loss, shares, averages, out, total);
    } else {
        parts[blockIdx.x] = loss;
        parts[gridDim.x + blockIdx.x] = shares;
    }
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS) nll_total(
    const Real* parts, long long count, Number* out, Real* total, long long averages) {
    __shared__ Real shared[MOST_THREADS];
    const Tile tile(1, true);
    Real loss = 0, shares = 0;
    FOR_LANE(i, count) {
        loss += parts[i];
        shares += parts[count + i];
    }
    loss = combined<Adding>(loss, shared, tile);
    shares = combined<Adding>(shares, shared, tile);
    if (threadIdx.x == 0) finish(loss, shares, averages, out, total);
}

// The gradient of each element of the result, of which there may be one for all, over `total`, or else over `among`.
extern "C" __global__ void nll_input(
    const Number* g, long long step, const long long* target, const Number* weight, const Real* total, long long among,
    Number* g_x, long long count, long long classes, long long inner, long long has_ignored, long long ignored) {
    const Targets targets = {target, weight, classes, inner, has_ignored, ignored};
    const Real divisor = total ? total[0] : Real(among);
    FOR_EACH(at, count * classes) {
        const long long i = at / (inner * classes) * inner + at % inner;
        const bool hit = target[i] == at / inner % classes && !(has_ignored && target[i] == ignored);
        g_x[at] = narrow(hit ? -(widen(g[step * i]) * (targets.share(i) / divisor)) : Real(0));
    }
}
"""
)

_THREADS: Final = 1024
# Targets that a block takes on before there is another one, and how many blocks there are at most.
_EACH: Final = 8192
_MOST_BLOCKS: Final = 512


def nll_loss(
    xp: Namespace,
    x: Array,
    target: Array,
    weight: Array | None,
    /,
    *,
    axis: int,
    ignore_index: int | None,
    reduction: str,
) -> Array:
    """As the fallback of this name, floats of two bytes in float32 in between; NaN where a target is no class."""
    if not (x.size and target.dtype.name == "int64" and rows.same_floats(x, weight)):
        settings: Any = {"axis": axis, "ignore_index": ignore_index, "reduction": reduction}
        return fallback.nll_loss(xp, x, target, weight, **settings)
    x, target, weight = map(rows.plain, (x, target, weight))
    sizes = _sizes(x.shape, axis, ignore_index)
    out = cupy.empty(target.shape if reduction == "none" else (), dtype=x.dtype)
    if reduction == "none":
        launch(kernel(_SOURCE, "nll_each", x.dtype.name), target.size, x, target, weight, out, target.size, *sizes)
    else:
        _reduce(x.dtype.name, x, target, weight, out, 0, sizes, reduction == "mean")
    return out


def nll_loss_input(
    xp: Namespace,
    g: Array,
    target: Array,
    weight: Array | None,
    /,
    *,
    shape: Shape,
    axis: int,
    ignore_index: int | None,
    reduction: str,
) -> Array:
    """As the fallback of this name, floats of two bytes in float32 in between."""
    if not (math.prod(shape) and target.dtype.name == "int64" and rows.same_floats(g, weight)):
        settings: Any = {"axis": axis, "ignore_index": ignore_index, "reduction": reduction}
        return fallback.nll_loss_input(xp, g, target, weight, shape=shape, **settings)
    name, is_mean = g.dtype.name, reduction == "mean"
    counts_differ = is_mean and (weight is not None or ignore_index is not None)
    g, target, weight = map(rows.plain, (g, target, weight))
    sizes = _sizes(shape, axis, ignore_index)
    total: Any = 0
    if counts_differ:
        total = cupy.empty((), dtype=rows.WIDE[name])
        _reduce(name, 0, target, weight, 0, total, sizes, is_mean)
    g_x = cupy.empty(shape, dtype=g.dtype)
    among = target.size if is_mean else 1
    arrays = (g, int(reduction == "none"), target, weight, total, among, g_x)
    launch(kernel(_SOURCE, "nll_input", name), g_x.size, *arrays, target.size, *sizes)
    return g_x


def _reduce(name: str, x: Any, target: Array, weight: Any, out: Any, total: Any, sizes: Any, is_mean: bool) -> None:
    """Sum the losses into ``out`` and how much they count into ``total``, either of which may be a null pointer."""
    blocks = max(1, min(target.size // _EACH, _MOST_BLOCKS))
    parts = cupy.empty((2, blocks), dtype=rows.WIDE[name]) if blocks > 1 else 0
    arguments = (x, target, weight, out, total, parts, target.size, *sizes, int(is_mean))
    kernel(_SOURCE, "nll_sums", name)((blocks,), (_THREADS,), arguments)
    if blocks > 1:
        kernel(_SOURCE, "nll_total", name)((1,), (_THREADS,), (parts, blocks, out, total, int(is_mean)))


def _sizes(shape: Shape, axis: int, ignore_index: int | None) -> tuple[int, int, int, int]:
    """The number of classes, the elements behind each, whether a target is ignored, and which."""
    return shape[axis], math.prod(shape[axis + 1 :]), int(ignore_index is not None), ignore_index or 0


KERNELS: dict[str, Callable[..., Any]] = {"nll_loss": nll_loss, "nll_loss_input": nll_loss_input}
