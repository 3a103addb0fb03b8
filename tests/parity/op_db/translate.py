"""PyTorch's values and functions as ours."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

import numpy as np
import torch

import xpgrad
from xpgrad.functions.copies import sliced

# NumPy's limit.
_MOST_DIMENSIONS = 64


class NotHereError(Exception):
    """A sample that the backend in use cannot hold: sparse, or of a dtype that it lacks."""


class _Aten:
    """``torch.ops.aten``: functions by the names that they have, or would have, in ``torch``."""

    def __getattr__(self, name: str) -> Any:
        function = find(name)
        return types.SimpleNamespace(default=function)


class _Library:
    """Our library where PyTorch's code says ``torch``."""

    ops = types.SimpleNamespace(aten=_Aten())

    def __getattr__(self, name: str) -> Any:
        return getattr(xpgrad, name)


# What PyTorch's functions find beside them: ours, and no seeding around each call.
_NAMES = {"torch": _Library(), "wrapper_set_seed": lambda op, *args, **kwargs: op(*args, **kwargs)}


def find(name: str) -> Any:
    """The function of that name: of the library, of ``nn.functional``, or a method."""
    if name == "slice":
        # An operator without a function.
        return sliced
    found: Any = xpgrad
    name = name.removeprefix("torch.").removeprefix("ops.aten.").removesuffix(".default")
    try:
        for part in name.split("."):
            found = getattr(found, part)
        # `cfloat` is a dtype and a method.
        return getattr(xpgrad.Tensor, name) if isinstance(found, xpgrad.dtype) else found
    except AttributeError:
        for place in (xpgrad.nn.functional, xpgrad.Tensor):
            if hasattr(place, name):
                return getattr(place, name)
        raise


def function(f: Any, name: str = "") -> Any:
    """``f`` as ours: a lambda with our library in place of PyTorch, anything else what has its name here."""
    code = getattr(f, "__code__", None)
    if code is not None and f.__module__.startswith("torch.testing._internal"):
        cells = tuple(types.CellType(_inner(cell.cell_contents)) for cell in f.__closure__ or ())
        rebuilt = types.FunctionType(code, {**f.__globals__, **_NAMES}, f.__name__, f.__defaults__, cells)
        rebuilt.__kwdefaults__ = f.__kwdefaults__
        return rebuilt
    return find(name or f.__name__)


def _inner(value: Any) -> Any:
    return function(value) if callable(value) and hasattr(value, "__name__") and not isinstance(value, type) else value


class Translation:
    """The arguments of one call as ours, on the backend in use; what is one tensor twice stays one.

    Attributes:
        leaves: Each tensor that requires a gradient, as theirs and as ours.
    """

    def __init__(self, *, shares_memory: bool = False) -> None:
        self._shares_memory = shares_memory
        self._memory: dict[tuple[int, int], Any] = {}
        self._made: dict[int, tuple[torch.Tensor, Any]] = {}
        self.leaves: list[tuple[torch.Tensor, Any]] = []

    def __call__(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in self._made:
                # Kept with the tensor, whose id would else be free for another.
                self._made[id(value)] = value, self._tensor(value)
            return self._made[id(value)][1]
        if isinstance(value, torch.Size):
            return xpgrad.Size(value)
        if isinstance(value, (list, tuple)):
            return type(value)(map(self, value))
        if isinstance(value, dict):
            return {key: self(v) for key, v in value.items()}
        if isinstance(value, torch.device):
            return str(value)
        if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
            return getattr(xpgrad, str(value).removeprefix("torch."))
        if isinstance(value, torch.nn.Module):
            return getattr(xpgrad.nn, type(value).__name__)(**_settings(value))
        if dataclasses.is_dataclass(value):
            fields = {field.name: self(getattr(value, field.name)) for field in dataclasses.fields(value)}
            return getattr(xpgrad.nn, type(value).__name__)(**fields)
        if isinstance(value, torch.Generator):
            return xpgrad.Generator()
        if isinstance(value, types.FunctionType) and value.__module__.startswith("torch."):
            return function(value, value.__name__)
        return value

    def _tensor(self, value: torch.Tensor) -> Any:
        if value.layout is not torch.strided or value.device.type == "meta":
            raise NotHereError(f"{value.layout} on {value.device}")
        if value.ndim > _MOST_DIMENSIONS:
            raise NotHereError(f"{value.ndim} dimensions, more than NumPy has")
        try:
            xpgrad.empty(0, dtype=getattr(xpgrad, str(value.dtype).removeprefix("torch.")))
        except (AttributeError, xpgrad.errors.DtypeError) as error:
            raise NotHereError(str(error)) from error
        if self._shares_memory and value.numel() and not value.requires_grad:
            return self._view(value)
        ours = _in_memory(value).requires_grad_(value.requires_grad)
        # PyTorch has no gradients of views made without recording, leaves though they are.
        if value.requires_grad and value.is_leaf and value._base is None:
            self.leaves.append((value, ours))
        return ours

    def _view(self, value: torch.Tensor) -> Any:
        """A tensor as a view of memory that it has in common with others that are views of the same."""
        storage = value.untyped_storage()
        key = storage.data_ptr(), storage.nbytes()
        if key not in self._memory:
            whole = torch.as_strided(value, (storage.nbytes() // value.itemsize,), (1,), 0)
            self._memory[key] = xpgrad.tensor(array(whole))
        base = self._memory[key]
        return base.as_strided(tuple(value.shape), value.stride(), value.storage_offset())


def _in_memory(value: torch.Tensor) -> Any:
    """``value`` as ours; where it is a part of its memory, as the same part of the same memory."""
    elements = value.untyped_storage().nbytes() // value.element_size()
    if elements <= value.numel() or value.is_conj() or value.is_neg():
        return xpgrad.tensor(array(value))
    memory = xpgrad.tensor(array(value.detach().as_strided((elements,), (1,), 0)))
    return memory.as_strided(value.shape, value.stride(), value.storage_offset())


def _settings(module: torch.nn.Module) -> dict[str, Any]:
    names = [name for name in getattr(module, "__constants__", ()) if hasattr(module, name)]
    # A `PairwiseDistance` keeps its ``p`` under another name.
    return {"p" if name == "norm" else name: getattr(module, name) for name in names}


def array(value: Any) -> np.ndarray:
    """The values of a tensor of either library."""
    if isinstance(value, torch.Tensor):
        value = value.detach().resolve_conj().resolve_neg()
        if value.dtype is torch.bfloat16:
            return xpgrad.tensor(value.float().numpy()).to(xpgrad.bfloat16).numpy()
        # Its own memory: PyTorch no longer resizes what NumPy has seen.
        return value.clone(memory_format=torch.contiguous_format).numpy()
    return np.asarray(value.detach().numpy())
