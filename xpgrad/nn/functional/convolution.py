"""Convolutions. Mirrors those of ``torch.nn.functional``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.backends.dtypes import int64
from xpgrad.errors import SettingError, ShapeError
from xpgrad.nn.functional.checks import floating, per_dimension, same_dtype, shape_of
from xpgrad.ops import convolution as ops
from xpgrad.ops.shape import constant_pad

Sizes = int | Sequence[int]


def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes | str = 0, dilation: Sizes = 1,
    groups: int = 1,
) -> Any:  # fmt: skip
    """The cross-correlation of (N, C, L) or (C, L) with ``weight`` (O, C/groups, K); see `conv2d`."""
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv_tbc(input: Any, weight: Any, bias: Any, pad: int = 0) -> Any:
    """`conv1d` of ``input`` (L, N, C) with ``weight`` (K, C, O) and ``bias`` (O,). Mirrors ``torch.conv_tbc``.

    Raises:
        ShapeError: The shapes are others.
    """
    if input.ndim != 3:
        raise ShapeError(f"Input must have 3 dims: time, batch, in_channel; got {list(input.shape)}")
    if weight.ndim != 3:
        raise ShapeError(
            f"Weight tensor must have 3 dims: kernel_width, in_channels, out_channels; got {list(weight.shape)}"
        )
    if input.shape[2] != weight.shape[1]:
        raise ShapeError(
            "Input dim 2 (input channels) is not == dim 1 in the weight tensor: "
            f"{list(input.shape)} and {list(weight.shape)}"
        )
    if list(bias.shape) != [weight.shape[2]]:
        raise ShapeError(
            "Bias size must equal dim 2 in the weight tensor (output channels): "
            f"{list(bias.shape)} and {list(weight.shape)}"
        )
    return conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)


def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes | str = 0, dilation: Sizes = 1,
    groups: int = 1,
) -> Any:  # fmt: skip
    """The cross-correlation of ``input`` with ``weight``, plus ``bias``.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        weight: (O, C/groups, K, K').
        bias: (O,) or None.
        stride: The step between windows, one number or one for each spatial dimension, as in the next two.
        padding: Zeros added on each side; ``"valid"`` means none, ``"same"`` as many as keep the size.
        dilation: The distance between the elements of a window.
        groups: Number of blocks of channels that are convolved separately.

    Returns:
        (N, O, H', W') with ``H' = (H + 2 padding - dilation (K - 1) - 1) // stride + 1``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
        SettingError: A setting is out of its range.
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes | str = 0, dilation: Sizes = 1,
    groups: int = 1,
) -> Any:  # fmt: skip
    """The cross-correlation of (N, C, D, H, W) with ``weight`` (O, C/groups, K, K', K''); see `conv2d`."""
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0,
    groups: int = 1, dilation: Sizes = 1,
) -> Any:  # fmt: skip
    """The transpose of `conv1d` in its input; see `conv_transpose2d`."""
    return _transposed("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0,
    groups: int = 1, dilation: Sizes = 1,
) -> Any:  # fmt: skip
    """The transpose of `conv2d` in its input, plus ``bias``.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        weight: (C, O/groups, K, K').
        bias: (O,) or None.
        stride: The step between windows of the convolution that this is the transpose of.
        padding: Its padding.
        output_padding: What is added to one side of the result, since several sizes convolve to one.
        groups: Its number of groups.
        dilation: Its dilation.

    Returns:
        (N, O, H', W') with ``H' = (H - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1``.

    Raises:
        ShapeError: The shapes do not fit.
        DtypeError: The dtypes differ.
        SettingError: A setting is out of its range.
    """
    return _transposed("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any, weight: Any, bias: Any = None, stride: Sizes = 1, padding: Sizes = 0, output_padding: Sizes = 0,
    groups: int = 1, dilation: Sizes = 1,
) -> Any:  # fmt: skip
    """The transpose of `conv3d` in its input; see `conv_transpose2d`."""
    return _transposed("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)


def _convolve(
    name: str, ndim: int, input: Any, weight: Any, bias: Any, stride: Sizes, padding: Sizes | str, dilation: Sizes,
    groups: int,
) -> Any:  # fmt: skip
    batch, is_batched = _checked(name, ndim, input, weight, bias, groups, transposed=False)
    steps = _at_least(1, "non-positive stride is not supported", per_dimension(name, "stride", stride, ndim))
    apart = _at_least(1, "dilation should be greater than zero", per_dimension(name, "dilation", dilation, ndim))
    if isinstance(padding, str):
        batch, around = _named_padding(padding, batch, weight._array.shape[2:], steps, apart)
    else:
        around = _at_least(0, "negative padding is not supported", per_dimension(name, "padding", padding, ndim))
    settings = {"stride": steps, "padding": around, "dilation": apart, "groups": groups}
    if bias is None:
        out = ops.convolution.apply(batch, weight, **settings)
    else:
        out = ops.biased_convolution.apply(batch, weight, bias, **settings)
    return out if is_batched else out.squeeze(0)


def _transposed(
    name: str, ndim: int, input: Any, weight: Any, bias: Any, stride: Sizes, padding: Sizes, output_padding: Sizes,
    groups: int, dilation: Sizes,
) -> Any:  # fmt: skip
    batch, is_batched = _checked(name, ndim, input, weight, bias, groups, transposed=True)
    if batch._array.shape[1] != weight._array.shape[0]:
        raise ShapeError(
            f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(batch.shape)} to have "
            f"{weight._array.shape[0]} channels, but got {batch._array.shape[1]} channels instead"
        )
    steps = _at_least(1, "non-positive stride is not supported", per_dimension(name, "stride", stride, ndim))
    apart = _at_least(1, "dilation should be greater than zero", per_dimension(name, "dilation", dilation, ndim))
    around = _at_least(0, "negative padding is not supported", per_dimension(name, "padding", padding, ndim))
    extra = per_dimension(name, "output_padding", output_padding, ndim)
    if any(more >= max(step, gap) for more, step, gap in zip(extra, steps, apart, strict=True)):
        raise SettingError(
            f"output padding must be smaller than either stride or dilation, but got output_padding: {extra} stride: "
            f"{steps} dilation: {apart}"
        )
    size = tuple(
        (length - 1) * step - 2 * pad + gap * (kernel - 1) + more + 1
        for length, step, pad, gap, kernel, more in zip(
            batch._array.shape[2:], steps, around, apart, weight._array.shape[2:], extra, strict=True
        )
    )
    if min(size) < 1:
        raise ShapeError(
            f"{name}: input of size {list(batch.shape)} and weight of size {list(weight.shape)} give a result of "
            f"spatial size {list(size)}; use less padding"
        )
    settings = {"size": size, "stride": steps, "padding": around, "dilation": apart, "groups": groups}
    if any(more >= step for more, step in zip(extra, steps, strict=True)):
        # No convolution of this size gives the input's: it is cut out of, or added to, that without padding.
        ends = [(-pad, more - pad) for pad, more in zip(around, extra, strict=True)]
        settings["size"] = tuple(n - before - after for n, (before, after) in zip(size, ends, strict=True))
        settings["padding"] = (0,) * ndim
        out = ops.transposed_convolution.apply(batch, weight, **settings)
        out = constant_pad.apply(out, widths=((0, 0), (0, 0), *ends), value=0.0)
        out = out if bias is None else out + bias.reshape(-1, *(1,) * ndim)
    elif bias is None:
        out = ops.transposed_convolution.apply(batch, weight, **settings)
    else:
        out = ops.biased_transposed_convolution.apply(batch, weight, bias, **settings)
    return out if is_batched else out.squeeze(0)


def _checked(
    name: str, ndim: int, input: Any, weight: Any, bias: Any, groups: int, *, transposed: bool
) -> tuple[Any, bool]:
    """``input`` with its batch dimension, and whether it came with one."""
    shape_of(name, input)
    same_dtype(input, weight, bias)
    if input.dtype is not int64:
        floating(name, input)
    if groups < 1:
        raise SettingError(f"{name}: non-positive groups is not supported, got groups={groups}")
    if input._array.ndim not in (ndim + 1, ndim + 2):
        raise ShapeError(
            f"Expected {ndim + 1}D (unbatched) or {ndim + 2}D (batched) input to {name}, but got input of size: "
            f"{list(input.shape)}"
        )
    if weight._array.ndim != ndim + 2:
        raise ShapeError(
            f"Expected {ndim + 2}-dimensional weight for {name}, but got weight of size {list(weight.shape)} instead"
        )
    outputs = weight._array.shape[1] * groups if transposed else weight._array.shape[0]
    if bias is not None and tuple(bias._array.shape) != (outputs,):
        raise ShapeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {outputs} elements, "
            f"but got bias of size {list(bias.shape)} instead"
        )
    is_batched = input._array.ndim == ndim + 2
    return input if is_batched else input.unsqueeze(0), is_batched


def _named_padding(
    padding: str, batch: Any, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[Any, tuple[int, ...]]:
    """What ``"same"`` or ``"valid"`` mean: the padding, and the batch padded beforehand where the sides differ."""
    if padding == "valid":
        return batch, (0,) * len(kernel)
    if padding != "same":
        raise SettingError(f"Invalid padding string: {padding!r}: give 'valid', 'same' or numbers")
    if any(step != 1 for step in stride):
        raise SettingError("padding='same' is not supported for strided convolutions")
    total = [gap * (length - 1) for gap, length in zip(dilation, kernel, strict=True)]
    odd = [n % 2 for n in total]
    if any(odd):
        batch = constant_pad.apply(batch, widths=((0, 0), (0, 0), *((0, n) for n in odd)), value=0.0)
    return batch, tuple(n // 2 for n in total)


def _at_least(least: int, complaint: str, values: tuple[int, ...]) -> tuple[int, ...]:
    if min(values) < least:
        raise SettingError(f"{complaint}, got {list(values)}")
    return values
