"""The table of optimizers: every one with the settings that change its arithmetic; and schedules of their rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from xpgrad.testing.conformance.subject import Host

SHAPES: Final = ((3, 4), (), (5,))

Settings = Mapping[str, Any]

_ROWS: Final[Sequence[tuple[str, Settings]]] = [
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


def _spelled(name: str, settings: Settings) -> str:
    texts = (f"{key}={str(value).replace(' ', '')}" for key, value in settings.items())
    return f"{name}({','.join(texts)})"


SETTINGS: Final = {_spelled(name, settings): (name, settings) for name, settings in _ROWS}

# Exported optimizers that are in no row of `SETTINGS`, and why.
WITHOUT_ROW: Final = {
    "Adafactor": "it is not elementwise, and has an experiment of its own",
    "LBFGS": "it asks for the loss itself, and has an experiment of its own",
    "Optimizer": "it is what the others are made of",
}


def arrays(seed: int, dtype: str = "float64") -> list[Host]:
    """An array of each of `SHAPES`."""
    generator = np.random.default_rng(seed)
    made: list[Any] = [generator.standard_normal(shape) for shape in SHAPES]
    if "complex" in dtype:
        made = [a + 1j * generator.standard_normal(a.shape) for a in made]
    return [np.asarray(a, dtype=dtype) for a in made]


def train(
    optimizer: Any,
    parameters: Sequence[Any],
    steps: int,
    make: Callable[[Host], Any],
    *,
    dtype: str = "float64",
    start: int = 0,
) -> None:
    """Steps along gradients that depend on nothing but their number; the second parameter sometimes has none.

    Args:
        optimizer: That of the parameters.
        parameters: A tensor of each of `SHAPES`.
        steps: How many.
        make: Makes a tensor beside the parameters of a host array.
        dtype: That of the gradients.
        start: The number of the first step.
    """
    for step in range(start, start + steps):
        for i, (p, g) in enumerate(zip(parameters, arrays(100 + step, dtype), strict=True)):
            p.grad = None if i == 1 and step % 3 == 2 else make(g)
        optimizer.step()


# Each made of a module like ``torch.optim.lr_scheduler`` and an optimizer of two groups.
SCHEDULES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "StepLR": lambda s, o: s.StepLR(o, 3, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [2, 5, 5, 9], 0.1),
    "MultiStepLR,from-0": lambda s, o: s.MultiStepLR(o, [0, 2], 0.1),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.9),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.5, 4),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.1, 0.9, 7),
    "LinearLR,to-0": lambda s, o: s.LinearLR(o, 1.0, 0.0, 7),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 8, 2.0),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 6, 0.01),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1 / (1 + e)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda e: 0.95),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
    "CosineAnnealingWarmRestarts,equal": lambda s, o: s.CosineAnnealingWarmRestarts(o, 4),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, [0.5, 1.0], total_steps=25),
    "OneCycleLR,three-phases": lambda s, o: s.OneCycleLR(
        o, 0.5, epochs=5, steps_per_epoch=5, three_phase=True, anneal_strategy="linear"
    ),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, 0.2, 4, 3),
    "CyclicLR,triangular2": lambda s, o: s.CyclicLR(o, 0.01, 0.2, 4, mode="triangular2"),
    "CyclicLR,exp_range": lambda s, o: s.CyclicLR(o, 0.01, [0.2, 0.3], 4, mode="exp_range", gamma=0.95),
    "CyclicLR,scale_fn": lambda s, o: s.CyclicLR(o, 0.01, 0.2, 4, scale_fn=lambda x: 1 / x, cycle_momentum=False),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, 1.0, 4), s.CosineAnnealingLR(o, 10), s.ExponentialLR(o, 0.5)], [4, 12]
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.LinearLR(o, 0.1, 1.0, 4), s.ExponentialLR(o, 0.9), s.CosineAnnealingLR(o, 5)]
    ),
}
