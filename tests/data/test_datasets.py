"""IDX files, the datasets that lie in them, downloading, and the digits of scikit-learn."""

import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest

import xpgrad
from xpgrad.data import DataLoader, datasets, transforms
from xpgrad.data.datasets.download import download
from xpgrad.data.datasets.idx import read_idx
from xpgrad.errors import FileFormatError

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx(array):
    """The IDX file of an array."""
    header = struct.pack(f">HBB{array.ndim}I", 0, CODES[array.dtype.name], array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)
LABELS = np.array([7, 1], dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    """A folder with an MNIST of two images, the training ones gzipped and the test ones plain."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for split, write in (("train", gzip.compress), ("t10k", bytes)):
        suffix = ".gz" if split == "train" else ""
        (raw / f"{split}-images-idx3-ubyte{suffix}").write_bytes(write(idx(IMAGES)))
        (raw / f"{split}-labels-idx1-ubyte{suffix}").write_bytes(write(idx(LABELS)))
    return tmp_path


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", CODES)
def test_reading(tmp_path, dtype, compressed):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(idx(array)) if compressed else idx(array))
    found = read_idx(path)
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
    assert found.flags.writeable


GOOD = idx(IMAGES)
DAMAGED = {
    "an empty file": (b"", "not an IDX file: it begins with nothing"),
    "another format": (b"\x89PNG....", "not an IDX file: it begins with 89 50 4e 47"),
    "an unknown element type": (b"\0\0\x07\x01\0\0\0\0", "not an IDX file"),
    "the end in the header": (GOOD[:9], "ends within its header: it has 9 bytes, but 3 dimensions take 16"),
    "the end in the data": (GOOD[:-1], r"has 39 bytes, but its header says \(2, 4, 3\), which takes 40"),
    "something after the data": (GOOD + b"x", r"has 41 bytes, but its header says \(2, 4, 3\)"),
    "gzip cut off": (gzip.compress(GOOD)[:-10], "the gzip file is damaged"),
    "gzip with a wrong bit": (gzip.compress(GOOD)[:-6] + b"\0\0\0\0\0\0", "the gzip file is damaged"),
    "an absurd size": (b"\0\0\x08\x02" + b"\xff" * 8, "has 12 bytes, but its header says"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_files(tmp_path, case):
    content, text = DAMAGED[case]
    path = tmp_path / "digits"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=text) as error:
        read_idx(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("train", [True, False])
def test_mnist(folder, train):
    dataset = datasets.MNIST(folder, train=train)
    assert len(dataset) == 2
    assert dataset.data.dtype is xpgrad.uint8
    assert dataset.targets.dtype is xpgrad.int64
    assert dataset.data.tolist() == IMAGES.tolist()
    image, target = dataset[0]
    np.testing.assert_array_equal(np.asarray(image), IMAGES[0])
    assert target == 7
    assert type(target) is int
    assert dataset.class_to_idx["7 - seven"] == 7


def test_mnist_without_pillow(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    image, _ = datasets.MNIST(folder)[1]
    assert type(image) is np.ndarray
    np.testing.assert_array_equal(image, IMAGES[1])


def test_mnist_is_transformed_and_batched(folder):
    dataset = datasets.MNIST(folder, transform=transforms.ToTensor(), target_transform=lambda target: -target)
    for num_workers in (0, 2):
        ((images, targets),) = DataLoader(dataset, batch_size=2, num_workers=num_workers)
        assert images.shape == (2, 1, 4, 3)
        np.testing.assert_allclose(images.numpy()[:, 0], IMAGES / 255, rtol=1e-6)
        assert targets.tolist() == [-7, -1]


def test_a_filtered_mnist(folder):
    dataset = datasets.MNIST(folder)
    chosen = dataset.targets == 1
    dataset.data, dataset.targets = dataset.data[chosen], dataset.targets[chosen]
    assert len(dataset) == 1
    assert dataset[0][1] == 1


def test_how_it_prints(folder):
    plain = f"Dataset MNIST\n    Number of datapoints: 2\n    Root location: {folder}\n    Split: Train"
    assert repr(datasets.MNIST(folder)) == plain
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    assert repr(datasets.MNIST(folder, transform=transform)) == plain + (
        "\n    StandardTransform"
        "\nTransform: Compose("
        "\n               ToTensor()"
        "\n               Normalize(mean=(0.1307,), std=(0.3081,))"
        "\n           )"
    )


def test_a_missing_dataset(tmp_path):
    with pytest.raises(
        RuntimeError, match=r"^Dataset not found\. You can use download=True to download it.*train-image"
    ):
        datasets.MNIST(tmp_path)
    with pytest.raises(RuntimeError, match="FashionMNIST/raw"):
        datasets.FashionMNIST(tmp_path, train=False)


def test_files_that_do_not_go_together(folder):
    (folder / "MNIST" / "raw" / "t10k-labels-idx1-ubyte").write_bytes(idx(LABELS[:1]))
    with pytest.raises(
        FileFormatError, match=r"do not go together: images of shape \(2, 4, 3\), classes of shape \(1,\)"
    ):
        datasets.MNIST(folder, train=False)


def test_nothing_that_is_there_is_downloaded(folder, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", None)
    assert len(datasets.MNIST(folder, download=True)) == 2


@pytest.fixture
def server(tmp_path):
    """A web server on a folder of its own, and its address."""
    served = tmp_path / "served"
    served.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(served))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield served, f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def test_downloading(tmp_path, server, monkeypatch):
    served, address = server
    resources = []
    for name, _ in datasets.MNIST.resources:
        content = gzip.compress(idx(IMAGES if "images" in name else LABELS))
        (served / name).write_bytes(content)
        resources.append((name, hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [address + "nothing-here/", address])
    dataset = datasets.MNIST(tmp_path / "data", download=True)
    assert dataset.targets.tolist() == [7, 1]
    assert sorted(p.name for p in (tmp_path / "data" / "MNIST" / "raw").iterdir()) == sorted(n for n, _ in resources)


def test_a_download_that_is_not_what_it_should_be(tmp_path, server):
    served, address = server
    (served / "file").write_bytes(b"other")
    path = tmp_path / "data" / "file"
    with pytest.raises(RuntimeError, match="Error downloading file:") as error:
        download([address + "missing", address + "file"], path, "0" * 32)
    text = str(error.value)
    assert "missing: HTTP Error 404" in text
    assert f"served 5 bytes with MD5 {hashlib.md5(b'other').hexdigest()} instead of 000" in text
    assert list(path.parent.iterdir()) == []


def test_digits():
    pytest.importorskip("sklearn")
    train, test = datasets.Digits(), datasets.Digits(train=False)
    assert len(train) + len(test) == 1797
    assert train.data.shape == (len(train), 8, 8)
    assert (train.data.min().item(), train.data.max().item()) == (0, 255)
    counts = [np.bincount(part.targets.numpy(), minlength=10) for part in (train, test)]
    np.testing.assert_array_equal(counts[1], (counts[0] + counts[1]) // 5)
    rows = {image.tobytes() for image in train.data.numpy()}
    assert not any(image.tobytes() in rows for image in test.data.numpy())
    assert repr(test) == f"Dataset Digits\n    Number of datapoints: {len(test)}\n    Split: Test"
    image, target = datasets.Digits(transform=transforms.ToTensor())[0]
    assert (image.shape, target) == ((1, 8, 8), 0)


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(
        RuntimeError, match=r"Digits are scikit-learn's, which is not installed: pip install 'xpgrad\[demo"
    ):
        datasets.Digits()
