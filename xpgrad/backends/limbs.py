"""Unsigned integers of any width, over an Array API namespace, on devices that may have no 64-bit dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Limbs"]


class Limbs(NamedTuple):
    """A way to hold wide unsigned integers: little-endian limbs, each in an integer dtype of twice its width.

    A wide integer is a list of arrays with values in [0, 2**bits), the lowest first. The dtype is signed because signed
    integers are what every library can multiply and shift (PyTorch cannot shift ``uint32`` or ``uint64``); a product
    that reaches the sign bit wraps, and a masked shift reads its upper half unsigned.

    Attributes:
        dtype: ``int64``, or ``int32`` on a device that has nothing wider.
        bits: the width of a limb, half that of ``dtype``: 32 or 16.
    """

    dtype: Any
    bits: int

    @classmethod
    def on(cls, xp: Any, device: Any) -> Limbs:
        """Return the widest limbs that ``device`` of the namespace ``xp`` can hold."""
        dtypes = xp.__array_namespace_info__().dtypes(device=device, kind="signed integer")
        return cls(dtypes["int64"], 32) if "int64" in dtypes else cls(dtypes["int32"], 16)

    def digits(self, value: int, width: int) -> list[int]:
        """Return ``value`` modulo 2**``width`` as Python integers of a limb each, the lowest first."""
        return [(value >> shift) & self._mask for shift in range(0, width, self.bits)]

    def add(self, x: Any, value: int, width: int) -> list[Any]:
        """Return ``x + value`` modulo 2**``width`` for an array ``x`` of non-negative integers of ``dtype``.

        ``x`` is one array and may exceed a limb; it must leave room in ``dtype`` for one more limb to be added.
        """
        limbs = []
        for digit in self.digits(value, width):
            x = x + digit
            limbs.append(x & self._mask)
            x = x >> self.bits
        return limbs

    def multiply(self, x: Sequence[Any], factor: int) -> list[Any]:
        """Return the whole product of the wide integer ``x`` and a positive ``factor``: as many limbs as both have."""
        product: list[Any] = []
        for shift, digit in enumerate(self.digits(factor, factor.bit_length())):
            row: list[Any] = []
            carry: Any = 0
            for place, limb in enumerate(x):
                partial = limb * digit
                if shift:
                    partial = partial + product[shift + place]
                if place:
                    partial = partial + carry
                row.append(partial & self._mask)
                carry = (partial >> self.bits) & self._mask
            product[shift:] = [*row, carry]
        return product

    def split(self, words: Sequence[Any]) -> list[Any]:
        """Return the wide integer whose digits are the bit patterns ``words``, of ``dtype``, lowest first."""
        return [limb for word in words for limb in (word & self._mask, (word >> self.bits) & self._mask)]

    def join(self, limbs: Sequence[Any]) -> Any:
        """Return the lowest two of ``limbs`` as one bit pattern of ``dtype``."""
        return limbs[0] | (limbs[1] << self.bits) if len(limbs) > 1 else limbs[0]

    @property
    def _mask(self) -> int:
        return (1 << self.bits) - 1
