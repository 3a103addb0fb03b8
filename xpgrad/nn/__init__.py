"""Networks: modules, their functional forms, initialisers and helpers. Mirrors ``torch.nn``."""

from xpgrad.nn import functional as functional
from xpgrad.nn import init as init
from xpgrad.nn import modules as modules
from xpgrad.nn import utils as utils
from xpgrad.nn.functional.linear_cross_entropy import LinearCrossEntropyOptions
from xpgrad.nn.modules import *  # noqa: F403  (its __all__ is the one list of layers)
from xpgrad.nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

__all__ = [
    "Buffer",
    "LinearCrossEntropyOptions",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
    "functional",
    "init",
    "modules",
    "utils",
]
__all__ += modules.__all__
