"""Training steps on the plugin plugins/jax, against the NumPy backend.

``OMP_NUM_THREADS=1 python docs/benchmarks/jax_backend.py`` prints milliseconds a step, the median of rounds that
alternate between the two, and what the first step took, in which JAX compiles.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
from cases import CASES, Case

import xpgrad
from xpgrad.backends.registry import get_backend

CHOSEN = [case for case in CASES.values() if case.budget in ("mlp", "small-mlp", "convolution")]
ROUNDS = 60


def row(case: Case) -> list[float]:
    """Milliseconds of a step on NumPy, of one on JAX, and of the first round on JAX."""
    place = get_backend("jax").current_place()

    def milliseconds(work: Callable[[], Any]) -> float:
        start = time.perf_counter()
        work()
        place.backend.synchronize(place.handle)
        return 1e3 * (time.perf_counter() - start)

    works = {}
    for backend in ("numpy", "jax"):
        with xpgrad.use_backend(backend):
            works[backend] = case.make(xpgrad)[1]
    first = milliseconds(works["jax"])
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(milliseconds(work) / case.count)
    return [*(statistics.median(taken) for taken in times.values()), first]


if __name__ == "__main__":
    print(f"jax {jax.__version__} on {jax.devices()[0].platform}\n")
    print("| a training step, ms | xpgrad, numpy | xpgrad, jax | the first on jax |\n|---|--:|--:|--:|")
    for case in CHOSEN:
        numpy, later, first = row(case)
        print(f"| {case.name} | {numpy:.2f} | {later:.2f} | {first:.0f} |", flush=True)
