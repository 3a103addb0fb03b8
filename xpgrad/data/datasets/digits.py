"""The handwritten digits that come with scikit-learn."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from xpgrad.data.datasets.images import ImageDataset, Transform
from xpgrad.errors import DataError
from xpgrad.tensor.conversion import from_numpy

# One image in so many of each class is for testing.
_FOLD = 5


@final
class Digits(ImageDataset):
    """1,797 real handwritten digits of 8 x 8 pixels, from scikit-learn: every fifth of each class is for testing.

    Args:
        train: The 1,442 training images rather than the 355 test images.
        transform: Applied to each image when it is asked for.
        target_transform: Applied to its class.

    Raises:
        DataError: scikit-learn is not installed.

    Source: Alpaydin and Kaynak 1998, *Optical recognition of handwritten digits*, the test part; its 17 shades of grey
    are spread over the bytes.
    """

    classes: ClassVar[list[str]] = [str(number) for number in range(10)]

    def __init__(
        self, train: bool = True, transform: Transform | None = None, target_transform: Transform | None = None
    ) -> None:
        super().__init__(transform, target_transform)
        self.train = train
        try:
            from sklearn.datasets import load_digits  # noqa: PLC0415  (scikit-learn is optional)
        except ImportError as error:
            raise DataError("Digits are scikit-learn's, which is not installed: pip install 'xpgrad[demo]'") from error
        images, targets = load_digits().images, load_digits().target
        number_in_class = np.zeros(len(targets), dtype=np.int64)
        for target in range(len(self.classes)):
            number_in_class[targets == target] = np.arange(np.count_nonzero(targets == target))
        is_test = number_in_class % _FOLD == _FOLD - 1
        chosen = ~is_test if train else is_test
        self.data = from_numpy(np.rint(images[chosen] * (255 / 16)).astype(np.uint8))
        self.targets = from_numpy(targets[chosen].astype(np.int64))

    def _details(self) -> list[str]:
        return [f"Split: {'Train' if self.train else 'Test'}"]
