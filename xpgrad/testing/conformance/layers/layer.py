"""A row of the table of layers: how it is made and called, what it prints, and what its state dict holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Host = np.ndarray[Any, Any]


def _plain_call(library: Any, module: Any, *inputs: Any) -> Any:
    return module(*inputs)


@dataclass(frozen=True, eq=False)
class Layer:
    """A row.

    Attributes:
        make: Makes the layer from a module like ``torch.nn``.
        text: What it prints; empty where only PyTorch is asked.
        inputs: The arguments of a call; floating ones take part in the gradients.
        state: The names in its state dict.
        training: Whether PyTorch is asked for it in training, where nothing may be drawn.
        constants: Which inputs take no part in the gradients.
        call: Calls it: a function of a library like ``torch``, the layer and its inputs.
        note: What tells it from another row that makes the same layer.
    """

    make: Callable[[Any], Any]
    text: str = ""
    inputs: tuple[Any, ...] = ()
    state: tuple[str, ...] = ()
    training: bool = True
    constants: tuple[int, ...] = ()
    call: Callable[..., Any] = _plain_call
    note: str = ""

    @property
    def name(self) -> str:
        """The expression that makes it, without spaces and quotation marks, and the note."""
        return f"{self.make(_Spelled())}{',' if self.note else ''}{self.note}"


class _Spelled:
    """Stands for ``torch.nn``: a call of it is its own text."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __getattr__(self, name: str) -> _Spelled:
        return _Spelled(f"{self._name}.{name}" if self._name else name)

    def __call__(self, *args: Any, **settings: Any) -> _Spelled:
        texts = [*map(_spell, args), *(f"{key}={_spell(value)}" for key, value in settings.items())]
        return _Spelled(f"{self._name}({','.join(texts)})")

    def __str__(self) -> str:
        return self._name


def _spell(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        left, right = "()" if isinstance(value, tuple) else "[]"
        return left + ",".join(map(_spell, value)) + right
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_spell(item)}" for key, item in value.items()) + "}"
    return value.__name__ if callable(value) and not isinstance(value, _Spelled) else str(value)


def arguments(library: Any, layer: Layer) -> list[Any]:
    """The inputs as tensors of a library like ``torch``, those that take part in the gradients requiring grad."""
    made = [library.tensor(x.copy()) for x in layer.inputs]
    for i, x in enumerate(made):
        if x.is_floating_point() and i not in layer.constants:
            x.requires_grad_()
    return made


def call(library: Any, module: Any, layer: Layer, inputs: list[Any]) -> list[Any]:
    """The tensors that a call gives, however nested."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(tensors_in(layer.call(library, module, *inputs)))


def tensors_in(value: Any) -> Iterator[Any]:
    """The tensors in a result, however nested."""
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from tensors_in(item)
    elif value is not None:
        yield value


def send_back(out: list[Any]) -> None:
    """Run backward from every result that requires grad, with a gradient of another number for each of its elements."""
    weighted = [(o * o.detach().cos()).sum() for o in out if o.requires_grad]
    if weighted:
        sum(weighted).backward()


def results(library: Any, module: Any, layer: Layer) -> list[Host]:
    """The outputs of a call, then the gradients of inputs and parameters, then the buffers."""
    inputs = arguments(library, layer)
    out = call(library, module, layer, inputs)
    send_back(out)
    gradients = [x.grad for x in (*inputs, *module.parameters()) if x.grad is not None]
    return [t.detach().numpy() for t in (*out, *gradients, *module.buffers())]


def normal(*shape: int) -> Host:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def uniform(*shape: int) -> Host:
    return np.random.default_rng(sum(shape)).uniform(0.1, 0.9, shape).astype(np.float32)


def classes(count: int, *shape: int) -> Host:
    return np.random.default_rng(count).integers(0, count, shape)


def signs(*shape: int) -> Host:
    return np.random.default_rng(1).choice([-1.0, 1.0], shape).astype(np.float32)


WB = ("weight", "bias")
RUNNING = ("running_mean", "running_var", "num_batches_tracked")
CELL = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
V, L3, L4, L5 = normal(5, 6), normal(2, 4, 9), normal(2, 4, 6, 7), normal(2, 4, 5, 4, 6)
