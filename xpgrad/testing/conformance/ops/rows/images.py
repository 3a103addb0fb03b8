import numpy as np

from xpgrad.ops import folding, pooling, resampling, shuffling
from xpgrad.testing.conformance.ops.case import Case, draw


def pixels(x, factor):
    samples, channels, height, width = x.shape
    out = np.zeros((samples, channels // factor**2, height * factor, width * factor), x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = x[n, c * factor**2 + i % factor * factor + j % factor, i // factor, j // factor]
    return out


def channels(x, factor):
    samples, count, height, width = x.shape
    out = np.zeros((samples, count * factor**2, height // factor, width // factor))
    for n, c, i, j in np.ndindex(x.shape):
        out[n, c * factor**2 + i % factor * factor + j % factor, i // factor, j // factor] = x[n, c, i, j]
    return out


def dealt(x, groups):
    hand = x.shape[1] // groups
    return x[:, [k * hand + i for i in range(hand) for k in range(groups)]]


def columns(x, *, window, dilation, padding, stride):
    """Window by window."""
    size = x.shape[2:]
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    counts = [(m + 2 * p - r) // s + 1 for m, p, r, s in zip(size, padding, reach, stride, strict=True)]
    out = []
    for at in np.ndindex(*counts):
        cut = tuple(slice(i * s, i * s + r, d) for i, s, r, d in zip(at, stride, reach, dilation, strict=True))
        out.append(x[(slice(None), slice(None), *cut)].reshape(x.shape[0], -1))
    return np.stack(out, -1)


def added(x, *, size, **settings):
    """The transpose of `columns`, element by element."""
    out = np.zeros((x.shape[0], x.shape[1] // int(np.prod(settings["window"])), *size))
    for at in np.ndindex(out.shape):
        unit = np.zeros(out.shape)
        unit[at] = 1
        out[at] = np.sum(columns(unit, **settings) * x)
    return out


WINDOWS = {"window": (2, 1), "dilation": (1, 2), "padding": (1, 0), "stride": (2, 1)}
DENSE = {"window": (2, 2), "dilation": (1, 1), "padding": (0, 0), "stride": (1, 1)}

# Two elements of the second column are in one place.
WIDER = resampling.Weights(2, 3, (0, 1, 4, 4, 5), (1.0, 0.25, 0.5, 0.25, 1.0))
MATRIX = np.asarray([[1.0, 0.25, 0.0], [0.0, 0.75, 1.0]])


def resampled(x, weights):
    for axis, along in enumerate(weights, 2):
        if along is not None:
            x = np.moveaxis(np.moveaxis(x, axis, -1) @ MATRIX, -1, axis)
    return x


# A sum of many terms beside an empty one, and beside one that is shorter.
LONG = resampling.Weights(35, 3, (*range(0, 105, 3), 5), (0.5,) * 36)


def halves(x, weights):
    return 0.5 * np.stack([x.sum(-1), np.zeros(x.shape[:-1]), x[..., 1]], -1)


INDICES = np.asarray([[[[0, 3], [3, 2]]]])


def scattered(y, x, indices):
    out = np.zeros(x.size)
    np.add.at(out, indices.reshape(-1), y.reshape(-1))
    return out.reshape(x.shape)


CASES = [
    Case(shuffling.pixel_shuffle, (draw(2, 8, 1, 2),), {"factor": 2}, pixels, complex_too=True),
    Case(shuffling.pixel_unshuffle, (draw(1, 2, 4, 2),), {"factor": 2}, channels),
    Case(shuffling.channel_shuffle, (draw(2, 6, 2),), {"groups": 3}, dealt),
    Case(folding.unfold, (draw(1, 2, 3, 4),), WINDOWS, columns, complex_too=True),
    Case(folding.unfold, (draw(2, 1, 3, 3),), DENSE, columns, label="dense"),
    Case(folding.fold, (draw(1, 4, 8),), {"size": (3, 4), **WINDOWS}, added),
    Case(folding.fold, (draw(1, 4, 4),), {"size": (3, 3), **DENSE}, added, label="dense"),
    Case(resampling.resample, (draw(1, 2, 2),), {"weights": (WIDER,)}, resampled, label="line"),
    Case(resampling.resample, (draw(2, 1, 2, 2),), {"weights": (WIDER, WIDER)}, resampled, label="plane"),
    Case(resampling.resample, (draw(1, 1, 2, 3, 2),), {"weights": (WIDER, None, WIDER)}, resampled, label="space"),
    Case(resampling.resample, (draw(1, 2, 35),), {"weights": (LONG,)}, halves, label="long"),
    Case(pooling.max_pool_gradient, (draw(1, 1, 2, 2), draw(1, 1, 2, 3), INDICES), reference=scattered),
]
