"""Moving the pixels of images about."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any, final

import numpy as np

from xpgrad.backends import philox
from xpgrad.backends.selection import host_place
from xpgrad.core.tensor_base import TensorBase
from xpgrad.data.randomness import sample_generator
from xpgrad.data.transforms.image import is_pillow, size_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, DataError
from xpgrad.functions.creation import full
from xpgrad.functions.joining import cat
from xpgrad.functions.reordering import flip


@final
class InterpolationMode(enum.Enum):
    """How `Resize` makes pixels between pixels."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    LANCZOS = "lanczos"


@final
class Resize:
    """An image stretched or shrunk by Pillow. Mirrors ``torchvision.transforms.Resize``.

    Args:
        size: The new height and width, or one number for the shorter side; the other follows.
        interpolation: How to interpolate.
        max_size: The longest that the longer side may get, where ``size`` is one number.
        antialias: Accepted: Pillow always does.

    Raises:
        DataError: Pillow is not installed.
        ArgumentTypeError: It is given a tensor.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: InterpolationMode = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:
        self.size = size
        self.interpolation = interpolation
        self.max_size = max_size
        self.antialias = antialias

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        if isinstance(image, TensorBase):
            raise ArgumentTypeError("Resize takes Pillow images and NumPy arrays, got a Tensor; put it before ToTensor")
        height, width = self._new_size(*size_of(image))
        try:
            from PIL import Image  # noqa: PLC0415  (only this needs Pillow)
        except ImportError as error:
            raise DataError("Resize needs Pillow, which is not installed: pip install pillow") from error
        picture = image if is_pillow(image) else Image.fromarray(image)
        resized = picture.resize((width, height), Image.Resampling[self.interpolation.name])
        return resized if is_pillow(image) else np.asarray(resized)

    def _new_size(self, height: int, width: int) -> tuple[int, int]:
        if not isinstance(self.size, int) and len(self.size) == 2:
            return self.size[0], self.size[1]
        short = self.size if isinstance(self.size, int) else self.size[0]
        scale = short / min(height, width)
        if self.max_size is not None and scale * max(height, width) > self.max_size:
            scale = self.max_size / max(height, width)
        return int(scale * height), int(scale * width)

    def __repr__(self) -> str:
        return (
            f"Resize(size={self.size}, interpolation={self.interpolation.value}, max_size={self.max_size}, "
            f"antialias={self.antialias})"
        )


@final
class Pad:
    """An image with a border of one value. Mirrors ``torchvision.transforms.Pad``.

    Args:
        padding: How many pixels on all sides; left and right, top and bottom; or left, top, right, bottom.
        fill: The value, or for Pillow's images the colour, of the border.
        padding_mode: Only ``"constant"``.
    """

    def __init__(self, padding: int | Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> None:
        _check_mode(padding_mode)
        self.padding = padding
        self.fill = fill
        self.padding_mode = padding_mode

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        return pad(image, self.padding, self.fill)

    def __repr__(self) -> str:
        return f"Pad(padding={self.padding}, fill={self.fill}, padding_mode={self.padding_mode})"


@final
class CenterCrop:
    """The middle of an image, with a border of zeros if it is too small. Mirrors ``torchvision.transforms.CenterCrop``.

    Args:
        size: Height and width, or one number for both.
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _pair(size)

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        image = _at_least(image, self.size, 0)
        (height, width), (new_height, new_width) = size_of(image), self.size
        return crop(image, round((height - new_height) / 2), round((width - new_width) / 2), *self.size)

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


@final
class RandomCrop:
    """A random part of an image. Mirrors ``torchvision.transforms.RandomCrop``.

    Args:
        size: Height and width, or one number for both.
        padding: A border to add first, as for `Pad`.
        pad_if_needed: Add a border to images that are too small.
        fill: The value of the border.
        padding_mode: Only ``"constant"``.

    Raises:
        ArgumentError: An image is too small.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        padding: int | Sequence[int] | None = None,
        pad_if_needed: bool = False,
        fill: Any = 0,
        padding_mode: str = "constant",
    ) -> None:
        _check_mode(padding_mode)
        self.size = _pair(size)
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        if self.padding is not None:
            image = pad(image, self.padding, self.fill)
        if self.pad_if_needed:
            image = _at_least(image, self.size, self.fill)
        spare = [have - want for have, want in zip(size_of(image), self.size, strict=True)]
        if min(spare) < 0:
            raise ArgumentError(
                f"Required crop size {self.size} is larger than input image size {size_of(image)}; give padding, or "
                "pad_if_needed=True"
            )
        top, left = (int(uniform() * (room + 1)) for room in spare)
        return crop(image, top, left, *self.size)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class _RandomFlip:
    horizontal: bool

    def __init__(self, p: float = 0.5) -> None:
        if not 0.0 <= p <= 1.0:
            raise ArgumentError(f"{type(self).__name__}: p must be a probability, in [0, 1], got {p}")
        self.p = p

    def __call__(self, image: Any) -> Any:
        """The image, transformed."""
        size_of(image)
        return _flipped(image, self.horizontal) if uniform() < self.p else image

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


@final
class RandomHorizontalFlip(_RandomFlip):
    """An image, mirrored left to right with probability ``p``.

    Mirrors ``torchvision.transforms.RandomHorizontalFlip``.
    """

    horizontal = True


@final
class RandomVerticalFlip(_RandomFlip):
    """An image, upside down with probability ``p``. Mirrors ``torchvision.transforms.RandomVerticalFlip``."""

    horizontal = False


def uniform() -> float:
    """A number in [0, 1) from the sample's generator."""
    return float(philox.uniform(host_place().xp, sample_generator()._philox, (1,), dtype=np.float64)[0])


def crop(image: Any, top: int, left: int, height: int, width: int) -> Any:
    """The part of an image that begins at ``top``, ``left``."""
    if is_pillow(image):
        return image.crop((left, top, left + width, top + height))
    rows, columns = slice(top, top + height), slice(left, left + width)
    return image[..., rows, columns] if isinstance(image, TensorBase) else image[rows, columns]  # type: ignore[index]


def pad(image: Any, padding: int | Sequence[int], fill: Any) -> Any:
    """An image with a border; ``padding`` as for `Pad`."""
    left, top, right, bottom = _sides(padding)
    size_of(image)
    if is_pillow(image):
        from PIL import ImageOps  # noqa: PLC0415  (whoever has an image of Pillow's has Pillow)

        return ImageOps.expand(image, (left, top, right, bottom), fill)
    if isinstance(image, TensorBase):
        return _padded(_padded(image, -1, left, right, fill), -2, top, bottom, fill)
    border = [(top, bottom), (left, right), *[(0, 0)] * (image.ndim - 2)]
    return np.pad(image, border, constant_values=fill)


def _padded(x: Any, dim: int, before: int, after: int, fill: float) -> Any:
    """Tensor ``x`` with ``fill`` before and after it along ``dim``."""

    def border(length: int) -> list[Any]:
        shape = list(x.shape)
        shape[dim] = length
        return [full(shape, fill, dtype=x.dtype, device=x.device)] if length else []

    parts = [*border(before), x, *border(after)]
    return cat(parts, dim) if len(parts) > 1 else x


def _at_least(image: Any, size: tuple[int, int], fill: Any) -> Any:
    """An image, with a border on opposite sides alike if it is smaller than ``size``."""
    missing = [max(0, want - have) for have, want in zip(size_of(image), size, strict=True)]
    if not any(missing):
        return image
    (top, bottom), (left, right) = ((n // 2, n - n // 2) for n in missing)
    return pad(image, (left, top, right, bottom), fill)


def _flipped(image: Any, horizontal: bool) -> Any:
    if is_pillow(image):
        # FLIP_LEFT_RIGHT and FLIP_TOP_BOTTOM of PIL.Image.Transpose.
        return image.transpose(0 if horizontal else 1)
    if isinstance(image, TensorBase):
        return flip(image, -1 if horizontal else -2)
    return np.ascontiguousarray(image[:, ::-1] if horizontal else image[::-1])


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else (tuple(size) * 2 if len(size) == 1 else tuple(size))
    return height, width


def _sides(padding: int | Sequence[int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom."""
    given = (padding,) if isinstance(padding, int) else tuple(padding)
    if len(given) not in (1, 2, 4):
        raise ArgumentError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(given)} element tuple")
    left, top, right, bottom = given * (4 // len(given))
    return left, top, right, bottom


def _check_mode(padding_mode: str) -> None:
    if padding_mode != "constant":
        raise ArgumentError(f"Padding mode should be 'constant', got {padding_mode!r}")
