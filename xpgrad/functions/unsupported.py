"""What PyTorch has beside dense tensors, by name: asking for it says that it is not here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from xpgrad.errors import OperationError

__all__ = ["quantize_per_channel", "quantize_per_tensor", "sparse_coo_tensor", "sparse_csr_tensor"]


def _refusing(name: str, what: str, instead: str) -> Callable[..., NoReturn]:
    """``name``, which raises whatever it is given."""

    def function(*_: Any, **__: Any) -> NoReturn:
        raise OperationError(f"{name}: {what} are not supported, only dense ones; {instead}")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Raises an OperationError: {what} are not supported."
    return function


_SPARSE = "sparse tensors", "keep the tensor dense, or index it"
_QUANTIZED = "quantized tensors", "keep the values as floats or integers"
_NAMED = "named dimensions", "refer to dimensions by number"
_HALF = "complex numbers of half precision", "no array library has them: use cfloat()"

to_sparse = _refusing("to_sparse", *_SPARSE)
to_sparse_csr = _refusing("to_sparse_csr", *_SPARSE)
coalesce = _refusing("coalesce", *_SPARSE)
sparse_coo_tensor = _refusing("sparse_coo_tensor", *_SPARSE)
sparse_csr_tensor = _refusing("sparse_csr_tensor", *_SPARSE)
quantize_per_tensor = _refusing("quantize_per_tensor", *_QUANTIZED)
quantize_per_channel = _refusing("quantize_per_channel", *_QUANTIZED)
refine_names = _refusing("refine_names", *_NAMED)
rename = _refusing("rename", *_NAMED)
align_to = _refusing("align_to", *_NAMED)
align_as = _refusing("align_as", *_NAMED)
chalf = _refusing("chalf", *_HALF)


class Absent:
    """An attribute that is not there, for feature detection too; asking for it says why."""

    def __init__(self, what: str, instead: str) -> None:
        self.reason = f"{what} are not supported; {instead}"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise AttributeError(f"'Tensor' object has no attribute {self.name!r}: {self.reason}")


_STORAGE = "storages", "memory is the array library's: see data_ptr() and numpy()"
_JAGGED = "jagged tensors", "pad with nn.utils.rnn.pad_sequence"

names = Absent(*_NAMED)
storage = Absent(*_STORAGE)
untyped_storage = Absent(*_STORAGE)
dequantize = Absent(*_QUANTIZED)
to_padded_tensor = Absent(*_JAGGED)

# Names of the package that are not there, and why.
ABSENT = {
    "load": "files are read by xpgrad.serialization.load_file",
    "save": "files are written by xpgrad.serialization.save_file",
    "compile": "there is no compiler; programs run as they are",
    "jit": "there is no compiler; programs run as they are",
    "sparse": "sparse tensors are not supported; keep the tensor dense, or index it",
    "nested": "jagged tensors are not supported; pad with nn.utils.rnn.pad_sequence",
    "quantization": "quantized tensors are not supported; keep the values as floats or integers",
    "qint8": "quantized tensors are not supported; keep the values as floats or integers",
    "quint8": "quantized tensors are not supported; keep the values as floats or integers",
    "distributed": "there is one process; xpgrad trains on one device",
}
