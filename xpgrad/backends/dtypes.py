"""The dtypes of tensors: one object per dtype, the same on every backend."""

from __future__ import annotations

from typing import Any, Final, final

from xpgrad.errors import ArgumentTypeError

# Kinds to the place of their category in promotion, and to the Python numbers of that category.
_CATEGORIES: Final[dict[str, tuple[int, type[Any]]]] = {
    "bool": (0, bool), "uint": (1, int), "int": (1, int), "float": (2, float), "complex": (3, complex),
}  # fmt: skip


@final
class dtype:  # noqa: N801  (PyTorch's name)
    """A data type, printed as PyTorch prints it (`torch.dtype`).

    Attributes:
        name: The Array API's name, such as ``"float32"``.
        kind: ``"bool"``, ``"uint"``, ``"int"``, ``"float"`` or ``"complex"``.
        category: What promotion looks at first: 0 for booleans, 1 for integers, 2 for floats, 3 for complex numbers.
        scalar_type: The type of Python's numbers of that category.
        itemsize: Bytes per element.
        is_floating_point: True for real floating-point types.
        is_complex: True for complex types.
        is_signed: True if negative values exist.
    """

    __module__ = "xpgrad"
    __slots__ = (
        "category", "is_complex", "is_floating_point", "is_signed", "itemsize", "kind", "name", "scalar_type",
    )  # fmt: skip

    def __init__(self, name: str, kind: str, itemsize: int) -> None:
        self.name = name
        self.kind = kind
        self.category, self.scalar_type = _CATEGORIES[kind]
        self.itemsize = itemsize
        self.is_floating_point = kind == "float"
        self.is_complex = kind == "complex"
        self.is_signed = kind in ("int", "float", "complex")

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _by_name, (self.name,)

    @property
    def is_differentiable(self) -> bool:
        """True if tensors of this type can require gradients."""
        return self.is_floating_point or self.is_complex

    def to_real(self) -> dtype:
        """The real type with the precision of this one; itself if not complex."""
        return {complex64: float32, complex128: float64}.get(self, self)

    def to_complex(self) -> dtype:
        """The complex type with the precision of this one; itself if complex already."""
        return {float32: complex64, float64: complex128, float16: complex64, bfloat16: complex64}.get(self, self)


bool_: Final = dtype("bool", "bool", 1)
int8: Final = dtype("int8", "int", 1)
int16: Final = dtype("int16", "int", 2)
int32: Final = dtype("int32", "int", 4)
int64: Final = dtype("int64", "int", 8)
uint8: Final = dtype("uint8", "uint", 1)
uint16: Final = dtype("uint16", "uint", 2)
uint32: Final = dtype("uint32", "uint", 4)
uint64: Final = dtype("uint64", "uint", 8)
float16: Final = dtype("float16", "float", 2)
bfloat16: Final = dtype("bfloat16", "float", 2)
float32: Final = dtype("float32", "float", 4)
float64: Final = dtype("float64", "float", 8)
complex64: Final = dtype("complex64", "complex", 8)
complex128: Final = dtype("complex128", "complex", 16)

BY_NAME: Final[dict[str, dtype]] = {
    t.name: t
    for t in (
        bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
        float16, bfloat16, float32, float64, complex64, complex128,
    )
}  # fmt: skip


def _by_name(name: str) -> dtype:
    return BY_NAME[name]


def of_type(number: Any) -> dtype:
    """The dtype that one of Python's types of numbers stands for.

    Raises:
        ArgumentTypeError: It is no such type.
    """
    by_type: dict[Any, dtype] = {bool: bool_, int: int64, float: float64, complex: complex128}
    try:
        return by_type[number]
    except (KeyError, TypeError):
        raise ArgumentTypeError(f"expected a dtype such as float32, got {number!r:.60}") from None
