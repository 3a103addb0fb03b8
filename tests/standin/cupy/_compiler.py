"""CUDA C++ compiled for the CPU by g++, and kept: what differs in neither text nor header is compiled once per checkout."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".pytest_cache" / "cuda-on-cpu"
# Fortified jumps refuse other stacks, on which the threads of a block live.
FLAGS = ("-std=c++17", "-O1", "-fPIC", "-ffp-contract=off", "-U_FORTIFY_SOURCE", "-w")


@functools.cache
def library(source: str, header: str) -> ctypes.CDLL:
    """``source`` behind ``header``, as a shared library."""
    folder = _with_header(header)
    made = folder / f"{_digest(source)}.so"
    if not made.exists():
        text = made.with_name(f"{made.stem}-{os.getpid()}.cpp")
        text.write_text(f'#include "{header}"\n{source}')
        _run("-shared", "-I", str(folder), str(text), to=made)
        text.unlink()
    return ctypes.CDLL(str(made))


@functools.cache
def _with_header(header: str) -> Path:
    """The folder of what is compiled with ``header``, which is there, compiled too: it takes longer than a kernel."""
    texts = "".join(path.read_text() for path in sorted(HERE.glob("*.h")))
    folder = CACHE / _digest(texts, header, *FLAGS, _compiler_version())
    folder.mkdir(parents=True, exist_ok=True)
    for path in HERE.glob("*.h"):
        if not (folder / path.name).exists():
            _put(path.read_bytes(), folder / path.name)
    compiled = folder / f"{header}.gch"
    if not compiled.exists():
        _run("-x", "c++-header", str(folder / header), to=compiled)
    return folder


def _run(*arguments: str, to: Path) -> None:
    # Under a name of its own until it is whole: other processes of the same run look for it too.
    unfinished = to.with_name(f"{to.name}.{os.getpid()}")
    done = subprocess.run([_compiler(), *FLAGS, *arguments, "-o", unfinished], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"g++ refuses a kernel:\n{done.stderr}")
    unfinished.replace(to)


def _put(content: bytes, to: Path) -> None:
    unfinished = to.with_name(f"{to.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(to)


@functools.cache
def _compiler() -> str:
    found = shutil.which("g++")
    if found is None or os.name != "posix":
        pytest.skip("there is no g++ to compile CUDA kernels for the CPU")
    return found


@functools.cache
def _compiler_version() -> str:
    return subprocess.run([_compiler(), "--version"], capture_output=True, text=True, check=True).stdout


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:20]
