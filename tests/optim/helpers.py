"""Parameters and gradients for the tests of optimizers."""

import numpy as np

import xpgrad
from xpgrad.core.tensor_base import make_tensor

SHAPES = [(3, 4), (), (5,)]

# Every optimizer with the settings that change its arithmetic.
SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "amsgrad": True, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-4}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.5, "momentum": 0.9, "centered": True, "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "weight_decay": 0.1}),
    ("Adamax", {}),
    ("Adamax", {"betas": (0.5, 0.9), "weight_decay": 0.1}),
    ("NAdam", {}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "momentum_decay": 0.1}),
    ("ASGD", {"lr": 0.125}),
    ("ASGD", {"lr": 0.125, "lambd": 0.0625, "alpha": 0.5, "t0": 2, "weight_decay": 0.1, "maximize": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.25, 1.5), "step_sizes": (1e-3, 0.2), "maximize": True}),
]
IDS = [f"{name}-{'-'.join(settings) or 'default'}" for name, settings in SETTINGS]


def arrays(seed, dtype="float64"):
    """An array of each of SHAPES."""
    generator = np.random.default_rng(seed)
    made = [generator.standard_normal(shape) for shape in SHAPES]
    if "complex" in dtype:
        made = [a + 1j * generator.standard_normal(a.shape) for a in made]
    return [np.asarray(a, dtype=dtype) for a in made]


def on(place, array):
    """A tensor holding a copy of ``array`` on ``place``."""
    return make_tensor(place.backend.from_host(np.array(array), place.handle), place)


def parameters_on(place, values):
    return [on(place, value).requires_grad_() for value in values]


def host(tensor):
    return np.asarray(tensor._place.backend.to_host(tensor.detach()._array))


def train(optimizer, parameters, steps, dtype="float64", start=0):
    """Steps along gradients that depend on nothing but their number; the second parameter sometimes has none."""
    for step in range(start, start + steps):
        for i, (p, g) in enumerate(zip(parameters, arrays(100 + step, dtype), strict=True)):
            p.grad = None if i == 1 and step % 3 == 2 else on(p._place, g)
        optimizer.step()


def make(name, parameters, settings):
    return getattr(xpgrad.optim, name)(parameters, **settings)
