"""What a tensor says of itself: shape, dtype, device, and its place in the graph."""

from __future__ import annotations

import warnings
from typing import Any

from xpgrad.backends.base import device
from xpgrad.backends.dtypes import dtype
from xpgrad.core.grad_mode import mode
from xpgrad.core.graph import AccumulateGrad, Node, NoHistory, Output
from xpgrad.core.layout import layout_of, strides_of
from xpgrad.core.tensor_base import INFERENCE, TensorBase
from xpgrad.core.views import Turned, array_of, is_copy, node_of, refresh
from xpgrad.errors import ArgumentTypeError, DtypeError, GradientError, InferenceTensorError, ShapeError
from xpgrad.functions.dims import normalize_dim, takes_axis
from xpgrad.tensor.size import ElementCount, Size


class Attributes(TensorBase):
    """Properties of a tensor."""

    __slots__ = ()

    @property
    def shape(self) -> Size:
        """The length along each dimension."""
        return Size(self._array.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim  # type: ignore[no-any-return]

    def dim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim  # type: ignore[no-any-return]

    ndimension = dim

    @property
    def size(self) -> ElementCount:
        """The number of elements (Array API); called as ``x.size()`` or ``x.size(dim)``, the shape (PyTorch)."""
        return ElementCount.of(self._array.shape)

    def numel(self) -> int:
        """The number of elements."""
        return int(ElementCount.of(self._array.shape))

    nelement = numel

    def __len__(self) -> int:
        if self._array.ndim == 0:
            raise ArgumentTypeError("len() of a 0-d tensor")
        return self._array.shape[0]  # type: ignore[no-any-return]

    @property
    def dtype(self) -> dtype:
        """The data type of the elements."""
        return self._place.dtype(self._array.dtype)

    def element_size(self) -> int:
        """Bytes per element."""
        return self.dtype.itemsize

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements together."""
        return self.numel() * self.dtype.itemsize

    def is_floating_point(self) -> bool:
        """True for real floating dtypes."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """True for complex dtypes."""
        return self.dtype.is_complex

    def is_signed(self) -> bool:
        """True if the dtype has negative values."""
        return self.dtype.is_signed

    @property
    def device(self) -> device:
        """Where the elements are."""
        return self._place.device

    def get_device(self) -> int:
        """The index of the device, -1 on a CPU."""
        return -1 if self._place.device.type == "cpu" else self._place.device.index or 0

    @property
    def is_cuda(self) -> bool:
        """True on a CUDA device."""
        return self._place.device.type == "cuda"

    @property
    def is_cpu(self) -> bool:
        """True on a CPU."""
        return self._place.device.type == "cpu"

    @property
    def is_sparse(self) -> bool:
        """False: there are only dense tensors."""
        return False

    @property
    def is_quantized(self) -> bool:
        """False: there are no quantized tensors."""
        return False

    # The graph.

    @property
    def requires_grad(self) -> bool:
        """True if operations on this tensor are recorded.

        Raises:
            GradientError: Set to False on a result; use ``detach()``.
            DtypeError: Set to True on an integer or boolean tensor.
        """
        return node_of(self) is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not isinstance(wanted, bool):
            raise GradientError(f"requires_grad must be a bool, got {wanted!r:.60}")
        node = node_of(self)
        if node is None:
            if wanted:
                if not self.dtype.is_differentiable:
                    raise DtypeError(
                        "only Tensors of floating point and complex dtype can require gradients; "
                        f"this one is {self.dtype}: convert it with .float() first"
                    )
                if self._cell is INFERENCE and not mode.inference:
                    raise GradientError(
                        "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed. "
                        "Make a clone() first."
                    )
                self._node = AccumulateGrad(self)
        elif not wanted:
            if not isinstance(node, AccumulateGrad):
                raise GradientError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                    "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                )
            self._node = None

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Set ``requires_grad`` and return the tensor itself."""
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """True if no recorded operation made this tensor."""
        return self.grad_fn is None

    @property
    def grad_fn(self) -> Node | None:
        """The operation that made this tensor; None for a leaf.

        Raises:
            InplaceError: It is a view that takes no new history, and its memory was written to.
        """
        if self._view is not None:
            refresh(self)
        node = self._node
        if node is None or isinstance(node, (AccumulateGrad, NoHistory)):
            return None
        return node.next[0] if isinstance(node, Output) else node

    @property
    def output_nr(self) -> int:
        """Which result of its operation this tensor is."""
        node = node_of(self)
        return node.index if isinstance(node, Output) else 0

    @property
    def grad(self) -> Any:
        """The gradient accumulated by `backward`, or None. Asking a result that keeps none gives a warning.

        Raises:
            ShapeError, ArgumentTypeError: Set to something that is not a tensor of the same shape, dtype and device.
        """
        node = node_of(self)
        leaf = node is None or isinstance(node, (AccumulateGrad, NoHistory))
        if self._grad is None and not leaf and not self.retains_grad:  # type: ignore[attr-defined]
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
                "won't be populated during autograd.backward(). Call .retain_grad() on it first, or ask the leaf it "
                "came from.",
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None:
            self._grad = None
            return
        if not isinstance(value, TensorBase):
            raise ArgumentTypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
            )
        if value is self:
            raise GradientError("can't assign Variable as its own grad")
        if value._array.shape != self._array.shape:
            raise ShapeError(
                f"attempting to assign a gradient of size '{list(value._array.shape)}' to a tensor of size "
                f"'{list(self._array.shape)}'. Please ensure that the gradient and the tensor are the same size"
            )
        if value._place is not self._place or value._array.dtype != self._array.dtype:
            raise DtypeError(
                f"attempting to assign a gradient with dtype '{value._place.dtype(value._array.dtype).name}' on "
                f"{value._place.device} to a tensor of dtype '{self.dtype.name}' on {self.device}: convert it first"
            )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def data(self) -> Any:
        """The same values outside the graph, sharing memory but not the version counter."""
        array = array_of(self)
        alias = self.detach()  # type: ignore[attr-defined]
        if self._place.mutable:
            # With the view it is known which elements share memory.
            alias._view, alias._cell, alias._array = alias._view if self._view else None, [self._cell[0]], array
        return alias

    @data.setter
    def data(self, value: TensorBase) -> None:
        if not isinstance(value, TensorBase):
            raise ArgumentTypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self.requires_grad and not value._place.dtype(value._array.dtype).is_differentiable:
            raise DtypeError(
                "data set to a tensor that requires gradients must be floating point or complex dtype, got "
                f"{value._place.dtype(value._array.dtype)}: convert it with .float() first"
            )
        self._array = array_of(value)
        self._place = value._place
        self._view = None
        if isinstance(self._node, AccumulateGrad):
            self._node.describe(self)

    @property
    def _base(self) -> Any:
        """The tensor this is a view of, or None."""
        tensor: TensorBase = self
        shown: TensorBase = self
        while tensor._view is not None and tensor._view.op.rules and not is_copy(tensor):
            turned = type(tensor._view) is Turned
            tensor = tensor._view.base
            if not turned:
                shown = tensor
        return None if shown is self else shown

    def _is_view(self) -> bool:
        return self._base is not None

    def is_inference(self) -> bool:
        """True for tensors made in inference mode."""
        return self._cell is INFERENCE

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """True if the elements lie in row-major order without gaps; without strides, if they would as views do."""
        strides = strides_of(self)
        expected = 1
        for n, step in zip(reversed(self._array.shape), reversed(strides), strict=True):
            if n > 1 and step != expected:
                return False
            expected *= max(n, 1)
        return True

    @takes_axis
    def stride(self, dim: int | None = None) -> Any:
        """Elements between neighbours along each dimension, or along ``dim``."""
        steps = strides_of(self)
        return steps if dim is None else steps[normalize_dim(dim, len(steps))]

    def storage_offset(self) -> int:
        """Elements in memory before the first one of this tensor."""
        return layout_of(self)[1]

    @property
    def _version(self) -> int:
        """How often the memory was written in place (PyTorch's name).

        Raises:
            InferenceTensorError: The tensor was made in inference mode.
        """
        if self._cell is INFERENCE:
            raise InferenceTensorError("Inference tensors do not track version counter. Make a clone() to have one.")
        return int(self._cell[0])
