"""Tensors that a module knows as its own: parameters, which are trained, and buffers, which are not."""

from __future__ import annotations

import functools
from typing import Any, Self, TypeVar

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, ShapeError
from xpgrad.functions.creation import empty
from xpgrad.ops.copying import detach
from xpgrad.tensor.tensor import Tensor

T = TypeVar("T", bound=Tensor)


class Parameter(Tensor):
    """A tensor that becomes one of a module's parameters when it is set as an attribute.

    Mirrors ``torch.nn.Parameter``.

    It is a leaf that shares memory with ``data``; without ``data`` it is empty.

    Args:
        data: The values.
        requires_grad: Whether gradients are accumulated in ``grad``.

    Raises:
        ArgumentTypeError: ``data`` is not a tensor.
        DtypeError: A gradient was asked of an integer or boolean tensor.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Parameter(xpgrad.ones(2))
        Parameter containing:
        tensor([1., 1.], requires_grad=True)
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Self:  # noqa: D102  (the class says it)
        self = _leaf(cls, data)
        if requires_grad:
            self.requires_grad = True
        return self

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        pass

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]  # takes keywords as its base
        return f"Parameter containing:\n{super().__repr__()}"

    __str__ = __repr__

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (self.detach(), self.requires_grad)


class Buffer(Tensor):
    """A tensor that becomes one of a module's buffers when it is set as an attribute. Mirrors ``torch.nn.Buffer``.

    Args:
        data: The values; it shares memory with them. Without ``data`` it is empty.
        persistent: Whether the buffer is part of the module's ``state_dict``.

    Raises:
        ArgumentTypeError: ``data`` is not a tensor.
    """

    __slots__ = ()

    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Self:  # noqa: D102  (the class says it)
        self = _leaf(cls, data)
        if data is not None and data.requires_grad:
            self.requires_grad = True
        self.persistent = persistent
        return self

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.detach().clone(), persistent=self.persistent)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return functools.partial(type(self), persistent=self.persistent), (self.detach(),)


class _Uninitialized(Tensor):
    """A tensor whose shape is not known yet."""

    __slots__ = ()

    _becomes: type[Tensor]

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become an ordinary tensor of that shape, its values still to be set."""
        self.data = empty(tuple(shape), device=device or self.device, dtype=dtype or self.dtype)
        self.__class__ = self._becomes  # type: ignore[assignment]

    @property
    def shape(self) -> Any:
        """There is none.

        Raises:
            ShapeError: Always.
        """
        raise ShapeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
            "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` "
            "to initialize the parameters before accessing their attributes."
        )

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]  # takes keywords as its base
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class UninitializedParameter(_Uninitialized, Parameter):  # type: ignore[misc]  # their texts differ
    """A parameter whose shape is found by the first input. Mirrors ``torch.nn.parameter.UninitializedParameter``.

    Args:
        requires_grad: Whether it will take gradients.
        device: Where it will be.
        dtype: Its dtype.
    """

    __slots__ = ()

    _becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Self:  # noqa: D102  (the class says it)
        return Parameter.__new__(cls, empty(0, device=device, dtype=dtype), requires_grad)

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (self.requires_grad, None, self.dtype)


class UninitializedBuffer(_Uninitialized):
    """A buffer whose shape is found by the first input. Mirrors ``torch.nn.parameter.UninitializedBuffer``.

    Args:
        requires_grad: Whether it will take gradients.
        device: Where it will be.
        dtype: Its dtype.
    """

    __slots__ = ()

    _becomes = Tensor

    def __new__(cls, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> Self:  # noqa: D102  (the class says it)
        self = _leaf(cls, empty(0, device=device, dtype=dtype))
        if requires_grad:
            self.requires_grad = True
        return self

    def __init__(self, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, self.device, self.dtype)
        return memo[id(self)]  # type: ignore[no-any-return]


def is_lazy(param: Any) -> bool:
    """Whether the shape of a parameter or buffer is not known yet."""
    return isinstance(param, _Uninitialized)


def _leaf(cls: type[T], data: Any) -> T:
    """A tensor of class ``cls`` on the memory of ``data``, without its history."""
    if data is None:
        data = empty(0)
    if not isinstance(data, TensorBase):
        raise ArgumentTypeError(
            f"{cls.__name__}: data must be a tensor, not {type(data).__name__}: convert it with xpgrad.tensor(...)"
        )
    leaf: T = detach.apply(data).as_subclass(cls)
    if leaf._place.mutable:
        # Memory itself is shared; as a view the parameter would keep the history of ``data`` alive.
        leaf._view = None
    return leaf
