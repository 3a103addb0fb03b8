"""The named tuples that functions return, by PyTorch's names. Mirrors ``torch.return_types``."""

from xpgrad.functions import return_types as _types

_all = {t.__name__: t for t in vars(_types).values() if isinstance(t, type) and issubclass(t, tuple)}
globals().update(_all)
__all__ = [name for name in _all if not name.startswith("_")]
