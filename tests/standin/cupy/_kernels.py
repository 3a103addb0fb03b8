"""CuPy's classes for kernels of one's own, whose text is compiled for the CPU and run on the arrays of the stand-in."""

from __future__ import annotations

import ctypes
import functools
import itertools
import re
import threading
from typing import Any, ClassVar

import numpy as np

from cupy import _compiler, _launches

# The threads of a block are the process's: two kernels at once would take one another's.
_running = threading.Lock()

# What a test may set: whether the threads and blocks of a grid run in reverse order.
reverse = False

_C_NAMES = {
    **{"int8": "signed char", "int16": "short", "int32": "int", "int64": "long long"},
    **{"uint8": "unsigned char", "uint16": "unsigned short", "uint32": "unsigned int", "uint64": "unsigned long long"},
    **{"bool": "bool", "float16": "float16", "bfloat16": "bfloat16", "float32": "float", "float64": "double"},
    **{"complex64": "complex<float>", "complex128": "complex<double>"},
}


class RawModule:
    """Kernels in one text. As in CuPy, it is compiled when a function is first asked for."""

    def __init__(
        self,
        *,
        code: str | None = None,
        path: str | None = None,
        options: tuple[str, ...] = (),
        backend: str = "nvrtc",
        translate_cucomplex: bool = False,
        enable_cooperative_groups: bool = False,
        name_expressions: Any = None,
        jitify: bool | None = None,
    ) -> None:
        if code is None or path is not None:
            raise TypeError("the stand-in compiles code, it does not load binaries")
        self.code = code
        self.options = options
        self.name_expressions = None if name_expressions is None else tuple(name_expressions)

    def get_function(self, name: str) -> RawKernel:
        if self.name_expressions is not None and name not in self.name_expressions:
            raise ValueError(f"{name} is none of the name expressions {self.name_expressions}")
        names = self.name_expressions or _declared(self.code)
        return RawKernel(self.code, name, self.options, _names=names)


class RawKernel:
    """A function of a text, called with a grid, a block and arguments that must have the very types it declares."""

    def __init__(
        self,
        code: str,
        name: str,
        options: tuple[str, ...] = (),
        backend: str = "nvrtc",
        translate_cucomplex: bool = False,
        *,
        enable_cooperative_groups: bool = False,
        jitify: bool | None = None,
        _names: tuple[str, ...] = (),
    ) -> None:
        self.code = code
        self.name = self.__name__ = name
        self.options = options
        self._names = _names or _declared(code)

    def __call__(self, grid: Any, block: Any, args: Any, *, shared_mem: int = 0) -> None:
        import cupy

        if shared_mem:
            raise TypeError("the stand-in has no dynamic shared memory")
        for dims in (grid, block):
            if (
                type(dims) is not tuple
                or not 1 <= len(dims) <= 3
                or not all(isinstance(n, int) and n > 0 for n in dims)
            ):
                raise TypeError(f"{self.name}: the grid and the block are tuples of positive ints, got {grid}, {block}")
        grid, block = (*grid, 1, 1)[:3], (*block, 1, 1)[:3]
        if np.prod(block) > 1024 or grid[0] >= 2**31 or max(grid[1:]) >= 2**16:
            raise ValueError(f"{self.name}: grid {grid} of blocks {block} is too large")
        library = _compiler.library(self.code + _entries(self._names), "cuda_on_cpu.h")
        number = self._names.index(self.name)
        signature = _signature(library, number).split()
        values = [_value(a) for a in args]
        # Python's 0 does for a null pointer.
        given = [_code(a, s) for a, s in itertools.zip_longest(args, signature[: len(args)], fillvalue="")]
        if signature != given:
            raise TypeError(f"{self.name}: declared with {' '.join(signature)}, called with {' '.join(given)}")
        pointers = (ctypes.c_void_p * len(values))(*(ctypes.addressof(v) for v in values))
        sizes = [(ctypes.c_uint * 3)(*dims) for dims in (grid, block)]
        _launches.record(self.name)
        with _running:
            failed = getattr(library, f"launch_{number}")(pointers, *sizes, int(reverse))
        if failed:
            raise RuntimeError(f"{self.name}: some threads of a block ended while others waited for them")
        for array in args:
            if isinstance(array, cupy.ndarray):
                array.check_guard()


def _declared(code: str) -> tuple[str, ...]:
    """The kernels with C's names in a text."""
    return tuple(re.findall(r'extern "C" __global__ void (?:__launch_bounds__\(\w+\) )?(\w+)\(', code))


def _entries(names: tuple[str, ...]) -> str:
    return "".join(
        f'\nextern "C" int launch_{i}(void** a, const unsigned int* g, const unsigned int* b, int r)'
        f" {{ return cpu::launch<{name}>(a, g, b, r); }}"
        f'\nextern "C" const char* signature_{i}() {{ return cpu::signature({name}); }}'
        for i, name in enumerate(names)
    )


@functools.cache
def _signature(library: ctypes.CDLL, number: int) -> str:
    function = getattr(library, f"signature_{number}")
    function.restype = ctypes.c_char_p
    return function().decode()


def _code(value: Any, declared: str) -> str:
    """How the header spells the type that CuPy gives a kernel for ``value``."""
    import cupy

    if type(value) is int and value == 0 and declared.startswith("*"):
        return declared
    if isinstance(value, cupy.ndarray):
        is_plain = value.dtype.kind != "c" and value.dtype.name not in ("float16", "bfloat16")
        kind = value.dtype.kind if is_plain else "V"
        return f"*{kind}{value.dtype.itemsize}"
    value = _scalar(value)
    return f"{value.dtype.kind}{value.dtype.itemsize}"


def _value(value: Any) -> Any:
    import cupy

    if isinstance(value, cupy.ndarray):
        cupy._check_device(value)
        if not value.flags.c_contiguous:
            raise TypeError("a raw kernel sees no strides, and this array is not contiguous")
        return ctypes.c_void_p(value.data.ptr)
    scalar = _scalar(value)
    return (ctypes.c_char * scalar.itemsize).from_buffer_copy(scalar.tobytes())


def _scalar(value: Any) -> Any:
    """As CuPy passes it: Python's numbers as the widest of their kind, and a NumPy array of one element by value."""
    if isinstance(value, np.generic) and value.dtype.kind != "V":
        return value
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.reshape(-1)[0]
    kind = {bool: np.bool_, int: np.int64, float: np.float64, complex: np.complex128}.get(type(value))
    if kind is None:
        raise TypeError(f"Unsupported type {type(value)}")
    return kind(value)


class _Parameter:
    def __init__(self, text: str) -> None:
        *words, self.type, self.name = text.split()
        self.raw = words == ["raw"]
        if words and not self.raw:
            raise ValueError(f"Unknown keyword in {text!r}")
        if len(self.type) > 1 and np.dtype(self.type).name != self.type:
            raise ValueError(f"Wrong type {self.type}")


class ElementwiseKernel:
    """An operation on each element, with CuPy's rules for types and shapes.

    Attributes:
        made: All that there are.
    """

    made: ClassVar[list[ElementwiseKernel]] = []

    def __init__(
        self,
        in_params: str,
        out_params: str,
        operation: str,
        name: str = "kernel",
        reduce_dims: bool = True,
        preamble: str = "",
        no_return: bool = False,
        return_tuple: bool = False,
        *,
        options: tuple[str, ...] = (),
        loop_prep: str = "",
        after_loop: str = "",
    ) -> None:
        self._in, self._out = (
            [_Parameter(p) for p in text.split(",")] if text.strip() else [] for text in (in_params, out_params)
        )
        if "i" in [p.name for p in self._in + self._out] or not name.isidentifier():
            raise ValueError(f"{name}: a parameter is called i, or this is no name")
        self.operation, self.preamble = operation, preamble
        self.name = self.__name__ = name
        self._no_return, self._return_tuple = no_return, return_tuple
        self._loop_prep, self._after_loop = loop_prep, after_loop
        self.made.append(self)

    def cuda(self, types: dict[str, str]) -> str:
        """The kernel for arrays of these dtypes, in one piece each, and numbers where the type is named."""
        parameters, loads = [], []
        for number, p in enumerate(self._in + self._out):
            kind = p.type if len(p.type) == 1 else _C_NAMES[p.type]
            const = "const " if number < len(self._in) else ""
            if p.raw:
                parameters.append(f"CArray<{const}{kind}> {p.name}")
            elif len(p.type) == 1 or not const:
                parameters.append(f"{const}{kind}* _raw_{p.name}")
                loads.append(f"{const}{kind}& {p.name} = _raw_{p.name}[i];")
            else:
                parameters.append(f"const {kind} {p.name}")
        typedefs = "".join(f"typedef {_C_NAMES[dtype]} {letter};\n" for letter, dtype in sorted(types.items()))
        return f"""{typedefs}{self.preamble}
            extern "C" __global__ void {self.name}({", ".join(parameters)}, CIndexer _ind) {{
                {self._loop_prep};
                for (long long i = threadIdx.x; i < _ind.size(); i += blockDim.x) {{
                    {"".join(loads)}
                    {self.operation};
                }}
                {self._after_loop};
            }}"""

    def __call__(self, *args: Any, size: int = -1, block_size: int = 128) -> Any:
        import cupy

        if len(args) not in (len(self._in), len(self._in) + len(self._out)):
            raise TypeError(f"{self.name}: takes {len(self._in)} arguments, or {len(self._out)} more, got {len(args)}")
        hosts = [cupy._unwrap(a) if isinstance(a, cupy.ndarray) else _scalar(a) for a in args]
        inputs, outputs = hosts[: len(self._in)], hosts[len(self._in) :]
        if not all(isinstance(out, np.ndarray) for out in outputs):
            raise TypeError(f"{self.name}: output arguments must be cupy.ndarray")
        types = self._types(inputs, outputs)
        spread = [
            a for p, a in zip(self._in + self._out, hosts, strict=False) if isinstance(a, np.ndarray) and not p.raw
        ]
        if bool(spread) == (size != -1):
            raise ValueError(f"{self.name}: the size must be given if all arrays are raw, and only then")
        shape = np.broadcast_shapes(*(a.shape for a in spread)) if spread else (size,)
        if outputs and any(o.shape != shape for p, o in zip(self._out, outputs, strict=True) if not p.raw):
            raise ValueError(f"{self.name}: out shape is mismatched")
        if not outputs:
            if size == -1 and any(p.raw for p in self._out):
                raise ValueError(f"{self.name}: output array size is undecided")
            made = [cupy.empty(shape, dtype=_dtype(types.get(p.type, p.type))) for p in self._out]
            outputs = [m._host for m in made]
        else:
            made = list(args[len(self._in) :])
        if 0 not in shape:
            self._run(inputs, outputs, types, shape)
            for array in made:
                array.check_guard()
        return None if self._no_return else made[0] if len(made) == 1 and not self._return_tuple else tuple(made)

    def _types(self, inputs: list[Any], outputs: list[Any]) -> dict[str, str]:
        """The dtypes of the types of one letter: arrays decide, and all must agree."""
        found: dict[str, str] = {}
        for p, a in [*zip(self._out, outputs, strict=False), *zip(self._in, inputs, strict=True)]:
            if isinstance(a, np.ndarray):
                expected = found.setdefault(p.type, a.dtype.name) if len(p.type) == 1 else p.type
                if expected != a.dtype.name:
                    raise TypeError(f"{self.name}: type is mismatched: {p.name} is {a.dtype.name}, not {expected}")
        for p in self._in + self._out:
            if len(p.type) == 1 and p.type not in found:
                raise TypeError(f"{self.name}: no array tells what {p.type} is")
        return found

    def _run(self, inputs: list[Any], outputs: list[Any], types: dict[str, str], shape: tuple[int, ...]) -> None:
        library = _compiler.library(self._source(types, inputs), "elementwise_on_cpu.h")
        keep, pointers, written = [], [], []
        for p, a in [*zip(self._in, inputs, strict=True), *zip(self._out, outputs, strict=True)]:
            if not isinstance(a, np.ndarray):
                a = np.asarray(a).astype(_dtype(types.get(p.type, p.type)))
            else:
                wide = np.broadcast_to(a, shape) if p in self._in and not p.raw else a
                a = wide if wide.flags.c_contiguous else wide.copy()
                if p in self._out and a is not wide:
                    written.append((wide, a))
            keep.append(a)
            pointers.append(a.ctypes.data)
        shapes = [np.array([a.size, a.ndim, *a.shape], dtype=np.int64) for a in keep]
        _launches.record(self.name)
        with _running:
            beyond = library.launch(
                (ctypes.c_void_p * len(pointers))(*pointers),
                (ctypes.c_void_p * len(shapes))(*(s.ctypes.data for s in shapes)),
                ctypes.c_longlong(int(np.prod(shape))),
                int(reverse),
            )
        if beyond:
            raise IndexError(f"{self.name}: an element out of range of a raw array was used")
        for target, value in written:
            target[...] = value

    def _source(self, types: dict[str, str], inputs: list[Any]) -> str:
        loads, names = [], []
        for number, p in enumerate(self._in + self._out):
            kind = p.type if len(p.type) == 1 else _C_NAMES[p.type]
            const = "const " if number < len(self._in) else ""
            is_array = number >= len(inputs) or isinstance(inputs[number], np.ndarray)
            if p.raw:
                loads.append(
                    f"CArray<{const}{kind}> {p.name} = array<{const}{kind}>(arrays[{number}], shapes[{number}]);"
                )
            elif is_array:
                loads.append(f"{const}{kind}* _raw_{p.name} = static_cast<{const}{kind}*>(arrays[{number}]);")
                names.append(f"{const}{kind}& {p.name} = _raw_{p.name}[i];")
            else:
                loads.append(f"const {kind} {p.name} = *static_cast<const {kind}*>(arrays[{number}]);")
        lines = [
            *(f"typedef {_C_NAMES[dtype]} {letter};" for letter, dtype in sorted(types.items())),
            self.preamble,
            "template <class E> static CArray<E> array(void* data, const long long* shape) {",
            "    CArray<E> made = {static_cast<E*>(data), shape[0], int(shape[1])};",
            "    for (int axis = 0; axis < shape[1]; ++axis) made.shape_[axis] = shape[2 + axis];",
            "    return made;",
            "}",
            'extern "C" int launch(void** arrays, const long long** shapes, long long size, int backwards) {',
            "    cpu::beyond = -1;",
            "    CIndexer _ind = {size};",
            *loads,
            f"    {self._loop_prep};",
            "    for (std::ptrdiff_t turn = 0; turn < size; ++turn) {",
            "        const std::ptrdiff_t i = backwards ? size - 1 - turn : turn;",
            *names,
            f"        {self.operation};",
            "    }",
            f"    {self._after_loop};",
            "    return cpu::beyond != -1;",
            "}",
        ]
        return "\n".join(lines)


def _dtype(name: str) -> Any:
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)
