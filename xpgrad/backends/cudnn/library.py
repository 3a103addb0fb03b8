"""Finding cuDNN 9, loading it, and its plain C functions with their types; a status that is an error is raised.

They exist since long before cuDNN's graphs and are deprecated in 9, which still has them all.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_float, c_int, c_size_t, c_void_p
from typing import Any, Final

from xpgrad.errors import BackendError

SONAME: Final = "libcudnn.so.9"
# From 9.0.0, and below 10.
_VERSIONS: Final = range(90000, 100000)
_NOT_SUPPORTED: Final = range(3000, 4000)


class CudnnError(BackendError):
    """cuDNN cannot be used, or has failed."""


class UnsupportedByCudnnError(CudnnError):
    """cuDNN has nothing for these shapes and settings."""


class CudnnMemoryError(CudnnError, MemoryError):
    """cuDNN got no memory, of the host or of the device."""


class Performance(ctypes.Structure):
    """What cuDNN expects of an algorithm (``cudnnConvolutionFwdAlgoPerf_t``, and the same for the transposes)."""

    _fields_ = [
        ("algorithm", c_int),
        ("status", c_int),
        ("milliseconds", c_float),
        ("workspace", c_size_t),
        ("is_deterministic", c_int),
        ("arithmetic", c_int),
        ("reserved", c_int * 3),
    ]


_OUT = POINTER(c_void_p)
_IN = c_void_p
_NUMBERS = POINTER(c_int)
_CONVOLVE = (_IN, _IN, _IN, _IN, _IN, _IN, _IN, c_int, _IN, c_size_t, _IN, _IN, _IN)
_FIND = (_IN, _IN, _IN, _IN, _IN, c_int, _NUMBERS, POINTER(Performance))
_MEASURE = (_IN, _IN, _IN, _IN, _IN, c_int, POINTER(c_size_t))
_PROTOTYPES: Final[dict[str, tuple[Any, ...]]] = {
    "cudnnCreate": (_OUT,),
    "cudnnDestroy": (_IN,),
    "cudnnSetStream": (_IN, _IN),
    "cudnnCreateTensorDescriptor": (_OUT,),
    "cudnnSetTensorNdDescriptor": (_IN, c_int, c_int, _NUMBERS, _NUMBERS),
    "cudnnDestroyTensorDescriptor": (_IN,),
    "cudnnCreateFilterDescriptor": (_OUT,),
    "cudnnSetFilterNdDescriptor": (_IN, c_int, c_int, c_int, _NUMBERS),
    "cudnnDestroyFilterDescriptor": (_IN,),
    "cudnnCreateConvolutionDescriptor": (_OUT,),
    "cudnnSetConvolutionNdDescriptor": (_IN, c_int, _NUMBERS, _NUMBERS, _NUMBERS, c_int, c_int),
    "cudnnSetConvolutionGroupCount": (_IN, c_int),
    "cudnnSetConvolutionMathType": (_IN, c_int),
    "cudnnDestroyConvolutionDescriptor": (_IN,),
    "cudnnGetConvolutionForwardAlgorithm_v7": _FIND,
    "cudnnGetConvolutionForwardWorkspaceSize": _MEASURE,
    "cudnnConvolutionForward": _CONVOLVE,
    "cudnnGetConvolutionBackwardDataAlgorithm_v7": _FIND,
    "cudnnGetConvolutionBackwardDataWorkspaceSize": _MEASURE,
    "cudnnConvolutionBackwardData": _CONVOLVE,
    "cudnnGetConvolutionBackwardFilterAlgorithm_v7": _FIND,
    "cudnnGetConvolutionBackwardFilterWorkspaceSize": _MEASURE,
    "cudnnConvolutionBackwardFilter": _CONVOLVE,
}


class Library:
    """A loaded cuDNN: its functions as attributes, each of which raises for a status that is not success.

    Attributes:
        path: Where it was found, or the name by which the system found it.
        version: Its version, as one number.

    Raises:
        CudnnError: It is of another version, or lacks a function.
    """

    def __init__(self, path: str) -> None:
        handle = ctypes.CDLL(path)
        self.path = path
        try:
            handle.cudnnGetVersion.restype = c_size_t
            self.version: int = handle.cudnnGetVersion()
            self._explain = handle.cudnnGetErrorString
            self._explain.argtypes, self._explain.restype = (c_int,), c_char_p
            for name, types in _PROTOTYPES.items():
                function = getattr(handle, name)
                function.argtypes, function.restype, function.errcheck = types, c_int, self._check
                setattr(self, name, function)
        except AttributeError as error:
            raise CudnnError(f"cuDNN at {path} lacks a function: {error}") from error
        if self.version not in _VERSIONS:
            raise CudnnError(f"cuDNN at {path} is version {self.version}; only 9 can be used")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name!r} is none of the functions of cuDNN that are used here")

    def _check(self, status: int, function: Any, arguments: Any) -> int:
        if status:
            text = self._explain(status).decode()
            kind = CudnnMemoryError if "ALLOC" in text else CudnnError
            if status in _NOT_SUPPORTED:
                kind = UnsupportedByCudnnError
            raise kind(f"cuDNN {self.version}: {function.__name__} returned {text} ({status})")
        return status


@functools.cache
def find() -> Library | None:
    """Load cuDNN 9 as CuPy's search for CUDA's libraries finds it, else as the system does; None if there is none.

    Raises:
        CudnnError: There is one, but it cannot be used; the text says why.
    """
    for path in _candidates():
        try:
            return Library(path)
        except OSError as error:
            if path != SONAME:
                raise CudnnError(f"cuDNN at {path} cannot be loaded: {error}") from error
    return None


def _candidates() -> Iterator[str]:
    try:
        found = importlib.import_module("cuda.pathfinder").load_nvidia_dynamic_lib("cudnn")
        yield found.abs_path or SONAME
    except (ImportError, RuntimeError):
        # No pathfinder, or not found by it, which is a RuntimeError of its own.
        pass
    yield SONAME
