"""The standard's functions on dtypes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from xpgrad.array_api.operands import cast, dtype_of, with_scalar
from xpgrad.backends import dtypes
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import dtype
from xpgrad.core import promotion
from xpgrad.core.promotion import promote_types
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError
from xpgrad.ops.copying import copy as _copy

__all__ = ["astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type"]
