"""Covariances and correlations."""

from __future__ import annotations

import warnings
from typing import Any

from xpgrad.errors import DtypeError, SettingError, ShapeError
from xpgrad.functions.checks import kind_of
from xpgrad.functions.linalg import matmul, matrix_transpose
from xpgrad.functions.pointwise import clamp, conj
from xpgrad.functions.reduction import sum
from xpgrad.functions.shape import reshape, squeeze, unsqueeze
from xpgrad.functions.strides import imag, real

__all__ = ["corrcoef", "cov"]


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of the rows of a matrix (variables, observations), or the variance of a vector.

    Mirrors ``torch.cov``.

    Args:
        input: The observations.
        correction: What is taken off the number of observations before it divides the sums.
        fweights: How often each observation was made: integers (observations,).
        aweights: How much each counts: floats (observations,).

    Raises:
        ShapeError: There are more than two dimensions, or weights have more than one or another length.
        DtypeError: ``input`` is boolean, or weights are of the wrong kind.
        SettingError: Weights are negative, or their sum is 0.
    """
    if input._array.ndim > 2:
        raise ShapeError(
            "cov(): expected input to have two or fewer dimensions but got an input with "
            f"{input._array.ndim} dimensions"
        )
    if input.dtype.kind == "bool":
        raise DtypeError("cov(): bool dtype is not supported for the input; use .float() first")
    x = reshape(input, (1, -1)) if input._array.ndim < 2 else input
    count = x._array.shape[1]
    weights = None
    for name, w, kinds in (("fweights", fweights, ("int", "uint")), ("aweights", aweights, ("float",))):
        if w is not None:
            _check_weights(name, w, kinds, count)
            weights = w if weights is None else weights * w
    total = count if weights is None else sum(weights)
    if count and weights is not None and not bool(total != 0):
        raise SettingError("cov(): weights sum to zero, can't be normalized")
    centred = x - unsqueeze(sum(x if weights is None else x * weights, 1) / total, 1)
    divisor = total - correction
    if weights is not None and aweights is not None and correction:
        divisor = total - correction * sum(weights * aweights) / total
    if not bool(divisor > 0):
        warnings.warn("cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of "
                      "observations.", stacklevel=2)  # fmt: skip
        divisor = divisor * 0
    other = matrix_transpose(centred if weights is None else centred * weights)
    return squeeze(matmul(centred, _conj(other).to(centred.dtype)) / divisor)


def _check_weights(name: str, w: Any, kinds: tuple[str, ...], count: int) -> None:
    if w._array.ndim > 1:
        raise ShapeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w._array.ndim} dimensions"
        )
    if w.dtype.kind not in kinds:
        wanted = "integral" if "int" in kinds else "floating point"
        raise DtypeError(f"cov(): expected {name} to have {wanted} dtype but got {name} with {kind_of(w)} dtype")
    if (w._array.shape[0] if w._array.ndim else 1) != count:
        raise ShapeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got "
            f"{tuple(w._array.shape)} for {count}"
        )
    if count and bool((w < 0).any()):
        raise SettingError(f"cov(): {name} cannot be negative")


def _conj(x: Any) -> Any:
    return conj(x) if x.dtype.is_complex else x


def corrcoef(input: Any) -> Any:
    """The correlations of the rows of a matrix (variables, observations). Mirrors ``torch.corrcoef``.

    Raises:
        ShapeError: There are more than two dimensions.
    """
    if input._array.ndim > 2:
        raise ShapeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input._array.ndim} dimensions"
        )
    c = cov(input)
    if c._array.ndim == 0:
        return c / c
    variances = c.diag()
    deviations = (real(variances) if c.dtype.is_complex else variances).sqrt()
    c = c / unsqueeze(deviations, 1) / unsqueeze(deviations, 0)
    if c.dtype.is_complex:
        return clamp(real(c), -1.0, 1.0) + 1j * clamp(imag(c), -1.0, 1.0)
    return clamp(c, -1.0, 1.0)
