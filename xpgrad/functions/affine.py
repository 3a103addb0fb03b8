"""A tensor plus a product of matrices or vectors: ``beta * input + alpha * product``."""

from __future__ import annotations

from typing import Any

from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, ShapeError
from xpgrad.functions.arithmetic import mul
from xpgrad.functions.checks import kind_of
from xpgrad.functions.elementwise import meet
from xpgrad.functions.linalg import bmm, mm, mv, outer
from xpgrad.functions.reduction import sum
from xpgrad.functions.results import deliver
from xpgrad.ops import arithmetic, linalg, logical

__all__ = ["addbmm", "addmm", "addmv", "addr", "baddbmm"]

_addmm = arithmetic.add.named("Addmm")
_addmv = arithmetic.add.named("Addmv")
_addr = arithmetic.add.named("Addr")
_addbmm = arithmetic.add.named("Addbmm")
_baddbmm = arithmetic.add.named("Baddbmm")


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """``beta * input + alpha * mat1 @ mat2`` for matrices; ``input`` broadcasts. Mirrors ``torch.addmm``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    is_plain = beta == 1 and alpha == 1
    if not is_plain:
        beta, alpha = _factor(beta, input), _factor(alpha, input)
    dtype = input._array.dtype
    if dtype != mat1._array.dtype or dtype != mat2._array.dtype:
        other = mat2 if mat2._array.dtype != dtype else mat1
        raise DtypeError(
            f"self and mat2 must have the same dtype, but got {kind_of(input)} and {kind_of(other)}; cast one"
        )
    a, b = mat1._array.shape, mat2._array.shape
    for name, shape in (("mat1", a), ("mat2", b)):
        if len(shape) != 2:
            raise ShapeError(f"{name} must be a matrix, got {len(shape)}-D tensor")
    if a[1] != b[0]:
        raise ShapeError(f"mat1 and mat2 shapes cannot be multiplied ({a[0]}x{a[1]} and {b[0]}x{b[1]})")
    _require_expandable(input._array.shape, (a[0], b[1]))
    if is_plain:
        return deliver(out, linalg.addmm.apply(input, mat1, mat2))
    return deliver(out, _sum(_addmm, input, mm(mat1, mat2), beta, alpha))


def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """``beta * input + alpha * mat @ vec``; ``input`` broadcasts. Mirrors ``torch.addmv``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    ndims = vec._array.ndim, mat._array.ndim, input._array.ndim
    if ndims[0] != 1 or ndims[1] != 2 or ndims[2] > 1:
        raise ShapeError(f"vector + matrix @ vector expected, got {ndims[2]}, {ndims[1]}, {ndims[0]}")
    n, m = mat._array.shape
    if vec._array.shape[0] != m or (ndims[2] and input._array.shape[0] not in (1, n)):
        raise ShapeError(
            f"size mismatch, got input ({input._array.shape[0] if ndims[2] else 1}), mat ({n}x{m}), "
            f"vec ({vec._array.shape[0]})"
        )
    if not input._array.dtype == mat._array.dtype == vec._array.dtype:
        raise DtypeError(
            "addmv input tensors must have the same dtype, but got "
            f"{kind_of(input)}, {kind_of(mat)}, and {kind_of(vec)}; cast them"
        )
    return deliver(out, _sum(_addmv, input, mv(mat, vec), beta, alpha))


def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """``beta * input + alpha * outer(vec1, vec2)``; ``input`` broadcasts. Mirrors ``torch.addr``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: A factor is of a higher kind than the tensors.
    """
    for name, x in (("vec1", vec1), ("vec2", vec2)):
        if x._array.ndim != 1:
            raise ShapeError(f"addr: Expected 1-D argument {name}, but got {x._array.ndim}-D")
    _require_expandable(input._array.shape, (vec1._array.shape[0], vec2._array.shape[0]))
    input, vec1, vec2 = meet((input, vec1, vec2), name="addr")
    kind = input.dtype.kind
    for name, factor in (("beta", beta), ("alpha", alpha)):
        if isinstance(factor, (float, complex)) and kind in ("int", "uint", "bool"):
            raise DtypeError(
                f"For integral input tensors, argument {name} must not be a floating point number. Got {factor}"
            )
    product = outer(vec1, vec2)
    if kind == "bool":
        return deliver(out, _either(input, product, beta, alpha))
    return deliver(out, _sum(_addr, input, product, beta, alpha, keeps_nan=True))


def _either(input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """The sum of booleans is whether one of them is true."""
    product = product if alpha else product & False
    return logical.logical_or(input, product) if beta else product


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """``beta * input`` plus ``alpha`` times the sum of a batch of products. Mirrors ``torch.addbmm``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    _require_dtype(input, batch1, "self and mat2 must have the same dtype, but got")
    a, b = batch1._array.shape, batch2._array.shape
    if len(a) == len(b) == 3 and a[0] == b[0] and a[2] != b[1]:
        raise ShapeError(f"Incompatible matrix sizes for bmm ({a[1]}x{a[2]} and {b[1]}x{b[2]})")
    product = bmm(batch1, batch2)
    _require_expandable(input._array.shape, product._array.shape[1:])
    total = sum(product, 0, dtype=product.dtype)
    return deliver(out, _sum(_addbmm, input, total, beta, alpha))


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """``beta * input + alpha * batch1 @ batch2`` for batches of matrices. Mirrors ``torch.baddbmm``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
    """
    _require_dtype(input, batch1, "Input dtypes must be the same, got")
    product = bmm(batch1, batch2)
    _require_expandable(input._array.shape, product._array.shape)
    return deliver(out, _sum(_baddbmm, input, product, beta, alpha))


def _sum(op: Op, input: Any, product: Any, beta: Any, alpha: Any, *, keeps_nan: bool = False) -> Any:
    """``beta * input + alpha * product``; what has the factor 0 is not looked at, were it NaN."""
    beta, alpha = _factor(beta, product), _factor(alpha, product)
    if alpha != 1:
        product = mul(_number(product) if alpha == 0 and not keeps_nan else product, alpha)
    if beta != 1:
        input = mul(_number(input) if beta == 0 else input, beta)
    return op(input, product)


def _number(x: Any) -> Any:
    return x.nan_to_num() if x.dtype.is_differentiable else x


def _factor(factor: Any, like: Any) -> Any:
    """A factor as a number that the dtype of ``like`` holds: integers drop fractions, as in PyTorch."""
    if isinstance(factor, TensorBase):
        factor = factor.item()  # type: ignore[attr-defined]
    if not isinstance(factor, (bool, int, float, complex)):
        raise ArgumentTypeError(f"alpha and beta must be numbers, got {type(factor).__name__}")
    if isinstance(factor, complex):
        if not like.dtype.is_complex:
            raise DtypeError(f"value cannot be converted to type {like.dtype.name} without overflow: {factor}")
        return factor
    return factor if like.dtype.is_differentiable else int(factor)


def _require_dtype(x: Any, y: Any, words: str) -> None:
    if x._array.dtype != y._array.dtype:
        raise DtypeError(f"{words} {kind_of(x)} and {kind_of(y)}; cast one")


def _require_expandable(shape: Any, target: Any) -> None:
    """Refuse a shape that does not broadcast to another."""
    if shape == target:
        return
    for back, n in enumerate(reversed(shape), 1):
        wanted = target[-back] if back <= len(target) else None
        if n not in (1, wanted):
            raise ShapeError(
                f"The expanded size of the tensor ({wanted}) must match the existing size ({n}) at non-singleton "
                f"dimension {max(len(target) - back, 0)}.  Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
            )
    if len(shape) > len(target):
        raise ShapeError(
            f"expand: the number of sizes provided ({len(target)}) must be greater or equal to the number of "
            f"dimensions in the tensor ({len(shape)}). Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
        )
