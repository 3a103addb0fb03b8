"""`xpgrad.data` under PyTorch's name, ``torch.utils.data``."""

from xpgrad.data import *  # noqa: F403  (its __all__ is the one list)
from xpgrad.data import __all__ as __all__
from xpgrad.utils.data import dataloader as dataloader
from xpgrad.utils.data import dataset as dataset
from xpgrad.utils.data import sampler as sampler
