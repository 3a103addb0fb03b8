"""The named tuples that PyTorch's functions return, printed as PyTorch prints them."""

from __future__ import annotations

import collections
import functools
from typing import Any


@functools.cache
def return_type(name: str, *fields: str) -> Any:
    """The named tuple ``torch.return_types.<name>``."""
    base = collections.namedtuple(name, fields)  # type: ignore[misc]

    def show(self: Any) -> str:
        parts = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self, strict=True))
        return f"torch.return_types.{name}(\n{parts})"

    def reduced(self: Any) -> tuple[Any, ...]:
        return rebuilt, (name, fields, tuple(self))

    members = {
        "__reduce__": reduced,
        "__slots__": (),
        "__repr__": show,
        "__module__": "xpgrad.return_types",
        "__doc__": f"What PyTorch calls ``torch.return_types.{name}``.",
    }
    return type(name, (base,), members)


def rebuilt(name: str, fields: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """The named tuple of ``values`` from a pickle, which cannot find the class by the name that PyTorch has for it."""
    return return_type(name, *fields)(*values)


CholeskyEx = return_type("linalg_cholesky_ex", "L", "info")
Eig = return_type("linalg_eig", "eigenvalues", "eigenvectors")
Eigh = return_type("linalg_eigh", "eigenvalues", "eigenvectors")
Geqrf = return_type("geqrf", "a", "tau")
InvEx = return_type("linalg_inv_ex", "inverse", "info")
LdlFactor = return_type("linalg_ldl_factor", "LD", "pivots")
LdlFactorEx = return_type("linalg_ldl_factor_ex", "LD", "pivots", "info")
LinalgQR = return_type("linalg_qr", "Q", "R")
LinalgSlogdet = return_type("linalg_slogdet", "sign", "logabsdet")
LinalgSVD = return_type("linalg_svd", "U", "S", "Vh")
Lstsq = return_type("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
LU = return_type("linalg_lu", "P", "L", "U")
LUFactor = return_type("linalg_lu_factor", "LU", "pivots")
LUFactorEx = return_type("linalg_lu_factor_ex", "LU", "pivots", "info")
LUUnpack = return_type("lu_unpack", "P", "L", "U")
LUWithInfo = return_type("_lu_with_info", "LU", "pivots", "info")
QR = return_type("qr", "Q", "R")
Slogdet = return_type("slogdet", "sign", "logabsdet")
SolveEx = return_type("linalg_solve_ex", "result", "info")
SVD = return_type("svd", "U", "S", "V")
TriangularSolve = return_type("triangular_solve", "solution", "cloned_coefficient")

Cummax = return_type("cummax", "values", "indices")
Cummin = return_type("cummin", "values", "indices")
KthValue = return_type("kthvalue", "values", "indices")
Max = return_type("max", "values", "indices")
Median = return_type("median", "values", "indices")
Min = return_type("min", "values", "indices")
Mode = return_type("mode", "values", "indices")
NanMedian = return_type("nanmedian", "values", "indices")
Sort = return_type("sort", "values", "indices")
TopK = return_type("topk", "values", "indices")
AMinMax = return_type("aminmax", "min", "max")
Frexp = return_type("frexp", "mantissa", "exponent")
Histogram = return_type("histogram", "hist", "bin_edges")
HistogramDD = return_type("histogramdd", "hist", "bin_edges")
