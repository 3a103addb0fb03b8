"""Hooks on modules, parameters and state dicts: what they are given is on the backend, what they return counts."""

from __future__ import annotations

from typing import Any

from xpgrad import nn
from xpgrad.functions.creation import zeros_like
from xpgrad.testing.conformance.experiments import Experiments, given, moved
from xpgrad.testing.conformance.layers.layer import V, normal
from xpgrad.testing.conformance.subject import Subject

HOOKS = Experiments()


def _linear(here: Subject) -> Any:
    return moved(here, lambda: nn.Linear(6, 3))


@HOOKS.add("forward-pre")
def _(here: Subject) -> Any:
    layer, seen = _linear(here), []

    def doubled(module: Any, args: Any) -> Any:
        seen.append(args[0])
        return args[0] * 2

    layer.register_forward_pre_hook(doubled)
    return {"out": layer(given(here, V)), "seen": seen}


@HOOKS.add("forward-pre,kwargs")
def _(here: Subject) -> Any:
    layer = _linear(here)
    layer.register_forward_pre_hook(lambda module, args, kwargs: ((), {"input": kwargs["input"] + 1}), with_kwargs=True)
    return layer(input=given(here, V))


@HOOKS.add("forward")
def _(here: Subject) -> Any:
    layer, x = _linear(here), given(here, V, requires_grad=True)
    handle = layer.register_forward_hook(lambda module, args, out: out.tanh() + args[0][:, :3])
    hooked = layer(x)
    hooked.sum().backward()
    handle.remove()
    return {"hooked": hooked, "gradient": x.grad, "plain": layer(x)}


@HOOKS.add("full-backward")
def _(here: Subject) -> Any:
    layer, x, seen = _linear(here), given(here, V, requires_grad=True), []

    def tripled(module: Any, into: Any, out: Any) -> Any:
        seen.append((into, out))
        return (into[0] * 3,)

    layer.register_full_backward_hook(tripled)
    (layer(x).tanh() * given(here, normal(5, 3))).sum().backward()
    return {"seen": seen, "gradient": x.grad, "weight": layer.weight.grad}


@HOOKS.add("full-backward-pre")
def _(here: Subject) -> Any:
    layer: Any = _linear(here)
    x = given(here, V, requires_grad=True)
    layer.register_full_backward_pre_hook(lambda module, out: (out[0] * 0.5,))
    (layer(x) * given(here, normal(5, 3))).sum().backward()
    return {"gradient": x.grad, "weight": layer.weight.grad, "bias": layer.bias.grad}


@HOOKS.add("parameter")
def _(here: Subject) -> Any:
    layer, after = _linear(here), []
    layer.weight.register_hook(lambda g: g * 2)
    layer.weight.register_post_accumulate_grad_hook(lambda p: after.append(p.grad.clone()))
    for _ in range(2):
        layer(given(here, V)).sum().backward()
    return {"gradient": layer.weight.grad, "after": after}


@HOOKS.add("state-dict")
def _(here: Subject) -> Any:
    layer, told = _linear(here), []
    layer.register_state_dict_pre_hook(lambda module, prefix, keep: told.append(prefix))
    layer.register_state_dict_post_hook(
        lambda module, state, prefix, local: state.__setitem__("extra", zeros_like(module.bias.detach()) + 1)
    )
    other = _linear(here)
    other.register_load_state_dict_post_hook(lambda module, keys: told.append(list(keys.unexpected_keys)))
    state = layer.state_dict()
    other.load_state_dict(state, strict=False)
    return {"state": dict(state), "told": told, "loaded": other.state_dict()}
