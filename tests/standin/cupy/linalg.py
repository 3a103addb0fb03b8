import numpy as _np
from cupy import _namespace
from numpy.linalg import LinAlgError as LinAlgError

globals().update(_namespace("cupy.linalg", _np.linalg))
