"""Weights that are computed from others: parametrizations, norms of weights, by hooks and as of old."""

from __future__ import annotations

import copy
import warnings
from typing import Any

from xpgrad import nn
from xpgrad.functions.creation import ones
from xpgrad.nn import utils
from xpgrad.nn.utils import parametrizations, parametrize
from xpgrad.optim import SGD
from xpgrad.testing.conformance.experiments import Experiment, Experiments, given, moved
from xpgrad.testing.conformance.layers.layer import L3, L4, V
from xpgrad.testing.conformance.subject import Host, Subject

PARAMETRIZATIONS = Experiments()


class _Symmetric(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.triu() + x.triu(1).T

    def right_inverse(self, x: Any) -> Any:
        return x.triu()


@PARAMETRIZATIONS.add("symmetric")
def _(here: Subject) -> Any:
    layer = parametrize.register_parametrization(moved(here, lambda: nn.Linear(6, 6)), "weight", _Symmetric())
    out = layer(given(here, V))
    out.sum().backward()
    with parametrize.cached():
        cached = layer.weight
    copied = copy.deepcopy(layer).weight
    original = layer.parametrizations.weight.original
    layer.weight = ones(6, 6)
    removed = parametrize.remove_parametrizations(layer, "weight").weight
    return {"out": out, "gradient": original.grad, "cached": cached, "copied": copied, "assigned": removed}


# Each with the layer that it makes of one, its input, and how far a step may be off.
_NORMED: dict[str, tuple[Any, Host, float]] = {
    "weight_norm": (lambda: parametrizations.weight_norm(nn.Linear(6, 3)), V, 1e-5),
    "weight_norm,dim=None": (lambda: parametrizations.weight_norm(nn.Linear(6, 3), dim=None), V, 1e-5),
    "weight_norm,Conv2d": (lambda: parametrizations.weight_norm(nn.Conv2d(4, 3, 2), dim=1), L4, 1e-5),
    "spectral_norm": (lambda: parametrizations.spectral_norm(nn.Linear(6, 3)), V, 1e-4),
    "spectral_norm,Conv1d": (lambda: parametrizations.spectral_norm(nn.Conv1d(4, 3, 2)), L3, 1e-4),
    **{
        f"orthogonal,{kind}": (
            lambda kind=kind: parametrizations.orthogonal(nn.Linear(6, 4), orthogonal_map=kind),
            V,
            1e-4,
        )
        for kind in ("matrix_exp", "cayley", "householder")
    },
    "weight_norm,of-old": (lambda: utils.weight_norm(nn.Linear(6, 3)), V, 1e-5),
    "spectral_norm,of-old": (lambda: utils.spectral_norm(nn.Linear(6, 3)), V, 1e-4),
}


def _experiment(make: Any, x: Host, tolerance: float) -> Experiment:
    def program(here: Subject) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names of old
            layer = moved(here, make)
        optimizer = SGD(layer.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            out = layer(given(here, x))
            (out * out).mean().backward()
            gradients = {name: p.grad for name, p in layer.named_parameters()}
            optimizer.step()
        layer.eval()
        return {"out": out, "gradient": gradients, "trained": layer(given(here, x)), "state": layer.state_dict()}

    return Experiment(program, tolerance=tolerance)


PARAMETRIZATIONS |= {name: _experiment(*row) for name, row in _NORMED.items()}
