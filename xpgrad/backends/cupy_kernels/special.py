"""Special functions that CUDA has itself, in one launch where the fallbacks take hundreds.

Those that only ``cupyx.scipy.special`` has are left to the fallbacks: its exponentially scaled Bessel functions are 0
times infinity for large arguments, and the others sum series of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xpgrad.backends.cupy_kernels.elementwise import Formula, kernels
from xpgrad.backends.fallbacks.special import FALLBACKS

_NAMES: Final = {
    **{name: name for name in ("erf", "erfc", "erfcx", "erfinv", "j0", "j1", "y0", "y1")},
    **{"gammaln": "lgamma", "i0": "cyl_bessel_i0", "i1": "cyl_bessel_i1", "ndtri": "normcdfinv"},
}

_FORMULAS: Final = {
    **{name: Formula(("x",), f"{theirs}(x)") for name, theirs in _NAMES.items()},
    "log_ndtr": Formula(
        ("x",),
        "x < Real(-1) ? log(erfcx(-z) / Real(2)) - z * z : log1p(-erfc(z) / Real(2))",
        "const Real z = x * Real(0.7071067811865476);",
    ),
    "xlog1py": Formula(("x", "y"), "x == Real(0) && y == y ? Real(0) : x * log1p(y)"),
    "xlogy": Formula(("x", "y"), "x == Real(0) && y == y ? Real(0) : x * log(y)"),
}

KERNELS: dict[str, Callable[..., Any]] = dict(kernels(_FORMULAS, FALLBACKS))
