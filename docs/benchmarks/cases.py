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
        threaded: Large enough for several threads. Then each library waits before its round until the other's
            threads have stopped spinning, and wakes its own with a round that is not timed.
    """

    budget: str
    name: str
    make: Callable[[Any], Round]
    count: int
    rounds: int
    threaded: bool = False

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
    mlp, small_mlp = perceptron(784, 256, 10), perceptron(8, 32, 1)
    yield Case("mlp", "784-256-10, batch 64", training(mlp, (64, 784), 1), 1, 150, threaded=True)
    yield Case("small-mlp", "8-32-1, batch 32", training(small_mlp, (32, 8), 4), 4, 150, threaded=True)
    digits = training(small_convnet, (64, 1, 8, 8), 1)
    yield Case("convolution", "two layers, batch 64 of 1x8x8", digits, 1, 60, threaded=True)
    yield Case("convolution", "LeNet-5, batch 64 of 1x28x28", training(lenet, (64, 1, 28, 28), 1), 1, 40, threaded=True)
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


Build = Callable[[Any], Any]


def perceptron(inputs: int, hidden: int, outputs: int) -> Build:
    """One hidden layer, rectified."""

    def build(nn: Any) -> Any:
        return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    return build


def small_convnet(nn: Any) -> Any:
    """The network of the demo's size, for 8x8 digits."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


def lenet(nn: Any) -> Any:
    """LeCun 1998's network with rectifiers and max pooling, for 28x28 digits."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def training(build: Build, shape: tuple[int, ...], steps: int) -> Callable[[Any], Round]:
    """Training steps as in a tutorial: zero_grad, forward, loss, backward, SGD.

    The loss is the cross entropy of ten classes, or the squared error where there is one output.
    """

    def make(lib: Any) -> Round:
        rng = np.random.default_rng(0)
        model = build(lib.nn)
        inputs = lib.tensor(rng.random(shape, dtype=np.float32))
        if model(inputs).shape[1] == 1:
            loss_function, targets = lib.nn.MSELoss(), lib.tensor(rng.random((shape[0], 1), dtype=np.float32))
        else:
            loss_function, targets = lib.nn.CrossEntropyLoss(), lib.tensor(rng.integers(0, 10, shape[0]))
        optimizer = lib.optim.SGD(model.parameters(), lr=0.01)

        def work() -> None:
            for _ in range(steps):
                optimizer.zero_grad()
                loss = loss_function(model(inputs), targets)
                loss.backward()
                optimizer.step()

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
