"""Samples as functions of their parameters, of which they have no derivative: PyTorch's gradient is zero."""

from __future__ import annotations

from xpgrad.core.op import op


@op("Bernoulli")
def sampled(xp, x, /, *, sample):
    """``sample``, which was drawn with the parameters ``x``."""
    return sample

@sampled.vjp("x")
def _(xp, g): return xp.zeros_like(g)


bernoulli = sampled
normal = sampled.named("NormalBackward1")
normal_of_std = sampled.named("NormalBackward2")
poisson = sampled.named("Poisson")


@op("NormalBackward3")
def normal_of_both(xp, mean, std, /, *, sample):
    """``sample``, which was drawn with ``mean`` and ``std``."""
    return sample

@normal_of_both.vjp("mean")
def _(xp, g): return xp.zeros_like(g)

@normal_of_both.vjp("std")
def _(xp, g): return xp.zeros_like(g)
