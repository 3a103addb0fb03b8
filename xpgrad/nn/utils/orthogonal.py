"""Weights that stay orthogonal. Part of `parametrizations`."""

from __future__ import annotations

from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, UnsupportedError
from xpgrad.functions.creation import eye, zeros_like
from xpgrad.functions.decompositions import qr
from xpgrad.functions.factorizations import geqrf, householder_product
from xpgrad.functions.inverses import solve
from xpgrad.functions.joining import cat
from xpgrad.functions.matrix_functions import matrix_exp
from xpgrad.nn.modules.module import Module
from xpgrad.nn.utils.parametrize import register_parametrization

_MAPS = ("matrix_exp", "cayley", "householder")


class _Orthogonal(Module):
    """From any matrix (..., m, n), of which it uses a triangle, to one with orthonormal columns or rows."""

    base: Any  # (..., m, m), what the result of the map is multiplied by, or None

    def __init__(self, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        self.orthogonal_map = orthogonal_map
        self.register_buffer("base", None)
        self.use_trivialization = use_trivialization

    def forward(self, X: Any) -> Any:
        """The orthogonal matrix."""
        is_wide = X.shape[-2] < X.shape[-1]
        X = X.mT if is_wide else X
        Q = self._reflected(X) if self.orthogonal_map == "householder" else self._turned(X)
        Q = Q if self.base is None else self.base @ Q
        return Q.mT if is_wide else Q

    def _reflected(self, X: Any) -> Any:
        """A product of reflections, with signs so that all of them are reached."""
        A = X.tril(-1)
        tau = 2.0 / (1.0 + (A * A).sum(-2))
        signs = X.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)
        return householder_product(A, tau) * signs

    def _turned(self, X: Any) -> Any:
        """The exponential or Cayley's transform of a skew matrix."""
        rows, columns = X.shape[-2:]
        X = X.tril()
        if rows != columns:
            X = cat([X, X.new_zeros(*X.shape[:-1], rows - columns)], -1)
        A = X - X.mH
        if self.orthogonal_map == "matrix_exp":
            return matrix_exp(A)[..., :columns]
        one = eye(rows, dtype=A.dtype, device=A.device)
        return solve(one - A / 2, one + A / 2)[..., :columns]

    @no_grad()
    def right_inverse(self, Q: Any) -> Any:
        """A matrix from which `forward` makes ``Q``, made orthogonal if it is not."""
        is_wide = Q.shape[-2] < Q.shape[-1]
        tall = Q.mT if is_wide else Q
        if not self.use_trivialization:
            if self.orthogonal_map != "householder":
                raise UnsupportedError(
                    "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                    "use_trivialization=False."
                )
            A, tau = geqrf(tall)
            diagonal = A.diagonal(dim1=-2, dim2=-1)
            diagonal.sign_()
            diagonal[tau == 0] *= -1
            return A.mT if is_wide else A
        rows, columns = tall.shape[-2:]
        if rows != columns:
            tall = cat([tall, tall.new_empty(*tall.shape[:-1], rows - columns).normal_()], -1)
        self.base = tall if rows == columns and _is_orthogonal(tall) else _made_orthogonal(tall)
        # Of this matrix all three maps make the first columns of the identity.
        start = zeros_like(Q)
        start.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
        return start


def _made_orthogonal(A: Any) -> Any:
    Q, R = qr(A)
    return Q * R.diagonal(dim1=-2, dim2=-1).sgn().unsqueeze(-2)


def _is_orthogonal(Q: Any) -> bool:
    """Whether the columns are orthonormal, to rounding."""
    difference = Q.mH @ Q - eye(Q.shape[-1], dtype=Q.dtype, device=Q.device)
    eps = {"float64": 1e-15, "complex128": 1e-15}.get(Q.dtype.name, 1e-7)
    return bool((difference.abs() < 10 * Q.shape[-1] * eps).all())


def orthogonal(
    module: Any, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Any:
    """Keep a weight (..., m, n) orthogonal (unitary if complex): its columns, or its rows if it is wide.

    Mirrors ``torch.nn.utils.parametrizations.orthogonal``.

    Args:
        module: The module.
        name: Which parameter of it.
        orthogonal_map: How an orthogonal matrix is made of any other: ``"matrix_exp"`` or ``"cayley"`` of a skew one,
            or ``"householder"``, a product of reflections. The last is the default, but
            the first for square or complex weights.
        use_trivialization: Move from the matrix as it was assigned last, which is kept in a buffer ``base``
            (Lezcano-Casado 2019, *Trivializations for gradient-based optimization on manifolds*).

    Raises:
        ArgumentError: There is no such parameter, it is no matrix, or the map is unknown or not for complex weights.
    """
    weight = module._parameters.get(name) if not hasattr(module, "parametrizations") else getattr(module, name, None)
    if weight is None:
        raise ArgumentError(f"Module '{module!r}' has no parameter or buffer with name '{name}'")
    if weight.ndim < 2:
        raise ArgumentError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    is_exp = weight.shape[-2] == weight.shape[-1] or weight.is_complex()
    chosen = orthogonal_map or ("matrix_exp" if is_exp else "householder")
    if chosen not in _MAPS:
        raise ArgumentError(f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {chosen}')
    if chosen == "householder" and weight.is_complex():
        raise ArgumentError("The householder parametrization does not support complex tensors.")
    register_parametrization(module, name, _Orthogonal(chosen, use_trivialization), unsafe=True)
    return module
