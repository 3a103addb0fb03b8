"""What datasets of images have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from xpgrad.data.dataset import Dataset

Transform = Callable[[Any], Any]


class ImageDataset(Dataset[tuple[Any, Any]]):
    """Pairs of an image and its class.

    An image is one of Pillow's where Pillow is installed, as with torchvision, else an array of bytes (height, width);
    the transforms take both.

    Attributes:
        data: The images, a uint8 tensor (count, height, width).
        targets: The number of the class of each, an int64 tensor (count,).
        transform: Applied to each image when it is asked for.
        target_transform: Applied to its class.
    """

    classes: ClassVar[list[str]]

    data: Any
    targets: Any

    def __init__(self, transform: Transform | None, target_transform: Transform | None) -> None:
        self.transform = transform
        self.target_transform = target_transform

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: number for number, name in enumerate(self.classes)}

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image: Any = _picture(self.data[index].numpy())
        target: Any = int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __len__(self) -> int:
        return len(self.data)

    @abstractmethod
    def _details(self) -> list[str]:
        """Lines for the printed dataset."""

    def __repr__(self) -> str:
        lines = [f"Number of datapoints: {len(self)}", *self._details()]
        if self.transform is not None or self.target_transform is not None:
            lines.append("StandardTransform")
        text = "\n".join([f"Dataset {type(self).__name__}", *(f"    {line}" for line in lines)])
        for name, transform in (("Transform", self.transform), ("Target transform", self.target_transform)):
            if transform is not None:
                indent = "\n" + " " * len(f"{name}: ")
                text += f"\n{name}: {indent.join(str(transform).splitlines())}"
        return text


def _picture(array: np.ndarray[Any, Any]) -> Any:
    try:
        from PIL import Image  # noqa: PLC0415  (Pillow is optional)
    except ImportError:
        return array
    return Image.fromarray(array)
