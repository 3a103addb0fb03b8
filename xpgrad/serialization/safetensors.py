"""Tensors in files of the safetensors format: a JSON header and the numbers, nothing to be run.

The format: the header's length as eight bytes, little end first; the header, an object that gives for each name
``dtype``, ``shape`` and ``data_offsets`` (begin and end, in bytes after the header), and under ``__metadata__`` strings
by name; the elements of each tensor in row-major order, little end first.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xpgrad.backends.dtypes import BY_NAME
from xpgrad.backends.selection import host_place
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, FileFormatError
from xpgrad.functions.creation import DeviceLike, place_for_device
from xpgrad.tensor.conversion import as_tensor

__all__ = ["load_file", "load_metadata", "save_file"]

_CODES = {
    "bool": "BOOL", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64",
    "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64",
    "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64", "complex64": "C64",
}  # fmt: skip
_NAMES = {code: name for name, code in _CODES.items()}
_METADATA = "__metadata__"


def save_file(
    tensors: Mapping[str, Any], path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Write tensors, such as a module's ``state_dict()``, so that all of the file is there or none.

    Args:
        tensors: Tensors by name, on any device.
        path: Where to; a file that is there is replaced.
        metadata: Strings by name to keep with them.

    Raises:
        ArgumentTypeError: A value is no tensor, or a name or a value of ``metadata`` no string.
        DtypeError: The format has no such dtype (complex128).

    >>> import os, tempfile
    >>> from xpgrad import arange
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "weights.safetensors")
    ...     save_file({"weight": arange(3)}, path, metadata={"epoch": "7"})
    ...     print(load_file(path), load_metadata(path))
    {'weight': tensor([0, 1, 2])} {'epoch': '7'}
    """
    header: dict[str, Any] = {}
    if metadata:
        _check_strings(metadata)
        header[_METADATA] = dict(metadata)
    arrays = {name: _on_host(name, tensor) for name, tensor in tensors.items()}
    start = 0
    # Widest elements first, so that all of them are aligned.
    order = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))
    for name in order:
        array = arrays[name]
        header[name] = {
            "dtype": _CODES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [start, start + array.nbytes],
        }
        start += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = Path(path)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(unfinished, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for name in order:
                file.write(arrays[name].astype(arrays[name].dtype.newbyteorder("<"), copy=False).tobytes())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_file(path: str | os.PathLike[str], device: DeviceLike = None) -> dict[str, Any]:
    """The tensors in a file, by name.

    Args:
        path: A file that `save_file`, or any other program, wrote in the safetensors format.
        device: Where to; by default the default device.

    Raises:
        FileFormatError: The file is something else, or damaged.
        DtypeError: The device has no such dtype; bfloat16 on NumPy needs ml_dtypes.
    """
    content = Path(path).read_bytes()
    header, start = _header(path, content)
    header.pop(_METADATA, None)
    data = memoryview(content)[start:]
    covered = sum(end - begin for begin, end in (_offsets(path, name, entry) for name, entry in header.items()))
    if covered != len(data):
        raise FileFormatError(
            f"{path}: the tensors take {covered} bytes, but {len(data)} follow the header; it was cut or changed"
        )
    where = place_for_device(device).device
    return {name: as_tensor(_array(path, name, entry, data), device=where) for name, entry in header.items()}


def load_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """The strings that were saved with the tensors.

    Raises:
        FileFormatError: The file is something else, or damaged.
    """
    with open(path, "rb") as file:
        length = file.read(8)
        header, _ = _header(path, length + file.read(int.from_bytes(length, "little")))
    return dict(header.get(_METADATA, {}))


def _check_strings(metadata: Mapping[Any, Any]) -> None:
    for name, value in metadata.items():
        if not (isinstance(name, str) and isinstance(value, str)):
            raise ArgumentTypeError(
                f"save_file: metadata is strings by name, got {value!r:.60} under {name!r:.60}; "
                "json.dumps makes a string of much"
            )


def _on_host(name: str, tensor: object) -> np.ndarray[Any, Any]:
    if not isinstance(tensor, TensorBase):
        raise ArgumentTypeError(
            f"save_file: {name!r} is a {type(tensor).__name__}; only tensors are saved, other values go into metadata"
        )
    array = np.ascontiguousarray(tensor.detach().cpu().numpy())  # type: ignore[attr-defined]
    if array.dtype.name not in _CODES:
        raise DtypeError(f"save_file: {name!r} is {array.dtype.name}, which safetensors files cannot hold; convert it")
    return array.reshape(tuple(tensor._array.shape))


def _header(path: Any, content: bytes) -> tuple[dict[str, Any], int]:
    """The header of a file and where the data begins."""
    end = 8 + int.from_bytes(content[:8], "little")
    if len(content) < 8 or end > len(content):
        raise FileFormatError(
            f"{path}: not a safetensors file: its header would end at byte {end}, but it has {len(content)}"
        )
    try:
        header = json.loads(content[8:end])
    except ValueError as error:
        raise FileFormatError(f"{path}: not a safetensors file: its header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise FileFormatError(f"{path}: not a safetensors file: its header is a {type(header).__name__}, not an object")
    return header, end


def _offsets(path: Any, name: str, entry: Any) -> tuple[int, int]:
    try:
        begin, end = map(int, entry["data_offsets"])
        size = math.prod(map(int, entry["shape"])) * BY_NAME[_NAMES[entry["dtype"]]].itemsize
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"{path}: {name!r} needs a dtype (of {', '.join(_NAMES)}), a shape and data_offsets, got {entry!r:.100}"
        ) from error
    if not 0 <= begin <= end or end - begin != size:
        raise FileFormatError(
            f"{path}: {name!r} of dtype {entry['dtype']} and shape {entry['shape']} takes {size} bytes, "
            f"but its offsets are {begin} and {end}"
        )
    return begin, end


def _array(path: Any, name: str, entry: Any, data: memoryview) -> np.ndarray[Any, Any]:
    begin, end = _offsets(path, name, entry)
    if end > len(data):
        raise FileFormatError(f"{path}: {name!r} would end at byte {end} of the data, which has {len(data)}")
    dtype = np.dtype(host_place().raw_dtype(BY_NAME[_NAMES[entry["dtype"]]]))
    array = np.frombuffer(data[begin:end], dtype=dtype.newbyteorder("<"))
    return array.astype(dtype).reshape(entry["shape"])
