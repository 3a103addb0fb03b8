"""``python -m xpgrad demo``: a small convolutional network learns to read handwritten digits."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xpgrad
from xpgrad import nn, optim
from xpgrad.backends.selection import default_place, use_backend
from xpgrad.cli.picture import save_picture
from xpgrad.data import DataLoader, TensorDataset, datasets
from xpgrad.errors import BackendError
from xpgrad.nn import functional as F
from xpgrad.serialization import save_file

_NEEDED = {"sklearn": "scikit-learn", "matplotlib": "matplotlib", "tqdm": "tqdm"}
_BATCH_SIZE = 32
_LEARNING_RATE = 3e-3


@dataclass
class History:
    """How training went: the loss of each batch, and the accuracies after each epoch, in percent."""

    losses: list[float] = field(default_factory=list)
    train_accuracies: list[float] = field(default_factory=list)
    test_accuracies: list[float] = field(default_factory=list)


def add_parser(commands: Any) -> None:
    """Add the command to those of `argparse`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="train a small network on handwritten digits",
        description="Train a small convolutional network on scikit-learn's 1,797 handwritten digits, and save it, its "
        "history and a picture of both. The same seed gives the same result on every backend, up to rounding.",
    )
    parser.add_argument("--backend", help="a backend or a device of one, as `python -m xpgrad backends` lists them")
    parser.add_argument(
        "--epochs", type=_positive, default=6, help="how often to go through the training digits (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="what the random numbers begin with (%(default)s)")
    parser.add_argument(
        "--out", type=Path, default=Path("xpgrad-demo"), help="the folder for what is saved (%(default)s)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, report and save; return 1 if a library or the backend is missing."""
    missing = [package for module, package in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"demo: {', '.join(missing)} not installed; pip install 'xpgrad[demo]'", file=sys.stderr)
        return 1
    with contextlib.ExitStack() as stack:
        try:
            if arguments.backend is not None:
                stack.enter_context(use_backend(arguments.backend))
            place = default_place()
        except BackendError as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        # scikit-learn brings it. Threads would wait for each other longer than they multiply these small matrices, and
        # share the sums out by the number of cores: one gives the same result on every machine.
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

        stack.enter_context(threadpool_limits(1, user_api="blas"))
        _demonstrate(f"{place.backend.name} on {place.device}", arguments.epochs, arguments.seed, arguments.out)
    return 0


def _demonstrate(where: str, epochs: int, seed: int, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    train_set, test_set = digits(train=True), digits(train=False)
    start = time.perf_counter()
    xpgrad.manual_seed(seed)
    model = network()
    print(f"{model}\n{sum(p.numel() for p in model.parameters()):,} parameters, {where}, seed {seed}")
    history = train(model, train_set, test_set, epochs)
    seconds = time.perf_counter() - start
    save_file(model.state_dict(), out / "model.safetensors")
    record = {"xpgrad": xpgrad.__version__, "where": where, "seed": seed, "epochs": epochs, "network": str(model)}
    (out / "model.json").write_text(json.dumps(record | vars(history), indent=1) + "\n", encoding="utf-8")
    images, targets = test_set.tensors
    save_picture(
        out / "demo.png",
        losses=history.losses,
        test_accuracies=history.test_accuracies,
        images=images.cpu().numpy()[:, 0],
        targets=targets.tolist(),
        predictions=predict(model, images).tolist(),
        filters=model[0].weight.detach().cpu().numpy()[:, 0],
    )
    print(
        f"test accuracy {history.test_accuracies[-1]:.1f} % after {epochs} epochs and {seconds:.1f} s; saved in {out}:"
    )
    print("  model.safetensors (the network), model.json (its history), demo.png (loss, predictions, filters)")


def digits(train: bool) -> TensorDataset:
    """The digits as images (count, 1, 8, 8) of numbers in [0, 1], and their classes (count,)."""
    found = datasets.Digits(train=train)
    return TensorDataset(found.data.unsqueeze(1).float() / 255, found.targets)


def network() -> nn.Sequential:
    """From images (batch, 1, 8, 8) to scores (batch, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (batch, 16, 4, 4)
        nn.Conv2d(16, 32, kernel_size=3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (batch, 32, 2, 2)
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(128, 10),
    )


def train(model: nn.Sequential, train_set: TensorDataset, test_set: TensorDataset, epochs: int) -> History:
    """Train ``model``, with a progress bar and a line of accuracies for each epoch."""
    from tqdm import tqdm  # noqa: PLC0415  (tqdm is optional)

    history = History()
    optimizer = optim.Adam(model.parameters(), lr=_LEARNING_RATE)
    batches: DataLoader[Any] = DataLoader(train_set, _BATCH_SIZE, shuffle=True)
    for epoch in range(1, epochs + 1):
        model.train()
        with tqdm(batches, desc=f"epoch {epoch}/{epochs}", unit="batch", leave=False) as bar:
            for images, targets in bar:
                loss = F.cross_entropy(model(images), targets)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                history.losses.append(loss.item())
                bar.set_postfix(loss=f"{history.losses[-1]:.3f}")
        history.train_accuracies.append(accuracy(model, train_set))
        history.test_accuracies.append(accuracy(model, test_set))
        recent = history.losses[-len(batches) :]
        print(
            f"epoch {epoch}/{epochs}: loss {sum(recent) / len(recent):.4f}, "
            f"train accuracy {history.train_accuracies[-1]:.1f} %, test accuracy {history.test_accuracies[-1]:.1f} %"
        )
    return history


@xpgrad.no_grad()
def predict(model: nn.Sequential, images: Any) -> Any:
    """The classes (count,) that the network sees in images (count, 1, 8, 8)."""
    model.eval()
    return xpgrad.cat([model(batch).argmax(1) for (batch,) in DataLoader(TensorDataset(images), batch_size=256)])


def accuracy(model: nn.Sequential, dataset: TensorDataset) -> float:
    """How many images of ``dataset`` the network reads right, in percent."""
    images, targets = dataset.tensors
    right: int = (predict(model, images) == targets).sum().item()
    return 100 * right / len(targets)


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text}")
    return number
