"""Layers with the oneDNN pack, side by side with PyTorch: `python docs/benchmarks/onednn.py [--threads 1] [NAME...]`.

Forward plus backward into input, weight and bias. Each library runs in a process of its own, by turns and several times
over, since the threads of each wait in loops that slow the other down. Prints the quickest time of each function in
milliseconds and the ratio. Needs PyTorch and the project in plugins/onednn.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 3
SIDES = {"onednn": ("xpgrad", "onednn"), "numpy": ("xpgrad", "none"), "torch": ("torch", "none")}

# Name: input, kernels, stride, padding, groups.
CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], int, int, int]] = {
    "3x3 64->64, 32x32, batch 64": ((64, 64, 32, 32), (64, 64, 3, 3), 1, 1, 1),
    "1x1 256->256, 16x16, batch 64": ((64, 256, 16, 16), (256, 256, 1, 1), 1, 0, 1),
    "7x7 stride 2 3->64, 96x96, batch 64": ((64, 3, 96, 96), (64, 3, 7, 7), 2, 3, 1),
    "3x3 depthwise 128, 32x32, batch 64": ((64, 128, 32, 32), (128, 1, 3, 3), 1, 1, 128),
}


def quickest(function: Callable[[], Any], seconds: float = 1.0) -> float:
    """The shortest of the milliseconds that calls of ``function`` take."""
    function()
    end, best = time.perf_counter() + seconds, float("inf")
    while time.perf_counter() < end:
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def measure(side: str, threads: int, names: list[str]) -> dict[str, list[float]]:
    """Milliseconds of forward, and of forward and backward, per case."""
    library = importlib.import_module(SIDES[side][0])
    functional = importlib.import_module(f"{library.__name__}.nn.functional")
    if side == "torch":
        library.set_num_threads(threads)
    results = {}
    for name in names:
        x_shape, w_shape, stride, padding, groups = CASES[name]
        x, w, b = (library.randn(shape, requires_grad=True) for shape in (x_shape, w_shape, w_shape[:1]))

        def forward(x=x, w=w, b=b, settings=(stride, padding, 1, groups)) -> Any:
            return functional.conv2d(x, w, b, *settings)

        g = library.randn(forward().shape)

        def both(x=x, w=w, b=b, g=g, forward=forward) -> None:
            x.grad = w.grad = b.grad = None
            forward().backward(g)

        results[name] = [quickest(forward), quickest(both)]
    return results


def main() -> None:
    """Measure the sides in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of cases (default: all)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = [name for name in CASES if not options.names or any(part in name for part in options.names)]
    if options.side:
        print(json.dumps(measure(options.side, options.threads, names)))
        return
    best: dict[str, dict[str, list[float]]] = {side: {} for side in SIDES}
    for _ in range(ROUNDS):
        for side, found in best.items():
            environment = os.environ | {"XPGRAD_KERNELS": SIDES[side][1]}
            environment |= {f"{variable}_NUM_THREADS": str(options.threads) for variable in ("OMP", "OPENBLAS")}
            command = [sys.executable, __file__, "--side", side, "--threads", str(options.threads), *options.names]
            output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
            for name, times in json.loads(output).items():
                found[name] = [min(pair) for pair in zip(times, found.get(name, times), strict=True)]
    print(f"{'float32, milliseconds: forward, with backward':46}", *(f"{side:>15}" for side in SIDES), "onednn / torch")
    for name in names:
        pairs = (f"{best[side][name][0]:.1f}, {best[side][name][1]:.1f}" for side in SIDES)
        ratio = best["onednn"][name][1] / best["torch"][name][1]
        print(f"{name:46}", *(f"{pair:>15}" for pair in pairs), f"{ratio:14.2f}")


if __name__ == "__main__":
    main()
