import numpy as _np
from numpy.linalg import LinAlgError as LinAlgError

from cupy import _namespace

globals().update(_namespace("cupy.linalg", _np.linalg))
