"""The kinds of images there are, without importing Pillow: who has one of its images has imported it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError


def is_pillow(image: object) -> bool:
    """True for an image of Pillow's."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(image, pillow.Image)


def size_of(image: Any) -> tuple[int, int]:
    """The height and width of an image.

    Raises:
        ArgumentTypeError: It is none.
    """
    if is_pillow(image):
        return image.height, image.width
    if isinstance(image, TensorBase) and image._array.ndim >= 2:
        height, width = image._array.shape[-2:]
        return height, width
    if isinstance(image, np.ndarray) and image.ndim in (2, 3):
        height, width = image.shape[:2]
        return height, width
    raise ArgumentTypeError(
        "expected a Pillow image, an array (height, width) or (height, width, channels), or a tensor "
        f"(..., height, width), got {type(image).__name__} of shape {getattr(image, 'shape', None)}"
    )
