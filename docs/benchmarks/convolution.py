"""Convolution and its two transposes in NumPy, side by side with PyTorch: `python docs/benchmarks/convolution.py`.

The two run in processes of their own, one after the other and several times over, since the threads of each wait in
loops that slow the other down. Prints, per shape, the quickest time of each function in milliseconds, and the ratio of
the sums. Needs PyTorch.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

THREADS = 2
ROUNDS = 3

# Name: input, kernels, stride, padding, groups.
CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], int, int, int]] = {
    "3x3 64->64, 32x32, batch 16": ((16, 64, 32, 32), (64, 64, 3, 3), 1, 1, 1),
    "1x1 256->256, 16x16, batch 16": ((16, 256, 16, 16), (256, 256, 1, 1), 1, 0, 1),
    "7x7 stride 2 3->64, 96x96, batch 16": ((16, 3, 96, 96), (64, 3, 7, 7), 2, 3, 1),
    "3x3 depthwise 128, 32x32, batch 16": ((16, 128, 32, 32), (128, 1, 3, 3), 1, 1, 128),
    "3x3 1->16, 28x28, batch 64": ((64, 1, 28, 28), (16, 1, 3, 3), 1, 1, 1),
    "3x3 16->32, 8x8, batch 64": ((64, 16, 8, 8), (32, 16, 3, 3), 1, 1, 1),
    "5x5 1->20, 28x28, batch 32": ((32, 1, 28, 28), (20, 1, 5, 5), 1, 0, 1),
    "5x5 6->16, 14x14, batch 64": ((64, 6, 14, 14), (16, 6, 5, 5), 1, 0, 1),
    "3x3 stride 2 64->128, 16x16, batch 16": ((16, 64, 16, 16), (128, 64, 3, 3), 2, 1, 1),
    "3x3 64->64, 8x8, batch 64": ((64, 64, 8, 8), (64, 64, 3, 3), 1, 1, 1),
    "3x3 512->512, 4x4, batch 32": ((32, 512, 4, 4), (512, 512, 3, 3), 1, 1, 1),
    "3x3 32->32 in 8 groups, 32x32, batch 16": ((16, 32, 32, 32), (32, 4, 3, 3), 1, 1, 8),
}


def quickest(function: Callable[[], Any], seconds: float = 0.5) -> float:
    """The shortest of the milliseconds that calls of ``function`` take."""
    function()
    end, best = time.perf_counter() + seconds, float("inf")
    while time.perf_counter() < end:
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def measure_numpy() -> dict[str, list[float]]:
    """Milliseconds of the convolution, of its transpose in the input and of that in the kernels, per case."""
    import numpy as np

    from xpgrad.backends.numpy_kernels import KERNELS

    rng, results = np.random.default_rng(0), {}
    forward, to_input, to_weight = (KERNELS[f"convolution{suffix}"] for suffix in ("", "_input", "_weight"))
    for name, (x_shape, w_shape, stride, padding, groups) in CASES.items():
        x, w = rng.standard_normal(x_shape, np.float32), rng.standard_normal(w_shape, np.float32)
        settings: dict[str, Any] = {
            "stride": (stride, stride), "padding": (padding, padding), "dilation": (1, 1), "groups": groups
        }  # fmt: skip
        g = rng.standard_normal(forward(np, x, w, **settings).shape, np.float32)
        results[name] = [
            quickest(lambda: forward(np, x, w, **settings)),  # noqa: B023
            quickest(lambda: to_input(np, g, w, size=x_shape[2:], **settings)),  # noqa: B023
            quickest(lambda: to_weight(np, g, x, size=w_shape[2:], **settings)),  # noqa: B023
        ]
    return results


def measure_torch() -> dict[str, list[float]]:
    """The same of PyTorch."""
    import torch

    torch.set_num_threads(THREADS)
    results = {}
    for name, (x_shape, w_shape, stride, padding, groups) in CASES.items():
        x, w = torch.randn(x_shape), torch.randn(w_shape)
        settings = ([stride] * 2, [padding] * 2, [1, 1], False, [0, 0], groups)
        g = torch.randn_like(torch.ops.aten.convolution(x, w, None, *settings))
        backward = torch.ops.aten.convolution_backward
        results[name] = [
            quickest(lambda: torch.ops.aten.convolution(x, w, None, *settings)),  # noqa: B023
            quickest(lambda: backward(g, x, w, None, *settings, [True, False, False])),  # noqa: B023
            quickest(lambda: backward(g, x, w, None, *settings, [False, True, False])),  # noqa: B023
        ]
    return results


def main() -> None:
    """Measure both in turn and print the table."""
    environment = os.environ | {"OMP_NUM_THREADS": str(THREADS), "OPENBLAS_NUM_THREADS": str(THREADS)}
    best: dict[str, dict[str, list[float]]] = {"numpy": {}, "torch": {}}
    for _ in range(ROUNDS):
        for side, found in best.items():
            command = [sys.executable, __file__, side]
            output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            for name, times in json.loads(output).items():
                found[name] = [min(pair) for pair in zip(times, found.get(name, times), strict=True)]
    columns = ("forward", "to input", "to weight")
    print(f"{'float32, milliseconds: NumPy / PyTorch':42}", *(f"{column:>15}" for column in columns), "ratio of sums")
    for name, ours in best["numpy"].items():
        theirs = best["torch"][name]
        pairs = (f"{a:.2f} / {b:.2f}" for a, b in zip(ours, theirs, strict=True))
        print(f"{name:42}", *(f"{pair:>15}" for pair in pairs), f"{sum(ours) / sum(theirs):13.2f}")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps({"numpy": measure_numpy, "torch": measure_torch}[sys.argv[1]]()))
    else:
        main()
