"""The standard's inspection of the namespace itself."""

from __future__ import annotations

from typing import Any, final

from xpgrad.array_api.data_types import isdtype
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import BY_NAME, dtype, int64
from xpgrad.backends.registry import default_place, resolve
from xpgrad.core.promotion import get_default_dtype
from xpgrad.errors import DtypeError

__all__ = ["__array_namespace_info__"]

# The standard's dtypes; PyTorch's two 16-bit floats are not among them.
NAMES = tuple(name for name in BY_NAME if name not in ("float16", "bfloat16"))


@final
class Info:
    """What the namespace can do, on the default backend and its devices."""

    def capabilities(self) -> dict[str, Any]:
        """Whether masks may index and functions may return as many elements as the values say; the most axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> device:
        """Where tensors are made if nothing says otherwise."""
        return default_place().device

    def default_dtypes(self, *, device: device | str | None = None) -> dict[str, dtype]:
        """The dtypes of tensors made without one, by kind."""
        floating = get_default_dtype()
        return {
            "real floating": floating,
            "complex floating": floating.to_complex(),
            "integral": int64,
            "indexing": int64,
        }

    def devices(self) -> list[device]:
        """The devices of the default backend."""
        return [place.device for place in default_place().backend.places()]

    def dtypes(
        self, *, device: device | str | None = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, dtype]:
        """The standard's dtypes that ``device`` has, by name; only those of ``kind`` if given (see `isdtype`)."""
        place = default_place() if device is None else resolve(device)
        found = {}
        for name in NAMES:
            try:
                place.raw_dtype(BY_NAME[name])
            except DtypeError:
                continue
            if kind is None or isdtype(BY_NAME[name], kind):
                found[name] = BY_NAME[name]
        return found


def __array_namespace_info__() -> Info:  # noqa: N807  (the standard's name)
    """What this namespace offers."""
    return Info()
