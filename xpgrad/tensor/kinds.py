"""PyTorch's questions about kinds of tensors and of memory: of tensors here, which are dense, each has one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.core.layout import layout_of, row_major, strides_of
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of, node_of
from xpgrad.errors import ArgumentTypeError, GradientError, SettingError
from xpgrad.functions.filling import copy_
from xpgrad.functions.layouts import channels_last, channels_last_3d, contiguous_format, layout, memory_format, strided
from xpgrad.functions.types import is_conj, is_neg, is_nonzero, is_same_size
from xpgrad.tensor.conversion import tensor
from xpgrad.tensor.legacy import construct


def _never(kind: str) -> Any:
    return property(lambda self: False, doc=f"False: there are no {kind} tensors.")


class Kinds(TensorBase):
    """What a dense tensor says of itself, and of its memory."""

    __slots__ = ()

    is_ipu = _never("Graphcore")
    is_maia = _never("Maia")
    is_meta = _never("meta")
    is_mkldnn = _never("oneDNN")
    is_mps = _never("Apple Metal")
    is_mtia = _never("MTIA")
    is_nested = _never("nested")
    is_sparse_csr = _never("sparse")
    is_vulkan = _never("Vulkan")
    is_xla = _never("XLA")
    is_xpu = _never("Intel GPU")

    is_conj = is_conj
    is_neg = is_neg
    is_nonzero = is_nonzero
    is_same_size = is_same_size

    @property
    def layout(self) -> layout:
        """``strided``, the only layout."""
        return strided

    def is_shared(self) -> bool:
        """Whether other processes may see the memory: that of a GPU, as in PyTorch."""
        return self._place.device.type == "cuda"

    def dense_dim(self) -> int:
        """The number of dimensions: none of them is sparse."""
        return self._array.ndim  # type: ignore[no-any-return]

    def sparse_dim(self) -> int:
        """0."""
        return 0

    def to_dense(self, dtype: Any = None, *, masked_grad: bool | None = None) -> Any:
        """The tensor itself, in ``dtype`` if one is given."""
        return self if dtype is None else self.to(dtype)  # type: ignore[attr-defined]

    def data_ptr(self) -> int:
        """The address of the first element.

        Raises:
            ArgumentTypeError: The library does not tell addresses.
        """
        return self._place.backend.address(array_of(self)) if 0 not in self._array.shape else 0

    const_data_ptr = data_ptr

    def is_set_to(self, tensor: TensorBase) -> bool:
        """Whether both have the same memory, seen the same way."""
        same = self._cell is tensor._cell and layout_of(self) == layout_of(tensor)
        return same and tuple(self._array.shape) == tuple(tensor._array.shape)

    def dim_order(self, *, ambiguity_check: bool | Sequence[memory_format] = False) -> tuple[int, ...]:
        """The dimensions from the one with the largest steps in memory to that with the smallest.

        Args:
            ambiguity_check: Refuse a tensor for which there are several orders, unless it lies in memory as just one
                of the formats given here wants it.

        Raises:
            SettingError: There are.
            ArgumentTypeError: ``ambiguity_check`` is neither.
        """
        if not isinstance(ambiguity_check, (bool, list, tuple)):
            raise ArgumentTypeError("The ambiguity_check argument must be a bool or a list of memory formats.")
        strides, shape = strides_of(self), tuple(self._array.shape)
        order = tuple(sorted(range(len(strides)), key=lambda dim: -strides[dim]))
        if not ambiguity_check or len({s for s, n in zip(strides, shape, strict=True) if n != 1}) == len(shape):
            return order
        formats = () if isinstance(ambiguity_check, bool) else ambiguity_check
        fitting = [o for o in (_order_of(f, len(shape)) for f in formats) if o and _lies_in(o, shape, strides)]
        if len(fitting) != 1:
            raise SettingError(
                "The tensor does not have unique dim order, or cannot map to exact one of the given memory formats."
            )
        return fitting[0]

    def new(self, *args: Any, device: Any = None) -> Any:
        """A tensor of this dtype from sizes or data, as the legacy constructors make it."""
        return construct(self._place.dtype(self._array.dtype), args, device or self._place.device)

    def apply_(self, callable: Callable[[Any], Any]) -> Any:
        """Replace each element by ``callable(element)``, slowly; for tensors in host memory.

        Raises:
            GradientError: The tensor requires grad.
        """
        return self._map("apply_", callable)

    def map_(self, tensor: TensorBase, callable: Callable[[Any, Any], Any]) -> Any:
        """Replace each element by ``callable(element, other)``, with ``tensor`` broadcast to this shape."""
        return self._map("map_", callable, tensor)

    def map2_(self, x: TensorBase, y: TensorBase, callable: Callable[[Any, Any, Any], Any]) -> Any:
        """Replace each element by ``callable(element, of_x, of_y)``."""
        return self._map("map2_", callable, x, y)

    def _map(self, name: str, function: Callable[..., Any], *others: Any) -> Any:
        if node_of(self) is not None or any(node_of(x) is not None for x in others):
            raise GradientError(
                f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead."
            )
        if self._place.device.type != "cpu":
            raise ArgumentTypeError(f"{name} is only implemented on CPU tensors, this one is on {self._place.device}")
        kind = self._place.dtype(self._array.dtype)
        if any(x._array.dtype != self._array.dtype for x in others):
            raise ArgumentTypeError(f"{name}: the other tensors have to be of dtype {kind} too")
        columns = [x.expand_as(self).flatten().tolist() for x in (self, *others)]
        values = tensor([function(*row) for row in zip(*columns, strict=True)], dtype=kind)
        return copy_(self, values.reshape(tuple(self._array.shape)))


def _order_of(asked: memory_format, ndim: int) -> tuple[int, ...] | None:
    """The dimensions in a memory format's order, None if it is for another number of them."""
    if asked is contiguous_format:
        return tuple(range(ndim))
    return (0, *range(2, ndim), 1) if (asked, ndim) in ((channels_last, 4), (channels_last_3d, 5)) else None


def _lies_in(order: tuple[int, ...], shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether memory is without gaps in this order of dimensions."""
    expected = row_major([shape[dim] for dim in order])
    return all(shape[dim] == 1 or strides[dim] == step for dim, step in zip(order, expected, strict=True))
