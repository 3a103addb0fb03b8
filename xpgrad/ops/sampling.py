"""Samples as functions of their parameters, of which they have no derivative: PyTorch's gradient is zero."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Bernoulli", constants=("sample",))
def sampled(xp, sample, x, /):
    """``sample``, which was drawn with the parameters ``x``."""
    return xp.asarray(sample, copy=True)

@sampled.vjp("x")
def _(xp, g): return xp.zeros_like(g)


bernoulli = sampled
normal_of_mean = sampled.named("NormalBackward1")
normal_of_std = sampled.named("NormalBackward2")
poisson = sampled.named("Poisson")


@op("NormalBackward3", constants=("sample",))
def normal_of_both(xp, sample, mean, std, /):
    """``sample``, which was drawn with ``mean`` and ``std``."""
    return xp.asarray(sample, copy=True)

@normal_of_both.vjp("mean")
def _(xp, g): return xp.zeros_like(g)

@normal_of_both.vjp("std")
def _(xp, g): return xp.zeros_like(g)
