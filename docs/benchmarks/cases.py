"""What is measured, written once for both libraries: ``lib`` is ``xpgrad`` or ``torch``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

# One round of a case is one call of `work` on what `prepare` returns; only `work` is timed.
Round = tuple[Callable[[], tuple[Any, ...]], Callable[..., Any]]


@dataclass(frozen=True)
class Case:
    """A thing to time.

    Attributes:
        budget: The budget of `report.BUDGETS` that it counts towards.
        name: Its name under that budget.
        make: Gives the two functions of a round, in one library.
        count: How many operations (steps, nodes, ...) a round has; times are reported per operation.
        rounds: How many rounds are timed, alternating between the libraries.
    """

    budget: str
    name: str
    make: Callable[[Any], Round]
    count: int
    rounds: int

    @property
    def id(self) -> str:
        return f"{self.budget}-{self.name}"


# Rounds are kept well under a millisecond where possible: shorter than the time slice of a busy machine's scheduler.
CALLS = 200
CHAIN = 100

OPERATIONS = {
    "add": "x + y",
    "mul": "x * y",
    "matmul": "x @ y",
    "exp": "x.exp()",
    "relu": "x.relu()",
    "sum": "x.sum()",
    "reshape": "x.reshape(2, 8)",
    "slice": "x[1:3]",
}

# The same operations in a form that can be repeated on its own result `z`, and the shape of the first `z`.
# `exp` soon overflows, and goes on at infinity at the same speed; the sum is made 4x4 again by a second operation.
REPEATED = {
    "add": ("z + y", (4, 4)),
    "mul": ("z * y", (4, 4)),
    "matmul": ("z @ y", (4, 4)),
    "exp": ("z.exp()", (4, 4)),
    "relu": ("z.relu()", (4, 4)),
    "sum": ("z.sum().expand(4, 4)", (4, 4)),
    "reshape": ("z.reshape(4, 4)", (4, 4)),
    "slice": ("z[1:]", (CHAIN + 4, 4)),
}


def cases() -> Iterator[Case]:
    """Every case, in the order of the report."""
    for name, expression in OPERATIONS.items():
        yield Case("forward", name, forward(expression), CALLS, 200)
    for name in OPERATIONS:
        yield Case("backward", name, backward(*REPEATED[name]), CHAIN * (1 + (name == "sum")), 200)
    yield Case("mlp", "784-256-10, batch 64, SGD step", mlp((784, 256, 10), batch=64, steps=1), 1, 300)
    yield Case("small-mlp", "8-32-1, batch 32, SGD step", mlp((8, 32, 1), batch=32, steps=2), 2, 300)
    yield Case("graph", "250,000 nodes", chain(250_000), 250_000, 3)
    yield Case("graph", "1,000,000 nodes", chain(1_000_000), 1_000_000, 3)


def leaf(lib: Any, shape: tuple[int, ...]) -> Any:
    """A leaf, float32, requiring grad; a product with a square one does not grow."""
    values = np.random.default_rng(0).random(shape, dtype=np.float32)
    return lib.tensor(values / values.sum(0), requires_grad=True)


def forward(expression: str) -> Callable[[Any], Round]:
    """The expression many times over, on leaves that require grad."""

    def make(lib: Any) -> Round:
        leaves = leaf(lib, (4, 4)), leaf(lib, (4, 4))
        scope: dict[str, Any] = {}
        exec(f"def work(x, y):\n    for _ in range({CALLS}): {expression}", scope)
        return lambda: leaves, scope["work"]

    return make


def backward(expression: str, shape: tuple[int, ...]) -> Callable[[Any], Round]:
    """Backward through a chain of the operation, from its end to the leaves."""

    def make(lib: Any) -> Round:
        x, y = leaf(lib, shape), leaf(lib, (4, 4))
        step = eval(f"lambda y, z: {expression}")

        def prepare() -> tuple[Any, ...]:
            x.grad = y.grad = None
            z = x
            for _ in range(CHAIN):
                z = step(y, z)
            return z, lib.ones_like(z)

        return prepare, lib.Tensor.backward

    return make


def mlp(sizes: tuple[int, int, int], batch: int, steps: int) -> Callable[[Any], Round]:
    """Training steps of a perceptron with one hidden layer: zero_grad, forward, mean squared error, backward, SGD."""

    def make(lib: Any) -> Round:
        rng = np.random.default_rng(0)
        inputs = lib.tensor(rng.random((batch, sizes[0]), dtype=np.float32))
        targets = lib.tensor(rng.random((batch, sizes[2]), dtype=np.float32))
        parameters = [
            lib.tensor(rng.standard_normal(shape, dtype=np.float32) * 0.05, requires_grad=True)
            for shape in (sizes[:2], sizes[1:2], sizes[1:], sizes[2:])
        ]
        w1, b1, w2, b2 = parameters

        def work() -> None:
            for _ in range(steps):
                hidden = (inputs @ w1 + b1).relu()
                error = hidden @ w2 + b2 - targets
                loss = (error * error).mean()
                for p in parameters:
                    p.grad = None
                loss.backward()
                with lib.no_grad():
                    for p in parameters:
                        p -= 0.01 * p.grad

        return lambda: (), work

    return make


def chain(length: int) -> Callable[[Any], Round]:
    """A chain of additions built, run backward and freed."""

    def make(lib: Any) -> Round:
        x = lib.tensor([0.0], requires_grad=True)

        def work() -> None:
            z = x
            for _ in range(length):
                z = z + 1.0
            z.backward()
            x.grad = None

        return lambda: (), work

    return make


CASES = {case.id: case for case in cases()}
