"""The picture that the demo saves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

_SHOWN = 12


def save_picture(
    path: Path,
    *,
    losses: Sequence[float],
    test_accuracies: Sequence[float],
    images: np.ndarray[Any, Any],
    targets: Sequence[int],
    predictions: Sequence[int],
    filters: np.ndarray[Any, Any],
) -> None:
    """Draw how training went, how some digits are read (mistakes first, in red), and the first layer's filters.

    Args:
        path: The PNG file to write.
        losses: Of each batch.
        test_accuracies: After each epoch, in percent.
        images: Of the test set, (count, height, width).
        targets: What they are.
        predictions: What the network takes them for.
        filters: (count, height, width).
    """
    # Only this needs matplotlib; its figures need no window and no global state.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(12, 4), layout="constrained")
    FigureCanvasAgg(figure)
    parts: Any = figure.subfigures(1, 3, width_ratios=[4, 4, 3])
    left, middle, right = parts
    _draw_course(left, losses, test_accuracies)
    _draw_predictions(middle, images, targets, predictions)
    _draw_filters(right, filters)
    figure.savefig(path, dpi=100)


def _draw_course(figure: Any, losses: Sequence[float], test_accuracies: Sequence[float]) -> None:
    axes = figure.subplots()
    epochs = np.arange(1, len(losses) + 1) / (len(losses) / len(test_accuracies))
    axes.semilogy(epochs, losses, color="tab:blue", linewidth=0.8)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss of each batch", color="tab:blue")
    other = axes.twinx()
    other.plot(range(1, len(test_accuracies) + 1), test_accuracies, "o-", color="tab:orange")
    other.set_ylabel("test accuracy, %", color="tab:orange")
    figure.suptitle("Training")


def _draw_predictions(
    figure: Any, images: np.ndarray[Any, Any], targets: Sequence[int], predictions: Sequence[int]
) -> None:
    wrong = [i for i, target in enumerate(targets) if predictions[i] != target]
    right = [i for i, target in enumerate(targets) if predictions[i] == target]
    shown = (wrong[: _SHOWN // 2] + right)[:_SHOWN]
    for axes, i in zip(figure.subplots(3, _SHOWN // 3).flat, shown, strict=False):
        axes.imshow(images[i], "gray_r")
        is_right = predictions[i] == targets[i]
        axes.set_title(
            f"{predictions[i]}" if is_right else f"{predictions[i]}, is {targets[i]}",
            color="black" if is_right else "tab:red",
        )
    _without_ticks(figure)
    figure.suptitle(f"{len(right)} of {len(targets)} test digits read right")


def _draw_filters(figure: Any, filters: np.ndarray[Any, Any]) -> None:
    rows = int(len(filters) ** 0.5)
    limit = float(np.abs(filters).max())
    for axes, weights in zip(figure.subplots(rows, -(-len(filters) // rows)).flat, filters, strict=False):
        axes.imshow(weights, "RdBu", vmin=-limit, vmax=limit)
    _without_ticks(figure)
    figure.suptitle("Filters of the first layer")


def _without_ticks(figure: Any) -> None:
    for axes in figure.get_axes():
        axes.set_axis_off()
