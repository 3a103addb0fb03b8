"""NumPy, the default backend: its own functions, and the few of them that deviate from the standard made right."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from xpgrad._typing import Namespace, RawDtype
from xpgrad.backends.base import Backend, layered
from xpgrad.backends.numpy_kernels import KERNELS
from xpgrad.backends.numpy_kernels.narrow import WIDE, is_narrow

Ndarray = np.ndarray[Any, Any]


def sort(x: Ndarray, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Ndarray:
    """``x`` sorted along ``axis``; ``numpy.sort`` with the standard's ``descending``."""
    # NumPy has NaN last in its own dtypes only; of bfloat16 it would leave other numbers unsorted.
    ordered = np.sort(_known(x), axis=axis, stable=stable).astype(x.dtype, copy=False)
    return np.flip(ordered, axis) if descending else ordered


def argsort(x: Ndarray, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Ndarray:
    """The indices that sort ``x``; ``numpy.argsort`` with the standard's ``descending``, equal elements in order."""
    x = _known(x)
    if not descending:
        return np.argsort(x, axis=axis, stable=stable)
    backwards = np.argsort(np.flip(x, axis), axis=axis, stable=stable)
    ordered: Ndarray = x.shape[axis] - 1 - np.flip(backwards, axis)
    return ordered


def searchsorted(x1: Ndarray, x2: Ndarray, /, *, side: Any = "left", sorter: Ndarray | None = None) -> Ndarray:
    """``numpy.searchsorted``, of bfloat16 with NaN last too."""
    found: Ndarray = np.searchsorted(_known(x1), _known(x2), side=side, sorter=sorter)
    return found


def _known(x: Ndarray) -> Ndarray:
    """``x`` in a dtype of NumPy's own."""
    return x.astype(WIDE) if is_narrow(x.dtype) else x


def fftfreq(n: int, /, *, d: float = 1.0, dtype: RawDtype = None, device: object = None) -> Ndarray:
    """``numpy.fft.fftfreq`` with the standard's ``dtype``."""
    return np.fft.fftfreq(n, d).astype(dtype or np.float64, copy=False)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: RawDtype = None, device: object = None) -> Ndarray:
    """``numpy.fft.rfftfreq`` with the standard's ``dtype``."""
    return np.fft.rfftfreq(n, d).astype(dtype or np.float64, copy=False)


def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    """``numpy.linalg.cholesky``, which takes NaN and infinities for positive definite; here it does not."""
    factor = np.linalg.cholesky(x, upper=upper)
    if not np.isfinite(factor).all():
        raise np.linalg.LinAlgError("Matrix is not positive definite")
    return factor


def eig(x: Ndarray, /) -> Any:
    """``numpy.linalg.eig``, complex even if every eigenvalue is real."""
    found = np.linalg.eig(x)
    kind = np.result_type(found.eigenvalues, np.complex64)
    return found._replace(
        eigenvalues=found.eigenvalues.astype(kind, copy=False), eigenvectors=found.eigenvectors.astype(kind, copy=False)
    )


def eigvals(x: Ndarray, /) -> Ndarray:
    """``numpy.linalg.eigvals``, complex even if every eigenvalue is real."""
    values = np.linalg.eigvals(x)
    return values.astype(np.result_type(values, np.complex64), copy=False)


def finfo(type: Any, /) -> Any:
    """``numpy.finfo``, of an array and of the dtypes of `ML_DTYPES` too."""
    raw = np.dtype(type.dtype if isinstance(type, np.ndarray) else type)
    return importlib.import_module("ml_dtypes").finfo(raw) if raw.name in ML_DTYPES else np.finfo(raw)


def iinfo(type: Any, /) -> Any:
    """``numpy.iinfo``, of an array too."""
    return np.iinfo(type.dtype if isinstance(type, np.ndarray) else type)


# NumPy's own functions everywhere else: array_api_compat's wrappers cost up to thirty times the function.
STANDARD = layered(
    "numpy made standard",
    SimpleNamespace(
        sort=sort,
        argsort=argsort,
        searchsorted=searchsorted,
        finfo=finfo,
        iinfo=iinfo,
        fft=SimpleNamespace(fftfreq=fftfreq, rfftfreq=rfftfreq),
        linalg=SimpleNamespace(cholesky=cholesky, eig=eig, eigvals=eigvals),
    ),
    np,
)


# What NumPy and CuPy have from the package ml_dtypes, and how to get that.
ML_DTYPES: Mapping[str, str] = {"bfloat16": "pip install 'xpgrad[bfloat16]'"}


class NumpyBackend(Backend):
    """NumPy arrays on the CPU."""

    name = "numpy"
    protocol = 1
    mutable: ClassVar[bool] = True
    plain_device_names: ClassVar[bool] = True
    kernels: Mapping[str, Callable[..., Any]] = KERNELS
    rare_dtypes: Mapping[str, str] = ML_DTYPES

    xp: Namespace = STANDARD
    array_types: tuple[type, ...] = (np.ndarray,)

    def __init__(self) -> None:
        _keep_freed_memory()

    def to_host(self, array: Ndarray) -> Ndarray:
        return array

    def from_host(self, array: Ndarray, handle: object) -> Ndarray:
        return array

    def devices(self) -> Mapping[str, object]:
        return {"cpu": "cpu"}

    def admit(self, array: Ndarray) -> Ndarray:
        # PyTorch knows no other byte order.
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))

    def raw_dtypes(self, handle: object) -> Mapping[str, RawDtype]:
        return {name: np.dtype(raw) for name, raw in super().raw_dtypes(handle).items()}

    def rare_dtype(self, name: str, handle: object) -> RawDtype | None:
        return ml_dtype(name)

    def copy(self, array: Ndarray) -> Ndarray:
        return array.copy()

    def owns_memory(self, array: Ndarray) -> bool:
        return array.base is None and type(array) is np.ndarray and array.flags.writeable

    def shares_memory(self, view: Ndarray, base: Ndarray) -> bool:
        # NumPy's `base` is the array that owns the memory, so this is nearly always enough.
        owner = base if base.base is None else base.base
        return view.base is owner or bool(np.may_share_memory(view, base))

    def version(self) -> str:
        return np.__version__


def _keep_freed_memory() -> None:
    """Make the C library keep the memory of arrays that are freed, for the next ones.

    glibc returns blocks of more than 128 kB to the system, and every training step then pays again for each page it
    touches: a step of the MLP 784-256-10 takes up to twice as long. Freeing one large block, never touched and so never
    really there, raises that bound for the process (mallopt(3), M_MMAP_THRESHOLD). Elsewhere this does nothing.
    """
    np.empty(31 << 20, np.uint8)


def ml_dtype(name: str) -> RawDtype | None:
    """The dtype ``name`` of `ML_DTYPES`; None if that package is not installed."""
    try:
        return np.dtype(getattr(importlib.import_module("ml_dtypes"), name))
    except ModuleNotFoundError:
        return None
