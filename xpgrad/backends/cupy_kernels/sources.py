"""The CUDA source beside this package's modules, and how much of a GPU to ask for.

CuPy compiles a source when a kernel of it is first launched, and keeps the result on disk. Kernels are plain CUDA C++:
64-bit indices, loops over whatever the grid leaves, no warp intrinsics, so that the same text runs on a CPU in tests.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Final, NamedTuple

import cupy

# What the floats are called there, by dtype.
FLOATS: Final = {"float16": "float16", "bfloat16": "bfloat16", "float32": "float", "float64": "double"}

# Kernels go on where the grid ends: so many blocks keep any GPU busy.
_MOST_BLOCKS: Final = 1 << 16
_THREADS: Final = 256
_MOST_THREADS: Final = 1024
_WARP: Final = 32
# From this length on, a row is worth as many threads as a block can have.
_LONG: Final = 4096
_FOLDER: Final = Path(__file__).parent / "cuda"


class Source:
    """A file of kernels, each a template over one type.

    Args:
        name: The file is ``cuda/name.cu``.
        kernels: The names of the kernels.
        types: What they are made for: names by dtype.
    """

    def __init__(self, name: str, *kernels: str, types: dict[str, str] = FLOATS) -> None:
        self._name = name
        self._types = types
        self.expressions = tuple(f"{kernel}<{kind}>" for kernel in kernels for kind in types.values())
        self._functions: dict[tuple[str, str], Any] = {}

    @property
    def code(self) -> str:
        """The text, with what all sources share before it."""
        files = ("numbers.cuh", "rows.cuh", f"{self._name}.cu")
        return "\n".join((_FOLDER / file).read_text(encoding="utf-8") for file in files)

    @functools.cached_property
    def _module(self) -> Any:
        return cupy.RawModule(code=self.code, options=("-std=c++17",), name_expressions=self.expressions)

    def has(self, *arrays: Any) -> bool:
        """Whether there are kernels for the dtype of all of ``arrays``, of which some may be None."""
        dtypes = {a.dtype.name for a in arrays if a is not None}
        return len(dtypes) == 1 and dtypes <= self._types.keys()

    def launch(self, kernel: str, dtype: Any, blocks: int, threads: int, *args: Any) -> None:
        """Run a kernel for ``dtype``; arrays among ``args`` are contiguous, and None is a null pointer."""
        function = self._functions.get((kernel, dtype.name))
        if function is None:
            function = self._module.get_function(f"{kernel}<{self._types[dtype.name]}>")
            self._functions[kernel, dtype.name] = function
        function((blocks,), (threads,), tuple(0 if a is None else a for a in args))


class Deal(NamedTuple):
    """How rows of elements are dealt to the threads of a grid.

    Attributes:
        blocks: How many blocks.
        threads: Of how many threads each, a power of two.
        width: How many rows a block works on at once, a power of two: each has ``threads // width`` of the threads.
    """

    blocks: int
    threads: int
    width: int


def deal(rows: int, length: int, neighbours: int = 1) -> Deal:
    """A grid for ``rows`` rows of ``length`` elements, both at least 1.

    Args:
        rows: How many rows.
        length: How many elements each has.
        neighbours: How many rows alternate in memory: 1 if each lies in one piece.
    """
    threads = _MOST_THREADS if length >= _LONG else _THREADS
    # Of rows that alternate, a block reads as many at once as make a full transaction.
    lanes = min(threads // min(_power_of_two(neighbours), _WARP), _power_of_two(length))
    width = threads // lanes
    return Deal(min(-(-rows // width), _MOST_BLOCKS), threads, width)


def blocks_for(count: int) -> tuple[int, int]:
    """Blocks and threads of a grid with a thread for each of ``count`` elements, or for as many as keep a GPU busy."""
    return max(1, min(-(-count // _THREADS), _MOST_BLOCKS)), _THREADS


def _power_of_two(n: int) -> int:
    """The least power of two that is at least ``n``."""
    return 1 << (n - 1).bit_length()
