"""Layers: what they give and send back, and what their state is, by their table; and the rest of ``nn``."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

import xpgrad
from xpgrad import nn
from xpgrad.core.grad_mode import no_grad
from xpgrad.nn.parameter import is_lazy
from xpgrad.testing.conformance import experiments
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import ask, compare, given, run
from xpgrad.testing.conformance.layers.layer import Layer, call, send_back
from xpgrad.testing.conformance.layers.table import LAYERS
from xpgrad.testing.conformance.narrow import kinds
from xpgrad.testing.conformance.networks.functionals import FUNCTIONALS
from xpgrad.testing.conformance.networks.hooks import HOOKS
from xpgrad.testing.conformance.networks.initialisers import INITIALISERS
from xpgrad.testing.conformance.networks.packing import PACKING
from xpgrad.testing.conformance.networks.parametrizations import PARAMETRIZATIONS
from xpgrad.testing.conformance.networks.utilities import UTILITIES
from xpgrad.testing.conformance.subject import Host, Subject

LEVEL = Level("nn", "Layers")

BY_NAME = {layer.name: layer for layer in LAYERS}

# Of single precision after a few layers, where libraries sum in orders of their own.
_TOLERANCE: Final = 1e-4
_MODES: Final = {"training": True, "evaluation": False}


def needs(layer: Layer) -> Iterable[str]:
    """What a row needs: the dtypes of its inputs, or narrower ones."""
    return kinds("float32", *(x.dtype.name for x in layer.inputs))


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
    """New parameters are NumPy's, and a state dict is read, loaded into another such layer, and moved."""

    def program(here: Subject) -> Any:
        module = layer.make(nn)
        with no_grad():
            call(xpgrad, module, layer, _inputs(here, layer))
        state = module.state_dict()
        other = layer.make(nn)
        other.load_state_dict(state)
        moved = copy.deepcopy(other).to(here.place.device)
        return {"new": dict(state), "loaded": other.state_dict(), "moved": moved.state_dict()}

    compare(subject, program, _TOLERANCE)


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
    out = call(xpgrad, module, layer, _inputs(here, layer))
    return {"result": out, "buffer": dict(module.named_buffers())}


def _gradients(here: Subject, module: Any, layer: Layer) -> Any:
    inputs = _inputs(here, layer)
    for i, x in enumerate(inputs):
        x.requires_grad_(x.is_floating_point() and i not in layer.constants)
    send_back(call(xpgrad, module, layer, inputs))
    return {"input": [x.grad for x in inputs], "parameter": {n: p.grad for n, p in module.named_parameters()}}


def _made(here: Subject, layer: Layer, training: bool) -> Any:
    """The layer with the parameters that it has on NumPy, so that only its call is asked."""
    module = layer.make(nn).train(training)
    state = _state(layer)
    if state:
        module.load_state_dict({name: given(here, value) for name, value in state.items()})
    return module


@functools.cache
def _state(layer: Layer) -> dict[str, Host]:
    """The parameters and buffers of a new layer on NumPy; empty if its input has to tell their shapes."""
    state: dict[str, Any] = run(Subject.named("numpy"), lambda here: layer.make(nn).state_dict())
    return {} if any(map(is_lazy, state.values())) else state
