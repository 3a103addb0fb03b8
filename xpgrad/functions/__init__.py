"""PyTorch-flavoured functions, by subject: ``dim``, ``keepdim``, ``out=`` and type promotion happen here."""

from xpgrad.functions import (
    activation,
    affine,
    arithmetic,
    broadcasting,
    comparison,
    composed,
    contraction,
    coordinates,
    copies,
    counting,
    covariance,
    creation,
    cumulative,
    cutting,
    decompositions,
    differences,
    distance,
    distinct,
    eigensolver,
    extrema,
    factorizations,
    filling,
    generator,
    hints,
    indexing,
    inverses,
    joining,
    layouts,
    linalg,
    low_rank,
    matrices,
    matrix_functions,
    norms,
    pointwise,
    random,
    ranks,
    reduction,
    reordering,
    sampling,
    scattering,
    searching,
    segments,
    selection,
    shape,
    slices,
    sorting,
    special,
    spectrogram,
    strides,
    triangles,
    turning,
    types,
    unsupported,
    windows,
)
from xpgrad.functions.activation import *
from xpgrad.functions.affine import *
from xpgrad.functions.arithmetic import *
from xpgrad.functions.broadcasting import *
from xpgrad.functions.comparison import *
from xpgrad.functions.composed import *
from xpgrad.functions.contraction import *
from xpgrad.functions.coordinates import *
from xpgrad.functions.copies import *
from xpgrad.functions.counting import *
from xpgrad.functions.covariance import *
from xpgrad.functions.creation import *
from xpgrad.functions.cumulative import *
from xpgrad.functions.cutting import *
from xpgrad.functions.decompositions import *
from xpgrad.functions.differences import *
from xpgrad.functions.distance import *
from xpgrad.functions.distinct import *
from xpgrad.functions.eigensolver import *
from xpgrad.functions.extrema import *
from xpgrad.functions.factorizations import *
from xpgrad.functions.filling import *
from xpgrad.functions.generator import *
from xpgrad.functions.hints import *
from xpgrad.functions.indexing import *
from xpgrad.functions.inverses import *
from xpgrad.functions.joining import *
from xpgrad.functions.layouts import *
from xpgrad.functions.linalg import *
from xpgrad.functions.low_rank import *
from xpgrad.functions.matrices import *
from xpgrad.functions.matrix_functions import *
from xpgrad.functions.norms import *
from xpgrad.functions.pointwise import *
from xpgrad.functions.random import *
from xpgrad.functions.ranks import *
from xpgrad.functions.reduction import *
from xpgrad.functions.reordering import *
from xpgrad.functions.sampling import *
from xpgrad.functions.scattering import *
from xpgrad.functions.searching import *
from xpgrad.functions.segments import *
from xpgrad.functions.selection import *
from xpgrad.functions.shape import *
from xpgrad.functions.slices import *
from xpgrad.functions.sorting import *
from xpgrad.functions.special import *
from xpgrad.functions.spectrogram import *
from xpgrad.functions.strides import *
from xpgrad.functions.triangles import *
from xpgrad.functions.turning import *
from xpgrad.functions.types import *
from xpgrad.functions.unsupported import *
from xpgrad.functions.windows import *

# What `torch` has: each module's own list.
__all__: list[str] = []
__all__ += activation.__all__
__all__ += affine.__all__
__all__ += arithmetic.__all__
__all__ += comparison.__all__
__all__ += composed.__all__
__all__ += coordinates.__all__
__all__ += copies.__all__
__all__ += counting.__all__
__all__ += covariance.__all__
__all__ += creation.__all__
__all__ += cumulative.__all__
__all__ += decompositions.__all__
__all__ += differences.__all__
__all__ += distance.__all__
__all__ += distinct.__all__
__all__ += contraction.__all__
__all__ += extrema.__all__
__all__ += factorizations.__all__
__all__ += filling.__all__
__all__ += generator.__all__
__all__ += hints.__all__
__all__ += indexing.__all__
__all__ += inverses.__all__
__all__ += layouts.__all__
__all__ += linalg.__all__
__all__ += eigensolver.__all__
__all__ += low_rank.__all__
__all__ += matrices.__all__
__all__ += matrix_functions.__all__
__all__ += norms.__all__
__all__ += pointwise.__all__
__all__ += random.__all__
__all__ += ranks.__all__
__all__ += reduction.__all__
__all__ += sampling.__all__
__all__ += scattering.__all__
__all__ += searching.__all__
__all__ += segments.__all__
__all__ += selection.__all__
__all__ += shape.__all__
__all__ += reordering.__all__
__all__ += broadcasting.__all__
__all__ += joining.__all__
__all__ += cutting.__all__
__all__ += triangles.__all__
__all__ += slices.__all__
__all__ += sorting.__all__
__all__ += special.__all__
__all__ += spectrogram.__all__
__all__ += strides.__all__
__all__ += turning.__all__
__all__ += types.__all__
__all__ += unsupported.__all__
__all__ += windows.__all__
