"""What optimizers' steps cost: the NumPy kernels against their fallbacks, and whole steps against PyTorch's.

``python docs/benchmarks/optimizers.py`` prints microseconds, the least of several runs. PyTorch runs on one thread, as
NumPy's elementwise functions do.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

import xpgrad
from xpgrad.backends.fallbacks import optim as fallbacks
from xpgrad.backends.numpy_kernels import optim as kernels
from xpgrad.backends.selection import host_place

SIZES = (256, 784 * 256, 2_000_000)
NETWORKS = {"8-32-1": [(32, 8), (32,), (1, 32), (1,)], "784-256-10": [(256, 784), (256,), (10, 256), (10,)]}
OPTIMIZERS: dict[str, dict[str, Any]] = {"SGD": {}, "SGD ": {"momentum": 0.9, "weight_decay": 1e-4}, "Adam": {}}


def microseconds(work: Callable[[], object]) -> float:
    """The least that ``work`` took."""
    timer = timeit.Timer(work)
    number = max(1, timer.autorange(lambda *_: None)[0] // 4)
    return 1e6 * min(timer.repeat(7, number)) / number


def update_times(size: int) -> dict[str, list[float]]:
    """For each optimizer, a step of one parameter by the fallback, copied into its memory, and by the kernel."""
    rng = np.random.default_rng(0)
    p, g = (rng.standard_normal(size, dtype=np.float32) for _ in range(2))
    mean, square = np.zeros_like(p), np.ones_like(p)
    sgd = {"lr": 1e-9, "momentum": 0.0, "dampening": 0.0, "nesterov": False}
    adam = {"step": 3.0, "lr": 1e-9, "betas": (0.9, 0.999), "eps": 1e-8}
    xp = host_place().xp

    def with_fallback(name: str, *arrays: Any, **settings: Any) -> None:
        p[...] = getattr(fallbacks, name)(xp, *arrays, **settings)[0]

    return {
        "SGD": [
            microseconds(lambda: with_fallback("sgd_update", p, g, None, **sgd)),
            microseconds(lambda: kernels.sgd_update(xp, p, g, None, **sgd)),
        ],
        "Adam": [
            microseconds(lambda: with_fallback("adam_update", p, g, mean, square, None, **adam)),
            microseconds(lambda: kernels.adam_update(xp, p, g, mean, square, None, **adam)),
        ],
    }


def step(library: Any, name: str, shapes: list[tuple[int, ...]]) -> Callable[[], object]:
    """A whole ``optimizer.step()``."""
    rng = np.random.default_rng(0)
    parameters = []
    for shape in shapes:
        values, gradient = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
        parameters.append(library.tensor(values, requires_grad=True))
        parameters[-1].grad = library.tensor(gradient)
    made = getattr(library.optim, name.strip())(parameters, lr=1e-9, **OPTIMIZERS[name])
    return made.step  # type: ignore[no-any-return]


def main() -> None:
    """Print both tables."""
    print("one parameter             fallback    kernel")
    for size in SIZES:
        for name, (slow, fast) in update_times(size).items():
            print(f"{name:6}{size:10,} numbers {slow:10.1f}{fast:10.1f}")
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: no steps to compare with")
        return
    torch.set_num_threads(1)
    print("\nwhole step                     PyTorch    xpgrad")
    for network, shapes in NETWORKS.items():
        for name, settings in OPTIMIZERS.items():
            theirs, ours = (microseconds(step(library, name, shapes)) for library in (torch, xpgrad))
            print(f"{network:11}{name.strip():5}{', '.join(settings) or '-':22}{theirs:10.1f}{ours:10.1f}")


if __name__ == "__main__":
    main()
