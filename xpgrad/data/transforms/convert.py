"""From images to tensors of numbers of about one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.data.transforms.image import is_pillow
from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.tensor.conversion import from_numpy, tensor

# Pillow's modes whose pixels are not bytes; those keep their values.
_WIDE_MODES = {"I": np.int32, "I;16": np.int16, "F": np.float32}


@final
class ToTensor:
    """An image (height, width, channels) as a tensor (channels, height, width), bytes as floats in [0, 1].

    Pillow's images and NumPy arrays; arrays (height, width) have one channel. What is not bytes keeps its values and
    its dtype. Mirrors ``torchvision.transforms.ToTensor``.

    Raises:
        ArgumentTypeError: It is given anything else.
        ArgumentError: An array has neither 2 nor 3 dimensions.

    >>> import numpy
    >>> ToTensor()(numpy.array([[0, 51], [102, 255]], dtype=numpy.uint8))
    tensor([[[0.0000, 0.2000],
             [0.4000, 1.0000]]])
    """

    def __call__(self, pic: Any) -> Any:
        """The image, transformed."""
        array = _channels_first(pic)
        if array.dtype == np.uint8:
            array = array.astype(get_default_dtype().name) / 255
        return from_numpy(array)

    def __repr__(self) -> str:
        return "ToTensor()"


@final
class PILToTensor:
    """An image as a tensor (channels, height, width) of the same values and dtype.

    Mirrors ``torchvision.transforms.PILToTensor``, and takes NumPy arrays as well.
    """

    def __call__(self, pic: Any) -> Any:
        """The image, transformed."""
        return from_numpy(_channels_first(pic))

    def __repr__(self) -> str:
        return "PILToTensor()"


@final
class Normalize:
    """``(image - mean) / std`` for each channel. Mirrors ``torchvision.transforms.Normalize``.

    Args:
        mean: One number for each channel, or one for all.
        std: Likewise.
        inplace: Write the result into the image.

    Raises:
        ArgumentTypeError: It is given no floating-point tensor.
        ArgumentError: It is given fewer than three dimensions, or ``std`` holds a zero.

    >>> from xpgrad import tensor
    >>> Normalize(mean=(0.5,), std=(0.25,))(tensor([[[0.25, 1.0]]]))
    tensor([[[-1.,  2.]]])
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        if not isinstance(image, TensorBase):
            raise ArgumentTypeError(f"img should be Tensor Image. Got {type(image)}; put ToTensor() before")
        dtype = image.dtype  # type: ignore[attr-defined]
        shape = tuple(image._array.shape)
        if not dtype.is_floating_point:
            raise ArgumentTypeError(f"Input tensor should be a float tensor. Got {dtype}; put ToTensor() before")
        if len(shape) < 3:
            raise ArgumentError(
                f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {shape}"
            )
        mean, std = (_per_channel(numbers, image) for numbers in (self.mean, self.std))
        if 0 in std.reshape(-1).tolist():
            raise ArgumentError(f"std evaluated to zero after conversion to {dtype}, leading to division by zero.")
        if self.inplace:
            return image.sub_(mean).div_(std)  # type: ignore[attr-defined]
        return (image - mean) / std

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


def _per_channel(numbers: Any, image: Any) -> Any:
    """``numbers`` as a tensor (channels, 1, 1) like ``image``."""
    return tensor(numbers, dtype=image.dtype, device=image.device).reshape(-1, 1, 1)


def _channels_first(pic: Any) -> np.ndarray[Any, Any]:
    """An image as a contiguous array (channels, height, width) of its own."""
    if is_pillow(pic):
        wide = _WIDE_MODES.get(pic.mode)
        array = np.array(pic, dtype=wide)
        if pic.mode == "1":
            array = 255 * array.astype(np.uint8)
    elif isinstance(pic, np.ndarray):
        array = pic
    else:
        raise ArgumentTypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    if array.ndim not in (2, 3):
        raise ArgumentError(f"pic should be 2/3 dimensional. Got {array.ndim} dimensions.")
    channels_last = array if array.ndim == 3 else array[:, :, None]
    return np.array(channels_last.transpose(2, 0, 1), order="C")
