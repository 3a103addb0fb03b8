"""Running sums, products and extremes along an axis."""

from __future__ import annotations

from xpgrad.core.op import op
from xpgrad.ops.axes import part
from xpgrad.ops.kinds import is_complex


def before(xp, x, axis):
    """For each element the product of those before it along ``axis``."""
    return part(xp, xp.cumulative_prod(x, axis=axis, include_initial=True), axis, None, -1)


@op("Cumsum")
def cumulative_sum(xp, x, /, *, axis, include_initial=False):
    """The sums of the elements up to each along ``axis``, in the dtype of ``x``; first a 0 if asked for."""
    return xp.cumulative_sum(x, axis=axis, dtype=x.dtype, include_initial=include_initial)

@cumulative_sum.vjp("x")
def _(xp, g, axis, include_initial):
    g = part(xp, g, axis, 1, None) if include_initial else g
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


@op("Cumprod")
def cumulative_prod(xp, x, /, *, axis, include_initial=False):
    """The products of the elements up to each along ``axis``, in the dtype of ``x``; first a 1 if asked for."""
    return xp.cumulative_prod(x, axis=axis, dtype=x.dtype, include_initial=include_initial)

@cumulative_prod.vjp("x")
def _(xp, g, x, axis, include_initial):
    # With s[i] = g[i] + x[i + 1] * s[i + 1], the gradient is s[i] times the product of the elements before i. The
    # recurrence is solved by doubling: each pass lets s take in twice as many terms, `ahead` being the product of the
    # elements that lead to the new ones. Nothing is divided, so elements may be 0.
    s = part(xp, g, axis, 1, None) if include_initial else g
    ahead, step, n = part(xp, x, axis, 1, None), 1, x.shape[axis]
    while step < n:
        sooner = part(xp, s, axis, None, -step) + ahead * part(xp, s, axis, step, None)
        s = xp.concat([sooner, part(xp, s, axis, -step, None)], axis=axis)
        if 2 * step < n:
            ahead = part(xp, ahead, axis, None, -step) * part(xp, ahead, axis, step, None)
        step *= 2
    return s * before(xp, x, axis)


@op("Logcumsumexp")
def logcumsumexp(xp, x, /, *, axis):
    """The logarithms of the sums of the exponentials up to each along ``axis``, without overflow on the way."""
    return xp.logcumsumexp(x, axis=axis)

@logcumsumexp.vjp("x")
def _(xp, g, x, out, axis):
    # What is wanted is the sum of g * exp(x - out) from each element on, of which the exponentials alone may overflow:
    # so its logarithm is summed up, for real numbers those of the positive and of the negative parts.
    lowest = float(xp.finfo(g.dtype).min)

    def summed(factor, present):
        logs = xp.where(present, xp.log(xp.where(present, factor, 1.0)), lowest)
        later = xp.flip(xp.logcumsumexp(xp.flip(logs - out, axis=axis), axis=axis), axis=axis)
        return xp.exp(later + x)

    return summed(g, g != 0) if is_complex(xp, g) else summed(g, g > 0) - summed(-g, g < 0)


@op("Cummax", differentiable=False)
def last_extreme(xp, x, /, *, axis, kind):
    """Where the greatest element (``kind`` max) or smallest (min) so far is along ``axis``, the last of equal ones."""
    found = (x == xp.running_extreme(x, axis=axis, kind=kind)) | (x != x)
    places = xp.reshape(
        xp.arange(x.shape[axis], dtype=xp.int64, device=x.device),
        tuple(-1 if i == axis else 1 for i in range(x.ndim)),
    )
    return xp.running_extreme(xp.where(found, places, 0), axis=axis, kind="max")
