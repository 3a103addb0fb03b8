"""Modules that hold other modules, or parameters, in order or by name."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, KeysView, Mapping
from itertools import chain
from typing import Any, Self

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError, IndexingError
from xpgrad.nn.modules.module import Module, block, indented
from xpgrad.nn.parameter import Parameter
from xpgrad.tensor.size import Size


class _Numbered(Module):
    """Submodules named ``"0"``, ``"1"``, ..., found by number as in a list."""

    def _key(self, idx: int) -> str:
        """The name of the submodule at ``idx``, which may count from the end.

        Raises:
            IndexingError: There is none.
        """
        keys = list(self._modules)
        at = operator.index(idx)
        if not -len(keys) <= at < len(keys):
            raise IndexingError(f"index {idx} is out of range")
        return keys[at]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __setitem__(self, idx: int, module: Module) -> None:
        setattr(self, self._key(idx), module)

    def __delitem__(self, idx: int | slice) -> None:
        keys = list(self._modules)[idx] if isinstance(idx, slice) else [self._key(idx)]
        for key in keys:
            del self._modules[key]
        self._renumber(self._modules.values())

    def _renumber(self, modules: Iterable[Any]) -> None:
        self._modules = {str(i): module for i, module in enumerate(modules)}

    def append(self, module: Module) -> Self:
        """Add ``module`` at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several at the end.

        Raises:
            ArgumentTypeError: ``modules`` is not iterable.
        """
        if not isinstance(modules, Iterable):
            raise ArgumentTypeError(
                f"{type(self).__name__}.extend should be called with an iterable, but got {type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take out and return the one at ``key``."""
        module = self[key]  # type: ignore[index]
        del self[key]
        return module


class Sequential(_Numbered):
    """Modules called one after the other, each with the output of the one before. Mirrors ``torch.nn.Sequential``.

    Args:
        args: The modules, or one OrderedDict that names them.

    Example:
        >>> from xpgrad import nn
        >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): ReLU()
        )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(args)

    def forward(self, input: Any) -> Any:
        """What the last module makes of what those before it made of ``input``."""
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(OrderedDict(list(self._modules.items())[idx]))
        return self._modules[self._key(idx)]

    def __add__(self, other: Any) -> Sequential:
        _expect_sequential("add", other)
        return Sequential(*self, *other)

    def __iadd__(self, other: Any) -> Self:
        _expect_sequential("add", other)
        return self.extend(other)

    def __mul__(self, other: int) -> Sequential:
        return Sequential(*(module for _ in range(_times(other)) for module in self))

    __rmul__ = __mul__

    def __imul__(self, other: int) -> Self:
        modules = list(self)
        for _ in range(_times(other) - 1):
            self.extend(modules)
        return self

    def insert(self, index: int, module: Module) -> Self:
        """Put ``module`` in before position ``index``.

        Raises:
            ArgumentTypeError: It is not a module.
            IndexingError: ``index`` is out of range.
        """
        if not isinstance(module, Module):
            raise ArgumentTypeError(f"module should be of type: {Module}, got {type(module)}")
        if not -len(self) <= index <= len(self):
            raise IndexingError(f"Index out of range: {index}, for {len(self)} modules")
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)
        return self


def _expect_sequential(what: str, other: Any) -> None:
    if not isinstance(other, Sequential):
        raise ArgumentError(f"{what} operator supports only objects of Sequential class, but {type(other)} is given.")


def _times(other: Any) -> int:
    if not isinstance(other, int):
        raise ArgumentTypeError(f"unsupported operand type(s) for *: {Sequential} and {type(other)}")
    if other <= 0:
        raise ArgumentError(f"Non-positive multiplication factor {other} for {Sequential}")
    return other


class ModuleList(_Numbered):
    """Modules in a list, which has no `forward` of its own. Mirrors ``torch.nn.ModuleList``.

    Args:
        modules: What it holds first.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.ModuleList(xpgrad.nn.Linear(4, 4) for _ in range(3))
        ModuleList(
          (0-2): 3 x Linear(in_features=4, out_features=4, bias=True)
        )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(list(self)[idx])
        return self._modules[self._key(idx)]

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def insert(self, index: int, module: Module) -> None:
        """Put ``module`` in before position ``index``."""
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)

    def __repr__(self) -> str:
        """Runs of modules that print alike are shown once, with their number."""
        texts = [repr(module) for module in self]
        lines, start = [], 0
        while start < len(texts):
            stop = start
            while stop < len(texts) and texts[stop] == texts[start]:
                stop += 1
            count = stop - start
            head = f"({start})" if count == 1 else f"({start}-{stop - 1})"
            lines.append(indented(f"{head}: {'' if count == 1 else f'{count} x '}{texts[start]}"))
            start = stop
        return block(self._get_name(), [], lines)


class ModuleDict(Module):
    """Modules by name, in the order in which they were put in. Mirrors ``torch.nn.ModuleDict``.

    Args:
        modules: What it holds first: a mapping, or pairs.

    Example:
        >>> import xpgrad
        >>> choices = xpgrad.nn.ModuleDict({"relu": xpgrad.nn.ReLU(), "tanh": xpgrad.nn.Tanh()})
        >>> choices["relu"](xpgrad.tensor([-1.0, 1.0]))
        tensor([0., 1.])
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Take all out."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Take out and return the one named ``key``."""
        return self._modules.pop(key)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> Any:
        """Names and modules."""
        return self._modules.items()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Put in what a mapping or pairs of names and modules hold.

        Raises:
            ArgumentTypeError: ``modules`` is neither.
        """
        for key, module in _pairs(modules, "ModuleDict.update"):
            self[key] = module


class ParameterList(Module):
    """Parameters, or other values, in a list. Mirrors ``torch.nn.ParameterList``.

    Args:
        values: What it holds first. Tensors become parameters.
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __getitem__(self, idx: int | slice) -> Any:
        if isinstance(idx, slice):
            return type(self)(list(self)[idx])
        return getattr(self, self._key(idx))

    def __setitem__(self, idx: int, param: Any) -> None:
        setattr(self, self._key(idx), _as_parameter(param))

    def _key(self, idx: int) -> str:
        at = operator.index(idx)
        if not -self._size <= at < self._size:
            raise IndexingError(f"index {idx} is out of range")
        return str(at % self._size)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, str(i)) for i in range(self._size))

    def __iadd__(self, parameters: Iterable[Any]) -> Self:
        return self.extend(parameters)

    def append(self, value: Any) -> Self:
        """Add ``value`` at the end."""
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several at the end.

        Raises:
            ArgumentTypeError: ``values`` is not iterable, or a tensor.
        """
        if isinstance(values, TensorBase) or not isinstance(values, Iterable):
            raise ArgumentTypeError(
                f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}"
            )
        for value in list(values):
            self.append(value)
        return self

    def extra_repr(self) -> str:
        """One line for each value."""
        return "\n".join(_described(i, value, lambda t: str(t.dtype)) for i, value in enumerate(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("ParameterList should not be called.")


class ParameterDict(Module):
    """Parameters, or other values, by name. Mirrors ``torch.nn.ParameterDict``.

    Args:
        parameters: What it holds first: a mapping, or pairs. Tensors become parameters.
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, key) if key in self._keys else self._keys[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise ArgumentTypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string (type is "
                f"'{type(key).__name__}')."
            )
        self._keys[key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(list(self.items()))

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value named ``key``, put in first if it is not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        """Take all out."""
        for key in list(self._keys):
            del self[key]

    def pop(self, key: str) -> Any:
        """Take out and return the value named ``key``."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take out and return the last name and value."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value named ``key``, or ``default``."""
        return getattr(self, key) if key in self._keys else default

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new dictionary with ``default`` under each of ``keys``."""
        return ParameterDict([(key, default) for key in keys])

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._keys.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and values."""
        return ((key, self[key]) for key in self._keys)

    def values(self) -> Iterable[Any]:
        """The values."""
        return (self[key] for key in self._keys)

    def update(self, parameters: Any) -> None:
        """Put in what a mapping or pairs of names and values hold.

        Raises:
            ArgumentTypeError: ``parameters`` is neither.
        """
        pairs = _pairs(parameters, "ParameterDict.update")
        if isinstance(parameters, Mapping) and not isinstance(parameters, OrderedDict):
            # As in PyTorch, from when dictionaries had no order.
            pairs.sort(key=operator.itemgetter(0))
        for key, parameter in pairs:
            self[key] = parameter

    def extra_repr(self) -> str:
        """One line for each value."""
        return "\n".join(_described(key, value, lambda t: str(t.type())) for key, value in self.items())

    def __call__(self, input: Any) -> Any:
        raise NotImplementedError("ParameterDict should not be called.")

    def __or__(self, other: ParameterDict) -> ParameterDict:
        merged = self.copy()
        merged.update(other)
        return merged

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]  # returns itself where `|` makes a new one
        self.update(other)
        return self


def _pairs(source: Any, name: str) -> list[tuple[str, Any]]:
    """The names and values of a mapping or of an iterable of pairs."""
    if isinstance(source, (Mapping, ModuleDict, ParameterDict)):
        return list(source.items())
    if not isinstance(source, Iterable):
        raise ArgumentTypeError(
            f"{name} should be called with an iterable of key/value pairs, but got {type(source).__name__}"
        )
    pairs = list(source)
    for i, pair in enumerate(pairs):
        if not isinstance(pair, Iterable):
            raise ArgumentTypeError(f"{name} sequence element #{i} should be Iterable; is {type(pair).__name__}")
        if len(tuple(pair)) != 2:
            raise ArgumentError(f"{name} sequence element #{i} has length {len(tuple(pair))}; 2 is required")
    return pairs


def _as_parameter(value: Any) -> Any:
    return Parameter(value) if isinstance(value, TensorBase) and not isinstance(value, Parameter) else value


def _described(name: object, value: Any, kind: Any) -> str:
    if not isinstance(value, TensorBase):
        return f"  ({name}): Object of type: {type(value).__name__}"
    size = "x".join(map(str, Size(value._array.shape)))
    device = f" ({value._place.device})" if value._place.device.type == "cuda" else ""
    role = "Parameter" if isinstance(value, Parameter) else "Tensor"
    return f"  ({name}): {role} containing: [{kind(value)} of size {size}{device}]"
