"""The few names of torchvision that the tutorials use, over PyTorch, for machines where torchvision is missing.

Only the reference run (`--seed-library torch`) uses it: the programs are checked against PyTorch itself before they
are held against xpgrad. Nothing here is shared with xpgrad, so the files of `seed_mnist.py` have two readers.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Transform = Callable[[Any], Any]


class Compose:
    """Applies transforms one after another."""

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self.transforms = transforms

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image


class ToTensor:
    """Bytes (height, width) to float32 (1, height, width) in 0 to 1."""

    def __call__(self, image: NDArray[np.uint8]) -> torch.Tensor:
        return torch.from_numpy(image.copy())[None].float() / 255


class Normalize:
    """``(image - mean) / std`` per channel."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self.mean = torch.tensor(mean)[:, None, None]
        self.std = torch.tensor(std)[:, None, None]

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        return (image - self.mean) / self.std


class MNIST(torch.utils.data.Dataset[tuple[Any, int]]):
    """The digits found below ``root``; nothing is downloaded."""

    def __init__(self, root: str, train: bool, download: bool, transform: Transform) -> None:
        raw = Path(root, "MNIST", "raw")
        name = "train" if train else "t10k"
        self.images = _read_idx(raw / f"{name}-images-idx3-ubyte", magic=2051)
        self.labels = _read_idx(raw / f"{name}-labels-idx1-ubyte", magic=2049)
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(self.images[index]), int(self.labels[index])


def _read_idx(path: Path, magic: int) -> NDArray[np.uint8]:
    content = path.read_bytes()
    found = int.from_bytes(content[:4], "big")
    if found != magic:
        raise ValueError(f"{path}: expected magic number {magic}, found {found}")
    ndim = magic % 256
    shape = np.frombuffer(content, ">u4", ndim, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


datasets = SimpleNamespace(MNIST=MNIST)
transforms = SimpleNamespace(Compose=Compose, ToTensor=ToTensor, Normalize=Normalize)
