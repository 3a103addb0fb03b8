"""Running programs that were written for ``import torch``."""
