"""The names of devices."""

from __future__ import annotations

from typing import Any, NoReturn, final

from xpgrad.errors import ArgumentTypeError, UnknownDeviceError


@final
class device:  # noqa: N801  (PyTorch's name)
    """Where a tensor lives: ``device("cpu")``, ``device("cuda", 1)``, ``device("jax:cpu")``.

    As in PyTorch this is a name only: making one touches no library and needs no hardware. A name without a backend
    means the default backend's device of that type, or NumPy's and CuPy's; a tensor's own device names its backend and
    so is found again whatever the default.

    >>> device("cuda:1")
    device(type='cuda', index=1)
    >>> str(device("strict:device1"))
    'strict:device1'

    Args:
        type: PyTorch's string, with the backend's name before it if one is meant, or a device; an integer is the index
            of a CUDA device.
        index: The index, if the string has none.
        backend: The backend, if the string has none.
        plain: Leave the backend's name out of the text, as devices of NumPy and CuPy do.

    Attributes:
        type: ``"cpu"``, ``"cuda"`` or a backend's own word.
        index: Which one of that type, or None for the current one.
        backend: The backend's name, or None for whichever has the type.

    Raises:
        UnknownDeviceError: The string cannot name a device.
        ArgumentTypeError: It is no string.

    Mirrors ``torch.device``.
    """

    __module__ = "xpgrad"
    __slots__ = ("_plain", "backend", "index", "type")

    type: str
    index: int | None
    backend: str | None
    _plain: bool

    def __new__(
        cls, type: str | device | int, index: int | None = None, *, backend: str | None = None, plain: bool = False
    ) -> device:
        """Parse and check; a device is returned as it is."""
        if isinstance(type, device):
            return type
        if isinstance(type, int):
            index, type = type, "cuda"
        if not isinstance(type, str):
            raise ArgumentTypeError(
                f"device() takes a string such as 'cpu' or 'cuda:1', a device or an index, not {type!r:.60}"
            )
        named, kind, written_index = _parse(type)
        if index is not None and written_index is not None:
            raise UnknownDeviceError(
                f"type (string) must not include an index because index was passed explicitly: {type}; "
                f"got index={index} too"
            )
        if index is not None and index < 0:
            raise UnknownDeviceError(f"Device index must not be negative; got {index}")
        self = super().__new__(cls)
        set_field = object.__setattr__
        set_field(self, "type", kind)
        set_field(self, "index", written_index if index is None else index)
        set_field(self, "backend", named or backend)
        set_field(self, "_plain", plain)
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"attribute {name!r} of 'device' objects is not writable; make another device")

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.type, self.index, self.backend, self._plain)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return NotImplemented
        return (
            self.type == other.type
            and self.index == other.index
            and (self.backend == other.backend or self.backend is None or other.backend is None)
        )

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        backend = None if self._plain else self.backend
        return ":".join(str(part) for part in (backend, self.type, self.index) if part is not None)

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        backend = "" if self.backend is None or self._plain else f", backend={self.backend!r}"
        return f"device(type={self.type!r}{index}{backend})"


def _parse(text: str) -> tuple[str | None, str, int | None]:
    """The backend, the type and the index in a device string."""
    *words, last = text.split(":")
    index = None
    # As PyTorch reads it: "01" and "-1" are no indices.
    if words and last.isascii() and last.isdigit() and str(int(last)) == last:
        index, last = int(last), words.pop()
    if len(words) > 1 or not last or last.lstrip("-").isdigit() or "" in words:
        raise UnknownDeviceError(
            f"Invalid device string: {text!r}. Write 'type', 'type:index', 'backend:type' or 'backend:type:index'"
        )
    return (words[0] if words else None), last, index


def _again(kind: str, index: int | None, backend: str | None, plain: bool) -> device:
    return device(kind, index, backend=backend, plain=plain)
