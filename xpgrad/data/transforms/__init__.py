"""Changes to samples on their way from a dataset to a batch. Mirrors ``torchvision.transforms``.

Images are Pillow's, NumPy arrays (height, width) or (height, width, channels), or tensors (..., height, width). What
the random ones draw comes from `sample_generator`, and so does not depend on how many workers load.
"""

from xpgrad.data.transforms.compose import Compose, Lambda
from xpgrad.data.transforms.convert import Normalize, PILToTensor, ToTensor
from xpgrad.data.transforms.geometry import (
    CenterCrop,
    InterpolationMode,
    Pad,
    RandomCrop,
    RandomHorizontalFlip,
    RandomVerticalFlip,
    Resize,
)

__all__ = [
    "CenterCrop",
    "Compose",
    "InterpolationMode",
    "Lambda",
    "Normalize",
    "PILToTensor",
    "Pad",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomVerticalFlip",
    "Resize",
    "ToTensor",
]
