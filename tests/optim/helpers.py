"""Parameters and gradients for the tests of optimizers, by the tables of the conformance kit."""

import numpy as np

import xpgrad
from xpgrad.core.tensor_base import make_tensor
from xpgrad.testing.conformance import optimizers
from xpgrad.testing.conformance.optimizers import arrays

SETTINGS = list(optimizers.SETTINGS.values())
IDS = list(optimizers.SETTINGS)


def on(place, array):
    """A tensor holding a copy of ``array`` on ``place``."""
    return make_tensor(place.backend.from_host(np.array(array), place.handle), place)


def parameters_on(place, values):
    return [on(place, value).requires_grad_() for value in values]


def host(tensor):
    return np.asarray(tensor._place.backend.to_host(tensor.detach()._array))


def train(optimizer, parameters, steps, dtype="float64", start=0):
    """The steps of the kit, with gradients beside the parameters."""
    optimizers.train(optimizer, parameters, steps, lambda g: on(parameters[0]._place, g), dtype=dtype, start=start)


def make(name, parameters, settings):
    return getattr(xpgrad.optim, name)(parameters, **settings)


__all__ = ["IDS", "SETTINGS", "arrays", "host", "make", "on", "parameters_on", "train"]
