"""The named tuples that functions with several results return, as ``torch.return_types`` names them."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def _named(name: str, *fields: str) -> Any:
    def text(self: Any) -> str:
        values = ",\n".join(f"{field}={getattr(self, field)!r}" for field in fields)
        return f"torch.return_types.{name}(\n{values})"

    made: Any = namedtuple(name, fields)  # type: ignore[misc]
    made.__repr__ = text
    made.__doc__ = f"What `{name}` returns: {' and '.join(fields)}."
    return made


def _valued(name: str) -> Any:
    return _named(name, "values", "indices")


aminmax = _named("aminmax", "min", "max")
cummax = _valued("cummax")
cummin = _valued("cummin")
histogram = _named("histogram", "hist", "bin_edges")
histogramdd = _named("histogramdd", "hist", "bin_edges")
kthvalue = _valued("kthvalue")
max = _valued("max")
median = _valued("median")
min = _valued("min")
mode = _valued("mode")
nanmedian = _valued("nanmedian")
sort = _valued("sort")
topk = _valued("topk")
