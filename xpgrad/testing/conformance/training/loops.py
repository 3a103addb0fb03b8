"""What training loops do besides steps: accumulate, clear, freeze, evaluate, and compute again."""

from __future__ import annotations

from typing import Any

from xpgrad import nn, optim
from xpgrad.autograd import grad
from xpgrad.core.grad_mode import inference_mode, no_grad
from xpgrad.nn import utils
from xpgrad.testing.conformance.experiments import Experiments, given, moved
from xpgrad.testing.conformance.layers.layer import classes, normal
from xpgrad.testing.conformance.subject import Subject
from xpgrad.utils.checkpoint import checkpoint, checkpoint_sequential

LOOPS = Experiments()

X, Y = normal(8, 5), classes(3, 8)


def _net(here: Subject, *, dropout: float = 0.0) -> Any:
    return moved(here, lambda: nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Dropout(dropout), nn.Linear(6, 3)))


def _loss(here: Subject, net: Any, part: slice = slice(None), **settings: Any) -> Any:
    return nn.functional.cross_entropy(net(given(here, X[part])), given(here, Y[part]), **settings)


def _gradients(net: Any) -> Any:
    return {name: p.grad for name, p in net.named_parameters()}


@LOOPS.add("accumulate")
def _(here: Subject) -> Any:
    """Two halves give what the whole gives."""
    whole, halves = _net(here), _net(here)
    halves.load_state_dict(whole.state_dict())
    _loss(here, whole, reduction="sum").backward()
    for part in (slice(4), slice(4, None)):
        _loss(here, halves, part, reduction="sum").backward()
    for one, two in zip(whole.parameters(), halves.parameters(), strict=True):
        assert one.grad.allclose(two.grad, atol=1e-5), f"the whole gives {one.grad}, its halves {two.grad}"
    return _gradients(halves)


@LOOPS.add("zero_grad")
def _(here: Subject) -> Any:
    net = _net(here)
    optimizer, seen = optim.SGD(net.parameters(), lr=0.1, momentum=0.5), []
    for set_to_none in (True, False, False):
        optimizer.zero_grad(set_to_none=set_to_none)
        seen.append([None if p.grad is None else p.grad.clone() for p in net.parameters()])
        _loss(here, net).backward()
        seen.append([p.grad.clone() for p in net.parameters()])
        optimizer.step()
    return {"gradient": seen, "state": net.state_dict()}


@LOOPS.add("frozen")
def _(here: Subject) -> Any:
    net = _net(here)
    net[0].requires_grad_(False)
    optimizer = optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        _loss(here, net).backward()
        optimizer.step()
    return net.state_dict()


@LOOPS.add("clipped")
def _(here: Subject) -> Any:
    net = _net(here)
    optimizer, norms = optim.SGD(net.parameters(), lr=0.5), []
    for foreach in (None, True, False):
        optimizer.zero_grad()
        _loss(here, net).backward()
        norms.append(utils.clip_grad_norm_(net.parameters(), 0.1, foreach=foreach))
        optimizer.step()
    return {"norm": norms, "state": net.state_dict()}


@LOOPS.add("evaluation")
def _(here: Subject) -> Any:
    """Nothing is recorded, and nothing is drawn."""
    net = _net(here, dropout=0.5).eval()
    with no_grad():
        first = net(given(here, X))
    with inference_mode():
        second = net(given(here, X))
    return {"out": [first, second], "recorded": [first.requires_grad, second.requires_grad], "loss": _loss(here, net)}


@LOOPS.add("retain_graph")
def _(here: Subject) -> Any:
    net = _net(here)
    loss = _loss(here, net)
    loss.backward(retain_graph=True)
    loss.backward()
    return _gradients(net)


@LOOPS.add("penalty")
def _(here: Subject) -> Any:
    """A loss with a gradient in it, as in gradient penalties."""
    net, x = _net(here), given(here, X, requires_grad=True)
    loss = nn.functional.cross_entropy(net(x), given(here, Y))
    (g,) = grad(loss, x, create_graph=True)
    (loss + (g * g).sum()).backward()
    return {"gradient": g, "parameter": _gradients(net)}


for _reentrant in (True, False):

    @LOOPS.add(f"checkpoint,use_reentrant={_reentrant}")
    def _(here: Subject, use_reentrant: bool = _reentrant) -> Any:
        net, x = _net(here, dropout=0.4), given(here, X, requires_grad=True)
        out = checkpoint(net, x, use_reentrant=use_reentrant)
        nn.functional.cross_entropy(out, given(here, Y)).backward()
        return {"out": out, "input": x.grad, "parameter": _gradients(net)}


@LOOPS.add("checkpoint_sequential")
def _(here: Subject) -> Any:
    net, x = _net(here), given(here, X, requires_grad=True)
    out = checkpoint_sequential(net, 2, x, use_reentrant=False)
    out.square().sum().backward()
    return {"out": out, "input": x.grad, "parameter": _gradients(net)}


@LOOPS.add("average")
def _(here: Subject) -> Any:
    """A running average of parameters, in place and without recording."""
    net, average = _net(here), _net(here)
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        _loss(here, net).backward()
        optimizer.step()
        with no_grad():
            for kept, new in zip(average.parameters(), net.parameters(), strict=True):
                kept.mul_(0.9).add_(new, alpha=0.1)
    return average.state_dict()
