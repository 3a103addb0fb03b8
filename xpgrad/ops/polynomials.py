"""Classical orthogonal polynomials, elementwise. PyTorch has no derivatives of them."""

from __future__ import annotations

from xpgrad.core.op import op


@op("OrthogonalPolynomial", differentiable=False)
def orthogonal_polynomial(xp, x, n, /, *, family):
    """The polynomial of degree ``n``, rounded towards 0, of ``family`` at ``x``."""
    return xp.orthogonal_polynomial(x, n, family=family)
