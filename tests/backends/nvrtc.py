"""NVIDIA's run-time compiler, which needs neither GPU nor driver: the library from the package index, by ctypes."""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import re
from typing import Any

import pytest

# Its wheels, by the version of CUDA.
PACKAGES = ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu12")


class CompileError(Exception):
    """The compiler refuses a source, or has something to say about it."""


def compiled(source: str, arch: str) -> str:
    """What NVRTC makes of ``source``: PTX if ``arch`` is a ``compute_80``, nothing but an error for a ``sm_80``.

    Raises:
        CompileError: It refuses or warns.
    """
    library = _library()
    program = ctypes.c_void_p()
    library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernel.cu", 0, None, None)
    # CuPy has subnormal numbers of float32 flushed.
    options = [b"-std=c++17", b"-ftz=true", f"-arch={arch}".encode()]
    failed = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    said = _text(library, "nvrtcGetProgramLog", program)
    ptx = "" if failed else _text(library, "nvrtcGetPTX", program)
    library.nvrtcDestroyProgram(ctypes.byref(program))
    if failed or said.strip():
        raise CompileError(said)
    return ptx


def doubles(ptx: str) -> list[str]:
    """The instructions that compute in float64; a parameter may be one, and be compared."""
    return re.findall(r"\b(?:abs|add|div|ex2|fma|max|min|mul|neg|rcp|sqrt|sub)\.[\w.]*f64\b.*", ptx)


def _text(library: Any, name: str, program: ctypes.c_void_p) -> str:
    size = ctypes.c_size_t()
    getattr(library, f"{name}Size")(program, ctypes.byref(size))
    text = ctypes.create_string_buffer(max(size.value, 1))
    getattr(library, name)(program, text)
    return text.value.decode()


@functools.cache
def _library() -> ctypes.CDLL:
    for package in PACKAGES:
        try:
            files = importlib.metadata.files(package) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in files:
            if re.fullmatch(r"libnvrtc\.so\.\d+", file.name):
                return ctypes.CDLL(str(file.locate()))
    pytest.skip(f"needs NVIDIA's compiler: `pip install {PACKAGES[-1]}`")
