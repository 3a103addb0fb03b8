"""PyTorch's define-by-run autograd and training API on any Array API library.

``import xpgrad as torch`` and go on as usual. This page is the PyTorch-flavoured face: everything here is defined
in a layer below, and nothing below imports it.
"""

from __future__ import annotations

import importlib as _importlib
import math as _math
import warnings as _warnings
from types import ModuleType as _ModuleType

from xpgrad import autograd as autograd
from xpgrad import errors as errors
from xpgrad.array_api import recorded as _recorded  # noqa: F401  (binds the namespace that rules are recorded in)
from xpgrad.autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
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
from xpgrad.backends.registry import (
    get_default_device,
    set_default_backend,
    set_default_device,
    use_backend,
)
from xpgrad.core.promotion import (
    can_cast,
    get_default_dtype,
    promote_types,
    set_default_dtype,
)
from xpgrad.functions.arithmetic import (
    add,
    addcdiv,
    addcmul,
    div,
    divide,
    floor_divide,
    lerp,
    mul,
    multiply,
    neg,
    negative,
    positive,
    pow,
    reciprocal,
    remainder,
    rsub,
    square,
    sub,
    subtract,
    true_divide,
)
from xpgrad.functions.comparison import (
    allclose,
    bitwise_and,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    eq,
    equal,
    ge,
    greater,
    greater_equal,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    le,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    ne,
    not_equal,
    signbit,
)
from xpgrad.functions.creation import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    logspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from xpgrad.functions.indexing import (
    gather,
    index_select,
    masked_select,
    nonzero,
    scatter,
    scatter_add,
    take,
)
from xpgrad.functions.linalg import (
    addmm,
    baddbmm,
    bmm,
    diag,
    dot,
    ger,
    inner,
    matmul,
    mm,
    mv,
    outer,
)
from xpgrad.functions.pointwise import (
    abs,
    absolute,
    acos,
    acosh,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    ceil,
    clamp,
    clamp_max,
    clamp_min,
    clip,
    conj,
    copysign,
    cos,
    cosh,
    digamma,
    erf,
    erfc,
    erfinv,
    exp,
    exp2,
    expm1,
    fix,
    floor,
    hypot,
    imag,
    lgamma,
    log,
    log10,
    log1p,
    log2,
    logaddexp,
    masked_fill,
    maximum,
    minimum,
    nan_to_num,
    real,
    relu,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    trunc,
    where,
)
from xpgrad.functions.random import (
    Generator,
    bernoulli,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)
from xpgrad.functions.reduction import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    argsort,
    count_nonzero,
    cumprod,
    cumsum,
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    norm,
    prod,
    softmax,
    sort,
    std,
    sum,
    topk,
    var,
)
from xpgrad.functions.shape import (
    atleast_1d,
    broadcast_shapes,
    broadcast_tensors,
    broadcast_to,
    cat,
    chunk,
    concat,
    concatenate,
    flatten,
    flip,
    fliplr,
    flipud,
    hstack,
    meshgrid,
    moveaxis,
    movedim,
    narrow,
    numel,
    permute,
    ravel,
    repeat_interleave,
    reshape,
    roll,
    select,
    split,
    squeeze,
    stack,
    swapaxes,
    swapdims,
    t,
    tensor_split,
    tile,
    transpose,
    tril,
    triu,
    unbind,
    unflatten,
    unsqueeze,
    vstack,
)

from xpgrad.tensor.conversion import as_tensor, asarray, from_dlpack, from_numpy, tensor
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
)
from xpgrad.tensor.printing import set_printoptions
from xpgrad.tensor.size import Size
from xpgrad.tensor.tensor import Tensor, is_tensor

__version__ = "0.1.0"

# Reached as attributes too (`xpgrad.nn.Linear`), and imported when they first are.
_SUBMODULES = (
    "array_api",
    "cuda",
    "data",
    "fft",
    "linalg",
    "nn",
    "optim",
    "random",
    "serialization",
    "special",
    "testing",
)


def __getattr__(name: str) -> _ModuleType:
    if name in _SUBMODULES:
        return _importlib.import_module(f"xpgrad.{name}")
    raise AttributeError(f"module 'xpgrad' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_SUBMODULES]


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
