"""Functions of arrays larger than what kernels are cut into: tiles, blocks of threads, buffers, batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

import xpgrad
from xpgrad.nn import functional as F
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, agree

LEVEL = Level("functions")

_draw = np.random.default_rng(0)
_WIDE: Final = _draw.normal(size=(3, 4097)).astype("f4")
_LINES: Final = {
    "4097": _WIDE,
    "1025": np.ascontiguousarray(_WIDE[:, :1025]),
    "257": np.ascontiguousarray(_WIDE[:, :257]),
}
_IMAGES: Final = _draw.normal(size=(33, 3, 8, 8)).astype("f4")
_FILTERS: Final = _draw.normal(size=(17, 3, 3, 3)).astype("f4")
_OUTCOMES: Final = _draw.normal(size=(33, 17, 6, 6)).astype("f4")
_ROWS: Final = _draw.normal(size=(5000, 3)).astype("f4")
_POSITIONS: Final = _draw.integers(0, 7, size=5000)
_X, _Y = (_draw.normal(size=shape).astype("f4") for shape in ((129, 257), (257, 65)))

_WINDOWS: Final = np.lib.stride_tricks.sliding_window_view(_IMAGES.astype("f8"), (3, 3), axis=(2, 3))
_BLOCKS: Final = _IMAGES.reshape(33, 3, 4, 2, 4, 2)


class Row(NamedTuple):
    """A call of host arrays as tensors, and what comes out."""

    arrays: tuple[Host, ...]
    call: Callable[..., Any]
    expected: Any


def _log_softmax(x: Host, axis: int = -1) -> Host:
    shifted = x.astype("f8") - x.max(axis, keepdims=True)
    result: Host = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
    return result


def _added(updates: Host, count: int = 7) -> Host:
    out = np.zeros((count, *updates.shape[1:]))
    np.add.at(out, _POSITIONS, updates)
    return out


def _of_lines(length: str, x: Host) -> dict[str, Row]:
    """Functions along lines of that length, which are rows, and columns where it matters."""
    wide, n = x.astype("f8"), x.shape[-1]
    centred = wide - wide.mean(-1, keepdims=True)
    return {
        # As many times as large, or tolerances would say nothing about the many small parts.
        f"softmax/{length}": Row((x,), lambda x: F.softmax(x, -1) * n, n * np.exp(_log_softmax(x))),
        f"softmax/{length}-columns": Row((x.T,), lambda x: F.softmax(x, 0) * n, n * np.exp(_log_softmax(x.T, 0))),
        f"log_softmax/{length}": Row((x,), lambda x: F.log_softmax(x, -1), _log_softmax(x)),
        f"logsumexp/{length}": Row((x,), lambda x: x.logsumexp(-1), (wide - _log_softmax(x))[:, 0]),
        f"layer_norm/{length}": Row(
            (x,), lambda x: F.layer_norm(x, x.shape[1:]), centred / np.sqrt(wide.var(-1, keepdims=True) + 1e-5)
        ),
        f"cross_entropy/{length}": Row(
            (x,),
            lambda x: F.cross_entropy(x, xpgrad.tensor([0, 255, 256], device=x.device)),
            -_log_softmax(x)[[0, 1, 2], [0, 255, 256]].mean(),
        ),
        f"sum/{length}": Row((x,), lambda x: x.sum(-1), wide.sum(-1)),
        f"sum/{length}-columns": Row((x.T,), lambda x: x.sum(0), wide.sum(-1)),
        f"prod/{length}": Row((1 + x / 1000,), lambda x: x.prod(-1), (1 + wide / 1000).prod(-1)),
        f"amax/{length}": Row((x,), lambda x: x.amax(-1), x.max(-1)),
        f"argmin/{length}": Row((x,), lambda x: x.argmin(-1), x.argmin(-1)),
        f"var/{length}": Row((x,), lambda x: x.var(-1), wide.var(-1, ddof=1)),
        f"cumsum/{length}": Row((x,), lambda x: x.cumsum(-1), wide.cumsum(-1)),
        f"cummax/{length}": Row((x,), lambda x: x.cummax(-1).values, np.maximum.accumulate(x, -1)),
        f"sort/{length}": Row((x,), lambda x: x.sort(-1).values, np.sort(x)),
        f"topk/{length}": Row((x,), lambda x: x.topk(5).values, -np.sort(-x)[:, :5]),
    }


def _embedding_gradient(g: Any) -> Any:
    weight = xpgrad.zeros(7, 3, device=g.device, requires_grad=True)
    F.embedding(xpgrad.tensor(_POSITIONS, device=g.device), weight).backward(g)
    return weight.grad


def _filters_gradient(x: Any, w: Any, g: Any) -> Any:
    w.requires_grad_()
    F.conv2d(x, w).backward(g)
    return w.grad


ROWS: Final = {name: row for length, x in _LINES.items() for name, row in _of_lines(length, x).items()} | {
    "conv2d/batch-of-33": Row((_IMAGES, _FILTERS), F.conv2d, np.einsum("nchwij,ocij->nohw", _WINDOWS, _FILTERS)),
    "conv2d/filters-gradient": Row(
        (_IMAGES, _FILTERS, _OUTCOMES), _filters_gradient, np.einsum("nchwij,nohw->ocij", _WINDOWS, _OUTCOMES)
    ),
    "max_pool2d/batch-of-33": Row((_IMAGES,), lambda x: F.max_pool2d(x, 2), _BLOCKS.max((3, 5))),
    "avg_pool2d/batch-of-33": Row((_IMAGES,), lambda x: F.avg_pool2d(x, 2), _BLOCKS.mean((3, 5))),
    "index_add/5000": Row(
        (_ROWS, _POSITIONS), lambda g, i: xpgrad.zeros(7, 3, device=g.device).index_add(0, i, g), _added(_ROWS)
    ),
    "bincount/5000": Row((_POSITIONS,), lambda i: i.bincount(), np.bincount(_POSITIONS)),
    "embedding/gradient-of-5000": Row((_ROWS,), _embedding_gradient, _added(_ROWS)),
    "index_select/5000": Row((_ROWS[:7], _POSITIONS), lambda x, i: x.index_select(0, i), _ROWS[_POSITIONS]),
    "matmul/129-257-65": Row((_X, _Y), lambda x, y: x @ y, _X.astype("f8") @ _Y),
    "bmm/33": Row((_IMAGES[:, 0], _IMAGES[:, 1]), xpgrad.bmm, _IMAGES[:, 0].astype("f8") @ _IMAGES[:, 1]),
}


@LEVEL.each({f"sizes/{name}": row for name, row in ROWS.items()}, needs=["float32", "int64"])
def knows_no_largest_size(subject: Subject, row: Row) -> None:
    """What is true of few elements is true of many."""
    with subject.using():
        got = subject.host(row.call(*(subject.tensor(np.ascontiguousarray(a)) for a in row.arrays)))
    agree(got, row.expected, 1e-4)
