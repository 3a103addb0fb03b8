"""The backend that is asked, and what proves that it was the one that answered."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from xpgrad.backends.base import Backend, Place
from xpgrad.backends.registry import get_backend, use_backend
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import UnknownDeviceError
from xpgrad.testing.conformance import capabilities

Host = np.ndarray[Any, Any]


class Subject:
    """One device of a backend.

    Attributes:
        place: The device that is asked.
        reference: NumPy's, whose answers are right.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.reference = get_backend("numpy").places()[0]

    @classmethod
    def named(cls, backend: str, device: str | None = None) -> Subject:
        """A device of the backend called ``backend``, its default one if none is named.

        Raises:
            BackendError: The backend cannot be used, or has no such device.
        """
        found = get_backend(backend)
        if device is not None and device not in found.device_names():
            raise UnknownDeviceError(
                f"backend {backend!r} has no device {device!r}; it has {', '.join(found.device_names())}"
            )
        return cls(found.place(device) if device is not None else found.current_place())

    @property
    def backend(self) -> Backend:
        """The backend whose device it is."""
        return self.place.backend

    @property
    def device(self) -> str:
        """The backend's own name of the device."""
        return next(name for name in self.backend.device_names() if self.backend.place(name) is self.place)

    @property
    def xp(self) -> Any:
        """The raw namespace."""
        return self.place.xp

    def __repr__(self) -> str:
        return f"Subject({self.place.device})"

    def lacks(self, needs: frozenset[str]) -> list[str]:
        """Which of the capabilities it does not have; of those of one kind, ``kind:name``, only the kind."""
        return sorted({need.partition(":")[0] for need in needs if not capabilities.has(self.place, need)})

    def using(self) -> AbstractContextManager[Any]:
        """New tensors go to it."""
        return use_backend(f"{self.backend.name}:{self.device}")

    def array(self, value: Any) -> Any:
        """A host array as one of the library's."""
        return self.backend.from_host(np.array(value), self.place.handle)

    def tensor(self, value: Any, *, requires_grad: bool = False) -> Any:
        """A tensor of it with the values of a host array."""
        made = make_tensor(self.array(value), self.place)
        return made.requires_grad_() if requires_grad else made

    def host(self, value: Any) -> Host:
        """A tensor or a raw array of it as a NumPy array; see `host`."""
        return host(self.place, value)


def host(place: Place, value: Any) -> Host:
    """A tensor or a raw array as a NumPy array, after a look at whether it is one of ``place``.

    Raises:
        AssertionError: The array is of another library or on another device: something else gave the answer.
    """
    array = array_of(value) if isinstance(value, TensorBase) else value
    # NumPy's functions return scalars for arrays of no dimension, and only NumPy's do.
    if not isinstance(array, np.generic) or np.ndarray not in place.backend.array_types:
        kinds = place.backend.array_types
        assert isinstance(array, kinds), f"expected an array of {kinds[0]}, got {type(array)}"
        assert place.backend.place_of(array) is place, f"expected an array on {place.device}, got one elsewhere"
    return np.asarray(place.backend.to_host(array))


def agree(got: Any, expected: Any, tolerance: float = 1e-12, what: str = "") -> None:
    """Raise unless two host arrays have one shape and nearly the same values, NaN where the other has NaN.

    Args:
        got: What came out.
        expected: What should have.
        tolerance: How far a value may be off, relative and absolute.
        what: What was asked, for the message.
    """
    __tracebackhide__ = True
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"{what}: expected shape {expected.shape}, got {got.shape}".removeprefix(": ")
    with np.errstate(all="ignore"):
        close = np.isclose(got, expected, tolerance, tolerance, equal_nan=True)
    if not close.all():
        first = tuple(int(i) for i in np.argwhere(~close)[0])
        where = f" at {list(first)}" if first else ""
        raise AssertionError(
            f"{what}: expected {expected[first]}, got {got[first]}{where}; {int((~close).sum())} of {close.size} "
            f"numbers are off by more than {tolerance:g}".removeprefix(": ")
        )


def identical(got: Any, expected: Any, what: str = "") -> None:
    """Raise unless two host arrays have one dtype, one shape and the same bits; one NaN is as good as another."""
    __tracebackhide__ = True
    got, expected = np.asarray(got), np.asarray(expected)
    for name in ("dtype", "shape"):
        right, found = getattr(expected, name), getattr(got, name)
        assert found == right, f"{what}: expected {name} {right}, got {found}".removeprefix(": ")
    if got.dtype.name == "bfloat16":
        # Which NumPy knows less of than of its own.
        got, expected = got.astype(np.float32), expected.astype(np.float32)
    np.testing.assert_array_equal(got, expected, err_msg=what)
    if got.dtype.kind in "fc":
        for part in ("real", "imag"):
            signs, right = (np.signbit(getattr(np.where(np.isnan(x), 1, x), part)) for x in (got, expected))
            np.testing.assert_array_equal(signs, right, err_msg=f"{what}: signs of zeros".removeprefix(": "))


def without_device(printed: str) -> str:
    """What a tensor prints, without its device and without line breaks: elsewhere than on NumPy the device is named."""
    return " ".join(re.sub(r",\s+device='[^']*'", "", printed).split())


@contextlib.contextmanager
def raises(kind: type[Exception], what: str, *texts: str) -> Iterator[None]:
    """Raise unless the block raises ``kind`` with a message that has each of ``texts`` in it."""
    __tracebackhide__ = True
    try:
        yield
    except kind as error:
        for text in texts:
            assert text in str(error), f"{what}: expected {text!r} in the error, got {error}"
        return
    except Exception as error:
        raise AssertionError(f"{what}: expected {kind.__name__}, got {type(error).__name__}: {error}") from error
    raise AssertionError(f"{what}: expected {kind.__name__}, got a result")
