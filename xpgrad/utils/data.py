"""`xpgrad.data` under PyTorch's name, ``torch.utils.data``."""

from xpgrad.data import *  # noqa: F403  (its __all__ is the one list)
from xpgrad.data import __all__ as __all__
