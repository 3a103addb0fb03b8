"""Every in-place method against the one that is not in place: on whole tensors, in a graph, and through a view."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.programs.running import VARIABLES, names_in, run_backward, weights_for
from xpgrad.testing.conformance.subject import Host, Subject, agree, identical

LEVEL = Level("in-place")

# Calls on the variables of the programs, each of which keeps the shape of the tensor it is called on.
CALLS: Final = """
x.abs_()   u.acos_()   (p+1).acosh_()   x.add_(y)   x.add_(p,alpha=2)   x.addcdiv_(x,p)   x.addcmul_(p,u,value=2)
u.asin_()   x.asinh_()   x.atan_()   x.atan2_(p)   u.atanh_()   i.bitwise_and_(3)   i.bitwise_left_shift_(1)
i.bitwise_not_()   i.bitwise_or_(n)   i.bitwise_right_shift_(1)   i.bitwise_xor_(n)   x.ceil_()   x.clamp_(-0.5,0.5)
x.clamp_max_(0.1)   x.clamp_min_(y)   x.copysign_(p)   x.cos_()   x.cosh_()   x.cumprod_(1)   x.cumsum_(0)
x.deg2rad_()   p.digamma_()   x.div_(p)   x.div_(2)   x.eq_(0.0)   x.erf_()   x.erfc_()   u.erfinv_()   x.exp_()
x.exp2_()   x.expm1_()   x.fix_()   p.float_power_(1)   x.floor_()   i.floor_divide_(2)   x.fmod_(2)   x.frac_()
i.gcd_(n)   x.ge_(0)   x.gt_(y)   x.heaviside_(y)   x.hypot_(p)   x.i0_()   x.index_add_(0,k[:2]%3,p[:2])
x.index_copy_(0,k[1:3],p[:2])   x.index_fill_(0,k[:2],2.0)   x.index_put_((k[:2],),y)   i.lcm_(n)   x.ldexp_(n)
x.le_(0)   x.lerp_(p,0.3)   p.lgamma_()   p.log_()   p.log10_()   p.log1p_()   p.log2_()   m.logical_and_(i)
m.logical_not_()   m.logical_or_(i)   m.logical_xor_(i)   x.lt_(y)   x.masked_fill_(m,3.0)   x.masked_scatter_(m,p)
x.mul_(y)   x.mul_(2)   x.nan_to_num_(1.0)   x.ne_(0)   x.neg_()   x.pow_(2)   p.pow_(u)   x.put_(k[:2],y[:2])
x.rad2deg_()   p.reciprocal_()   x.relu_()   x.remainder_(1.5)   x.renorm_(2,0,1.0)   x.round_()   p.rsqrt_()
x.scatter_(1,j,p)   x.scatter_(1,j,2.0)   x.scatter_add_(1,j,p)   x.sgn_()   x.sigmoid_()   x.sign_()   x.sin_()
x.sinc_()   x.sinh_()   p.sqrt_()   x.square_()   x.sub_(y)   x.tan_()   x.tanh_()   x.tril_()   x.triu_(1)   x.trunc_()
x.xlogy_(p)   z.mul_(2j)   z.conj_physical_()   i.add_(n)   n.mul_(2)
"""
_CALL: Final = re.compile(r"\(?(\w)(\+1)?\)?\.(\w+)_\((.*)\)")


@dataclass(frozen=True)
class Call:
    """One of `CALLS`.

    Attributes:
        target: The variable it is called on.
        shift: What is added to that first.
        method: Its name, without the underscore.
        arguments: As they are written.
    """

    target: str
    shift: int
    method: str
    arguments: str

    @property
    def name(self) -> str:
        """What the checks are called by."""
        return f"{self.method}_({self.arguments})" if self.arguments else f"{self.method}_"

    @property
    def value(self) -> Host:
        """The values of the target."""
        array: Host = np.asarray(VARIABLES[self.target] + self.shift, VARIABLES[self.target].dtype)
        return array

    @property
    def names(self) -> list[str]:
        """The variables among the arguments."""
        return sorted(names_in(f"_({self.arguments})") & VARIABLES.keys())

    @property
    def recorded(self) -> bool:
        """Whether a gradient can be asked for."""
        return self.value.dtype.kind in "fc" and self.method not in _UNRECORDED

    def needs(self) -> set[str]:
        """The dtypes of the variables, that of indices, and the one in which ``float_power`` computes."""
        wide = {"float64"} if self.method == "float_power" else set()
        return {"int64", *wide, *(VARIABLES[name].dtype.name for name in (self.target, *self.names))}

    def on(self, target: Any, scope: dict[str, Any], *, in_place: bool) -> Any:
        """The result of the call on ``target``, its arguments being in ``scope``."""
        text = f"target.{self.method}{'_' * in_place}({self.arguments})"
        return eval(text, {"target": target, **scope})


# Whose results are constant.
_UNRECORDED: Final = {"eq", "ge", "gt", "heaviside", "le", "lt", "ne"}


def _calls() -> dict[str, Call]:
    found = {}
    for text in CALLS.split():
        match = _CALL.fullmatch(text)
        assert match is not None, text
        target, shift, method, arguments = match.groups()
        call = Call(target, int(bool(shift)), method, arguments)
        found[f"{call.name}{f'/{target}' * (target != 'x' and method in ('add', 'mul'))}"] = call
    return found


METHODS: Final = _calls()


@LEVEL.each(METHODS, "whole", needs=Call.needs)
def writes_what_the_other_gives(subject: Subject, call: Call) -> None:
    """The method gives the tensor itself, with the values of its twin; aliases see it, arguments do not change."""
    with subject.using():
        scope = _scope(subject, call, grad=False)
        target = subject.tensor(call.value)
        alias = target.detach()
        expected = subject.host(call.on(subject.tensor(call.value), scope, in_place=False)).astype(call.value.dtype)
        result = call.on(target, scope, in_place=True)
    assert result is target, f"{call.name}: expected the tensor itself, got another"
    identical(subject.host(target), expected, call.name)
    identical(subject.host(alias), expected, f"{call.name}: an alias")
    assert target._version == alias._version == 1, f"{call.name}: expected version 1, got {target._version}"
    for name, argument in scope.items():
        identical(subject.host(argument), VARIABLES[name], f"{call.name}: the argument {name} afterwards")


@LEVEL.each({name: call for name, call in METHODS.items() if call.recorded}, "gradient", needs=Call.needs)
def gradients_are_those_of_the_other(subject: Subject, call: Call) -> None:
    """What was there before and the arguments get the gradients that they get from the method's twin."""
    found, expected = (_gradients(subject, call, in_place=in_place) for in_place in (True, False))
    for name, right in expected.items():
        agree(found[name], right, 1e-5, f"{call.name}: the gradient of {name}")


@LEVEL.each(METHODS, "view-of-columns", needs=Call.needs)
def writes_through_a_view(subject: Subject, call: Call) -> None:
    """Called on every second column of a tensor it changes those alone, and gradients take the same way."""
    inside = call.value
    whole = np.stack([inside, inside], axis=2).reshape(inside.shape[0], -1)
    with subject.using():
        scope = _scope(subject, call, grad=False)
        expected, part = whole.copy(), subject.tensor(inside, requires_grad=call.recorded)
        twin = call.on(part * 1 if call.recorded else part, scope, in_place=False)
        expected[:, 1::2] = subject.host(twin.detach()).astype(inside.dtype)
        leaf = subject.tensor(whole, requires_grad=call.recorded)
        base = leaf * 1 if call.recorded else leaf.clone()
        call.on(base[:, 1::2], scope, in_place=True)
        identical(subject.host(base.detach()), expected, f"{call.name} on every second column")
        if call.recorded:
            run_backward(xpgrad, [base])
            sent = subject.host(weights_for(xpgrad, [base])[0]).copy()
            twin.backward(subject.tensor(np.ascontiguousarray(sent[:, 1::2])))
            sent[:, 1::2] = subject.host(part.grad)
            agree(subject.host(leaf.grad), sent, 1e-5, f"{call.name} on every second column: the gradient of all")


def _scope(subject: Subject, call: Call, *, grad: bool) -> dict[str, Any]:
    return {
        name: subject.tensor(VARIABLES[name], requires_grad=grad and VARIABLES[name].dtype.kind in "fc")
        for name in call.names
    }


def _gradients(subject: Subject, call: Call, *, in_place: bool) -> dict[str, Host]:
    with subject.using():
        scope = _scope(subject, call, grad=True)
        target = subject.tensor(call.value, requires_grad=True)
        run_backward(xpgrad, [call.on(target * 1, scope, in_place=in_place)])
    leaves = {"the tensor": target, **{name: x for name, x in scope.items() if x.requires_grad}}
    return {
        name: np.zeros(tuple(x.shape), np.float32) if x.grad is None else subject.host(x.grad)
        for name, x in leaves.items()
    }
