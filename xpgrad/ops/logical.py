"""Logic on booleans and on the bits of integers, elementwise."""

from __future__ import annotations

from xpgrad.core.op import op


@op("LogicalAnd", differentiable=False)
def logical_and(xp, x, y, /):
    """Whether both are true."""
    return xp.logical_and(x, y)


@op("LogicalOr", differentiable=False)
def logical_or(xp, x, y, /):
    """Whether at least one is true."""
    return xp.logical_or(x, y)


@op("LogicalXor", differentiable=False)
def logical_xor(xp, x, y, /):
    """Whether exactly one is true."""
    return xp.logical_xor(x, y)


@op("LogicalNot", differentiable=False)
def logical_not(xp, x, /):
    """Whether ``x`` is false."""
    return xp.logical_not(x)


@op("BitwiseAnd", differentiable=False)
def bitwise_and(xp, x, y, /):
    """The bits set in both."""
    return xp.bitwise_and(x, y)


@op("BitwiseOr", differentiable=False)
def bitwise_or(xp, x, y, /):
    """The bits set in at least one."""
    return xp.bitwise_or(x, y)


@op("BitwiseXor", differentiable=False)
def bitwise_xor(xp, x, y, /):
    """The bits set in exactly one."""
    return xp.bitwise_xor(x, y)


@op("BitwiseNot", differentiable=False)
def bitwise_invert(xp, x, /):
    """Every bit of ``x`` flipped."""
    return xp.bitwise_invert(x)


@op("BitwiseLeftShift", differentiable=False)
def bitwise_left_shift(xp, x, y, /):
    """The bits of ``x`` moved ``y`` places towards the highest."""
    return xp.bitwise_left_shift(x, y)


@op("BitwiseRightShift", differentiable=False)
def bitwise_right_shift(xp, x, y, /):
    """The bits of ``x`` moved ``y`` places towards the lowest, the sign bit filling up."""
    return xp.bitwise_right_shift(x, y)
