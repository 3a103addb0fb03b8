"""Files of tensors: what goes in comes out, others read them too, and damage is named."""

import json

import numpy as np
import pytest

import xpgrad
from xpgrad.errors import FileFormatError
from xpgrad.serialization import load_file, load_metadata, save_file

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "float32", "float64", "complex64"]


def some_of_each():
    return {f"a {name}": np.arange(-2, 4).reshape(2, 3).astype(name) for name in DTYPES} | {
        "scalar": np.asarray(2.5),
        "nothing": np.zeros((0, 3), dtype=np.float32),
        "ümlaut": np.arange(3),
    }


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.safetensors"


def test_there_and_back(path):
    arrays = some_of_each()
    save_file({name: xpgrad.from_numpy(array) for name, array in arrays.items()}, path)
    found = load_file(path)
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype is getattr(xpgrad, array.dtype.name)
        np.testing.assert_array_equal(found[name].numpy(), array)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_bfloat16(path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    save_file({"x": xpgrad.from_numpy(np.array([1.5, -2], dtype=ml_dtypes.bfloat16))}, path)
    assert load_file(path)["x"].float().tolist() == [1.5, -2.0]


def test_other_programs_read_ours(path):
    library = pytest.importorskip("safetensors.numpy")
    arrays = {name: a for name, a in some_of_each().items() if "complex" not in name}
    save_file({name: xpgrad.from_numpy(array) for name, array in arrays.items()}, path, {"note": "ours"})
    found = library.load_file(path)
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_we_read_those_of_others(path):
    library = pytest.importorskip("safetensors.numpy")
    arrays = {name: a for name, a in some_of_each().items() if "complex" not in name}
    library.save_file(arrays, path, {"note": "theirs"})
    found = load_file(path)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name].numpy(), array)
    assert load_metadata(path) == {"note": "theirs"}


def test_metadata(path):
    save_file({"x": xpgrad.ones(2)}, path, {"epoch": "3"})
    assert load_metadata(path) == {"epoch": "3"}
    assert list(load_file(path)) == ["x"]
    save_file({}, path)
    assert (load_metadata(path), load_file(path)) == ({}, {})


def test_what_requires_grad_and_what_is_not_contiguous(path):
    x = xpgrad.arange(6.0).reshape(2, 3).requires_grad_()
    save_file({"x": x, "t": x.T, "part": x[:, 1:]}, path)
    found = load_file(path)
    assert not found["x"].requires_grad
    assert found["t"].tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert found["part"].tolist() == [[1.0, 2.0], [4.0, 5.0]]
    # What was loaded can be written to.
    found["x"].add_(1)


def test_other_devices(path):
    with xpgrad.use_backend("strict"):
        save_file({"x": xpgrad.ones(2)}, path)
        assert str(load_file(path)["x"].device) == "strict:cpu"
    assert load_file(path)["x"].device == xpgrad.device("cpu")
    found = load_file(path, device="strict:device1")["x"]
    assert str(found.device) == "strict:device1"
    assert found.tolist() == [1.0, 1.0]


def test_a_file_is_replaced_whole_or_not_at_all(path):
    save_file({"x": xpgrad.ones(2)}, path)
    with pytest.raises(TypeError, match="save_file: 'y' is a list; only tensors are saved"):
        save_file({"x": xpgrad.zeros(2), "y": [1.0]}, path)
    assert load_file(path)["x"].tolist() == [1.0, 1.0]


def test_what_cannot_be_saved(path):
    with pytest.raises(TypeError, match="metadata is strings by name, got 3 under 'epoch'"):
        save_file({}, path, {"epoch": 3})
    with pytest.raises(RuntimeError, match="'z' is complex128, which safetensors files cannot hold"):
        save_file({"z": xpgrad.from_numpy(np.zeros(2, dtype=np.complex128))}, path)


def file_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
DAMAGED = {
    "empty": (b"", "its header would end at byte 8, but it has 0"),
    "a pickle": (b"\x80\x04\x95\x1a\0\0\0\0\0\0", "its header would end at byte"),
    "no JSON": (file_of(b"{'a'"), "its header is not JSON"),
    "no object": (file_of([1]), "its header is a list, not an object"),
    "an unknown dtype": (file_of({"x": ENTRY | {"dtype": "F8"}}, b"0" * 8), r"'x' needs a dtype \(of BOOL, I8"),
    "no shape": (file_of({"x": {"dtype": "F32"}}, b"0" * 8), "'x' needs a dtype"),
    "wrong offsets": (file_of({"x": ENTRY | {"data_offsets": [0, 7]}}, b"0" * 8), "but its offsets are 0 and 7"),
    "negative": (file_of({"x": ENTRY | {"data_offsets": [-8, 0]}}, b"0" * 8), "its offsets are -8 and 0"),
    "cut": (file_of({"x": ENTRY}, b"0" * 7), "take 8 bytes, but 7 follow the header"),
    "beyond the end": (
        file_of({"x": ENTRY | {"data_offsets": [8, 16]}}, b"0" * 8),
        "'x' would end at byte 16 of the data, which has 8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_files(path, case):
    content, text = DAMAGED[case]
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=text) as error:
        load_file(path)
    assert str(path) in str(error.value)
