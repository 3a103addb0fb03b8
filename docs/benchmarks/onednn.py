"""What the oneDNN pack serves, side by side with NumPy and PyTorch: `python docs/benchmarks/onednn.py [NAME...]`.

Forward, and forward plus backward into everything that has a gradient. Each side runs in a process of its own, by
turns, since the threads of each wait in loops that slow the other down. Prints medians over the rounds of the medians
of a round, in milliseconds, and the median of the rounds' ratios with backward. Needs PyTorch and the project in
plugins/onednn. On a busy machine two threads wait for each other's time slices: there `chrt -r 1` (as root) gives
steady numbers, and `--threads 1` steady ratios.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 5
SIDES = {"onednn": ("xpgrad", "onednn"), "numpy": ("xpgrad", "none"), "torch": ("torch", "none")}

Case = tuple[list[tuple[int, ...]], Callable[..., Any]]


def conv(x: tuple[int, ...], w: tuple[int, ...], **settings: int) -> Case:
    """A convolution with a bias."""
    return [x, w, w[:1]], lambda F, x, w, b: F.conv2d(x, w, b, **settings)


# Name: shapes of what has a gradient, and what to do with it.
CASES: dict[str, Case] = {
    "conv 3x3 64->64, 32x32, batch 64": conv((64, 64, 32, 32), (64, 64, 3, 3), padding=1),
    "conv 1x1 256->256, 16x16, batch 64": conv((64, 256, 16, 16), (256, 256, 1, 1)),
    "conv 7x7 stride 2 3->64, 96x96, batch 64": conv((64, 3, 96, 96), (64, 3, 7, 7), stride=2, padding=3),
    "conv 3x3 depthwise 128, 32x32, batch 64": conv((64, 128, 32, 32), (128, 1, 3, 3), padding=1, groups=128),
    "conv 3x3 stride 2 64->128, 16x16, batch 16": conv((16, 64, 16, 16), (128, 64, 3, 3), stride=2, padding=1),
    "conv 3x3 16->32, 8x8, batch 64": conv((64, 16, 8, 8), (32, 16, 3, 3), padding=1),
    "conv 5x5 6->16, 14x14, batch 64": conv((64, 6, 14, 14), (16, 6, 5, 5)),
    "conv 3x3 512->512, 4x4, batch 32": conv((32, 512, 4, 4), (512, 512, 3, 3), padding=1),
    "conv 3x3 64->64 in 4 groups, 16x16, batch 16": conv((16, 64, 16, 16), (64, 16, 3, 3), padding=1, groups=4),
    "conv transpose 4x4 stride 2 128->64, 8x8, batch 16": (
        [(16, 128, 8, 8), (128, 64, 4, 4), (64,)],
        lambda F, x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1),
    ),
    "conv1d 5 64->64, 256, batch 32": (
        [(32, 64, 256), (64, 64, 5), (64,)], lambda F, x, w, b: F.conv1d(x, w, b, padding=2)
    ),
    "conv3d 3x3x3 16->32, 16x16x16, batch 4": (
        [(4, 16, 16, 16, 16), (32, 16, 3, 3, 3), (32,)], lambda F, x, w, b: F.conv3d(x, w, b, padding=1)
    ),
    "linear 784->256, batch 64": ([(64, 784), (256, 784), (256,)], lambda F, x, w, b: F.linear(x, w, b)),
    "linear 1024->1024, batch 512": ([(512, 1024), (1024, 1024), (1024,)], lambda F, x, w, b: F.linear(x, w, b)),
    "max pool 3 stride 2, (64, 64, 48, 48)": ([(64, 64, 48, 48)], lambda F, x: F.max_pool2d(x, 3, 2, 1)),
    "max pool 2, (64, 16, 28, 28)": ([(64, 16, 28, 28)], lambda F, x: F.max_pool2d(x, 2)),
    "avg pool 2, (64, 64, 32, 32)": ([(64, 64, 32, 32)], lambda F, x: F.avg_pool2d(x, 2)),
    "layer norm (8192, 512)": (
        [(8192, 512), (512,), (512,)], lambda F, x, w, b: F.layer_norm(x, (512,), w, b)
    ),
    "layer norm (64, 256)": ([(64, 256), (256,), (256,)], lambda F, x, w, b: F.layer_norm(x, (256,), w, b)),
    "group norm 8 of (16, 64, 32, 32)": (
        [(16, 64, 32, 32), (64,), (64,)], lambda F, x, w, b: F.group_norm(x, 8, w, b)
    ),
    "softmax (8, 12, 256, 256)": ([(8, 12, 256, 256)], lambda F, x: F.softmax(x, -1)),
    "log softmax (64, 1000)": ([(64, 1000)], lambda F, x: F.log_softmax(x, -1)),
    "sigmoid (64, 65536)": ([(64, 65536)], lambda F, x: F.sigmoid(x)),
}  # fmt: skip


# Name: the shape of the input (steps, sequences, features), and the layer.
LAYERS: dict[str, tuple[tuple[int, ...], Callable[[Any], Any]]] = {
    "LSTM 64->128, 50 steps, batch 32": ((50, 32, 64), lambda nn: nn.LSTM(64, 128)),
    "LSTM 28->128, 28 steps, batch 64": ((28, 64, 28), lambda nn: nn.LSTM(28, 128)),
    "LSTM 64->128, two layers, 50 steps, batch 32": ((50, 32, 64), lambda nn: nn.LSTM(64, 128, 2)),
    "LSTM 64->128, both directions, 50 steps, batch 32": (
        (50, 32, 64), lambda nn: nn.LSTM(64, 128, bidirectional=True)
    ),
    "LSTM 16->16, 10 steps, batch 8": ((10, 8, 16), lambda nn: nn.LSTM(16, 16)),
    "GRU 64->128, 50 steps, batch 32": ((50, 32, 64), lambda nn: nn.GRU(64, 128)),
    "GRU 28->128, 28 steps, batch 64": ((28, 64, 28), lambda nn: nn.GRU(28, 128)),
    "GRU 16->16, 10 steps, batch 8": ((10, 8, 16), lambda nn: nn.GRU(16, 16)),
}  # fmt: skip


def lenet(nn: Any) -> Any:
    """LeNet-5."""
    features = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU()]
    classifier = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*features, nn.MaxPool2d(2), nn.Flatten(), *classifier)


def three_layers(nn: Any) -> Any:
    """Three convolutions of colour images, two of them normalised."""
    first = [nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU()]
    second = [nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)]
    third = [nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, *third, nn.Flatten(), nn.Linear(128 * 64, 10))


# Name: the shape of the input, and the network, of which a step of training is measured.
NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[Any], Any]]] = {
    "network: LeNet-5, batch 64": ((64, 1, 28, 28), lenet),
    "network: three layers of convolution, batch 32": ((32, 3, 32, 32), three_layers),
}


def training_step(library: Any, name: str) -> Callable[[], None]:
    """A step of training of the network of that name."""
    shape, network = NETWORKS[name]
    nn, optim = (importlib.import_module(f"{library.__name__}.{part}") for part in ("nn", "optim"))
    model, x, y = network(nn), library.randn(shape), library.randint(0, 10, shape[:1])
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def typical(function: Callable[[], Any], seconds: float = 0.3) -> float:
    """The median of the milliseconds that calls of ``function`` take."""
    function()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def measure(side: str, threads: int, names: list[str]) -> dict[str, list[float]]:
    """Milliseconds of forward, and of forward and backward, per case."""
    library = importlib.import_module(SIDES[side][0])
    functional = importlib.import_module(f"{library.__name__}.nn.functional")
    if side == "torch":
        library.set_num_threads(threads)
    results = {}
    for name in names:
        if name in NETWORKS:
            results[name] = [typical(training_step(library, name))] * 2
            continue
        if name in LAYERS:
            shape, make = LAYERS[name]
            layer, x = make(library.nn), library.randn(shape, requires_grad=True)
            leaves = [x, *layer.parameters()]

            def forward(layer=layer, x=x) -> Any:
                return layer(x)[0]

        else:
            shapes, function = CASES[name]
            leaves = [library.randn(shape, requires_grad=True) for shape in shapes]

            def forward(function=function, leaves=leaves) -> Any:
                return function(functional, *leaves)

        g = library.randn(forward().shape)

        def both(leaves=leaves, g=g, forward=forward) -> None:
            for leaf in leaves:
                leaf.grad = None
            forward().backward(g)

        results[name] = [typical(forward), typical(both)]
    return results


def main() -> None:
    """Measure the sides in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of cases (default: all)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    every = (*CASES, *LAYERS, *NETWORKS)
    names = [name for name in every if not options.names or any(part in name for part in options.names)]
    if options.side:
        print(json.dumps(measure(options.side, options.threads, names)))
        return
    rounds: dict[str, list[dict[str, list[float]]]] = {side: [] for side in SIDES}
    for _ in range(ROUNDS):
        for side, found in rounds.items():
            environment = os.environ | {"XPGRAD_KERNELS": SIDES[side][1]}
            environment |= {f"{variable}_NUM_THREADS": str(options.threads) for variable in ("OMP", "OPENBLAS")}
            command = [sys.executable, __file__, "--side", side, "--threads", str(options.threads), *options.names]
            output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
            found.append(json.loads(output))
    print("| float32, ms | with oneDNN | NumPy's kernels | PyTorch | ratio to PyTorch |\n|---|---|---|---|---|")
    for name in names:
        cells = []
        for found in rounds.values():
            forward, both = (statistics.median(times[name][i] for times in found) for i in (0, 1))
            cells.append(f"{both:.2f}" if name in NETWORKS else f"{forward:.2f}, {both:.2f}")
        pairs = zip(rounds["onednn"], rounds["torch"], strict=True)
        ratio = statistics.median(ours[name][1] / theirs[name][1] for ours, theirs in pairs)
        print(f"| {name} | {' | '.join(cells)} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
