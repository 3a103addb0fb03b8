import numpy as _np

from cupy import _namespace

globals().update(_namespace("cupy.fft", _np.fft))
