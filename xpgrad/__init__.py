"""PyTorch's define-by-run autograd and training API on any Array API library.

``import xpgrad as torch`` and go on as usual. This page is the PyTorch-flavoured face: everything here is defined
in a layer below, and nothing below imports it.
"""

from __future__ import annotations

import importlib as _importlib
import math as _math
import warnings as _warnings
from typing import Any as _Any

from xpgrad import autograd, errors
from xpgrad.array_api import recorded as _recorded  # noqa: F401  (binds the namespace that rules are recorded in)
from xpgrad.autograd import (
    enable_grad,
    inference_mode,
    is_anomaly_enabled,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from xpgrad.autograd.anomaly import is_anomaly_check_nan_enabled
from xpgrad.backends.base import device
from xpgrad.backends.dtypes import (
    bfloat16,
    complex64,
    complex128,
    dtype,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from xpgrad.backends.dtypes import bool_ as bool
from xpgrad.backends.registry import get_default_device, set_default_backend, set_default_device, use_backend
from xpgrad.core.promotion import can_cast, get_default_dtype, promote_types, set_default_dtype
from xpgrad.functions import *
from xpgrad.functions import __all__ as _functions
from xpgrad.functions.activation import _safe_softmax as _safe_softmax
from xpgrad.functions.activation import _softmax_backward_data as _softmax_backward_data
from xpgrad.functions.copies import chunk_cat as _chunk_cat  # noqa: F401  (PyTorch's name)
from xpgrad.functions.decompositions import classic_cholesky as cholesky
from xpgrad.functions.decompositions import classic_qr as qr
from xpgrad.functions.decompositions import classic_svd as svd
from xpgrad.functions.factorizations import classic_lu as lu
from xpgrad.functions.factorizations import classic_lu_solve as lu_solve
from xpgrad.functions.indexing import _unsafe_masked_index as _unsafe_masked_index
from xpgrad.functions.indexing import _unsafe_masked_index_put_accumulate as _unsafe_masked_index_put_accumulate
from xpgrad.functions.matrix_functions import classic_det as det
from xpgrad.functions.matrix_functions import classic_slogdet as slogdet
from xpgrad.functions.segments import segment_reduce as _segment_reduce  # noqa: F401  (its old name)
from xpgrad.functions.unsupported import ABSENT as _ABSENT
from xpgrad.tensor.conversion import as_tensor, asarray, from_dlpack, from_numpy, frombuffer, tensor, to_dlpack
from xpgrad.tensor.legacy import (
    BFloat16Tensor,
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
    set_default_tensor_type,
)
from xpgrad.tensor.printing import set_printoptions
from xpgrad.tensor.size import Size, broadcast_shapes
from xpgrad.tensor.tensor import Tensor, is_tensor

__version__ = "0.1.0"

# Reached as attributes too (`xpgrad.nn.Linear`), and imported when they first are.
_SUBMODULES = (
    "accelerator",
    "array_api",
    "cuda",
    "data",
    "fft",
    "func",
    "linalg",
    "masked",
    "nn",
    "optim",
    "random",
    "return_types",
    "serialization",
    "signal",
    "special",
    "testing",
    "utils",
)


# Functions of layers, likewise: by the module that has them.
_OF_LAYERS = {
    "xpgrad.nn.functional": (
        "adaptive_avg_pool1d", "avg_pool1d", "bilinear", "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_tbc",
        "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "max_pool1d", "max_pool1d_with_indices",
        "max_pool2d", "max_pool3d", "native_channel_shuffle", "pixel_shuffle", "pixel_unshuffle", "rms_norm",
    ),
    "xpgrad.func": ("vmap",),
    "xpgrad.nn.functional.grid": ("grid_sampler", "grid_sampler_2d", "grid_sampler_3d"),
    "xpgrad.nn.functional.native_dropout": (
        "alpha_dropout", "alpha_dropout_", "dropout", "dropout_", "feature_alpha_dropout", "feature_alpha_dropout_",
        "feature_dropout", "feature_dropout_",
    ),
    "xpgrad.nn.functional.native": (
        "adaptive_max_pool1d", "affine_grid_generator", "batch_norm", "constant_pad_nd", "convolution", "embedding",
        "group_norm", "instance_norm", "layer_norm", "max_pool2d_with_indices_backward", "native_batch_norm",
        "native_group_norm", "native_layer_norm", "_batch_norm_with_update", "_native_batch_norm_legit",
        "_upsample_bicubic2d_aa", "_upsample_bilinear2d_aa",
    ),
}  # fmt: skip
# Methods that PyTorch also has as functions, without documenting them.
_INPLACE = {
    "abs_", "acos_", "acosh_", "addmv_", "arccos_", "arccosh_", "arcsin_", "arcsinh_", "arctan_", "arctanh_",
    "as_strided_", "asin_", "asinh_", "atan_", "atanh_", "ceil_", "clamp_", "clamp_max_", "clamp_min_", "clip_",
    "cos_", "cosh_", "deg2rad_", "detach_", "erf_", "erfc_", "exp2_", "exp_", "expm1_", "fix_", "floor_", "frac_",
    "gcd_", "i0_", "index_put_", "lcm_", "ldexp_", "log10_", "log1p_", "log2_", "log_", "logit_", "nan_to_num_", "neg_",
    "negative_", "rad2deg_", "reciprocal_", "round_", "rsqrt_", "sigmoid_", "sin_", "sinc_", "sinh_", "sqrt_",
    "square_", "tan_", "tanh_", "trunc_", "xlogy_",
}  # fmt: skip
_HOME = {_name: _module for _module, _names in _OF_LAYERS.items() for _name in _names}


def __getattr__(name: str) -> _Any:
    if name in _SUBMODULES:
        return _importlib.import_module(f"xpgrad.{name}")
    if name in _HOME:
        return getattr(_importlib.import_module(_HOME[name]), name)
    if name in _INPLACE:
        return getattr(Tensor, name)
    reason = f": {_ABSENT[name]}" if name in _ABSENT else ""
    raise AttributeError(f"module 'xpgrad' has no attribute {name!r}{reason}")


def __dir__() -> list[str]:
    return [*globals(), *_SUBMODULES, *_HOME, *_INPLACE]


float = float32
double = float64
half = float16
long = int64
int = int32
short = int16
cfloat = complex64
cdouble = complex128

e = _math.e
inf = _math.inf
nan = _math.nan
newaxis = None
pi = _math.pi

# Division by zero, overflow and the like give inf and nan silently, as in PyTorch; NumPy would warn. Only warnings
# that arise inside this package are meant.
_warnings.filterwarnings(
    "ignore",
    message="(divide by zero|invalid value|overflow|underflow) encountered",
    category=RuntimeWarning,
    module=r"xpgrad\.",
)


__all__ = [
    "BFloat16Tensor", "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor",
    "IntTensor", "LongTensor", "ShortTensor", "Size", "Tensor", "__version__", "accelerator", "adaptive_avg_pool1d",
    "adaptive_max_pool1d", "affine_grid_generator", "alpha_dropout", "array_api", "as_tensor", "asarray",
    "autograd", "avg_pool1d",
    "batch_norm", "bfloat16", "bilinear", "bool", "broadcast_shapes", "can_cast", "cdouble", "cfloat",
    "channel_shuffle", "cholesky", "complex64", "complex128", "constant_pad_nd", "conv1d", "conv2d", "conv3d",
    "conv_tbc", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "convolution", "cuda", "data", "det",
    "device", "double", "dropout", "dtype", "e", "embedding", "enable_grad", "errors",
    "feature_alpha_dropout", "feature_dropout", "fft", "float", "float16", "float32",
    "float64", "from_dlpack", "from_numpy", "frombuffer", "func", "get_default_device", "get_default_dtype",
    "grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "group_norm", "half", "inf", "inference_mode",
    "instance_norm", "int", "int8", "int16", "int32", "int64", "is_anomaly_check_nan_enabled", "is_anomaly_enabled",
    "is_grad_enabled", "is_inference_mode_enabled", "is_tensor", "layer_norm", "linalg", "long", "lu", "lu_solve",
    "masked", "max_pool1d", "max_pool1d_with_indices", "max_pool2d", "max_pool2d_with_indices_backward",
    "max_pool3d", "nan", "native_batch_norm", "native_channel_shuffle", "native_group_norm", "native_layer_norm",
    "newaxis", "nn", "no_grad", "optim", "pi", "pixel_shuffle", "pixel_unshuffle", "promote_types", "qr", "random",
    "return_types", "rms_norm", "serialization", "set_default_backend", "set_default_device", "set_default_dtype",
    "set_default_tensor_type", "set_grad_enabled", "set_printoptions", "short", "signal", "slogdet", "special",
    "svd", "tensor", "testing", "to_dlpack", "uint8", "uint16", "uint32", "uint64",
    "use_backend", "utils", "vmap",
]  # fmt: skip
__all__ += _functions
