"""The Python array API standard, version 2024.12, on tensors: what is computed with it can be differentiated.

Its arrays are `xpgrad.Tensor`, of whichever backend; a ``device`` is one of `xpgrad.device` or its text, a ``dtype``
one of those here. What the standard leaves open is answered as PyTorch does.

>>> import xpgrad.array_api as xp
>>> x = xp.asarray([[3.0, 0.0], [4.0, 0.0]])
>>> xp.linalg.matrix_norm(x)
tensor(5.)
"""

# ruff: noqa: F403  (the standard's names are Python's here and there, and each module says which are its own)

from __future__ import annotations

import math

from xpgrad.array_api import (
    creation,
    data_types,
    elementwise,
    fft,
    indexing,
    linalg,
    manipulation,
    reductions,
    searching,
    sets,
)
from xpgrad.array_api import special as special
from xpgrad.array_api.creation import *
from xpgrad.array_api.data_types import *
from xpgrad.array_api.elementwise import *
from xpgrad.array_api.indexing import *
from xpgrad.array_api.info import __array_namespace_info__
from xpgrad.array_api.linalg import matmul, matrix_transpose, tensordot, vecdot
from xpgrad.array_api.manipulation import *
from xpgrad.array_api.reductions import *
from xpgrad.array_api.searching import *
from xpgrad.array_api.sets import *
from xpgrad.backends.dtypes import bool_ as bool
from xpgrad.backends.dtypes import (
    complex64,
    complex128,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)

__array_api_version__ = "2024.12"

e = math.e
inf = math.inf
nan = math.nan
newaxis = None
pi = math.pi

__all__ = [
    "__array_api_version__", "__array_namespace_info__",
    *creation.__all__, *data_types.__all__, *elementwise.__all__, *indexing.__all__, *manipulation.__all__,
    *reductions.__all__, *searching.__all__, *sets.__all__,
    "fft", "linalg", "matmul", "matrix_transpose", "tensordot", "vecdot",
    "bool", "complex64", "complex128", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16",
    "uint32", "uint64", "e", "inf", "nan", "newaxis", "pi",
]  # fmt: skip
__all__ = sorted(set(__all__))
