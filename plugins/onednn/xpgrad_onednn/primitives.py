"""Primitives compiled for shapes, ready to run on NumPy arrays, and kept: one `Session` per thread.

oneDNN may want its operands in a layout of its own. A `Plan` reorders what differs into scratch memory that its thread
keeps, so that only results are ever allocated.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from ctypes import byref, c_char_p, c_void_p
from enum import IntEnum
from typing import Any, Final

import numpy as np

from xpgrad._typing import Shape
from xpgrad_onednn.library import Argument, Dims, Library, OneDnnError, UnimplementedError

Ndarray = np.ndarray[Any, Any]

# Plans that a thread keeps: more than networks have distinct layers, times three for their gradients.
CAPACITY: Final = 512
LARGEST: Final = 2**31 - 1

_CPU: Final = 1
FLOAT32: Final = 3
UINT8: Final = 6
_ANY: Final = 1
_IN_ORDER: Final = 1
_SCRATCHPAD_OF_USER: Final = 1
_QUERY_IMPLEMENTATION: Final = 8
_QUERY_ARGUMENT: Final = 255
_ALIGNMENT: Final = 64


class Arg(IntEnum):
    """Which operand of a primitive an array is (``DNNL_ARG_*``)."""

    SRC = 1
    SRC_ITER = 2
    SRC_ITER_C = 3
    DST = 17
    DST_ITER = 18
    DST_ITER_C = 19
    WEIGHTS = 33
    WEIGHTS_ITER = 34
    BIAS = 41
    MEAN = 49
    VARIANCE = 50
    SCALE = 51
    SHIFT = 52
    WORKSPACE = 64
    SCRATCHPAD = 80
    DIFF_SRC = 129
    DIFF_SRC_ITER = 130
    DIFF_SRC_ITER_C = 131
    DIFF_DST = 145
    DIFF_DST_ITER = 146
    DIFF_DST_ITER_C = 147
    DIFF_WEIGHTS = 161
    DIFF_WEIGHTS_ITER = 162
    DIFF_BIAS = 169
    DIFF_SCALE = 255
    DIFF_SHIFT = 256


class Handle:
    """An object of oneDNN, destroyed with this one."""

    __slots__ = ("_destroy", "value")

    def __init__(self, create: Callable[..., Any], destroy: Callable[..., Any], *args: Any) -> None:
        pointer = c_void_p()
        self._destroy = destroy
        self.value = None
        create(byref(pointer), *args)
        self.value = pointer.value

    def __del__(self) -> None:
        if self.value is not None:
            self._destroy(self.value)


class Session:
    """What one thread has of oneDNN: a stream, scratch memory and the plans it used last."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.engine = Handle(library.dnnl_engine_create, library.dnnl_engine_destroy, _CPU, 0)
        self.stream = Handle(library.dnnl_stream_create, library.dnnl_stream_destroy, self.engine.value, _IN_ORDER)
        self.attributes = Handle(library.dnnl_primitive_attr_create, library.dnnl_primitive_attr_destroy)
        library.dnnl_primitive_attr_set_scratchpad_mode(self.attributes.value, _SCRATCHPAD_OF_USER)
        self.plans: OrderedDict[Hashable, Plan | None] = OrderedDict()
        self._scratch: Ndarray = np.empty(0, np.uint8)
        self.scratch_pointer = 0
        self.scratch_generation = 0

    def plan(self, key: Hashable, build: Callable[[Session], Plan]) -> Plan | None:
        """The plan kept under ``key``, or what ``build`` makes; None if oneDNN has no implementation of it."""
        try:
            self.plans.move_to_end(key)
            return self.plans[key]
        except KeyError:
            pass
        try:
            plan = build(self)
        except UnimplementedError:
            plan = None
        self.plans[key] = plan
        if len(self.plans) > CAPACITY:
            self.plans.popitem(last=False)
        return plan

    def any_layout(self, shape: Sequence[int]) -> Handle:
        """The description of a float32 array whose layout oneDNN may choose."""
        return self._description(self.library.dnnl_memory_desc_create_with_tag, shape, FLOAT32, _ANY)

    def plain_layout(self, shape: Sequence[int], dtype: int = FLOAT32) -> Handle:
        """The description of a C-contiguous array."""
        strides, step = [], 1
        for length in reversed(shape):
            strides.append(step)
            step *= length
        return self.strided_layout(shape, strides[::-1], dtype)

    def strided_layout(self, shape: Sequence[int], strides: Sequence[int], dtype: int = FLOAT32) -> Handle:
        """The description of an array with ``strides``, counted in elements."""
        return self._description(self.library.dnnl_memory_desc_create_with_strides, shape, dtype, dims(strides))

    def _description(self, create: Callable[..., Any], shape: Sequence[int], dtype: int, layout: Any) -> Handle:
        return Handle(create, self.library.dnnl_memory_desc_destroy, len(shape), dims(shape), dtype, layout)

    def primitive_desc(self, create: Callable[..., Any], *args: Any) -> Handle:
        """What ``create`` makes of this engine and ``args``."""
        plain = (arg.value if isinstance(arg, Handle) else arg for arg in args)
        return Handle(
            create, self.library.dnnl_primitive_desc_destroy, self.engine.value, *plain, self.attributes.value
        )

    def workspace(self, primitive_desc: Handle) -> int:
        """The bytes of what a forward primitive leaves for its backward one."""
        library = self.library
        size: int = library.md_size(library.query_md(primitive_desc.value, _QUERY_ARGUMENT, Arg.WORKSPACE))
        return size

    def implementation(self, primitive_desc: Handle) -> str:
        """The name of the implementation that oneDNN chose."""
        name = c_char_p()
        self.library.dnnl_primitive_desc_query(primitive_desc.value, _QUERY_IMPLEMENTATION, 0, byref(name))
        return (name.value or b"").decode()

    def reserve(self, size: int) -> None:
        """Have at least ``size`` bytes of scratch memory."""
        if size > len(self._scratch) - _ALIGNMENT:
            self._scratch = np.empty(size + _ALIGNMENT, np.uint8)
            address = self._scratch.ctypes.data
            self.scratch_pointer = address + -address % _ALIGNMENT
            self.scratch_generation += 1


# The description and the memory of an operand; a primitive, and how many arguments in which array.
_Place = tuple[Any, Any]
_Step = tuple[Any, int, Any]


class Plan:
    """One primitive, with the reorders around it, for arrays of fixed shapes.

    Args:
        session: Whose it is.
        primitive: Its description.
        given: The operands and their shapes, in the order in which arrays will be given.
        results: Those that it writes to.
        strides: How the elements of an operand lie in an array that is itself C-contiguous, if its axes are in
            another order.

    Attributes:
        kinds: The shape and dtype of each result.
    """

    def __init__(
        self,
        session: Session,
        primitive: Handle,
        given: Mapping[Arg, Shape],
        results: Mapping[Arg, Shape],
        strides: Mapping[Arg, Shape] | None = None,
    ) -> None:
        self._session = session
        self._strides = strides or {}
        self.kinds = [(shape, np.uint8 if index == Arg.WORKSPACE else np.float32) for index, shape in results.items()]
        self._memories: list[tuple[Any, int]] = []
        self._keep: list[Handle] = []
        self._in_scratch: list[tuple[Any, int]] = []
        self._scratch_size = 0
        self._generation = -1
        arguments: dict[Arg, Any] = {}
        before = [step for item in given.items() for step in self._bind(primitive, *item, arguments)]
        after = [step[::-1] for item in results.items() for step in self._bind(primitive, *item, arguments)]
        for extra in (Arg.SCRATCHPAD, Arg.WORKSPACE):
            description = session.library.query_md(primitive.value, _QUERY_ARGUMENT, extra)
            if extra not in arguments and description and session.library.md_size(description):
                arguments[extra] = self._scratch_memory(description)
        self._steps = [
            *(self._reorder(*step) for step in before),
            self._step(primitive, arguments),
            *(self._reorder(*step) for step in after),
        ]

    def __call__(self, *arrays: Ndarray) -> list[Ndarray]:
        """The results for ``arrays``, all float32 of the plan's shapes; a workspace is uint8."""
        results = [np.empty(*kind) for kind in self.kinds]
        self.run(arrays, results)
        return results

    def run(self, arrays: Sequence[Ndarray], results: Sequence[Ndarray]) -> None:
        """Write what becomes of ``arrays`` to C-contiguous ``results``, all of the shapes and dtypes of the plan."""
        session = self._session
        set_handle, execute = session.library.dnnl_memory_set_data_handle, session.library.dnnl_primitive_execute
        arrays = [np.ascontiguousarray(array) for array in arrays]
        if self._generation != session.scratch_generation:
            self._place_scratch()
        for (memory, size), array in zip(self._memories, (*arrays, *results), strict=True):
            if array.size != size:
                raise OneDnnError(f"oneDNN: an operand has {array.size} elements, its primitive is for {size}")
            set_handle(memory, array.ctypes.data)
        stream = session.stream.value
        for primitive, count, arguments in self._steps:
            execute(primitive, stream, count, arguments)
        session.library.dnnl_stream_wait(stream)

    def _bind(
        self, primitive: Handle, index: Arg, shape: Shape, arguments: dict[Arg, Any]
    ) -> Iterator[tuple[_Place, _Place]]:
        """Give ``primitive`` a memory for an array of ``shape``; yields from and to where it must then be reordered."""
        session, library = self._session, self._session.library
        if index in self._strides:
            plain = session.strided_layout(shape, self._strides[index])
        else:
            plain = session.plain_layout(shape, UINT8 if index == Arg.WORKSPACE else FLOAT32)
        self._keep.append(plain)
        memory = self._memory(plain.value)
        self._memories.append((memory, math.prod(shape)))
        wanted = library.query_md(primitive.value, _QUERY_ARGUMENT, index)
        if library.md_equal(plain.value, wanted):
            arguments[index] = memory
        else:
            self._keep.append(primitive)
            arguments[index] = moved = self._scratch_memory(wanted)
            yield (plain.value, memory), (wanted, moved)

    def _reorder(self, source: _Place, target: _Place) -> _Step:
        session, library = self._session, self._session.library
        engine = session.engine.value
        description = Handle(
            library.dnnl_reorder_primitive_desc_create, library.dnnl_primitive_desc_destroy,
            source[0], engine, target[0], engine, session.attributes.value,
        )  # fmt: skip
        arguments = {Arg.SRC: source[1], Arg.DST: target[1]}
        scratch = library.query_md(description.value, _QUERY_ARGUMENT, Arg.SCRATCHPAD)
        if scratch and library.md_size(scratch):
            arguments[Arg.SCRATCHPAD] = self._scratch_memory(scratch)
        return self._step(description, arguments)

    def _step(self, description: Handle, arguments: Mapping[Arg, Any]) -> _Step:
        library = self._session.library
        primitive = Handle(library.dnnl_primitive_create, library.dnnl_primitive_destroy, description.value)
        self._keep.append(primitive)
        array = (Argument * len(arguments))(*(Argument(index, memory) for index, memory in arguments.items()))
        return primitive.value, len(arguments), array

    def _memory(self, description: Any) -> Any:
        library = self._session.library
        memory = Handle(
            library.dnnl_memory_create, library.dnnl_memory_destroy, description, self._session.engine.value, None
        )
        self._keep.append(memory)
        return memory.value

    def _scratch_memory(self, description: Any) -> Any:
        memory = self._memory(description)
        self._in_scratch.append((memory, self._scratch_size))
        size = self._session.library.md_size(description)
        self._scratch_size += size + -size % _ALIGNMENT
        return memory

    def _place_scratch(self) -> None:
        session = self._session
        session.reserve(self._scratch_size)
        for memory, offset in self._in_scratch:
            session.library.dnnl_memory_set_data_handle(memory, session.scratch_pointer + offset)
        self._generation = session.scratch_generation


def dims(values: Sequence[int]) -> Any:
    """``values`` as oneDNN wants them."""
    return Dims(*values)
