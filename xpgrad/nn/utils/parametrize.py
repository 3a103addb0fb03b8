"""Parameters and buffers computed from others whenever they are read. Mirrors ``torch.nn.utils.parametrize``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ParametrizationError
from xpgrad.nn.modules.container import ModuleDict, ModuleList
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

# What `cached` keeps: the values by module and name, or None outside of it.
_cache: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("parametrizations", default=None)


@contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrized tensor once within the block. Mirrors ``torch.nn.utils.parametrize.cached``."""
    outside = _cache.get()
    token = _cache.set({} if outside is None else outside)
    try:
        yield
    finally:
        _cache.reset(token)


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, and what they compute it from.

    Mirrors ``torch.nn.utils.parametrize.ParametrizationList``; `register_parametrization` makes it.

    Args:
        modules: The parametrizations, in order.
        original: The tensor as it was.
        unsafe: Whether they may change its shape and dtype.

    Raises:
        ArgumentError: They do, without ``unsafe``.
    """

    def __init__(self, modules: list[Module], original: Any, unsafe: bool = False) -> None:
        super().__init__(modules)
        self.unsafe = unsafe
        with no_grad():
            value = self._inverse(original, strict=False)
        self.is_tensor = isinstance(value, TensorBase)
        self.ntensors = 1 if self.is_tensor else len(value)
        for name, part in zip(self._names(), [value] if self.is_tensor else value, strict=True):
            if isinstance(original, Parameter):
                same = part is original
                self.register_parameter(name, original if same else Parameter(part, original.requires_grad))
            else:
                self.register_buffer(name, part)
        if not unsafe:
            self._require_same(original)

    def _names(self) -> list[str]:
        return ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]

    def _require_same(self, original: Any) -> None:
        with no_grad():
            made = self()
        if made.dtype is not original.dtype or made.shape != original.shape:
            raise ArgumentError(
                "Registering a parametrization may not change the dtype or the shape of the tensor, unless `unsafe` "
                f"flag is enabled: unparametrized {original.dtype} {list(original.shape)}, parametrized {made.dtype} "
                f"{list(made.shape)}"
            )

    def _inverse(self, value: Any, *, strict: bool) -> Any:
        for module in reversed(list(self)):
            if hasattr(module, "right_inverse"):
                try:
                    value = module.right_inverse(value)
                except NotImplementedError:
                    if strict:
                        raise
            elif strict:
                raise ParametrizationError(f"parametrization {type(module).__name__} does not implement right_inverse.")
        return value

    def right_inverse(self, value: Any) -> None:
        """Set the originals so that the parametrizations make ``value`` of them.

        Raises:
            ParametrizationError: One of the parametrizations has no ``right_inverse``.
        """
        with no_grad():
            found = self._inverse(value, strict=True)
            for name, part in zip(self._names(), [found] if self.is_tensor else found, strict=True):
                getattr(self, name).data = part.detach().clone()

    def forward(self) -> Any:
        """The tensor."""
        first, *rest = self
        value = first(*(getattr(self, name) for name in self._names()))
        for module in rest:
            value = module(value)
        return value


def register_parametrization(module: Any, tensor_name: str, parametrization: Module, *, unsafe: bool = False) -> Any:
    """Let ``module.<tensor_name>`` be what ``parametrization`` makes of it. Mirrors the function of PyTorch.

    What it is computed from is ``module.parametrizations.<tensor_name>.original``. A ``right_inverse`` of the
    parametrization says what that is at first, possibly several tensors, and makes assignment possible. Several
    parametrizations of a tensor are applied one after the other.

    Args:
        module: The module.
        tensor_name: A parameter or buffer of it.
        parametrization: A module that takes the original and returns the tensor.
        unsafe: Whether it may change shape and dtype.

    Raises:
        ArgumentError: There is no such tensor, or its shape or dtype would change.

    Example:
        >>> import xpgrad
        >>> class Positive(xpgrad.nn.Module):
        ...     def forward(self, x):
        ...         return x.exp()
        >>> from xpgrad.nn.utils.parametrize import register_parametrization
        >>> layer = register_parametrization(xpgrad.nn.Linear(2, 2), "weight", Positive())
        >>> bool((layer.weight > 0).all())
        True
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        entry = module.parametrizations[tensor_name]
        before = module.__dict__.get(tensor_name, getattr(module, tensor_name))
        entry.append(parametrization)
        if not (entry.unsafe or unsafe):
            entry._require_same(before)
        entry.unsafe = entry.unsafe or unsafe
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ArgumentError(
            f"Module '{module!r}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    entry = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        kind = type(module)
        module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {"__doc__": kind.__doc__})
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, _property(tensor_name))
    module.parametrizations[tensor_name] = entry
    return module


def _property(name: str) -> property:
    """Reads the parametrized tensor called ``name``, and writes its originals."""

    def read(self: Any) -> Any:
        kept = _cache.get()
        if kept is None:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in kept:
            kept[key] = self.parametrizations[name]()
        return kept[key]

    def write(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(read, write)


def is_parametrized(module: Any, tensor_name: str | None = None) -> bool:
    """Whether ``module``, or that tensor of it, is parametrized."""
    found = module._modules.get("parametrizations")
    if not isinstance(found, ModuleDict):
        return False
    return len(found) > 0 if tensor_name is None else tensor_name in found


def remove_parametrizations(module: Any, tensor_name: str, leave_parametrized: bool = True) -> Any:
    """Undo `register_parametrization`, keeping the value that the tensor has, or the original one.

    Raises:
        ArgumentError: It is not parametrized, or its originals are several and ``leave_parametrized`` is false.
    """
    if not is_parametrized(module, tensor_name):
        raise ArgumentError(f"Module {module!r} does not have a parametrization on {tensor_name}")
    entry = module.parametrizations[tensor_name]
    if not (leave_parametrized or entry.is_tensor):
        raise ArgumentError(
            f"Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a "
            f"sequence of tensors: {', '.join(entry._names())}"
        )
    with no_grad():
        value = getattr(module, tensor_name) if leave_parametrized else entry.original
    trained = entry._names()[0] in entry._parameters
    if trained and entry.is_tensor and value.shape == entry.original.shape:
        # The same object, since an optimizer may hold it.
        kept = entry.original
        kept.data = value.detach().clone()
    else:
        kept = Parameter(value.detach().clone()) if trained else value
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    if trained:
        module.register_parameter(tensor_name, kept)
    else:
        module.register_buffer(tensor_name, kept)
    return module


def type_before_parametrizations(module: Any) -> type:
    """The class that ``module`` had before it was parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
