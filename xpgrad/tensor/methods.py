"""Functions as methods: each line names the function that does the work."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, ShapeError
from xpgrad.functions import (
    activation,
    affine,
    arithmetic,
    broadcasting,
    comparison,
    composed,
    coordinates,
    copies,
    counting,
    covariance,
    creation,
    cumulative,
    cutting,
    decompositions,
    differences,
    distinct,
    extrema,
    factorizations,
    filling,
    indexing,
    inverses,
    linalg,
    matrices,
    matrix_functions,
    norms,
    pointwise,
    ranks,
    reduction,
    refilling,
    reordering,
    sampling,
    scattering,
    segments,
    selection,
    shape,
    slices,
    sorting,
    special,
    strides,
    triangles,
    turning,
    types,
    unsupported,
)
from xpgrad.functions.elementwise import is_operand
from xpgrad.functions.inplace import augmented, augmented_scaled, augmented_with_two, inplace_of, lerp_of
from xpgrad.tensor.conversion import tensor


class ArithmeticMethods(TensorBase):
    """Arithmetic and elementwise functions."""

    __slots__ = ()

    add = arithmetic.add
    sub = subtract = arithmetic.sub
    mul = multiply = arithmetic.mul
    div = divide = arithmetic.div
    true_divide = arithmetic.true_divide
    floor_divide = arithmetic.floor_divide
    remainder = arithmetic.remainder
    pow = arithmetic.pow
    neg = negative = arithmetic.neg
    square = arithmetic.square
    reciprocal = arithmetic.reciprocal
    addcmul = arithmetic.addcmul
    addcdiv = arithmetic.addcdiv
    lerp = arithmetic.lerp

    abs = absolute = pointwise.abs
    sign = pointwise.sign
    sqrt = pointwise.sqrt
    rsqrt = pointwise.rsqrt
    exp = pointwise.exp
    exp2 = pointwise.exp2
    expm1 = pointwise.expm1
    log = pointwise.log
    log2 = pointwise.log2
    log10 = pointwise.log10
    log1p = pointwise.log1p
    logaddexp = pointwise.logaddexp
    sin = pointwise.sin
    cos = pointwise.cos
    tan = pointwise.tan
    asin = arcsin = pointwise.asin
    acos = arccos = pointwise.acos
    atan = arctan = pointwise.atan
    atan2 = arctan2 = pointwise.atan2
    sinh = pointwise.sinh
    cosh = pointwise.cosh
    tanh = pointwise.tanh
    asinh = arcsinh = pointwise.asinh
    acosh = arccosh = pointwise.acosh
    atanh = arctanh = pointwise.atanh
    hypot = pointwise.hypot
    floor = pointwise.floor
    ceil = pointwise.ceil
    trunc = fix = pointwise.trunc
    round = pointwise.round
    erf = pointwise.erf
    erfc = pointwise.erfc
    erfinv = pointwise.erfinv
    lgamma = pointwise.lgamma
    digamma = pointwise.digamma
    sigmoid = pointwise.sigmoid
    relu = pointwise.relu
    prelu = activation.prelu
    hardshrink = activation.hardshrink
    maximum = pointwise.maximum
    minimum = pointwise.minimum
    copysign = pointwise.copysign
    clamp = clip = pointwise.clamp
    clamp_min = pointwise.clamp_min
    clamp_max = pointwise.clamp_max
    masked_fill = pointwise.masked_fill
    nan_to_num = pointwise.nan_to_num
    conj = pointwise.conj
    sgn = composed.sgn
    fmod = composed.fmod
    fmax = composed.fmax
    fmin = composed.fmin
    float_power = composed.float_power
    xlogy = special.xlogy
    heaviside = composed.heaviside
    ldexp = composed.ldexp
    frac = composed.frac
    sinc = pointwise.sinc
    deg2rad = composed.deg2rad
    rad2deg = composed.rad2deg
    logit = composed.logit
    angle = composed.angle
    nextafter = pointwise.nextafter

    resolve_conj = types.resolve_conj
    resolve_neg = types.resolve_neg

    def where(self, condition: Any, other: Any) -> Any:
        """The elements where ``condition``, else those of ``other``."""
        return pointwise.where(condition, self, other)

    @property
    def real(self) -> Any:
        """The real parts, a view; a real tensor itself."""
        return strides.real(self)

    @property
    def imag(self) -> Any:
        """The imaginary parts, a view.

        Raises:
            DtypeError: The tensor is real.
        """
        return strides.imag(self)

    eq = comparison.eq
    ne = not_equal = comparison.ne
    lt = less = comparison.lt
    le = less_equal = comparison.le
    gt = greater = comparison.gt
    ge = greater_equal = comparison.ge
    equal = comparison.equal
    isclose = comparison.isclose
    allclose = comparison.allclose
    isnan = comparison.isnan
    isinf = comparison.isinf
    isfinite = comparison.isfinite
    logical_and = comparison.logical_and
    logical_or = comparison.logical_or
    logical_xor = comparison.logical_xor
    logical_not = comparison.logical_not
    bitwise_and = comparison.bitwise_and
    bitwise_or = comparison.bitwise_or
    bitwise_xor = comparison.bitwise_xor
    bitwise_not = comparison.bitwise_not
    bitwise_left_shift = comparison.bitwise_left_shift
    bitwise_right_shift = comparison.bitwise_right_shift
    signbit = comparison.signbit
    isposinf = composed.isposinf
    isneginf = composed.isneginf
    isreal = composed.isreal


class ReductionMethods(TensorBase):
    """Reductions, sorting and searching."""

    __slots__ = ()

    sum = reduction.sum
    mean = reduction.mean
    prod = reduction.prod
    var = reduction.var
    std = reduction.std
    amax = extrema.amax
    amin = extrema.amin
    max = extrema.max
    min = extrema.min
    argmax = extrema.argmax
    argmin = extrema.argmin
    all = reduction.all
    any = reduction.any
    count_nonzero = reduction.count_nonzero
    cumsum = cumulative.cumsum
    cumprod = cumulative.cumprod
    cummax = cumulative.cummax
    cummin = cumulative.cummin
    logcumsumexp = cumulative.logcumsumexp
    logsumexp = reduction.logsumexp
    softmax = reduction.softmax
    log_softmax = reduction.log_softmax
    sort = sorting.sort
    argsort = sorting.argsort
    topk = sorting.topk
    aminmax = extrema.aminmax
    nansum = reduction.nansum
    nanmean = reduction.nanmean
    sum_to_size = reduction.sum_to_size
    hash_tensor = segments.hash_tensor
    kthvalue = ranks.kthvalue
    median = ranks.median
    msort = sorting.msort
    quantile = ranks.quantile
    nanquantile = ranks.nanquantile
    nanmedian = ranks.nanmedian
    mode = ranks.mode
    bincount = counting.bincount
    histc = counting.histc
    histogram = counting.histogram
    unique = distinct.unique
    unique_consecutive = distinct.unique_consecutive
    diff = differences.diff
    cov = covariance.cov
    corrcoef = covariance.corrcoef


class ShapeMethods(TensorBase):
    """Shapes, parts and products."""

    __slots__ = ()

    reshape = shape.reshape
    reshape_as = shape.reshape_as
    view_as = shape.view_as
    flatten = shape.flatten
    unflatten = shape.unflatten
    ravel = shape.ravel
    permute = reordering.permute
    transpose = reordering.transpose
    swapaxes = reordering.swapaxes
    swapdims = reordering.transpose
    t = reordering.t
    movedim = moveaxis = reordering.movedim
    unsqueeze = shape.unsqueeze
    squeeze = shape.squeeze
    expand = broadcasting.expand
    expand_as = broadcasting.expand_as
    broadcast_to = broadcasting.broadcast_to
    repeat = broadcasting.repeat
    tile = broadcasting.tile
    repeat_interleave = broadcasting.repeat_interleave
    flip = reordering.flip
    fliplr = reordering.fliplr
    flipud = reordering.flipud
    roll = reordering.roll
    split = cutting.split
    chunk = cutting.chunk
    tensor_split = cutting.tensor_split
    unbind = cutting.unbind
    select = cutting.select
    narrow = cutting.narrow
    tril = triangles.tril
    triu = triangles.triu
    contiguous = shape.contiguous

    view = shape.view
    as_strided = strides.as_strided
    unfold = strides.unfold
    to_sparse = unsupported.to_sparse
    to_sparse_csr = unsupported.to_sparse_csr
    coalesce = unsupported.coalesce
    refine_names = unsupported.refine_names
    rename = unsupported.rename
    align_to = unsupported.align_to
    align_as = unsupported.align_as
    names = unsupported.names
    storage = unsupported.storage
    untyped_storage = unsupported.untyped_storage
    dequantize = unsupported.dequantize
    to_padded_tensor = unsupported.to_padded_tensor
    as_strided_scatter = copies.as_strided_scatter
    narrow_copy = copies.narrow_copy
    split_with_sizes = cutting.split_with_sizes
    unsafe_split = copies.unsafe_split
    unsafe_split_with_sizes = copies.unsafe_split_with_sizes
    unsafe_chunk = copies.unsafe_chunk
    dsplit = matrices.dsplit

    @property
    def T(self) -> Any:  # noqa: N802  (PyTorch's and the standard's name)
        """The dimensions reversed."""
        return reordering.reverse_dims(self)

    @property
    def mT(self) -> Any:  # noqa: N802
        """The last two dimensions exchanged."""
        return linalg.matrix_transpose(self)

    matmul = linalg.matmul
    mm = linalg.mm
    mv = linalg.mv
    bmm = linalg.bmm
    dot = linalg.dot
    inner = linalg.inner
    outer = ger = linalg.outer
    diag = linalg.diag
    vdot = matrices.vdot
    kron = matrices.kron
    diagonal = matrices.diagonal
    diag_embed = matrices.diag_embed
    diagflat = matrices.diagflat
    diagonal_scatter = matrices.diagonal_scatter
    trace = matrices.trace
    hsplit = matrices.hsplit
    vsplit = matrices.vsplit
    rot90 = matrices.rot90
    adjoint = matrices.adjoint

    @property
    def H(self) -> Any:  # noqa: N802
        """A matrix transposed and conjugated.

        Raises:
            ShapeError: It is no matrix.
        """
        if self._array.ndim not in (0, 2):
            raise ShapeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self._array.ndim}-D tensor.")
        return matrices.adjoint(self) if self._array.ndim else pointwise.conj(self)

    @property
    def mH(self) -> Any:  # noqa: N802
        """The last two dimensions exchanged, conjugated."""
        return matrices.adjoint(self)

    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    gather = scattering.gather
    scatter = scattering.scatter
    scatter_add = scattering.scatter_add
    scatter_reduce = scattering.scatter_reduce
    index_select = selection.index_select
    masked_select = selection.masked_select
    take = scattering.take
    take_along_dim = scattering.take_along_dim
    put = scattering.put
    nonzero = coordinates.nonzero
    nonzero_static = coordinates.nonzero_static
    argwhere = coordinates.argwhere
    index_put = indexing.index_put
    index_add = slices.index_add
    index_copy = slices.index_copy
    index_fill = slices.index_fill
    index_reduce = slices.index_reduce
    masked_scatter = selection.masked_scatter
    select_scatter = selection.select_scatter
    slice_scatter = selection.slice_scatter

    def __iter__(self) -> Iterator[Any]:
        if self._array.ndim == 0:
            raise ArgumentTypeError("iteration over a 0-d tensor")
        return iter(cutting.unbind(self))

    def __reversed__(self) -> Any:
        return reordering.flip(self, 0) if self._array.ndim else self

    def __contains__(self, value: Any) -> bool:
        if not is_operand(value):
            raise ArgumentTypeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(value)}."
            )
        return bool(comparison.eq(self, value).any())


class MatrixMethods(TensorBase):
    """Linear algebra."""

    __slots__ = ()

    addmm = affine.addmm
    addmv = affine.addmv
    addr = affine.addr
    addbmm = affine.addbmm
    baddbmm = affine.baddbmm
    cholesky = decompositions.classic_cholesky
    qr = decompositions.classic_qr
    svd = decompositions.classic_svd
    geqrf = factorizations.geqrf
    lu = factorizations.classic_lu
    lu_solve = factorizations.classic_lu_solve
    orgqr = factorizations.orgqr
    ormqr = factorizations.ormqr
    cholesky_inverse = inverses.cholesky_inverse
    cholesky_solve = inverses.cholesky_solve
    inverse = inverses.inverse
    pinverse = inverses.pinverse
    triangular_solve = inverses.triangular_solve
    cross = matrix_functions.cross
    det = matrix_functions.classic_det
    logdet = matrix_functions.logdet
    matrix_exp = matrix_functions.matrix_exp
    matrix_power = matrix_functions.matrix_power
    slogdet = matrix_functions.classic_slogdet
    dist = norms.dist
    norm = norms.norm
    renorm = norms.renorm


class CreationMethods(TensorBase):
    """New tensors like this one."""

    __slots__ = ()

    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
        """``data`` in this tensor's dtype and on its device. Mirrors ``torch.Tensor.new_tensor``."""
        place = self._place
        wanted = dtype or place.dtype(self._array.dtype)
        return tensor(data, dtype=wanted, device=device or place.device, requires_grad=requires_grad)

    new_empty_strided = strides.new_empty_strided

    def new_zeros(
        self, *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Any:
        """Zeros in this tensor's dtype and on its device."""
        return creation.zeros(*sizes, size=size, **self._like(dtype, device), requires_grad=requires_grad)

    def new_ones(
        self, *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Any:
        """Ones in this tensor's dtype and on its device."""
        return creation.ones(*sizes, size=size, **self._like(dtype, device), requires_grad=requires_grad)

    def new_empty(
        self, *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Any:
        """Arbitrary values in this tensor's dtype and on its device."""
        return creation.empty(*sizes, size=size, **self._like(dtype, device), requires_grad=requires_grad)

    def new_full(
        self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Any:
        """``fill_value`` in this tensor's dtype and on its device."""
        return creation.full(size, fill_value, **self._like(dtype, device), requires_grad=requires_grad)

    def _like(self, dtype: Any, device: Any) -> dict[str, Any]:
        place = self._place
        return {"dtype": dtype or place.dtype(self._array.dtype), "device": device or place.device}

    bernoulli = sampling.bernoulli
    multinomial = sampling.multinomial


class InplaceMethods(TensorBase):
    """Functions that write their result into the tensor itself."""

    __slots__ = ()

    add_ = augmented_scaled(operator.iadd, inplace_of(arithmetic.add))
    sub_ = subtract_ = augmented_scaled(operator.isub, inplace_of(arithmetic.sub))
    mul_ = multiply_ = augmented(operator.imul, inplace_of(arithmetic.mul))
    div_ = divide_ = augmented(operator.itruediv, inplace_of(arithmetic.div))
    floor_divide_ = inplace_of(arithmetic.floor_divide)
    remainder_ = inplace_of(arithmetic.remainder)
    pow_ = inplace_of(arithmetic.pow)
    neg_ = negative_ = inplace_of(arithmetic.neg)
    square_ = inplace_of(arithmetic.square)
    reciprocal_ = inplace_of(arithmetic.reciprocal)
    addcmul_ = augmented_with_two(operator.mul, inplace_of(arithmetic.addcmul))
    addcdiv_ = augmented_with_two(operator.truediv, inplace_of(arithmetic.addcdiv))
    lerp_ = lerp_of(inplace_of(arithmetic.lerp))
    abs_ = absolute_ = inplace_of(pointwise.real_abs)
    sign_ = inplace_of(pointwise.sign)
    sqrt_ = inplace_of(pointwise.sqrt)
    rsqrt_ = inplace_of(pointwise.rsqrt)
    exp_ = inplace_of(pointwise.exp)
    log_ = inplace_of(pointwise.log)
    sin_ = inplace_of(pointwise.sin)
    cos_ = inplace_of(pointwise.cos)
    tanh_ = inplace_of(pointwise.tanh)
    sigmoid_ = inplace_of(pointwise.sigmoid)
    relu_ = inplace_of(pointwise.relu)
    floor_ = inplace_of(pointwise.floor)
    ceil_ = inplace_of(pointwise.ceil)
    round_ = inplace_of(pointwise.round)
    clamp_ = clip_ = inplace_of(pointwise.clamp)
    clamp_min_ = inplace_of(pointwise.clamp_min)
    clamp_max_ = inplace_of(pointwise.clamp_max)
    trunc_ = fix_ = inplace_of(pointwise.trunc)
    erf_ = inplace_of(pointwise.erf)
    exp2_ = inplace_of(pointwise.exp2)
    expm1_ = inplace_of(pointwise.expm1)
    log2_ = inplace_of(pointwise.log2)
    log10_ = inplace_of(pointwise.log10)
    log1p_ = inplace_of(pointwise.log1p)
    tan_ = inplace_of(pointwise.tan)
    atan_ = inplace_of(pointwise.atan)
    sinh_ = inplace_of(pointwise.sinh)
    cosh_ = inplace_of(pointwise.cosh)
    nan_to_num_ = inplace_of(pointwise.nan_to_num)
    fmod_ = inplace_of(composed.fmod)
    frac_ = inplace_of(composed.frac)
    eq_ = inplace_of(comparison.eq)
    ne_ = inplace_of(comparison.ne)
    lt_ = inplace_of(comparison.lt)
    le_ = inplace_of(comparison.le)
    gt_ = inplace_of(comparison.gt)
    ge_ = inplace_of(comparison.ge)
    logical_and_ = inplace_of(comparison.logical_and)
    logical_or_ = inplace_of(comparison.logical_or)
    logical_xor_ = inplace_of(comparison.logical_xor)
    logical_not_ = inplace_of(comparison.logical_not)
    bitwise_and_ = inplace_of(comparison.bitwise_and)
    bitwise_or_ = inplace_of(comparison.bitwise_or)
    bitwise_xor_ = inplace_of(comparison.bitwise_xor)
    bitwise_not_ = inplace_of(comparison.bitwise_not)
    cumsum_ = inplace_of(cumulative.cumsum)
    cumprod_ = inplace_of(cumulative.cumprod)
    addmm_ = inplace_of(affine.addmm)
    addmv_ = inplace_of(affine.addmv)
    addr_ = inplace_of(affine.addr)
    addbmm_ = inplace_of(affine.addbmm)
    baddbmm_ = inplace_of(affine.baddbmm)
    renorm_ = inplace_of(norms.renorm)
    tril_ = inplace_of(triangles.tril)
    triu_ = inplace_of(triangles.triu)
    masked_fill_ = filling.masked_fill_
    masked_scatter_ = inplace_of(selection.masked_scatter)
    index_put_ = inplace_of(indexing.index_put)
    index_add_ = inplace_of(slices.index_add)
    index_copy_ = inplace_of(slices.index_copy)
    index_fill_ = inplace_of(slices.index_fill)
    index_reduce_ = inplace_of(slices.index_reduce)
    put_ = inplace_of(scattering.put)
    fill_diagonal_ = inplace_of(selection.fill_diagonal)
    copy_ = filling.copy_
    fill_ = filling.fill_
    zero_ = filling.zero_
    scatter_ = inplace_of(scattering.scatter)
    scatter_add_ = inplace_of(scattering.scatter_add)
    scatter_reduce_ = inplace_of(scattering.scatter_reduce)
    t_ = turning.t_
    transpose_ = swapdims_ = turning.transpose_
    swapaxes_ = turning.swapaxes_
    unsqueeze_ = turning.unsqueeze_
    squeeze_ = turning.squeeze_
    as_strided_ = turning.as_strided_
    resize_ = turning.resize_
    resize_as_ = turning.resize_as_
    set_ = turning.set_
    bernoulli_ = refilling.bernoulli_
    cauchy_ = refilling.cauchy_
    exponential_ = refilling.exponential_
    geometric_ = refilling.geometric_
    log_normal_ = refilling.log_normal_
    normal_ = refilling.normal_
    random_ = refilling.random_
    uniform_ = refilling.uniform_
