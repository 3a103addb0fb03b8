"""Convolutions described to cuDNN, each with the algorithm for it. Making descriptions needs no GPU."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import byref, c_int, c_size_t, c_void_p
from enum import Enum
from typing import Any, Final, NamedTuple

from xpgrad._typing import Shape
from xpgrad.backends.cudnn.library import Library, Performance, UnsupportedByCudnnError

# By dtype: cuDNN's number for it, that for the arithmetic, and the type of the two scalars of a convolution.
_FLOAT: Final = (0, ctypes.c_float)
_DOUBLE: Final = (1, ctypes.c_double)
DTYPES: Final[dict[str, tuple[int, tuple[int, Any]]]] = {
    "float32": (0, _FLOAT),
    "float64": (1, _DOUBLE),
    "float16": (2, _FLOAT),
    "bfloat16": (9, _FLOAT),
}
_ROW_MAJOR: Final = 0
_CROSS_CORRELATION: Final = 1
_DEFAULT_ARITHMETIC: Final = 0
_TENSOR_CORES: Final = 1
_PLAIN_FLOAT32: Final = 3

# Algorithms are passed over that want more bytes to work in.
MOST_WORKSPACE: Final = 1 << 30
_MOST_ALGORITHMS: Final = 16


class Kind(Enum):
    """A convolution or one of its transposes: what cuDNN calls it. The operands are (x, w), (w, y) and (x, y)."""

    FORWARD = "Forward"
    TO_INPUT = "BackwardData"
    TO_WEIGHT = "BackwardFilter"


class Problem(NamedTuple):
    """A convolution: shapes of (N, C, *S), (O, C/groups, *K) and (N, O, *S') with at least two spatial axes."""

    x: Shape
    w: Shape
    y: Shape
    stride: Shape
    padding: Shape
    dilation: Shape
    groups: int
    dtype: str


class Handle:
    """An object of cuDNN, destroyed with this one."""

    __slots__ = ("_destroy", "value")

    def __init__(self, create: Callable[..., Any], destroy: Callable[..., Any]) -> None:
        pointer = c_void_p()
        self._destroy = destroy
        self.value: int | None = None
        create(byref(pointer))
        self.value = pointer.value

    def __del__(self) -> None:
        if self.value is not None:
            self._destroy(self.value)


class Plan:
    """One problem of one kind, ready to run: descriptions, an algorithm and the bytes that it works in.

    Args:
        library: cuDNN.
        handle: Of a thread and a device, to ask what is best there; running takes any handle of the same device.
        kind: What to compute.
        problem: The shapes and settings.
        deterministic: Pass over algorithms that may give other bits the next time.
        tf32: Allow float32 to be rounded to TF32.

    Raises:
        UnsupportedByCudnnError: There is no algorithm for it.
        CudnnError: Anything else.
    """

    def __init__(
        self, library: Library, handle: int | None, kind: Kind, problem: Problem, *, deterministic: bool, tf32: bool
    ) -> None:
        x, y = (describe_array(library, shape, problem) for shape in (problem.x, problem.y))
        w = describe_kernels(library, problem)
        self._operands = {
            Kind.FORWARD: (x, w, y),
            Kind.TO_INPUT: (w, y, x),
            Kind.TO_WEIGHT: (x, y, w),
        }[kind]
        self._settings = describe_settings(library, problem, tf32)
        self._run = getattr(library, f"cudnnConvolution{kind.value}")
        find = getattr(library, f"cudnnGetConvolution{kind.value}Algorithm_v7")
        measure = getattr(library, f"cudnnGetConvolution{kind.value}WorkspaceSize")
        first, second, out = (operand.value for operand in self._operands)
        described = (handle, first, second, self._settings.value, out)
        found, count = (Performance * _MOST_ALGORITHMS)(), c_int()
        find(*described, _MOST_ALGORITHMS, byref(count), found)
        best = _best(found[: count.value], deterministic)
        # What an algorithm was judged by holds for the arithmetic that the judgement names.
        library.cudnnSetConvolutionMathType(self._settings.value, best.arithmetic)
        self.algorithm: int = best.algorithm
        size = c_size_t()
        measure(*described, self.algorithm, byref(size))
        self.workspace: int = size.value
        scalar = DTYPES[problem.dtype][1][1]
        self._one, self._zero = scalar(1), scalar(0)

    def run(self, handle: int | None, first: int, second: int, out: int, workspace: int) -> None:
        """Ask the stream of ``handle`` to compute ``out`` from the operands of the kind; all are addresses."""
        one, two, three = (operand.value for operand in self._operands)
        self._run(
            handle, byref(self._one), one, first, two, second, self._settings.value, self.algorithm,
            workspace, self.workspace, byref(self._zero), three, out,
        )  # fmt: skip


def _best(found: Sequence[Performance], deterministic: bool) -> Performance:
    """The first that can be used: they come sorted by the time that they are expected to take."""
    for one in found:
        if one.status == 0 and one.workspace <= MOST_WORKSPACE and (one.is_deterministic or not deterministic):
            return one
    raise UnsupportedByCudnnError(
        f"cuDNN has no algorithm of {len(found)} that works in {MOST_WORKSPACE} bytes"
        f"{' and is deterministic' if deterministic else ''}"
    )


def describe_array(library: Library, shape: Shape, problem: Problem) -> Handle:
    """The description of a C-contiguous array."""
    handle = Handle(library.cudnnCreateTensorDescriptor, library.cudnnDestroyTensorDescriptor)
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    library.cudnnSetTensorNdDescriptor(
        handle.value, DTYPES[problem.dtype][0], len(shape), _numbers(shape), _numbers(strides[::-1])
    )
    return handle


def describe_kernels(library: Library, problem: Problem) -> Handle:
    """The description of C-contiguous kernels."""
    handle = Handle(library.cudnnCreateFilterDescriptor, library.cudnnDestroyFilterDescriptor)
    library.cudnnSetFilterNdDescriptor(
        handle.value, DTYPES[problem.dtype][0], _ROW_MAJOR, len(problem.w), _numbers(problem.w)
    )
    return handle


def describe_settings(library: Library, problem: Problem, tf32: bool) -> Handle:
    """The description of stride, padding, dilation, groups and arithmetic."""
    handle = Handle(library.cudnnCreateConvolutionDescriptor, library.cudnnDestroyConvolutionDescriptor)
    library.cudnnSetConvolutionNdDescriptor(
        handle.value, len(problem.stride), _numbers(problem.padding), _numbers(problem.stride),
        _numbers(problem.dilation), _CROSS_CORRELATION, DTYPES[problem.dtype][1][0],
    )  # fmt: skip
    library.cudnnSetConvolutionGroupCount(handle.value, problem.groups)
    arithmetic = _TENSOR_CORES if problem.dtype in ("float16", "bfloat16") else _DEFAULT_ARITHMETIC
    if problem.dtype == "float32" and not tf32:
        arithmetic = _PLAIN_FLOAT32
    library.cudnnSetConvolutionMathType(handle.value, arithmetic)
    return handle


def _numbers(values: Sequence[int]) -> Any:
    return (c_int * len(values))(*values)
