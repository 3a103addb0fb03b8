"""Small networks, how they are trained, and the losses that they then have step by step.

The losses are NumPy's. A wrong kernel or rule shows as a curve that leaves the stored one at the step at which it
counts. ``python -m xpgrad.testing.conformance.training.curves`` prints them as they are stored here.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from xpgrad import nn, optim
from xpgrad.nn import functional
from xpgrad.nn.utils import clip_grad_norm_
from xpgrad.optim import lr_scheduler
from xpgrad.testing.conformance.experiments import given, moved, run
from xpgrad.testing.conformance.subject import Host, Subject


@dataclass(frozen=True, eq=False)
class Training:
    """How a network is trained.

    Attributes:
        net: Makes it.
        x: Its inputs, of which each step has every ``batches``-th.
        y: The classes that it should find.
        optimizer: Makes one for its parameters.
        steps: How many.
        batches: In how many parts the inputs are.
        schedule: Makes the schedule of the optimizer's rate, if there is one.
        clip: The greatest norm of a gradient, if there is one.
    """

    net: Callable[[], Any]
    x: Host
    y: Host
    optimizer: Callable[[Any], Any]
    steps: int = 16
    batches: int = 2
    schedule: Callable[[Any], Any] | None = None
    clip: float | None = None


def _spirals(count: int = 48) -> tuple[Host, Host]:
    """Points on two spirals, and on which."""
    t, which = np.arange(count) / count, np.arange(count) % 2
    angle = 5 * t + np.pi * which
    x = np.stack([(0.2 + t) * np.cos(angle), (0.2 + t) * np.sin(angle)], 1)
    return x.astype(np.float32), which


def _stripes(count: int = 16) -> tuple[Host, Host]:
    """Pictures (count, 1, 8, 8) of stripes, and whether they stand, lie or lean."""
    i, j = np.mgrid[:8, :8]
    which = np.arange(count) % 3
    pictures = [np.sin((j, i, i + j)[k] * 1.6 + 0.9 * n) + 0.3 * np.cos(7.0 * n + i * j) for n, k in enumerate(which)]
    return np.asarray(pictures, np.float32)[:, None], which


def _sequences(count: int = 16) -> tuple[Host, Host]:
    """Sequences of 6 symbols of 5, and the sum of the first and last modulo 3."""
    x = np.asarray([[(7 * n * n + n * k * k + n // 3) % 5 for k in range(6)] for n in range(count)])
    return x, (x[:, 0] + x[:, -1]) % 3


class _Reader(nn.Module):
    """Reads a sequence from its start to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.recurrent, self.head = nn.Embedding(5, 6), nn.GRU(6, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        out, _ = self.recurrent(self.embedding(x))
        return self.head(out[:, -1])


class _Attentive(nn.Module):
    """Looks at a sequence as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.places = nn.Embedding(5, 8), nn.Embedding(6, 8)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, 0.0, "gelu", batch_first=True)
        self.head = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 3))

    def forward(self, x: Any) -> Any:
        return self.head(self.encoder(self.embedding(x) + self.places.weight).mean(1))


TRAININGS: Final[Mapping[str, Training]] = {
    "perceptron": Training(
        lambda: nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2)),
        *_spirals(),
        lambda parameters: optim.SGD(parameters, lr=0.5, momentum=0.9),
        steps=30,
        batches=3,
    ),
    "convolutional": Training(
        lambda: nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 3, stride=2),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 3),
        ),
        *_stripes(),
        # Not Adam, to which it is all the same by how much a gradient is wrong.
        lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
    ),
    "recurrent": Training(
        _Reader,
        *_sequences(),
        lambda parameters: optim.RMSprop(parameters, lr=0.01),
    ),
    "attentive": Training(
        _Attentive,
        *_sequences(),
        lambda parameters: optim.AdamW(parameters, lr=0.01),
        steps=20,
        schedule=lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=22),
        clip=1.0,
    ),
}


def losses(here: Subject, training: Training) -> list[float]:
    """The loss of each step."""
    net = moved(here, training.net)
    optimizer = training.optimizer(net.parameters())
    schedule = training.schedule(optimizer) if training.schedule else None
    seen = []
    for step in range(training.steps):
        part = slice(step % training.batches, None, training.batches)
        x, y = given(here, training.x[part]), given(here, training.y[part])
        optimizer.zero_grad()
        loss = functional.cross_entropy(net(x), y)
        loss.backward()
        if training.clip is not None:
            clip_grad_norm_(net.parameters(), training.clip)
        optimizer.step()
        if schedule is not None:
            schedule.step()
        seen.append(float(here.host(loss)))
    return seen


# fmt: off
CURVES: Final[Mapping[str, tuple[float, ...]]] = {
    "perceptron": (
        0.706051, 0.699682, 0.685528, 0.675297, 0.658502, 0.635212, 0.609719, 0.579321, 0.548309, 0.539380,
        0.539951, 0.559124, 0.527777, 0.535149, 0.536720, 0.490344, 0.486917, 0.481028, 0.468423, 0.458512,
        0.406485, 0.383342, 0.365719, 0.332433, 0.273587, 0.246834, 0.177002, 0.143410, 0.129246, 0.089884,
    ),
    "convolutional": (
        1.078699, 1.128593, 0.944069, 0.947911, 0.777992, 0.668832, 0.591089, 0.357936, 0.357013, 0.193105,
        0.187781, 0.116362, 0.083220, 0.052392, 0.027794, 0.018946,
    ),
    "recurrent": (
        1.317328, 1.030849, 0.959407, 0.803762, 0.608160, 0.579979, 0.383666, 0.354595, 0.225257, 0.226170,
        0.152025, 0.157315, 0.110068, 0.117108, 0.083239, 0.090765,
    ),
    "attentive": (
        1.419177, 1.329952, 1.168136, 1.088534, 0.918971, 1.052234, 0.864696, 0.922913, 0.879574, 0.790300,
        0.742516, 0.717259, 0.649060, 0.610462, 0.470636, 0.387188, 0.311573, 0.238120, 0.199945, 0.195767,
    ),
}
# fmt: on


def _printed() -> str:
    """`CURVES` as NumPy has them now."""
    lines = ["CURVES: Final[Mapping[str, tuple[float, ...]]] = {"]
    for name, training in TRAININGS.items():
        curve = run(Subject.named("numpy"), functools.partial(losses, training=training))
        numbers = textwrap.fill(", ".join(f"{loss:.6f}" for loss in curve), 108)
        lines.append(f'    "{name}": (\n{textwrap.indent(numbers, " " * 8)},\n    ),')
    return "\n".join([*lines, "}"])


if __name__ == "__main__":
    print(_printed())
