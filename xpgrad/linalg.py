"""Linear algebra: the functions of ``torch.linalg``."""

from __future__ import annotations

from xpgrad.errors import LinAlgError
from xpgrad.functions.decompositions import cholesky, cholesky_ex, eig, eigh, eigvals, eigvalsh, qr, svd, svdvals
from xpgrad.functions.factorizations import (
    householder_product,
    ldl_factor,
    ldl_factor_ex,
    ldl_solve,
    lu,
    lu_factor,
    lu_factor_ex,
    lu_solve,
)
from xpgrad.functions.inverses import (
    inv,
    inv_ex,
    lstsq,
    pinv,
    solve,
    solve_ex,
    solve_triangular,
    tensorinv,
    tensorsolve,
)
from xpgrad.functions.linalg import matmul
from xpgrad.functions.matrices import linalg_diagonal as diagonal
from xpgrad.functions.matrix_functions import det, matrix_exp, matrix_power, multi_dot, slogdet, vecdot
from xpgrad.functions.matrix_functions import linalg_cross as cross
from xpgrad.functions.matrix_functions import linalg_vander as vander
from xpgrad.functions.norms import cond, matrix_norm, matrix_rank, vector_norm
from xpgrad.functions.norms import linalg_norm as norm

__all__ = [
    "LinAlgError", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals",
    "eigvalsh", "householder_product", "inv", "inv_ex", "ldl_factor", "ldl_factor_ex", "ldl_solve", "lstsq", "lu",
    "lu_factor", "lu_factor_ex", "lu_solve", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank",
    "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "solve_ex", "solve_triangular", "svd", "svdvals",
    "tensorinv", "tensorsolve", "vander", "vecdot", "vector_norm",
]  # fmt: skip
