import numpy as np
import scipy.spatial.distance
import scipy.special

from xpgrad.ops import activation, ctc, distance, margin
from xpgrad.testing.conformance.ops.case import APART, Case, draw

REDUCTIONS = ("mean", "sum", "none")


def reduced(each, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](each)


def multi_margin(x, target, weight, p, margin, reduction):
    rows = np.arange(len(x))
    short = np.maximum(margin - x[rows, target][:, None] + x, 0) ** p
    short[rows, target] = 0
    each = short.sum(1) / x.shape[1]
    return reduced(each if weight is None else each * weight[target], reduction)


def multilabel_margin(x, target, reduction):
    each = []
    for row, classes in zip(x, target, strict=True):
        right = classes[: list(classes).index(-1)] if -1 in classes else classes
        wrong = np.setdiff1d(np.arange(len(row)), right)
        each.append(sum(max(0, 1 - row[i] + row[j]) for i in right for j in wrong) / len(row))
    return reduced(np.asarray(each), reduction)


def ctc_by_counting(x, path, input_lengths, target_lengths, zero_infinity):
    """All ways along the classes that give the labels, one by one."""
    x, losses = x - scipy.special.logsumexp(x, axis=2, keepdims=True), []
    for n, (steps, count) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        labels = list(path[n, 1 : 2 * count : 2])
        blank, total = path[n, 0], 0.0
        for way in np.ndindex((x.shape[2],) * int(steps)):
            spoken = [c for i, c in enumerate(way) if c != blank and (i == 0 or c != way[i - 1])]
            if spoken == labels:
                total += np.exp(sum(x[t, n, c] for t, c in enumerate(way)))
        losses.append(-np.log(total))
    return np.asarray(losses)


def normalized(x, *others):
    # The gradient is that of what a softmax has normalised.
    return x - x.logsumexp(2, True), *others


CLASSES = np.asarray([2, 0, 1, 1])
LABELS = np.asarray([[1, 0, -1, 2], [3, 3, 1, -1], [-1, 0, 1, 2], [0, 1, 2, 3]])
# (blank, label, blank, label, blank), the second labelling being shorter.
PATH = np.asarray([[0, 1, 0, 1, 0], [0, 2, 0, 0, 0]])

CASES = [
    *(
        Case(
            margin.multi_margin_loss,
            (draw(4, 3, of=APART), CLASSES, weight),
            {"p": p, "margin": 1.3, "reduction": reduction},
            multi_margin,
            label="plain" if weight is None else "weighted",
        )
        for reduction in REDUCTIONS
        for p in (1, 2)
        for weight in (None, np.asarray([0.5, 1.0, 2.0]))
    ),
    *(
        Case(margin.multilabel_margin_loss, (draw(4, 4, of=APART), LABELS), {"reduction": reduction}, multilabel_margin)
        for reduction in REDUCTIONS
    ),
    Case(
        ctc.ctc_loss,
        (draw(4, 2, 3), PATH, np.asarray([4, 3]), np.asarray([2, 1])),
        {"zero_infinity": False},
        ctc_by_counting,
        before=normalized,
    ),
    *(
        Case(
            distance.euclidean,
            (draw(2, 3, 4), draw(2, 5, 4)),
            {"by_product": by_product},
            lambda x, y, by_product: np.stack(
                [scipy.spatial.distance.cdist(a, b) for a, b in zip(x, y, strict=True)]
            ),
        )
        for by_product in (False, True)
    ),
    *(Case(activation.safe_softmax, (draw(2, 3),), {"axis": axis}, scipy.special.softmax) for axis in (0, -1)),
    Case(
        activation.softmax_gradient,
        (draw(2, 3), draw(2, 3)),
        {"axis": 1},
        lambda g, y, axis: y * (g - (g * y).sum(axis, keepdims=True)),
    ),
]  # fmt: skip
