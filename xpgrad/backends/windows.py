"""Where windows lie: the sizes and checks that convolutions and pooling share on every backend.

All sequences have one entry per spatial dimension. ``padding`` is what is added on each side.
"""

from __future__ import annotations

from collections.abc import Sequence

from xpgrad._typing import Shape
from xpgrad.errors import ShapeError


def convolution_size(
    x_shape: Shape, w_shape: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Shape:
    """The spatial size of the convolution of (N, C, *S) with (O, C/groups, *K).

    Raises:
        ShapeError: if channels do not match or a kernel is larger than its padded input.
    """
    inputs, outputs, per_group = x_shape[1], w_shape[0], w_shape[1]
    if outputs % groups:
        raise ShapeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size {list(w_shape)} instead"
        )
    if inputs != per_group * groups:
        raise ShapeError(
            f"Given groups={groups}, weight of size {list(w_shape)}, expected input{list(x_shape)} to have "
            f"{per_group * groups} channels, but got {inputs} channels instead"
        )
    padded = tuple(size + 2 * pad for size, pad in zip(x_shape[2:], padding, strict=True))
    reach = extents(w_shape[2:], dilation)
    if any(have < need for have, need in zip(padded, reach, strict=True)):
        raise ShapeError(
            f"Calculated padded input size per channel: {_by(padded)}. Kernel size: {_by(reach)}. "
            "Kernel size can't be greater than actual input size"
        )
    return tuple((have - need) // step + 1 for have, need, step in zip(padded, reach, stride, strict=True))


def check_convolved(
    g_shape: Shape, x_shape: Shape, w_shape: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> None:
    """Check that the convolution of ``x_shape`` with ``w_shape`` has the shape of ``g_shape``.

    Raises:
        ShapeError: if not.
    """
    expected = (x_shape[0], w_shape[0], *convolution_size(x_shape, w_shape, stride, padding, dilation, groups))
    if tuple(g_shape) != expected:
        raise ShapeError(
            f"transposed convolution: input of size {list(x_shape)} and weight of size {list(w_shape)} convolve to "
            f"{list(expected)}, but got {list(g_shape)}; check size, stride={stride}, padding={padding} and "
            f"dilation={dilation}"
        )


def pooling_size(
    x_shape: Shape, window: Shape, stride: Shape, padding: Shape, dilation: Shape, *, ceil_mode: bool
) -> Shape:
    """The spatial size of (N, C, *S) pooled. With ``ceil_mode`` a window may end, but not begin, beyond the padding.

    Raises:
        ShapeError: if no window fits, or one could hold more padding than input.
    """
    for pad, length, apart in zip(padding, window, dilation, strict=True):
        if 2 * pad > (length - 1) * apart + 1:
            raise ShapeError(
                f"pad should be at most half of effective kernel size, but got pad={pad}, kernel_size={length} and "
                f"dilation={apart}"
            )
    sizes = []
    for size, reach, step, pad in zip(x_shape[2:], extents(window, dilation), stride, padding, strict=True):
        room = size + 2 * pad - reach
        count = (-(-room // step) if ceil_mode else room // step) + 1
        if ceil_mode and (count - 1) * step >= size + pad:
            count -= 1
        sizes.append(count)
    if min(sizes) < 1:
        given, result = ((x_shape[1], *size) for size in (x_shape[2:], sizes))
        raise ShapeError(
            f"Given input size: ({'x'.join(map(str, given))}). Calculated output size: "
            f"({'x'.join(map(str, result))}). Output size is too small"
        )
    for size, count, length, step, pad, apart in zip(
        x_shape[2:], sizes, window, stride, padding, dilation, strict=True
    ):
        # Windows without gaps always meet the input, given the first check.
        if (
            pad
            and apart > 1
            and not all(
                any(0 <= start + k * apart < size for k in range(length))
                for start in range(-pad, count * step - pad, step)
            )
        ):
            raise ShapeError(
                f"pooling: a window of {length} elements {apart} apart would hold only padding of an axis of length "
                f"{size}, with stride={step} and padding={pad}; choose less padding or dilation"
            )
    return tuple(sizes)


def check_pooled(
    g_shape: Shape,
    x_shape: Shape,
    window: Shape,
    stride: Shape,
    padding: Shape,
    dilation: Shape | None = None,
    *,
    ceil_mode: bool,
) -> None:
    """Check that pooling ``x_shape`` gives the shape ``g_shape``; windows have no gaps unless ``dilation`` says so.

    Raises:
        ShapeError: if not.
    """
    sizes = pooling_size(x_shape, window, stride, padding, dilation or (1,) * len(window), ceil_mode=ceil_mode)
    if tuple(g_shape[2:]) != sizes:
        raise ShapeError(
            f"transposed pooling: input of size {list(x_shape)} pools to {[*x_shape[:2], *sizes]}, but got "
            f"{list(g_shape)}; check size, kernel_size={window}, stride={stride} and padding={padding}"
        )


def pooled_counts(
    size: int, count: int, window: int, stride: int, padding: int, *, count_include_pad: bool
) -> list[int]:
    """How many elements each of ``count`` windows along one axis averages, with or without those in the padding."""
    low, high = (-padding, size + padding) if count_include_pad else (0, size)
    starts = range(-padding, -padding + count * stride, stride)
    return [min(start + window, high) - max(start, low) for start in starts]


def overhang(size: Shape, counts: Shape, window: Shape, stride: Shape, padding: Shape, dilation: Shape) -> Shape:
    """How far beyond the input the last of ``counts`` windows reaches along each axis, negative if not to its end."""
    along = zip(size, counts, extents(window, dilation), stride, padding, strict=True)
    return tuple((count - 1) * step + reach - length - pad for length, count, reach, step, pad in along)


def window_counts(size: Shape, window: Shape, dilation: Shape, padding: Shape, stride: Shape) -> Shape:
    """How many windows fit along each axis."""
    along = zip(size, padding, extents(window, dilation), stride, strict=True)
    return tuple((length + 2 * pad - reach) // step + 1 for length, pad, reach, step in along)


def extents(window: Shape, dilation: Shape) -> Shape:
    """How far each window reaches: its elements and the gaps between them."""
    return tuple((length - 1) * apart + 1 for length, apart in zip(window, dilation, strict=True))


def _by(sizes: Sequence[int]) -> str:
    return f"({' x '.join(map(str, sizes))})"
