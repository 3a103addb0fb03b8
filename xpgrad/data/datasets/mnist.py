"""MNIST and the datasets in its format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, final

from xpgrad.data.datasets.download import download as fetch
from xpgrad.data.datasets.idx import read_idx
from xpgrad.data.datasets.images import ImageDataset, Transform
from xpgrad.errors import DataError, FileFormatError
from xpgrad.tensor.conversion import from_numpy


class _IdxImages(ImageDataset):
    """Images and classes in two IDX files each for training and test, plain or gzipped.

    They lie where torchvision puts them: in ``root/<name of the class>/raw``. What is there is never downloaded.

    Args:
        root: The folder.
        train: The training images rather than the test images.
        transform: Applied to each image when it is asked for.
        target_transform: Applied to its class.
        download: Download what is missing, and check it.

    Raises:
        DataError: A file is missing, and ``download`` is false or fails.
        FileFormatError: A file is damaged, or the images are not as many as the classes.
    """

    mirrors: ClassVar[list[str]]
    resources: ClassVar[list[tuple[str, str]]]

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(transform, target_transform)
        self.root = os.path.expanduser(root)
        self.train = train
        if download:
            self.download()
        first = 0 if train else 2
        images, targets = (self._file(name) for name, _ in self.resources[first : first + 2])
        data, classes = read_idx(images), read_idx(targets)
        if data.ndim != 3 or classes.shape != data.shape[:1]:
            raise FileFormatError(
                f"{images} and {targets} do not go together: images of shape {data.shape}, classes of shape "
                f"{classes.shape}; expected (count, height, width) and (count,)"
            )
        self.data = from_numpy(data)
        self.targets = from_numpy(classes.astype("int64"))

    @property
    def raw_folder(self) -> str:
        """Where the files lie."""
        return os.path.join(self.root, type(self).__name__, "raw")

    def download(self) -> None:
        """Download each file that is there neither plain nor gzipped."""
        for name, md5 in self.resources:
            if self._find(name) is None:
                fetch([mirror + name for mirror in self.mirrors], Path(self.raw_folder, name), md5)

    def _find(self, name: str) -> Path | None:
        """The file called ``name`` or, plain, the same without ``.gz``, if one is there."""
        for candidate in (name.removesuffix(".gz"), name):
            path = Path(self.raw_folder, candidate)
            if path.is_file():
                return path
        return None

    def _file(self, name: str) -> Path:
        path = self._find(name)
        if path is None:
            raise DataError(
                f"Dataset not found. You can use download=True to download it. (There is no {name}, plain or gzipped, "
                f"in {self.raw_folder}.)"
            )
        return path

    def _details(self) -> list[str]:
        return [f"Root location: {self.root}", f"Split: {'Train' if self.train else 'Test'}"]


@final
class MNIST(_IdxImages):
    """60,000 handwritten digits to train with and 10,000 to test, 28 x 28 pixels.

    Mirrors ``torchvision.datasets.MNIST``.

    Args:
        root: The folder that has or gets ``MNIST/raw``.
        train: The training images rather than the test images.
        transform: Applied to each image when it is asked for.
        target_transform: Applied to its class.
        download: Download what is missing, and check it.

    Raises:
        DataError: A file is missing, and ``download`` is false or fails.
        FileFormatError: A file is damaged.

    Source: LeCun, Cortes and Burges 1998, *The MNIST database of handwritten digits*.
    """

    mirrors: ClassVar[list[str]] = [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    classes: ClassVar[list[str]] = [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ]


@final
class FashionMNIST(_IdxImages):
    """Pictures of clothes in ten classes, as many and as large as `MNIST`'s.

    Mirrors ``torchvision.datasets.FashionMNIST``.

    Args:
        root: The folder that has or gets ``FashionMNIST/raw``.
        train: The training images rather than the test images.
        transform: Applied to each image when it is asked for.
        target_transform: Applied to its class.
        download: Download what is missing, and check it.

    Raises:
        DataError: A file is missing, and ``download`` is false or fails.
        FileFormatError: A file is damaged.

    Source: Xiao, Rasul and Vollgraf 2017, *Fashion-MNIST: a novel image dataset for benchmarking machine learning*.
    """

    mirrors: ClassVar[list[str]] = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources: ClassVar[list[tuple[str, str]]] = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes: ClassVar[list[str]] = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]
