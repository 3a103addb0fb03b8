"""Between the device, NumPy, other devices and Python: values, memory, gradients and print."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.backends.dtypes import BY_NAME
from xpgrad.backends.registry import transfer
from xpgrad.errors import ArgumentTypeError, GradientError
from xpgrad.testing.conformance import capabilities
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.levels.arrays.dtypes import specials
from xpgrad.testing.conformance.subject import Subject, identical, raises, without_device

LEVEL = Level("arrays")

X: Final = np.asarray([[1.5, -2.0, 0.5], [3.0, 0.25, -1.0]], np.float32)


# Values.


@LEVEL.each({f"transfer/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def moves_there_and_back_bit_for_bit(subject: Subject, name: str) -> None:
    """``.to`` moves every dtype from NumPy to the device and back, and to each other device of the backend."""
    values = specials(subject, name)
    reference = Subject(subject.reference)
    here = reference.tensor(values).to(_name(subject))
    identical(subject.host(here), values, f"{name} from NumPy to {subject.device}")
    identical(reference.host(here.to("numpy:cpu")), values, f"{name} from {subject.device} to NumPy")
    for place in subject.backend.places():
        if capabilities.has(place, name):
            there = here.to(_name(Subject(place)))
            identical(Subject(place).host(there), values, f"{name} from {subject.device} to {place.device}")


@LEVEL.each({"transfer/0-d": (), "transfer/empty": (0, 3), "transfer/large": (300, 1000)})
def moves_any_shape(subject: Subject, shape: tuple[int, ...]) -> None:
    """Arrays of no dimension, of no element and of many move as others do."""
    values = np.random.default_rng(0).uniform(size=shape).astype(np.float32)
    here = Subject(subject.reference).tensor(values).to(_name(subject))
    identical(subject.host(here), values, f"shape {shape} from NumPy")
    identical(Subject(subject.reference).host(here.to("numpy:cpu")), values, f"shape {shape} to NumPy")


@LEVEL.check("transfer/view")
def moves_views(subject: Subject) -> None:
    """A view moves as it is seen, after a write to its base too."""
    base = subject.tensor(X)
    view = base.mT[1:]
    base[0, 1] = 9.0
    expected = X.T[1:].copy()
    expected[0, 0] = 9.0
    identical(Subject(subject.reference).host(view.to("numpy:cpu")), expected, "a view moved to NumPy")


@LEVEL.check("transfer/dtype-too", needs={"int32"})
def moves_and_casts(subject: Subject) -> None:
    """``.to(device, dtype)`` does both, and a tensor that is there in that dtype is given as it is."""
    moved = Subject(subject.reference).tensor(X).to(_name(subject), xpgrad.int32)
    identical(subject.host(moved), X.astype(np.int32), "to the device and int32")
    assert moved.to(_name(subject), xpgrad.int32) is moved, "to: expected the tensor itself where nothing changes"


@LEVEL.check("transfer/gradient")
def gradients_flow_back(subject: Subject) -> None:
    """What is computed after a move sends gradients back to where the leaf is."""
    reference = Subject(subject.reference)
    for first, second in ((reference, subject), (subject, reference)):
        x = first.tensor(X, requires_grad=True)
        moved = x.to(_name(second))
        second.host(moved.detach())
        (moved * moved).sum().backward()
        identical(first.host(x.grad), 2 * X, f"gradient of x.to({_name(second)!r})**2 on {first.device}")


@LEVEL.check("transfer/gradient-of-devices", needs={"several devices"})
def gradients_flow_between_devices(subject: Subject) -> None:
    """The same between two devices of the backend."""
    other = Subject(next(place for place in subject.backend.places() if place is not subject.place))
    x = subject.tensor(X, requires_grad=True)
    moved = x.to(_name(other))
    (moved * moved).sum().backward()
    identical(subject.host(x.grad), 2 * X, f"gradient of x.to({_name(other)!r})**2")


# Memory. Each makes a tensor from a host array or a tensor by a copy.

Copying = Callable[[Subject, Any], Any]

OF_HOST: Final[dict[str, Copying]] = {
    "tensor": lambda subject, x: xpgrad.tensor(x),
    "asarray": lambda subject, x: xpgrad.asarray(x, copy=True),
    "to": lambda subject, x: xpgrad.from_numpy(x).clone(),
    "new_tensor": lambda subject, x: xpgrad.zeros(1).new_tensor(x),
}
OF_TENSOR: Final[dict[str, Copying]] = {
    "clone": lambda subject, x: x.clone(),
    "tensor": lambda subject, x: xpgrad.tensor(x),
    "tensor-of-array": lambda subject, x: xpgrad.tensor(x._array, device=_name(subject)),
    "to-copy": lambda subject, x: x.to(x.dtype, copy=True),
    "asarray": lambda subject, x: xpgrad.asarray(x, copy=True),
    "deepcopy": lambda subject, x: copy.deepcopy(x),
    "contiguous-of-transposed": lambda subject, x: x.mT.contiguous().mT,
    "empty_like": lambda subject, x: xpgrad.empty_like(x).copy_(x),
    "cat": lambda subject, x: xpgrad.cat([x]),
}


@LEVEL.each({f"copies/{name}-of-host": (name, copying) for name, copying in OF_HOST.items()})
def what_is_copied_from_the_host_is_apart(subject: Subject, row: tuple[str, Copying]) -> None:
    """A write to the host array does not show in the tensor, nor one to the tensor in the array."""
    name, copying = row
    host = X.copy()
    with subject.using():
        made = copying(subject, host)
    host[...] = 0
    identical(subject.host(made), X, f"{name}: the tensor after a write to the host array")
    made.fill_(7)
    identical(host, np.zeros_like(X), f"{name}: the host array after a write to the tensor")


@LEVEL.each({f"copies/{name}": (name, copying) for name, copying in OF_TENSOR.items()})
def what_is_copied_is_apart(subject: Subject, row: tuple[str, Copying]) -> None:
    """A write to either does not show in the other."""
    name, copying = row
    with subject.using():
        x = subject.tensor(X)
        made = copying(subject, x)
        identical(subject.host(made), X, f"{name}: the copy")
        x.fill_(7)
        identical(subject.host(made), X, f"{name}: the copy after a write to what was copied")
        made.fill_(9)
        identical(subject.host(x), np.full_like(X, 7), f"{name}: what was copied after a write to the copy")


@LEVEL.check("copies/transfer-to-numpy")
def what_moved_to_numpy_is_apart(subject: Subject) -> None:
    """A move copies, so that writes on neither side show on the other: to NumPy and back, and from device to device."""
    reference = subject.reference
    for place in (reference, *subject.backend.places()):
        if place is subject.place:
            continue
        first, second = subject.array(X), Subject(place)
        moved = transfer(first, subject.place, place)
        if subject.backend.mutable:
            subject.backend.fill(first, 0.0)
            identical(second.host(moved), X, f"on {place.device} after a write on {subject.place.device}")
        if place.backend.mutable:
            place.backend.fill(moved, 5.0)
            expected = np.zeros_like(X) if subject.backend.mutable else X
            identical(subject.host(first), expected, f"on {subject.place.device} after a write on {place.device}")


@LEVEL.check("copies/transfer-from-numpy", needs={"apart from NumPy"})
def what_moved_from_numpy_is_apart(subject: Subject) -> None:
    """The same, from NumPy to the device."""
    host = X.copy()
    moved = transfer(host, subject.reference, subject.place)
    host[...] = 0
    identical(subject.host(moved), X, "on the device after a write to NumPy's array")
    if subject.backend.mutable:
        subject.backend.fill(moved, 5.0)
        identical(host, np.zeros_like(X), "NumPy's array after a write on the device")


@LEVEL.check("as_tensor/array", needs={"apart from NumPy"})
def a_tensor_is_made_around_an_array(subject: Subject) -> None:
    """``as_tensor`` of an array of the library is a tensor on that array, on the array's device."""
    array = subject.array(X)
    tensor = xpgrad.as_tensor(array)
    if subject.backend.array_types == subject.reference.backend.array_types:
        # Arrays of NumPy's own type are taken for NumPy's.
        return
    identical(subject.host(tensor), X, "as_tensor")
    if subject.backend.mutable:
        subject.backend.fill(array, 3.0)
        identical(subject.host(tensor), np.full_like(X, 3), "as_tensor: the tensor after a write to the array")


@LEVEL.check("from_numpy")
def a_tensor_is_made_of_a_host_array(subject: Subject) -> None:
    """``from_numpy`` goes where new tensors go, and leaves the array alone until the tensor is written to."""
    host = X.copy()
    with subject.using():
        tensor = xpgrad.from_numpy(host)
    identical(subject.host(tensor * 2), 2 * X, "from_numpy(x) * 2")
    identical(host, X, "the host array")


# DLPack.

SPOKEN: Final = [name for name in BY_NAME if name != "bfloat16"]


@LEVEL.each({f"dlpack/to-numpy/{name}": name for name in SPOKEN}, needs=lambda name: {name, "dlpack", "cpu"})
def numpy_takes_its_memory(subject: Subject, name: str) -> None:
    """NumPy reads an array of the device, and a tensor of it, by DLPack."""
    values = specials(subject, name)
    identical(np.from_dlpack(subject.array(values)), values, f"numpy.from_dlpack of an array of {name}")
    identical(np.from_dlpack(subject.tensor(values)), values, f"numpy.from_dlpack of a tensor of {name}")


@LEVEL.each({f"dlpack/from-numpy/{name}": name for name in SPOKEN}, needs=lambda name: {name, "dlpack", "cpu"})
def takes_numpys_memory(subject: Subject, name: str) -> None:
    """The library's ``from_dlpack`` reads an array of NumPy."""
    values = specials(subject, name)
    identical(subject.host(subject.xp.from_dlpack(values)), values, f"from_dlpack of NumPy's array of {name}")


@LEVEL.check("dlpack/tensor", needs={"dlpack"})
def tensors_are_made_by_dlpack(subject: Subject) -> None:
    """``from_dlpack`` of a tensor is a tensor on the same device, of the same values."""
    identical(subject.host(xpgrad.from_dlpack(subject.tensor(X))), X, "from_dlpack of a tensor")


@LEVEL.check("dlpack/requires-grad", needs={"dlpack"})
def dlpack_is_refused_where_gradients_would_be_lost(subject: Subject) -> None:
    """A tensor that requires grad is not handed out."""
    with raises(BufferError, "__dlpack__ of a leaf that requires grad", "detach()"):
        subject.tensor(X, requires_grad=True).__dlpack__()


# Python's values.


@LEVEL.each({f"numpy/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def numpy_reads_a_tensor(subject: Subject, name: str) -> None:
    """``numpy()`` and ``numpy.asarray`` give the values in their dtype."""
    values = specials(subject, name)
    tensor = subject.tensor(values)
    if tensor.device.type == "cuda":
        with raises(ArgumentTypeError, "numpy() of a tensor on a GPU", "Tensor.cpu()"):
            tensor.numpy()
        tensor = tensor.cpu()
    identical(tensor.numpy(), values, f"numpy() of {name}")
    identical(np.asarray(tensor), values, f"numpy.asarray of {name}")


@LEVEL.check("numpy/requires-grad")
def numpy_is_refused_where_gradients_would_be_lost(subject: Subject) -> None:
    """``numpy()`` of what requires grad is refused, with ``force=True`` not."""
    x = subject.tensor(X, requires_grad=True)
    with raises(GradientError, "numpy() of a leaf that requires grad", "detach()"):
        x.numpy()
    identical(x.numpy(force=True), X, "numpy(force=True)")


PYTHONS: Final = {"bool": bool, "int": int, "uint": int, "float": float, "complex": complex}


@LEVEL.each({f"tolist/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def python_reads_a_tensor(subject: Subject, name: str) -> None:
    """``tolist`` and ``item`` give numbers of Python's own types, and the conversions to them the same."""
    values, kind = specials(subject, name), PYTHONS[BY_NAME[name].kind]
    tensor = subject.tensor(values)
    got, expected = tensor.tolist(), [kind(v) for v in values.tolist()]
    assert repr(got) == repr(expected), f"tolist() of {name}: expected {expected}, got {got}"
    for i in (0, 1):
        item = tensor[i].item()
        assert type(item) is kind and item == expected[i], f"item() of {name}: expected {expected[i]!r}, got {item!r}"
        assert bool(tensor[i]) is bool(expected[i]), f"bool() of {name}: expected {bool(expected[i])}"
        if kind is not complex:
            numbers = (int(tensor[i]), float(tensor[i]))
            right = (int(expected[i]), float(expected[i]))
            assert numbers == right, f"int() and float() of {name}: expected {right}, got {numbers}"


@LEVEL.check("tolist/shapes")
def python_reads_any_shape(subject: Subject) -> None:
    """Lists are nested as the shape says; of no dimension there is a number."""
    for value in (np.float32(2.5), X, np.zeros((2, 0), np.float32), np.zeros((0,), np.float32), X[None, :, :1]):
        got, expected = subject.tensor(value).tolist(), np.asarray(value).tolist()
        assert got == expected, f"tolist() of shape {np.shape(value)}: expected {expected}, got {got}"


@LEVEL.each({f"print/{name}": name for name in BY_NAME}, needs=lambda name: {name})
def prints_as_on_numpy(subject: Subject, name: str) -> None:
    """A tensor prints as on NumPy, but for the name of its device."""
    values = specials(subject, name)
    reference = Subject(subject.reference)
    for shown in (values, values[:1], values[0], values[:0], np.resize(values, (2, 3))):
        with reference.using():
            expected = repr(reference.tensor(shown))
        with subject.using():
            got = repr(subject.tensor(shown))
        assert without_device(got) == without_device(expected), f"repr of {name}: expected {expected}, got {got}"


def _name(subject: Subject) -> str:
    return f"{subject.backend.name}:{subject.device}"
