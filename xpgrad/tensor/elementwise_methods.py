"""Elementwise functions as methods, continued: special functions, spectra, and what is written in place."""

from __future__ import annotations

from xpgrad.core.tensor_base import TensorBase
from xpgrad.functions import arithmetic, comparison, composed, pointwise, special, spectrogram
from xpgrad.functions.inplace import inplace_of


class SpecialMethods(TensorBase):
    """Special functions and spectra."""

    __slots__ = ()

    positive = arithmetic.positive
    conj_physical = pointwise.conj_physical
    logaddexp2 = pointwise.logaddexp2
    frexp = composed.frexp
    gcd = comparison.gcd
    lcm = comparison.lcm
    i0 = special.i0
    igamma = special.igamma
    igammac = special.igammac
    mvlgamma = special.mvlgamma
    polygamma = special.polygamma
    stft = spectrogram.stft
    istft = spectrogram.istft


class ElementwiseInplaceMethods(TensorBase):
    """Elementwise functions that write their result into the tensor itself."""

    __slots__ = ()

    acos_ = arccos_ = inplace_of(pointwise.acos)
    acosh_ = arccosh_ = inplace_of(pointwise.acosh)
    asin_ = arcsin_ = inplace_of(pointwise.asin)
    asinh_ = arcsinh_ = inplace_of(pointwise.asinh)
    arctan_ = inplace_of(pointwise.atan)
    atan2_ = arctan2_ = inplace_of(pointwise.atan2)
    atanh_ = arctanh_ = inplace_of(pointwise.atanh)
    bitwise_left_shift_ = inplace_of(comparison.bitwise_left_shift)
    bitwise_right_shift_ = inplace_of(comparison.bitwise_right_shift)
    conj_physical_ = inplace_of(pointwise.conj_physical)
    copysign_ = inplace_of(pointwise.copysign)
    deg2rad_ = inplace_of(composed.deg2rad)
    digamma_ = inplace_of(pointwise.digamma)
    erfc_ = inplace_of(pointwise.erfc)
    erfinv_ = inplace_of(pointwise.erfinv)
    float_power_ = inplace_of(composed.float_power)
    gcd_ = inplace_of(comparison.gcd)
    greater_ = inplace_of(comparison.gt)
    greater_equal_ = inplace_of(comparison.ge)
    heaviside_ = inplace_of(composed.heaviside)
    hypot_ = inplace_of(pointwise.hypot)
    i0_ = inplace_of(special.i0)
    igamma_ = inplace_of(special.igamma)
    igammac_ = inplace_of(special.igammac)
    lcm_ = inplace_of(comparison.lcm)
    ldexp_ = inplace_of(composed.ldexp)
    less_ = inplace_of(comparison.lt)
    less_equal_ = inplace_of(comparison.le)
    lgamma_ = inplace_of(pointwise.lgamma)
    logit_ = inplace_of(composed.logit)
    mvlgamma_ = inplace_of(special.mvlgamma)
    nextafter_ = inplace_of(pointwise.nextafter)
    not_equal_ = inplace_of(comparison.ne)
    polygamma_ = inplace_of(special.polygamma)
    rad2deg_ = inplace_of(composed.rad2deg)
    sgn_ = inplace_of(composed.sgn)
    sinc_ = inplace_of(pointwise.sinc)
    true_divide_ = inplace_of(arithmetic.true_divide)
    xlogy_ = inplace_of(special.xlogy)
