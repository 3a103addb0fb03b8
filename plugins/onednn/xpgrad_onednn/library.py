"""Finding libdnnl, loading it, and its functions with their types; a status that is an error becomes an exception."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import os
import site
import sys
from collections.abc import Iterator
from ctypes import POINTER, c_char, c_float, c_int, c_int64, c_size_t, c_uint, c_void_p
from enum import IntEnum
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from xpgrad.errors import BackendError

VARIABLE: Final = "XPGRAD_ONEDNN_LIBRARY"
WHEEL: Final = "onednn-cpu-gomp"
SONAME: Final = "libdnnl.so.3"
OLDEST: Final = (3, 1)
MAX_DIMS: Final = 12

Dims = c_int64 * MAX_DIMS


class OneDnnError(BackendError):
    """oneDNN is missing, too old, or refused to do something."""


class Status(IntEnum):
    """What functions of oneDNN return (``dnnl_status_t``)."""

    SUCCESS = 0
    OUT_OF_MEMORY = 1
    INVALID_ARGUMENTS = 2
    UNIMPLEMENTED = 3
    LAST_IMPLEMENTATION_REACHED = 4
    RUNTIME_ERROR = 5
    NOT_REQUIRED = 6


class UnimplementedError(OneDnnError):
    """oneDNN has no implementation for these shapes and settings."""


class Argument(ctypes.Structure):
    """One argument of an execution (``dnnl_exec_arg_t``)."""

    _fields_ = [("index", c_int), ("memory", c_void_p)]


class _Version(ctypes.Structure):
    _fields_ = [("major", c_int), ("minor", c_int), ("patch", c_int), ("hash", ctypes.c_char_p)]


_OUT = POINTER(c_void_p)
_IN = c_void_p
_PROTOTYPES: Final[dict[str, tuple[Any, ...]]] = {
    "dnnl_engine_create": (_OUT, c_int, c_size_t),
    "dnnl_engine_destroy": (_IN,),
    "dnnl_stream_create": (_OUT, _IN, c_uint),
    "dnnl_stream_destroy": (_IN,),
    "dnnl_stream_wait": (_IN,),
    "dnnl_memory_desc_create_with_tag": (_OUT, c_int, Dims, c_int, c_int),
    "dnnl_memory_desc_create_with_strides": (_OUT, c_int, Dims, c_int, Dims),
    "dnnl_memory_desc_destroy": (_IN,),
    "dnnl_memory_create": (_OUT, _IN, _IN, _IN),
    "dnnl_memory_set_data_handle": (_IN, _IN),
    "dnnl_memory_destroy": (_IN,),
    "dnnl_primitive_attr_create": (_OUT,),
    "dnnl_primitive_attr_set_scratchpad_mode": (_IN, c_int),
    "dnnl_primitive_attr_destroy": (_IN,),
    "dnnl_primitive_create": (_OUT, _IN),
    "dnnl_primitive_execute": (_IN, _IN, c_int, POINTER(Argument)),
    "dnnl_primitive_destroy": (_IN,),
    "dnnl_primitive_desc_query": (_IN, c_int, c_int, _IN),
    "dnnl_primitive_desc_destroy": (_IN,),
    "dnnl_reorder_primitive_desc_create": (_OUT, _IN, _IN, _IN, _IN, _IN),
    "dnnl_convolution_forward_primitive_desc_create":
        (_OUT, _IN, c_int, c_int, _IN, _IN, _IN, _IN, Dims, Dims, Dims, Dims, _IN),
    "dnnl_convolution_backward_data_primitive_desc_create":
        (_OUT, _IN, c_int, _IN, _IN, _IN, Dims, Dims, Dims, Dims, _IN, _IN),
    "dnnl_convolution_backward_weights_primitive_desc_create":
        (_OUT, _IN, c_int, _IN, _IN, _IN, _IN, Dims, Dims, Dims, Dims, _IN, _IN),
    "dnnl_pooling_forward_primitive_desc_create":
        (_OUT, _IN, c_int, c_int, _IN, _IN, Dims, Dims, Dims, Dims, Dims, _IN),
    "dnnl_pooling_backward_primitive_desc_create":
        (_OUT, _IN, c_int, _IN, _IN, Dims, Dims, Dims, Dims, Dims, _IN, _IN),
    "dnnl_eltwise_forward_primitive_desc_create": (_OUT, _IN, c_int, c_int, _IN, _IN, c_float, c_float, _IN),
    "dnnl_sgemm":
        (c_char, c_char, c_int64, c_int64, c_int64, c_float, _IN, c_int64, _IN, c_int64, c_float, _IN, c_int64),
    "dnnl_softmax_forward_primitive_desc_create": (_OUT, _IN, c_int, c_int, _IN, _IN, c_int, _IN),
    "dnnl_softmax_backward_primitive_desc_create": (_OUT, _IN, c_int, _IN, _IN, _IN, c_int, _IN, _IN),
    "dnnl_layer_normalization_forward_primitive_desc_create":
        (_OUT, _IN, c_int, _IN, _IN, _IN, c_float, c_uint, _IN),
    "dnnl_layer_normalization_backward_primitive_desc_create":
        (_OUT, _IN, c_int, _IN, _IN, _IN, _IN, c_float, c_uint, _IN, _IN),
    "dnnl_lstm_forward_primitive_desc_create": (_OUT, _IN, c_int, c_int, *(_IN,) * 11, c_uint, _IN),
    "dnnl_lstm_backward_primitive_desc_create": (_OUT, _IN, c_int, c_int, *(_IN,) * 22, c_uint, _IN, _IN),
    "dnnl_lbr_gru_forward_primitive_desc_create": (_OUT, _IN, c_int, c_int, *(_IN,) * 7, c_uint, _IN),
    "dnnl_lbr_gru_backward_primitive_desc_create": (_OUT, _IN, c_int, c_int, *(_IN,) * 14, c_uint, _IN, _IN),
}  # fmt: skip


class Library:
    """A loaded libdnnl: its functions as attributes, each of which raises for a status that is not success.

    Attributes:
        path: Where it was found, or the name by which the system found it.
        version: Its version, as numbers.
    """

    def __init__(self, handle: ctypes.CDLL, path: str) -> None:
        self.path = path
        self._handle = handle
        handle.dnnl_version.restype = POINTER(_Version)
        found = handle.dnnl_version().contents
        self.version: tuple[int, int, int] = (found.major, found.minor, found.patch)
        if not OLDEST <= self.version[:2] < (4, 0):
            raise OneDnnError(
                f"{path} is oneDNN {self}, and the pack is written for {'.'.join(map(str, OLDEST))} to 3.x: "
                f"`pip install {WHEEL}`, or name another file in {VARIABLE}"
            )
        for name, types in _PROTOTYPES.items():
            function = getattr(handle, name)
            function.argtypes, function.restype, function.errcheck = types, c_int, _check
            setattr(self, name, function)
        self.query_md = handle.dnnl_primitive_desc_query_md
        self.query_md.argtypes, self.query_md.restype = (_IN, c_int, c_int), c_void_p
        self.md_equal = handle.dnnl_memory_desc_equal
        self.md_equal.argtypes, self.md_equal.restype = (_IN, _IN), c_int
        self.md_size = handle.dnnl_memory_desc_get_size
        self.md_size.argtypes, self.md_size.restype = (_IN,), c_size_t

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"libdnnl has no function {name!r} that this pack uses")

    def __str__(self) -> str:
        return ".".join(map(str, self.version))

    def use_one_thread_here(self) -> None:
        """Make the calling thread work alone, if the library is built on OpenMP, whose symbols it then brings."""
        try:
            self._handle.omp_set_num_threads(1)
        except AttributeError:
            pass


def load() -> Library:
    """The first libdnnl 3.x among the one that ``XPGRAD_ONEDNN_LIBRARY`` names, the wheel's and the system's.

    Raises:
        OneDnnError: There is none that can be used; one line says where it was looked for and what to install.
    """
    tried = []
    for path in _candidates():
        try:
            with _brief_waits():
                handle = ctypes.CDLL(path)
            return Library(handle, path)
        except OSError as error:
            tried.append(f"{path} ({error})" if os.path.exists(path) else path)
        except (AttributeError, OneDnnError) as error:
            tried.append(f"{path} ({error})")
    raise OneDnnError(
        f"no oneDNN 3.x ({SONAME}) can be loaded; tried {', '.join(tried)}. `pip install {WHEEL}` (Linux on x86_64; "
        f"needs libgomp.so.1, the system's package libgomp1), or name the file in {VARIABLE}"
    )


@contextlib.contextmanager
def _brief_waits() -> Iterator[None]:
    """Have OpenMP, which reads this when it is loaded, send threads that wait for work to sleep soon, as a default.

    Its own is to loop thirty times as long, which takes the core from NumPy's next function and from its BLAS. To sleep
    at once makes small convolutions half as slow again.
    """
    if any(name in os.environ for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")):
        yield
        return
    os.environ["GOMP_SPINCOUNT"] = "10000"
    try:
        yield
    finally:
        del os.environ["GOMP_SPINCOUNT"]


def _candidates() -> Iterator[str]:
    chosen = os.environ.get(VARIABLE)
    if chosen:
        yield chosen
        return
    seen = set()
    for path in _installed():
        if path.exists() and path not in seen:
            seen.add(path)
            yield str(path)
    yield SONAME
    if found := ctypes.util.find_library("dnnl"):
        yield found


def _installed() -> Iterator[Path]:
    """Where the wheel's file is: in the ``lib`` of an environment, which is not where the loader looks."""
    try:
        for file in metadata.files(WHEEL) or ():
            if file.name == SONAME:
                yield Path(str(file.locate())).resolve()
    except metadata.PackageNotFoundError:
        pass
    for prefix in (sys.prefix, sys.base_prefix, site.getuserbase()):
        yield Path(prefix) / "lib" / SONAME


def _check(status: int, function: Any, arguments: Any) -> int:
    if status == Status.SUCCESS:
        return status
    kind = UnimplementedError if status == Status.UNIMPLEMENTED else OneDnnError
    known = Status(status).name.lower().replace("_", " ") if status in Status._value2member_map_ else "unknown"
    raise kind(f"oneDNN: {function.__name__} returned status {status} ({known})")
