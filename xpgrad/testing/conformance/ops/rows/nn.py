import numpy as np
import scipy.special

from xpgrad.ops import activation, convolution, embedding, loss, normalization, padding, pooling
from xpgrad.testing.conformance.ops.case import APART, POSITIVE, Case, Domain, draw

# Away from zero on both sides, and from the other bends of the functions below.
BENT = np.asarray([[-3.7, -1.3, -0.3], [0.2, 1.6, 4.1]])
PROBABILITIES = Domain(0.1, 0.9)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def elu(x, alpha, scale, input_scale):
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) * input_scale))


def gelu(x):
    return x * scipy.special.ndtr(x)


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softplus(x, beta, threshold):
    return np.where(beta * x > threshold, x, np.log1p(np.exp(beta * x)) / beta)


def glu(x, axis):
    a, b = np.split(x, 2, axis=axis)
    return a * sigmoid(b)


ACTIVATIONS = [
    Case(activation.threshold, (BENT,), {"threshold": 0.5, "value": 2.0}, lambda x, **_: np.where(x > 0.5, x, 2.0)),
    Case(activation.leaky_relu, (BENT,), {"negative_slope": 0.1}, lambda x, **_: np.where(x > 0, x, 0.1 * x)),
    Case(activation.prelu, (BENT, draw(3)), reference=lambda x, w: np.where(x > 0, x, w * x)),
    Case(activation.rrelu, (BENT, draw(2, 3)), reference=lambda x, w: np.where(x > 0, x, w * x)),
    Case(activation.elu, (BENT,), {"alpha": 1.3, "scale": 0.7, "input_scale": 1.2}, elu),
    Case(activation.gelu, (BENT,), reference=gelu),
    Case(activation.gelu_tanh, (BENT,), reference=gelu_tanh),
    Case(activation.log_sigmoid, (BENT,), reference=lambda x: np.log(sigmoid(x))),
    Case(activation.softplus, (BENT,), {"beta": 2.0, "threshold": 6.0}, softplus),
    Case(activation.silu, (BENT,), reference=lambda x: x * sigmoid(x)),
    Case(activation.mish, (BENT,), reference=lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    Case(activation.hardtanh, (BENT,), {"min_val": -1.0, "max_val": 1.5}, lambda x, **_: np.clip(x, -1.0, 1.5)),
    Case(activation.hardsigmoid, (BENT,), reference=lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    Case(activation.hardswish, (BENT,), reference=lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    Case(activation.softshrink, (BENT,), {"lambd": 0.5}, lambda x, **_: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)),
    Case(activation.hardshrink, (BENT,), {"lambd": 0.5}, lambda x, **_: np.where(np.abs(x) > 0.5, x, 0)),
    Case(activation.glu, (draw(2, 4),), {"axis": 1}, glu),
]  # fmt: skip


def correlate(x, w, b=None, *, stride, padding, dilation, groups):
    """Window by window."""
    n, _, *size = x.shape
    out_channels, per_group, *kernel = w.shape
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    counts = [(m - r) // s + 1 for m, r, s in zip(x.shape[2:], reach, stride, strict=True)]
    out = np.zeros((n, out_channels, *counts))
    for o in range(out_channels):
        first = o // (out_channels // groups) * per_group
        for at in np.ndindex(*counts):
            window = tuple(slice(i * s, i * s + r, d) for i, s, r, d in zip(at, stride, reach, dilation, strict=True))
            out[(slice(None), o, *at)] = np.sum(
                x[(slice(None), slice(first, first + per_group), *window)] * w[o], axis=tuple(range(1, len(size) + 2))
            )
    return out if b is None else out + b.reshape(-1, *[1] * len(size))


def transpose_in_input(g, w, b=None, *, size, **settings):
    """By the matrix of the linear map, column by column."""
    shape = (g.shape[0], w.shape[1] * settings["groups"], *size)
    out = np.zeros(shape)
    for at in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[at] = 1
        out[at] = np.sum(correlate(unit, w, **settings) * g)
    return out if b is None else out + b.reshape(-1, *[1] * len(size))


def transpose_in_weight(g, x, *, size, **settings):
    shape = (g.shape[1], x.shape[1] // settings["groups"], *size)
    out = np.zeros(shape)
    for at in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[at] = 1
        out[at] = np.sum(correlate(x, unit, **settings) * g)
    return out


def steps(stride=(1,), padding=(0,), dilation=(1,), groups=1):
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


# Shapes of input and kernels, settings, and the spatial size of the result.
CONVOLUTIONS = [
    ((2, 1, 5), (2, 1, 3), steps(), (3,)),
    ((1, 2, 6), (2, 1, 2), steps((2,), (1,), (2,), 2), (3,)),
    ((1, 2, 3, 4), (3, 2, 2, 2), steps((1, 1), (1, 0), (1, 1)), (4, 3)),
    ((2, 2, 4, 3), (2, 1, 2, 1), steps((2, 1), (1, 1), (1, 2), 2), (3, 5)),
    ((1, 1, 2, 3, 2), (1, 1, 2, 1, 2), steps((1, 1, 1), (0, 0, 1), (1, 1, 1)), (1, 3, 3)),
]

CONVOLVING = [
    row
    for x, w, settings, size in CONVOLUTIONS
    for row in (
        Case(convolution.convolution, (draw(*x), draw(*w)), settings, correlate, label=f"{x} {w}"),
        Case(
            convolution.convolution_input,
            (draw(x[0], w[0], *size), draw(*w)),
            {"size": x[2:], **settings},
            transpose_in_input,
            label=f"{x} {w}",
        ),
        Case(
            convolution.convolution_weight,
            (draw(x[0], w[0], *size), draw(*x)),
            {"size": w[2:], **settings},
            transpose_in_weight,
            label=f"{x} {w}",
        ),
    )
] + [
    Case(convolution.biased_convolution, (draw(2, 2, 4), draw(3, 2, 2), draw(3)), steps(), correlate),
    Case(
        convolution.biased_transposed_convolution,
        (draw(2, 3, 3), draw(3, 2, 2), draw(2)),
        {"size": (4,), **steps()},
        transpose_in_input,
    ),
]


def pooled(x, *, window, stride, padding, dilation, ceil_mode=False):
    """The values and flat indices of the largest elements, window by window."""
    spatial = x.shape[2:]
    positions = np.arange(np.prod(spatial)).reshape(spatial)
    sizes = []
    for m, k, s, p, d in zip(spatial, window, stride, padding, dilation, strict=True):
        room = m + 2 * p - (k - 1) * d - 1
        count = (-(-room // s) if ceil_mode else room // s) + 1
        sizes.append(count - (ceil_mode and (count - 1) * s >= m + p))
    values, indices = np.zeros((*x.shape[:2], *sizes)), np.zeros((*x.shape[:2], *sizes), int)
    for at in np.ndindex(*sizes):
        places = [
            [q for k in range(w) if 0 <= (q := i * s - p + k * d) < m]
            for i, w, s, p, d, m in zip(at, window, stride, padding, dilation, spatial, strict=True)
        ]
        part = x[(slice(None), slice(None), *np.ix_(*places))].reshape(*x.shape[:2], -1)
        values[(..., *at)] = part.max(-1)
        indices[(..., *at)] = positions[np.ix_(*places)].reshape(-1)[part.argmax(-1)]
    return values, indices


def averaged(x, *, window, stride, padding, ceil_mode, count_include_pad, divisor_override):
    ones = (1,) * len(window)
    shape = pooled(x, window=window, stride=stride, padding=padding, dilation=ones, ceil_mode=ceil_mode)[0].shape
    out = np.zeros(shape)
    for at in np.ndindex(*shape[2:]):
        starts = [i * s - p for i, s, p in zip(at, stride, padding, strict=True)]
        inside = [slice(max(a, 0), min(a + w, m)) for a, w, m in zip(starts, window, x.shape[2:], strict=True)]
        count = np.prod([s.stop - s.start for s in inside])
        if count_include_pad:
            count = np.prod(
                [min(a + w, m + p) - a for a, w, m, p in zip(starts, window, x.shape[2:], padding, strict=True)]
            )
        total = x[(slice(None), slice(None), *inside)].sum(axis=tuple(range(2, x.ndim)))
        out[(..., *at)] = total / (divisor_override or count)
    return out


def transpose_of_averaged(g, *, size, **settings):
    out = np.zeros((*g.shape[:2], *size))
    for at in np.ndindex(*size):
        unit = np.zeros((1, 1, *size))
        unit[(0, 0, *at)] = 1
        out[(..., *at)] = (averaged(unit, **settings) * g).sum(axis=tuple(range(2, g.ndim)))
    return out


def adaptive(reduce):
    def reference(x, size):
        out = np.zeros((*x.shape[:2], *size))
        for at in np.ndindex(*size):
            window = [slice(i * m // n, -(-(i + 1) * m // n)) for i, m, n in zip(at, x.shape[2:], size, strict=True)]
            out[(..., *at)] = reduce(x[(slice(None), slice(None), *window)], axis=tuple(range(2, x.ndim)))
        return out

    return reference


def adaptive_max(x, size):
    values = adaptive(np.max)(x, size)
    flat = x.reshape(*x.shape[:2], -1)
    # The values are all different, so each is found where it is.
    found = [np.flatnonzero(flat[n, c] == v)[0] for (n, c, *_), v in np.ndenumerate(values)]
    return values, np.reshape(found, values.shape)


def unpooled(x, indices, size):
    out = np.zeros((*x.shape[:2], *size))
    np.put_along_axis(out, indices, x, axis=2)
    return out


def windows(window, stride, padding, **rest):
    return {"window": window, "stride": stride, "padding": padding, **rest}


INDICES = np.asarray([[[0, 3], [3, 3]]])

POOLING = [
    *(
        Case(pooling.max_pool, (draw(*shape, of=APART),), settings, pooled, label=str(shape))
        for shape, settings in (
            ((1, 2, 5), windows((2,), (2,), (0,), dilation=(1,), ceil_mode=False)),
            ((1, 1, 4, 5), windows((2, 3), (1, 2), (1, 1), dilation=(1, 2), ceil_mode=False)),
            ((1, 1, 4, 5), windows((2, 2), (2, 2), (0, 0), dilation=(1, 1), ceil_mode=True)),
            ((1, 1, 2, 3, 2), windows((2, 2, 1), (1, 1, 1), (0, 1, 0), dilation=(1, 1, 1), ceil_mode=False)),
        )
    ),
    *(
        Case(pooling.avg_pool, (draw(*shape),), settings, averaged, label=str(shape))
        for shape, settings in (
            ((1, 2, 5), windows((2,), (2,), (0,), ceil_mode=True, count_include_pad=True, divisor_override=None)),
            (
                (1, 1, 4, 5),
                windows((2, 3), (1, 2), (1, 1), ceil_mode=False, count_include_pad=False, divisor_override=None),
            ),
            (
                (1, 1, 4, 4),
                windows((2, 2), (1, 2), (1, 0), ceil_mode=False, count_include_pad=True, divisor_override=3),
            ),
        )
    ),
    Case(
        pooling.avg_pool_input,
        (draw(1, 1, 5, 3),),
        {
            "size": (4, 5),
            **windows((2, 3), (1, 2), (1, 1), ceil_mode=False, count_include_pad=False, divisor_override=None),
        },
        transpose_of_averaged,
    ),
    Case(
        pooling.pool_scatter,
        (draw(1, 2, 2), INDICES),
        {"size": (4,)},
        lambda x, i, size: np.stack([[np.bincount(i[n, c], x[n, c], *size) for c in range(2)] for n in range(1)]),
    ),
    Case(pooling.max_unpool, (draw(1, 2, 2), np.asarray([[[0, 3], [2, 1]]])), {"size": (4,)}, unpooled),
    Case(pooling.pool_gather, (draw(1, 2, 4), INDICES), reference=lambda x, i: np.take_along_axis(x, i, 2)),
    *(
        Case(pooling.adaptive_avg_pool, (draw(1, 2, 5, 4),), {"size": size}, adaptive(np.mean))
        for size in ((2, 3), (5, 1))
    ),
    Case(pooling.adaptive_avg_pool, (draw(1, 1, 3, 2, 4),), {"size": (2, 2, 3)}, adaptive(np.mean)),
    Case(pooling.adaptive_max_pool, (draw(1, 2, 5, 4, of=APART),), {"size": (2, 3)}, adaptive_max),
]


def normalized(x, axis, eps):
    mean, variance = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps), mean, variance


def on_channels(v, x):
    return v.reshape(-1, *[1] * (x.ndim - 2))


def affine(x, weight, bias):
    return x * (1 if weight is None else weight) + (0 if bias is None else bias)


def batch_norm(x, weight, bias, eps):
    out, mean, variance = normalized(x, (0, *range(2, x.ndim)), eps)
    weight, bias = (None if p is None else on_channels(p, x) for p in (weight, bias))
    return affine(out, weight, bias), mean.reshape(-1), variance.reshape(-1)


def batch_norm_by(x, weight, bias, mean, variance, eps):
    out = (x - on_channels(mean, x)) / np.sqrt(on_channels(variance, x) + eps)
    return affine(out, *(None if p is None else on_channels(p, x) for p in (weight, bias)))


def layer_norm(x, weight, bias, ndim, eps):
    out, mean, variance = normalized(x, tuple(range(x.ndim - ndim, x.ndim)), eps)
    return affine(out, weight, bias), mean, 1 / np.sqrt(variance + eps)


def group_norm(x, weight, bias, groups, eps):
    out, mean, variance = normalized(x.reshape(x.shape[0], groups, -1), 2, eps)
    weight, bias = (None if p is None else on_channels(p, x) for p in (weight, bias))
    return affine(out.reshape(x.shape), weight, bias), mean, 1 / np.sqrt(variance + eps)


NORMALIZING = [
    Case(normalization.batch_norm, (draw(2, 2, 3), draw(2), draw(2)), {"eps": 0.1}, batch_norm),
    Case(normalization.batch_norm, (draw(4, 2), None, None), {"eps": 0.1}, batch_norm, label="plain"),
    Case(normalization.batch_norm, (draw(2, 2, 1, 3), draw(2), None), {"eps": 0.1}, batch_norm, label="scaled"),
    Case(
        normalization.batch_norm_by,
        (draw(2, 2, 3), draw(2), draw(2), draw(2), draw(2, of=POSITIVE)),
        {"eps": 0.1},
        batch_norm_by,
    ),
    Case(
        normalization.batch_norm_by,
        (draw(3, 2), None, None, draw(2), draw(2, of=POSITIVE)),
        {"eps": 0.1},
        batch_norm_by,
        label="plain",
    ),
    Case(normalization.layer_norm, (draw(2, 4), draw(4), draw(4)), {"ndim": 1, "eps": 0.1}, layer_norm),
    Case(normalization.layer_norm, (draw(2, 2, 3), draw(2, 3), None), {"ndim": 2, "eps": 0.1}, layer_norm),
    Case(normalization.layer_norm, (draw(2, 4), None, None), {"ndim": 1, "eps": 0.1}, layer_norm, label="plain"),
    Case(normalization.group_norm, (draw(2, 4, 2), draw(4), draw(4)), {"groups": 2, "eps": 0.1}, group_norm),
    Case(normalization.group_norm, (draw(2, 4), None, None), {"groups": 2, "eps": 0.1}, group_norm, label="plain"),
]


def reduced(each, reduction):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction](each)


def smooth_l1(x, y, beta, reduction):
    d = np.abs(x - y)
    return reduced(np.where(d < beta, d**2 / (2 * beta), d - beta / 2), reduction)


def huber(x, y, delta, reduction):
    d = np.abs(x - y)
    return reduced(np.where(d < delta, d**2 / 2, delta * (d - delta / 2)), reduction)


def bce(x, y, weight, reduction):
    return reduced(-(y * np.log(x) + (1 - y) * np.log(1 - x)) * (1 if weight is None else weight), reduction)


def bce_with_logits(x, y, weight, pos_weight, reduction):
    up = 1 if pos_weight is None else pos_weight
    each = -(up * y * np.log(sigmoid(x)) + (1 - y) * np.log(1 - sigmoid(x)))
    return reduced(each * (1 if weight is None else weight), reduction)


def nll(x, target, weight, axis, ignore_index, reduction):
    kept = np.ones(target.shape) if ignore_index is None else (target != ignore_index).astype(float)
    at = np.where(kept > 0, target, 0)
    shares = kept * (1 if weight is None else weight[at])
    each = -np.take_along_axis(x, np.expand_dims(at, axis), axis).squeeze(axis) * shares
    return each.sum() / shares.sum() if reduction == "mean" else reduced(each, reduction)


REDUCTIONS = ("mean", "sum", "none")
CLASSES = np.asarray([2, 0, 1, 2])
IMAGE_CLASSES = np.asarray([[[0, 1], [2, 2]]])

LOSSES = [
    *(
        Case(
            op,
            (draw(2, 3), draw(2, 3)),
            {**settings, "reduction": reduction},
            reference,
            broadcasts=reduction == "mean",
        )
        for reduction in REDUCTIONS
        for op, settings, reference in (
            (loss.mse_loss, {}, lambda x, y, reduction: reduced((x - y) ** 2, reduction)),
            (loss.smooth_l1_loss, {"beta": 0.7}, smooth_l1),
            (loss.huber_loss, {"delta": 0.7}, huber),
            (loss.soft_margin_loss, {}, lambda x, y, reduction: reduced(np.log1p(np.exp(-x * y)), reduction)),
        )
    ),
    *(
        Case(
            loss.binary_cross_entropy,
            (draw(2, 3, of=PROBABILITIES), draw(2, 3, of=PROBABILITIES), weight),
            {"reduction": reduction},
            bce,
            label="plain" if weight is None else "weighted",
        )
        for reduction in REDUCTIONS
        for weight in (None, np.asarray([0.5, 1.0, 2.0]))
    ),
    *(
        Case(
            loss.binary_cross_entropy_with_logits,
            (draw(2, 3), draw(2, 3, of=PROBABILITIES), weight, pos_weight),
            {"reduction": reduction},
            bce_with_logits,
            label=f"{weight is not None} {pos_weight is not None}",
        )
        for reduction in REDUCTIONS
        for weight, pos_weight in ((None, None), (np.asarray([[0.5], [2.0]]), np.asarray([0.5, 1.0, 3.0])))
    ),
    *(
        Case(
            loss.nll_loss,
            (draw(*shape), target, weight),
            {"axis": 0 if target.ndim == 0 else 1, "ignore_index": ignore_index, "reduction": reduction},
            nll,
            label=f"{shape} {'plain' if weight is None else 'weighted'}",
        )
        for reduction in REDUCTIONS
        for shape, target in (((4, 3), CLASSES), ((1, 3, 2, 2), IMAGE_CLASSES), ((3,), np.asarray(1)))
        for weight in (None, np.asarray([0.5, 1.0, 2.0]))
        for ignore_index in (None, 2)
    ),
]  # fmt: skip


def lookup(weight, indices, padding_idx, scale_grad_by_freq):
    return weight[indices]


WORDS = np.asarray([[0, 2], [2, 3]])

EMBEDDING = [Case(embedding.embedding, (draw(4, 2), WORDS), {"padding_idx": None, "scale_grad_by_freq": False}, lookup)]

SOURCES = (None, [1, 0, 1, 2, 1], [2, 1, 0, 1])


def gathered(x, sources):
    for axis, positions in enumerate(sources):
        x = x if positions is None else np.take(x, positions, axis)
    return x


PADDING = [Case(padding.reflection_pad, (draw(2, 3, 4),), {"sources": SOURCES}, gathered)]

CASES = [*ACTIVATIONS, *CONVOLVING, *POOLING, *NORMALIZING, *LOSSES, *EMBEDDING, *PADDING]
