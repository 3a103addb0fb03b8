"""NumPy, the default backend: its own functions, and quicker spellings of those whose wrappers cost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

import array_api_compat.numpy as compat
import numpy as np

from xpgrad._typing import RawDtype
from xpgrad.backends.base import Backend
from xpgrad.backends.numpy_kernels import KERNELS

Ndarray = np.ndarray[Any, Any]

# `owns_memory` sees one reference more than its caller; both are counted on this interpreter by `_own`.
_quiet = np.errstate(all="ignore")


class NumpyBackend(Backend):
    """NumPy arrays on the CPU."""

    name = "numpy"
    mutable: ClassVar[bool] = True
    plain_device_names: ClassVar[bool] = True
    kernels: Mapping[str, Callable[..., Any]] = KERNELS

    @property
    def xp(self) -> ModuleType:
        return np

    @property
    def array_types(self) -> tuple[type, ...]:
        return (np.ndarray,)

    def to_host(self, array: Ndarray) -> Ndarray:
        return array

    def from_host(self, array: Ndarray, handle: object) -> Ndarray:
        return array

    def raw_dtypes(self, handle: object) -> dict[str, RawDtype]:
        names = {name: np.dtype(getattr(np, name)) for name in super().raw_dtypes(handle)}
        if "ml_dtypes" in sys.modules:
            names["bfloat16"] = np.dtype(sys.modules["ml_dtypes"].bfloat16)
        return names

    def copy(self, array: Ndarray) -> Ndarray:
        return array.copy()

    def add_into(self, target: Ndarray, value: Ndarray) -> None:
        target += value

    def owns_memory(self, array: Ndarray) -> bool:
        return array.base is None and type(array) is np.ndarray and array.flags.writeable

    def shares_memory(self, view: Ndarray, base: Ndarray) -> bool:
        return bool(np.may_share_memory(view, base))
