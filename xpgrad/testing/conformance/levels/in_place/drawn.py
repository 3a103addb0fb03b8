"""Programs of views and writes that chance has drawn: NumPy's arrays say the values, and complex steps the gradients.

A program is lines of Python that mean the same of tensors and of NumPy arrays, where views share memory by themselves.
Every value is a rational function of the leaves, so that the imaginary part of a program run on ``x + 1e-30j`` is its
derivative to the last digit.
"""

from __future__ import annotations

import random
from typing import Any, Final

import numpy as np

from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.narrow import narrow, tolerance
from xpgrad.testing.conformance.subject import Host, Subject, agree

LEVEL = Level("in-place")

COUNT: Final = 100
_LINES: Final = 8
_STEP: Final = 1e-30

LEAVES: Final = {
    "x": np.asarray([[-1.0, -0.6, -0.2], [0.2, 0.6, 1.1]]),
    "s": np.asarray(0.7),
    "p": np.asarray([[[0.5, -1.5], [1.0, 0.25]], [[2.0, 0.75], [-0.5, 1.25]]]),
}
_OPENING: Final = ["t0 = x * 1", "t1 = p * 1"]


class _Drawing:
    """A program in the making, on NumPy arrays: what makes sense next depends on shapes and on who shares memory."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)
        self.scope: dict[str, Any] = {name: array.copy() for name, array in LEAVES.items()}
        self.lines: list[str] = []
        for line in _OPENING:
            self.add(line)
        while len(self.lines) < _LINES:
            self.add(self.choose.choice([self.view, self.view, self.write, self.write, self.write, self.fresh])())

    def add(self, line: str) -> None:
        if line:
            exec(line, self.scope)
            self.lines.append(line)

    def pick(self) -> tuple[str, Host]:
        """A tensor, mostly a late one."""
        names = [name for name in self.scope if name[0] == "t"]
        name = self.choose.choice(names[-3:] if self.choose.random() < 0.5 else names)
        return name, self.scope[name]

    def new(self, expression: str) -> str:
        return f"t{sum(name[0] == 't' for name in self.scope)} = {expression}"

    def index(self, shape: tuple[int, ...]) -> str:
        """An index that gives a view with dimensions."""
        n = shape[0]
        options = [
            f"{self.choose.randint(0, n - 1)}:",
            f":{self.choose.randint(1, n)}",
            "::2",
            "::-1",
            "..., None",
            "None",
        ]
        if len(shape) > 1:
            options += [str(self.choose.randrange(-n, n)), f"..., {self.choose.randrange(shape[-1])}", ":, ::2"]
        return self.choose.choice(options)

    def view(self) -> str:
        name, array = self.pick()
        if not array.ndim or array.ndim > 3:
            return ""
        options = [f"{name}[{self.index(array.shape)}]"] * 3 + [f"{name}.swapaxes(0, -1)"]
        if array.ndim == 2:
            options.append(f"{name}.T")
        if array.flags.c_contiguous:
            options.append(f"{name}.reshape(-1)")
        return self.new(self.choose.choice(options))

    def operand(self, target: Host) -> str:
        """What broadcasts to ``target``: a tensor apart from its memory, or itself, or a number."""
        fitting = [
            name
            for name, array in self.scope.items()
            if name[0] in "txsp"
            and _broadcasts(array.shape, target.shape)
            and (array is target or not np.may_share_memory(array, target))
        ]
        return self.choose.choice([*fitting, "2", "0.5", "s"])

    def write(self) -> str:
        name, array = self.pick()
        other = self.operand(array)
        # What a product saves is a copy, so that later writes to the operand do not matter.
        options = [
            f"{name} += {other}",
            f"{name} -= {other}",
            f"{name} *= {other} * 1",
            f"{name} /= 2.0",
            f"{name} *= s",
        ]
        if array.ndim:
            index = self.index(array.shape)
            options += [
                f"{name}[{index}] = {self.choose.choice(['0.5', 's'])}",
                f"{name}[{index}] *= s",
                f"{name}[...] = {other}",
            ]
            options.append(f"{name}[[0, -1]] = {name}[[-1, 0]] * s" if array.shape[0] > 1 else f"{name}[[0]] = s")
        return self.choose.choice(options)

    def fresh(self) -> str:
        name, array = self.pick()
        options = [f"{name} + 1", f"{name} * 2", f"({name} * 1) ** 2", f"{name} * 1 * s"]
        if array.ndim:
            options.append(f"{name}.sum(0) * 1")
        return self.new(self.choose.choice(options))


def _broadcasts(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _loss(scope: dict[str, Any]) -> Any:
    """The sum of everything that the program made, each with a weight of its own."""
    names = sorted(name for name in scope if name[0] == "t")
    return sum((scope[name] * (0.3 * i + 1)).sum() for i, name in enumerate(names))


def _expected(lines: list[str]) -> tuple[dict[str, Host], dict[str, Host]]:
    """The values of what the program made, and the gradients of the leaves."""
    scope = _run(lines, {name: array.copy() for name, array in LEAVES.items()})
    gradients = {name: np.zeros_like(array) for name, array in LEAVES.items()}
    for name, gradient in gradients.items():
        for at in np.ndindex(gradient.shape):
            moved = {n: a.astype(complex) for n, a in LEAVES.items()}
            moved[name][at] += _STEP * 1j
            gradient[at] = _loss(_run(lines, moved)).imag / _STEP
    return {name: value for name, value in scope.items() if name[0] == "t"}, gradients


def _run(lines: list[str], scope: dict[str, Any]) -> dict[str, Any]:
    for line in lines:
        exec(line, {}, scope)
    return scope


@LEVEL.each({f"drawn/{seed}": seed for seed in range(COUNT)}, needs={"int64"})
def drawn_programs_do_what_numpy_does(subject: Subject, seed: int) -> None:
    """Values are those of NumPy's arrays, gradients those of complex steps."""
    lines = _Drawing(seed).lines
    values, gradients = _expected(lines)
    what = "; ".join(lines)
    exact = tolerance(subject.place, 1e-10)
    leaves = {n: subject.tensor(narrow(subject.place, a), requires_grad=True) for n, a in LEAVES.items()}
    with subject.using():
        scope = _run(lines, dict(leaves))
        _loss(scope).backward()
    for name, value in values.items():
        agree(subject.host(scope[name].detach()), value, exact, f"{what}: {name}")
    for name, leaf in leaves.items():
        got = np.zeros_like(LEAVES[name]) if leaf.grad is None else subject.host(leaf.grad)
        agree(got, gradients[name], exact, f"{what}: the gradient of {name}")
