"""PyTorch's define-by-run autograd and training API on any Array API library.

``import xpgrad as torch`` and go on as usual.
"""
from __future__ import annotations

from xpgrad import autograd
from xpgrad.autograd import *
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import *
from xpgrad.functions.arithmetic import *
from xpgrad.functions.comparison import *
from xpgrad.functions.creation import *
from xpgrad.functions.indexing import *
from xpgrad.functions.linalg import *
from xpgrad.functions.pointwise import *
from xpgrad.functions.random import *
from xpgrad.functions.reduction import *
from xpgrad.functions.shape import *
from xpgrad.tensor.conversion import tensor, from_numpy, as_tensor, from_dlpack
from xpgrad.tensor.size import Size
from xpgrad.tensor.tensor import Tensor
import xpgrad.array_api.recorded
