"""What one does with modules: convert, clip, flatten and fuse them."""

from __future__ import annotations

import copy
import math
from typing import Any

from xpgrad import nn
from xpgrad.backends.dtypes import float16, float64
from xpgrad.core.grad_mode import no_grad
from xpgrad.nn import utils
from xpgrad.testing.conformance.experiments import Experiments, given, moved
from xpgrad.testing.conformance.layers.layer import L4, V
from xpgrad.testing.conformance.subject import Subject

UTILITIES = Experiments()


def _net(here: Subject) -> Any:
    return moved(here, lambda: nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2)))


def _with_gradients(here: Subject) -> Any:
    net = _net(here)
    net(given(here, V)).square().sum().backward()
    return net


def _gradients(net: Any) -> Any:
    return {name: p.grad for name, p in net.named_parameters()}


@UTILITIES.add("Module.to")
def _(here: Subject) -> Any:
    net = _with_gradients(here).to(here.place.device)
    return {"state": net.state_dict(), "gradient": _gradients(net)}


@UTILITIES.add("Module.double", needs=["float64"])
def _(here: Subject) -> Any:
    net = _net(here).double()
    out = net(given(here, V).double())
    out.sum().backward()
    return {"out": out, "gradient": _gradients(net), "dtype": out.dtype is float64}


@UTILITIES.add("Module.half", needs=["float16"], tolerance=2e-2)
def _(here: Subject) -> Any:
    net = moved(here, lambda: nn.Sequential(nn.Linear(6, 4), nn.Tanh())).half()
    out = net(given(here, V).half())
    out.sum().backward()
    return {"out": out, "gradient": _gradients(net), "dtype": out.dtype is float16}


@UTILITIES.add("Module.requires_grad_")
def _(here: Subject) -> Any:
    net = _net(here)
    net[0].requires_grad_(False)
    net(given(here, V)).sum().backward()
    return [p.grad for p in net.parameters()]


@UTILITIES.add("Module.apply")
def _(here: Subject) -> Any:
    @no_grad()
    def double(module: Any) -> None:
        if isinstance(module, nn.Linear):
            module.weight.mul_(2).add_(0.5)

    return _net(here).apply(double)(given(here, V))


@UTILITIES.add("Module.zero_grad")
def _(here: Subject) -> Any:
    net = _with_gradients(here)
    net.zero_grad(set_to_none=False)
    zeros = {name: g.clone() for name, g in _gradients(net).items()}
    net.zero_grad()
    return {"zeros": zeros, "none": _gradients(net)}


@UTILITIES.add("Module.load_state_dict,assign")
def _(here: Subject) -> Any:
    first, second = _net(here), _net(here)
    second.load_state_dict(first.state_dict(), assign=True)
    return second.eval()(given(here, V))


@UTILITIES.add("deepcopy")
def _(here: Subject) -> Any:
    net = _with_gradients(here)
    twin = copy.deepcopy(net)
    with no_grad():
        net[0].weight.zero_()
    return {"state": twin.state_dict(), "gradient": _gradients(twin)}


for _norm in (1.0, 2.0, math.inf):

    @UTILITIES.add(f"clip_grad_norm_,{_norm:g}")
    def _(here: Subject, norm: float = _norm) -> Any:
        net = _with_gradients(here)
        return {"norm": utils.clip_grad_norm_(net.parameters(), 0.5, norm), "clipped": _gradients(net)}


@UTILITIES.add("clip_grad_value_")
def _(here: Subject) -> Any:
    net = _with_gradients(here)
    utils.clip_grad_value_(net.parameters(), 0.3)
    return _gradients(net)


@UTILITIES.add("get_total_norm")
def _(here: Subject) -> Any:
    net = _with_gradients(here)
    gradients = [p.grad for p in net.parameters()]
    norm = utils.get_total_norm(gradients)
    utils.clip_grads_with_norm_(net.parameters(), 0.5, norm)
    return {"norm": norm, "clipped": _gradients(net)}


@UTILITIES.add("parameters_to_vector")
def _(here: Subject) -> Any:
    net = _net(here)
    vector = utils.parameters_to_vector(net.parameters())
    (vector * vector).sum().backward()
    utils.vector_to_parameters(vector.detach() * 2, net.parameters())
    return {"vector": vector, "gradient": _gradients(net), "doubled": net.state_dict()}


@UTILITIES.add("fuse_conv_bn_eval")
def _(here: Subject) -> Any:
    conv, norm = moved(here, lambda: nn.ModuleList([nn.Conv2d(4, 3, 2), nn.BatchNorm2d(3)]))
    norm(conv(given(here, L4)))
    return utils.fuse_conv_bn_eval(conv.eval(), norm.eval())(given(here, L4))


@UTILITIES.add("fuse_linear_bn_eval")
def _(here: Subject) -> Any:
    linear, norm = moved(here, lambda: nn.ModuleList([nn.Linear(6, 3), nn.BatchNorm1d(3)]))
    norm(linear(given(here, V)))
    return utils.fuse_linear_bn_eval(linear.eval(), norm.eval())(given(here, V))
