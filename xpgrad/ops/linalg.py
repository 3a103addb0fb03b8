"""Products of vectors and matrices, diagonals and norms."""

from __future__ import annotations

import math

from xpgrad.core.op import op
from xpgrad.ops.axes import inverted, keep_axes, normalized
from xpgrad.ops.kinds import is_complex

# Matrix products. `mm` is `matmul` for two matrices, whose rules need not ask for numbers of axes.

@op("Mm")
def mm(xp, x, y, /):
    """The product of the matrices ``x`` (n, k) and ``y`` (k, m)."""
    return xp.matmul(x, y)

@mm.vjp("x")
def _(xp, g, y): return xp.matmul(g, y.T)

@mm.vjp("y")
def _(xp, g, x): return xp.matmul(x.T, g)


@op("Bmm")
def matmul(xp, x, y, /):
    """The matrix product of ``x`` (..., n, k) and ``y`` (..., k, m); the leading axes broadcast.

    A 1-d ``x`` is a row, a 1-d ``y`` a column, and the result lacks that axis.
    """
    return xp.matmul(x, y)

@matmul.vjp("x")
def _(xp, g, y, x_shape):
    if y.ndim == 1:
        return xp.expand_dims(g, axis=-1) * y
    if len(x_shape) == 1:
        return xp.squeeze(xp.matmul(y, xp.expand_dims(g, axis=-1)), axis=-1)
    return xp.matmul(g, xp.matrix_transpose(y))

@matmul.vjp("y")
def _(xp, g, x, y_shape):
    if x.ndim == 1:
        return g * x if len(y_shape) == 1 else xp.expand_dims(x, axis=-1) * xp.expand_dims(g, axis=-2)
    if len(y_shape) == 1:
        return xp.squeeze(xp.matmul(xp.matrix_transpose(x), xp.expand_dims(g, axis=-1)), axis=-1)
    if len(y_shape) == 2:
        # One product that also sums over the leading axes.
        x, g = as_rows(xp, x), as_rows(xp, g)
    return xp.matmul(xp.matrix_transpose(x), g)

dot = matmul.named("Dot")
mv = matmul.named("Mv")
vm = matmul.named("SqueezeBackward4")
# PyTorch folds the other products into one of matrices, and takes the result apart again.
matmul_folded = matmul.named("UnsafeView")


def as_rows(xp, x):
    """``x`` (..., n) as a matrix of its rows."""
    return x if x.ndim == 2 else xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


@op("Addmm")
def addmm(xp, b, x, y, /):
    """``b + x @ y`` for matrices ``x`` (n, k) and ``y`` (k, m); ``b`` broadcasts to (n, m)."""
    return xp.addmm(b, x, y)

@addmm.vjp("b")
def _(xp, g): return g

@addmm.vjp("x")
def _(xp, g, y): return xp.matmul(g, y.T)

@addmm.vjp("y")
def _(xp, g, x): return xp.matmul(x.T, g)


@op("Addmm")
def linear(xp, b, x, w, /):
    """``x @ w.T + b`` for ``b`` (m,), ``x`` (..., n) and ``w`` (m, n), in the order of PyTorch's addmm."""
    return xp.addmm(b, x, w.T) if x.ndim == 2 else xp.matmul(x, w.T) + b

@linear.vjp("x")
def _(xp, g, w): return xp.matmul(g, w)

@linear.vjp("w")
def _(xp, g, x): return xp.matmul(as_rows(xp, g).T, as_rows(xp, x))

@linear.vjp("b")
def _(xp, g): return xp.sum(as_rows(xp, g), axis=0, dtype=g.dtype)

linear_folded = linear.named("View")


@op("Mm")
def project(xp, x, w, /):
    """``x @ w.T`` for ``x`` (..., n) and ``w`` (m, n)."""
    return xp.matmul(x, w.T)

@project.vjp("x")
def _(xp, g, w): return xp.matmul(g, w)

@project.vjp("w")
def _(xp, g, x): return xp.matmul(as_rows(xp, g).T, as_rows(xp, x))

project_folded = project.named("UnsafeView")


# Other products.

@op("View")
def tensordot(xp, x, y, /, *, axes):
    """The sum of products over pairs of axes, ``axes[0]`` of ``x`` with ``axes[1]`` of ``y``, none of them negative."""
    return xp.tensordot(x, y, axes=axes)

@tensordot.vjp("x")
def _(xp, g, y, axes): return tensordot_transpose(xp, g, y, axes, first=True)

@tensordot.vjp("y")
def _(xp, g, x, axes): return tensordot_transpose(xp, g, x, (axes[1], axes[0]), first=False)


def tensordot_transpose(xp, g, other, axes, *, first):
    """The gradient of the operand with ``axes[0]``, which stands ``first`` or second in the product with ``other``."""
    summed, others = axes
    kept = [i for i in range(other.ndim) if i not in others]
    free = g.ndim - len(kept)
    of_g = tuple(range(free, g.ndim)) if first else tuple(range(len(kept)))
    found = xp.tensordot(g, other, axes=(of_g, tuple(kept)))
    # Its axes: the operand's free ones, then the summed ones in the order in which `other` has them.
    tail = [summed[others.index(i)] for i in sorted(others)]
    ndim = free + len(summed)
    return xp.permute_dims(found, inverted((*(i for i in range(ndim) if i not in summed), *tail)))


@op("SumBackward1")
def vecdot(xp, x, y, /, *, axis=-1):
    """The sum of ``conj(x) * y`` along ``axis``, a negative one; the other axes broadcast."""
    return xp.vecdot(x, y, axis=axis)

@vecdot.vjp("x")
def _(xp, g, y, axis):
    product = xp.expand_dims(g, axis=axis) * y
    return xp.conj(product) if is_complex(xp, product) else product

@vecdot.vjp("y")
def _(xp, g, x, axis): return xp.expand_dims(g, axis=axis) * (xp.conj(x) if is_complex(xp, x) else x)


@op("Mul")
def outer(xp, x, y, /):
    """The products of all pairs of an element of ``x`` (n,) and one of ``y`` (m,), as a matrix."""
    return xp.linalg.outer(x, y)

@outer.vjp("x")
def _(xp, g, y): return xp.matmul(g, y)

@outer.vjp("y")
def _(xp, g, x): return xp.matmul(x, g)


@op("LinalgCross")
def cross(xp, x, y, /, *, axis=-1):
    """The cross products of the vectors of length 3 along ``axis``, a negative one; the other axes broadcast."""
    return xp.linalg.cross(x, y, axis=axis)

@cross.vjp("x")
def _(xp, g, y, axis): return xp.linalg.cross(y, g, axis=axis)

@cross.vjp("y")
def _(xp, g, x, axis): return xp.linalg.cross(g, x, axis=axis)


# Diagonals.

@op("Diagonal", is_view=True)
def diagonal(xp, x, /, *, offset=0):
    """The ``offset``-th diagonals of ``x`` (..., n, m)."""
    return xp.diagonal(x, offset=offset)

@diagonal.vjp("x")
def _(xp, g, x_shape, offset): return with_diagonal(xp, g, x_shape[-2], x_shape[-1], offset)


@op("DiagEmbed")
def diagonal_embed(xp, x, /, *, offset=0):
    """Square matrices of zeros with ``x`` (..., n) on their ``offset``-th diagonals."""
    n = x.shape[-1] + abs(offset)
    return with_diagonal(xp, x, n, n, offset)

@diagonal_embed.vjp("x")
def _(xp, g, offset): return xp.linalg.diagonal(g, offset=offset)


def with_diagonal(xp, x, n, m, offset=0):
    """Zeros (..., n, m) with ``x`` on their ``offset``-th diagonal."""
    above = max(-offset, 0)
    widths = ((0, 0),) * (x.ndim - 1) + ((above, n - above - x.shape[-1]),)
    column = xp.expand_dims(xp.constant_pad(x, widths=widths), axis=-1)
    return xp.where(on_diagonal(xp, x, n, m, offset), column, xp.zeros_like(column))


def on_diagonal(xp, x, n, m, offset=0):
    """The mask (n, m) of a diagonal, on the device of ``x``."""
    return xp.eye(n, m, k=offset, dtype=xp.bool, device=x.device)


@op("Trace")
def trace(xp, x, /, *, offset=0):
    """The sums of the ``offset``-th diagonals of ``x`` (..., n, m), in its dtype."""
    return xp.linalg.trace(x, offset=offset, dtype=x.dtype)

@trace.vjp("x")
def _(xp, g, x_shape, offset):
    g = xp.reshape(g, (*g.shape, 1, 1))
    return xp.where(on_diagonal(xp, g, x_shape[-2], x_shape[-1], offset), g, xp.zeros_like(g))


# Norms.

@op("LinalgVectorNorm")
def vector_norm(xp, x, /, *, axis=None, keepdims=False, ord=2):
    """The ``ord``-norm of the elements of ``x`` over ``axis``."""
    return xp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)

@vector_norm.vjp("x")
def _(xp, g, x, out, axis, keepdims, ord):
    g, norm = (keep_axes(xp, v, x.shape, axis, keepdims) for v in (g, out))
    zero = norm == 0
    if ord >= 2 and ord != math.inf:
        # 0 where the norm is, and NaN in the second derivative, which there is none of.
        conjugate = xp.conj(x) if is_complex(xp, x) else x
        if ord == 2:
            return conjugate * (g * xp.where(zero, 0.0, 1.0 / norm))
        return conjugate * xp.where(zero, 0.0, g / norm) * (xp.abs(x) / xp.where(zero, 1.0, norm)) ** (ord - 2)
    size = xp.abs(x)
    # The direction of each element, 0 for 0, as the gradient of its size has it: conjugated.
    direction = xp.sign(x)
    if is_complex(xp, x):
        direction = xp.conj(direction)
    if ord in (math.inf, -math.inf):
        # Equal extremes share the gradient.
        met = xp.astype(size == norm, size.dtype)
        return direction * (g * met / xp.sum(met, axis=normalized(axis, x.ndim), keepdims=True))
    if ord == 0:
        return xp.zeros_like(x)
    if ord == 1:
        return direction * g
    # Nothing flows through a size of 0, in the second derivative neither: it would be NaN for all other elements too.
    gone = size == 0
    if ord > 0:
        norm = xp.where(zero, 1.0, norm)
    return direction * (g * xp.where(gone, 0.0, (xp.where(gone, 1.0, size) / norm) ** (ord - 1)))
