"""Layers: what they give and send back, and what their state is, by their table; and the rest of ``nn``."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Final

import xpgrad
from xpgrad import nn
from xpgrad.core.grad_mode import no_grad
from xpgrad.nn.parameter import is_lazy
from xpgrad.testing.conformance import experiments
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import ask, compare, given, moved
from xpgrad.testing.conformance.layers.layer import Layer, call, send_back
from xpgrad.testing.conformance.layers.table import LAYERS
from xpgrad.testing.conformance.narrow import kinds
from xpgrad.testing.conformance.networks.functionals import FUNCTIONALS
from xpgrad.testing.conformance.networks.hooks import HOOKS
from xpgrad.testing.conformance.networks.initialisers import INITIALISERS
from xpgrad.testing.conformance.networks.packing import PACKING
from xpgrad.testing.conformance.networks.parametrizations import PARAMETRIZATIONS
from xpgrad.testing.conformance.networks.utilities import UTILITIES
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("nn", "Layers")

BY_NAME = {layer.name: layer for layer in LAYERS}

# Of single precision after a few layers, where libraries sum in orders of their own.
_TOLERANCE: Final = 1e-4
_MODES: Final = {"training": True, "evaluation": False}


def needs(layer: Layer) -> Iterable[str]:
    """What a row needs: the dtypes of its inputs, or narrower ones, and the one of indices."""
    return {"int64", *kinds("float32", *(x.dtype.name for x in layer.inputs))}


@LEVEL.each(BY_NAME, "forward", needs=needs)
def gives_the_same(subject: Subject, layer: Layer) -> None:
    """Results and buffers are NumPy's, in training and in evaluation."""

    def program(here: Subject) -> Any:
        with no_grad():
            return {mode: _called(here, _made(here, layer, training), layer) for mode, training in _MODES.items()}

    compare(subject, program, _TOLERANCE)


@LEVEL.each(BY_NAME, "gradients", needs=needs)
def sends_back_the_same(subject: Subject, layer: Layer) -> None:
    """The gradients of inputs and parameters are NumPy's, in training and in evaluation."""

    def program(here: Subject) -> Any:
        return {mode: _gradients(here, _made(here, layer, training), layer) for mode, training in _MODES.items()}

    compare(subject, program, _TOLERANCE)


@LEVEL.each({name: layer for name, layer in BY_NAME.items() if layer.state}, "state", needs=needs)
def has_the_same_state(subject: Subject, layer: Layer) -> None:
    """A state dict is read, has the names that it should, and is loaded into such a layer of zeros."""

    def program(here: Subject) -> Any:
        module, other = _made(here, layer), _made(here, layer)
        with no_grad():
            call(xpgrad, module, layer, _inputs(here, layer))
            for value in other.state_dict().values():
                if not is_lazy(value):
                    value.zero_()
        state = module.state_dict()
        other.load_state_dict(state)
        assert tuple(state) == layer.state, f"expected the names {layer.state}, got {tuple(state)}"
        return {"state": state, "loaded": other.state_dict(), "copied": copy.deepcopy(other).state_dict()}

    compare(subject, program, _TOLERANCE)


# The checks of a layer follow one another: they have operations in common, which some libraries compile when first met.
_PLACES: Final = {f"nn/{name}": i for i, name in enumerate(BY_NAME)}
LEVEL.checks.sort(key=lambda check: _PLACES[check.id.rpartition("/")[0]])

_PARTS: Final[dict[str, Mapping[str, experiments.Experiment]]] = {
    "functional": FUNCTIONALS,
    "init": INITIALISERS,
    "hooks": HOOKS,
    "parametrizations": PARAMETRIZATIONS,
    "packing": PACKING,
    "utils": UTILITIES,
}
LEVEL.each(
    {f"{part}/{name}": row for part, rows in _PARTS.items() for name, row in rows.items()}, needs=experiments.needs
)(ask)


def _inputs(here: Subject, layer: Layer) -> list[Any]:
    return [given(here, x) for x in layer.inputs]


def _called(here: Subject, module: Any, layer: Layer) -> Any:
    inputs = _inputs(here, layer)
    out = call(xpgrad, module, layer, inputs)
    return {"result": out, "buffer": dict(module.named_buffers()), "input after the call": inputs}


def _gradients(here: Subject, module: Any, layer: Layer) -> Any:
    inputs = _inputs(here, layer)
    for i, x in enumerate(inputs):
        x.requires_grad_(x.is_floating_point() and i not in layer.constants)
    send_back(call(xpgrad, module, layer, inputs))
    return {"input": [x.grad for x in inputs], "parameter": {n: p.grad for n, p in module.named_parameters()}}


def _made(here: Subject, layer: Layer, training: bool = True) -> Any:
    return moved(here, lambda: layer.make(nn)).train(training)
