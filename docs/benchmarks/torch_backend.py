"""Training steps on the plugin plugins/torch, against the NumPy backend and against PyTorch's own autograd.

``OMP_NUM_THREADS=1 python docs/benchmarks/torch_backend.py`` prints milliseconds a step, the medians of rounds that
alternate between the three, and the median of the rounds' ratios of the plugin to PyTorch.
"""

from __future__ import annotations

import statistics
import time

import torch
from cases import CASES, Case

import xpgrad

CHOSEN = [case for case in CASES.values() if case.budget in ("mlp", "small-mlp", "convolution")]
ROUNDS = 200


def milliseconds(case: Case) -> list[float]:
    """What a step takes on NumPy, on the plugin, and in PyTorch; and the ratio of the last two."""
    with xpgrad.use_backend("numpy"):
        works = [case.make(xpgrad)[1]]
    with xpgrad.use_backend("torch"):
        works.append(case.make(xpgrad)[1])
    works.append(case.make(torch)[1])
    times: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(1e3 * (time.perf_counter() - start) / case.count)
    ratio = statistics.median(ours / theirs for ours, theirs in zip(times[1], times[2], strict=True))
    return [*(statistics.median(taken) for taken in times), ratio]


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n")
    print("| a training step, ms | xpgrad, numpy | xpgrad, torch | PyTorch | ratio |\n|---|--:|--:|--:|--:|")
    for case in CHOSEN:
        print(f"| {case.name} | {' | '.join(f'{t:.2f}' for t in milliseconds(case))} |")
