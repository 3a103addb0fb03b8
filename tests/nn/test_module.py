"""Modules: what belongs to them, their state, their hooks, their text."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad import nn


class Block(nn.Module):
    """A module with everything: a parameter, buffers of both kinds, a submodule, a plain attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(xpgrad.ones(2))
        self.register_parameter("shift", None)
        self.register_buffer("seen", xpgrad.zeros(2))
        self.register_buffer("cache", xpgrad.ones(2), persistent=False)
        self.inner = nn.Linear(2, 2)
        self.note = "plain"

    def forward(self, x: Any, *, twice: bool = False) -> Any:
        y = self.inner(x) * self.scale
        return y * 2 if twice else y


def names(pairs: Any) -> list[str]:
    return [name for name, _ in pairs]


# What belongs to a module.


def test_attributes_go_where_they_belong() -> None:
    block = Block()
    assert names(block.named_parameters()) == ["scale", "inner.weight", "inner.bias"]
    assert names(block.named_buffers()) == ["seen", "cache"]
    assert names(block.named_children()) == ["inner"]
    assert block.shift is None
    assert "note" in block.__dict__ and "scale" not in block.__dict__
    assert {"scale", "shift", "seen", "inner", "note", "training"} <= set(dir(block))


def test_an_attribute_can_change_its_kind() -> None:
    block = Block()
    block.note = nn.Parameter(xpgrad.ones(1))
    assert "note" in block._parameters and "note" not in block.__dict__
    block.note = nn.ReLU()
    assert names(block.named_children()) == ["inner", "note"] and "note" not in block._parameters
    block.cache = nn.Parameter(xpgrad.ones(1))
    assert "cache" not in block._buffers and "cache" in block.state_dict()


def test_buffers_keep_their_place() -> None:
    block = Block()
    block.cache = xpgrad.zeros(3)
    block.seen = None
    assert block._buffers["cache"].shape == (3,)
    assert "cache" not in block.state_dict() and "seen" not in block.state_dict()
    block.kept, block.temporary = nn.Buffer(xpgrad.ones(1)), nn.Buffer(xpgrad.ones(1), persistent=False)
    assert names(block.named_buffers()) == ["cache", "kept", "temporary"]
    assert "kept" in block.state_dict() and "temporary" not in block.state_dict()
    assert isinstance(block.kept, nn.Buffer) and str(block.kept) == "tensor([1.])"


def test_attributes_can_be_deleted() -> None:
    block = Block()
    for name in ("scale", "cache", "inner", "note"):
        delattr(block, name)
        assert not hasattr(block, name)
    with pytest.raises(AttributeError):
        del block.note
    block.cache = xpgrad.ones(1)
    assert "cache" in block.__dict__


def test_what_occurs_twice_is_found_once() -> None:
    shared = nn.Linear(1, 1)
    net = nn.Sequential(shared, nn.ReLU(), shared)
    assert names(net.named_modules()) == ["", "0", "1"]
    assert len(list(net.parameters())) == 2 and len(list(net.children())) == 2
    twice = names(net.named_parameters(remove_duplicate=False))
    assert twice == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert list(net.state_dict()) == twice


def test_walking_with_prefix_and_without_recursion() -> None:
    net = nn.Sequential(Block())
    assert names(net.named_parameters("net")) == ["net.0.scale", "net.0.inner.weight", "net.0.inner.bias"]
    assert list(net.parameters(recurse=False)) == []
    assert names(net.named_modules(prefix="net")) == ["net", "net.0", "net.0.inner"]
    order: list[str] = []
    assert net.apply(lambda module: order.append(module._get_name())) is net
    assert order == ["Linear", "Block", "Sequential"]


def test_finding_by_name() -> None:
    net = nn.Sequential(Block())
    assert net.get_submodule("") is net and net.get_submodule("0.inner") is net[0].inner
    assert net.get_parameter("0.inner.bias") is net[0].inner.bias
    assert net.get_buffer("0.cache") is net[0].cache
    net.set_submodule("0.inner", nn.Identity())
    net.set_submodule("0.more", nn.ReLU())
    assert names(net.named_modules()) == ["", "0", "0.inner", "0.more"]
    with pytest.raises(AttributeError, match="Block has no attribute `less`"):
        net.set_submodule("0.less", nn.ReLU(), strict=True)


def test_a_result_cannot_become_a_parameter() -> None:
    block = Block()
    parameter = nn.Parameter(xpgrad.ones(1))
    parameter._node = (parameter * 2)._node
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor to parameter 'late'"):
        block.late = parameter


def test_arguments_can_be_passed_on() -> None:
    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

    class Both(nn.Module, Named):
        call_super_init = True

        def __init__(self, name: str) -> None:
            super().__init__(name)

    assert Both("x").name == "x"


# Parameters.


def test_a_parameter_is_a_leaf_on_the_memory_of_its_data() -> None:
    data = xpgrad.ones(2)
    parameter = nn.Parameter(data)
    with xpgrad.no_grad():
        parameter += 1
    assert data.tolist() == [2.0, 2.0]
    assert parameter.is_leaf and parameter.requires_grad and isinstance(parameter, xpgrad.Tensor)
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert type(parameter * 1) is xpgrad.Tensor
    assert nn.Parameter().shape == (0,)
    assert nn.Parameter(xpgrad.ones(2, requires_grad=True) * 2).is_leaf
    assert repr(parameter) == "Parameter containing:\ntensor([2., 2.], requires_grad=True)" == str(parameter)


def test_copies_of_parameters_and_modules() -> None:
    block = Block()
    for twin in (copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        assert isinstance(twin.scale, nn.Parameter) and twin.scale is not block.scale
        assert names(twin.named_buffers()) == ["seen", "cache"] and "cache" not in twin.state_dict()
        twin.load_state_dict({name: value + 1 for name, value in block.state_dict().items()})
        np.testing.assert_array_equal(twin.scale.tolist(), [2.0, 2.0])
        np.testing.assert_array_equal(block.scale.tolist(), [1.0, 1.0])
    shared = nn.ModuleList([block.inner, block.inner])
    twin = copy.deepcopy(shared)
    assert twin[0] is twin[1]
    persistent = copy.deepcopy(nn.Buffer(xpgrad.ones(1), persistent=False))
    assert not persistent.persistent and not pickle.loads(pickle.dumps(persistent)).persistent


# Training.


def test_training_and_gradients() -> None:
    net = nn.Sequential(Block(), nn.Dropout())
    assert net.training and net.eval() is net and not net[0].inner.training
    assert net.train().training and net[1].training
    net[0](xpgrad.ones(1, 2)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad(set_to_none=False)
    assert all(p.grad.tolist() == xpgrad.zeros_like(p).tolist() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    assert not any(p.requires_grad for p in net.requires_grad_(False).parameters())


def test_conversion_keeps_the_parameters_themselves() -> None:
    block = Block()
    block.register_buffer("count", xpgrad.tensor(3))
    before = dict(block.named_parameters())
    block(xpgrad.ones(1, 2)).sum().backward()
    assert block.double() is block
    assert all(p is before[name] and p.dtype is xpgrad.float64 for name, p in block.named_parameters())
    assert block.scale.grad.dtype is xpgrad.float64 and block.seen.dtype is xpgrad.float64
    assert block.count.dtype is xpgrad.int64
    block(xpgrad.ones(1, 2, dtype=xpgrad.float64)).sum().backward()
    assert block.scale.grad.dtype is xpgrad.float64
    for convert, dtype in (
        (lambda m: m.half(), xpgrad.float16),
        (lambda m: m.float(), xpgrad.float32),
        (lambda m: m.to(xpgrad.float64), xpgrad.float64),
        (lambda m: m.to("cpu", xpgrad.float32), xpgrad.float32),
        (lambda m: m.to(xpgrad.ones(1, dtype=xpgrad.float64)), xpgrad.float64),
        (lambda m: m.cpu().type(xpgrad.float32), xpgrad.float32),
    ):
        assert convert(block).scale.dtype is dtype
    assert block.to_empty(device="cpu").scale.shape == (2,)


def test_modules_move_between_backends() -> None:
    block = Block()
    weight = block.inner.weight.tolist()
    block.to("strict:cpu")
    assert str(block.scale.device) == "strict:cpu" and block.inner.weight.tolist() == weight
    x = xpgrad.ones(1, 2, device="strict:cpu")
    block(x).sum().backward()
    assert str(block.inner.weight.grad.device) == "strict:cpu"
    assert block.to("numpy:cpu").inner.weight.tolist() == weight
    assert block.inner.weight.grad._place is block.inner.weight._place


# State.


def test_the_state_shares_memory_and_names_versions() -> None:
    block = Block()
    state = block.state_dict(prefix="block.")
    assert list(state) == ["block.scale", "block.seen", "block.inner.weight", "block.inner.bias"]
    assert isinstance(state, OrderedDict) and state._metadata["block.inner"] == {"version": 1}
    assert not state["block.scale"].requires_grad and state["block.scale"]._array is block.scale._array
    assert block.state_dict(keep_vars=True)["scale"] is block.scale
    assert dict.fromkeys(block.state_dict(destination={})) == dict.fromkeys(block.state_dict())


def test_loading_copies_and_reports() -> None:
    block = Block()
    result = block.load_state_dict({"scale": xpgrad.zeros(2), "extra": xpgrad.ones(1)}, strict=False)
    assert block.scale.tolist() == [0.0, 0.0] and block.scale.requires_grad
    assert result.missing_keys == ["seen", "inner.weight", "inner.bias"] and result.unexpected_keys == ["extra"]
    assert repr(result).startswith("IncompatibleKeys(missing_keys=['seen'")
    assert str(block.load_state_dict(block.state_dict())) == "<All keys matched successfully>"
    block.double().load_state_dict(Block().state_dict())
    assert block.scale.dtype is xpgrad.float64


def test_loading_can_assign() -> None:
    block, other = Block(), Block().double()
    block.load_state_dict(other.state_dict(), assign=True)
    assert block.scale.dtype is xpgrad.float64 and isinstance(block.scale, nn.Parameter) and block.scale.requires_grad
    assert block.seen._array is other.seen._array
    frozen = Block().requires_grad_(False)
    frozen.load_state_dict(other.state_dict(keep_vars=True), assign=True)
    assert frozen.scale is other.scale and not other.scale.requires_grad


def test_scalars_of_old_load() -> None:
    norm = nn.BatchNorm1d(2)
    state = norm.state_dict()
    state["num_batches_tracked"] = xpgrad.tensor([4])
    norm.load_state_dict(state)
    assert norm.num_batches_tracked.item() == 4
    del state["num_batches_tracked"], state._metadata
    norm.load_state_dict(state)
    with pytest.raises(RuntimeError, match="num_batches_tracked"):
        norm.load_state_dict(nn.BatchNorm1d(2, track_running_stats=False).state_dict())


def test_extra_state() -> None:
    class Counting(nn.Module):
        count = 0

        def get_extra_state(self) -> Any:
            return {"count": self.count}

        def set_extra_state(self, state: Any) -> None:
            self.count = state["count"]

    one, other = nn.Sequential(Counting()), nn.Sequential(Counting())
    one[0].count = 3
    assert one.state_dict() == {"0._extra_state": {"count": 3}}
    other.load_state_dict(one.state_dict())
    assert other[0].count == 3
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "0._extra_state"'):
        other.load_state_dict({})
    with pytest.raises(RuntimeError, match=r'Unexpected key\(s\) in state_dict: "_extra_state"'):
        nn.ReLU().load_state_dict({"_extra_state": 1})


def test_hooks_on_the_state() -> None:
    net, calls = nn.Sequential(nn.Linear(1, 1)), []
    net.register_state_dict_pre_hook(lambda module, prefix, keep_vars: calls.append((prefix, keep_vars)))
    net[0].register_state_dict_post_hook(lambda module, state, prefix, about: state.pop(f"{prefix}bias"))
    assert list(net.state_dict()) == ["0.weight"] and calls == [("", False)]
    net[0].register_load_state_dict_pre_hook(
        lambda module, state, prefix, *rest: state.setdefault(f"{prefix}bias", xpgrad.zeros(1))
    )
    handle = net.register_load_state_dict_post_hook(lambda module, keys: keys.unexpected_keys.clear())
    assert net.load_state_dict({"0.weight": xpgrad.ones(1, 1), "more": 1}).unexpected_keys == []
    assert net[0].bias.item() == 0
    handle.remove()
    net.register_load_state_dict_post_hook(lambda module, keys: keys)
    with pytest.raises(RuntimeError, match="not expected to return new values"):
        net.load_state_dict({"0.weight": xpgrad.ones(1, 1)})


# Hooks on calls.


def test_forward_hooks_see_and_replace() -> None:
    block, calls = Block(), []
    x = xpgrad.ones(1, 2)
    plain = block(x).tolist()
    handles = [
        block.register_forward_pre_hook(lambda module, args: calls.append("pre")),
        block.register_forward_pre_hook(lambda module, args: args[0] * 2),
        block.register_forward_pre_hook(
            lambda module, args, kwargs: (args, {"twice": True}), with_kwargs=True, prepend=True
        ),
        block.register_forward_hook(lambda module, args, output: calls.append(args[0].tolist())),
        block.register_forward_hook(lambda module, args, kwargs, output: output * kwargs["twice"], with_kwargs=True),
        block.register_forward_hook(lambda module, args, output: calls.append("first"), prepend=True),
    ]
    doubled = nn.functional.linear(2 * x, block.inner.weight, block.inner.bias) * 2
    np.testing.assert_allclose(block(x).tolist(), doubled.tolist(), rtol=1e-6)
    assert calls == ["pre", "first", [[2.0, 2.0]]]
    for handle in handles:
        handle.remove()
    assert block(x).tolist() == plain


def test_a_hook_may_be_for_one_block_of_code() -> None:
    layer, calls = nn.ReLU(), []
    with layer.register_forward_hook(lambda *_: calls.append(1)):
        layer(xpgrad.ones(1))
    layer(xpgrad.ones(1))
    assert calls == [1]


def test_hooks_that_are_always_called() -> None:
    class Failing(nn.Module):
        def forward(self, x: Any) -> Any:
            raise KeyError("lost")

    module, calls = Failing(), []
    module.register_forward_hook(lambda *_: calls.append("never"))
    module.register_forward_hook(lambda module, args, output: calls.append(output), always_call=True)
    with pytest.raises(KeyError, match="lost"):
        module(1)
    assert calls == [None]

    def raising(*_: Any) -> None:
        raise ValueError("in the hook")

    module.register_forward_hook(raising, always_call=True)
    with (
        pytest.warns(UserWarning, match="silenced as another error was raised in forward: in the hook"),
        pytest.raises(KeyError),
    ):
        module(1)


def test_a_pre_hook_with_kwargs_returns_both() -> None:
    layer = nn.ReLU()
    layer.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple of"):
        layer(xpgrad.ones(1))


def test_full_backward_hooks_see_and_replace() -> None:
    class Pair(nn.Module):
        def forward(self, x: Any, factor: float, y: Any) -> Any:
            return x * factor, x * y

    pair, calls = Pair(), []
    pair.register_full_backward_pre_hook(lambda module, grads: calls.append(("pre", listed(grads))))
    pair.register_full_backward_hook(lambda module, into, out: calls.append((listed(into), listed(out))))
    x, y = xpgrad.tensor([1.0], requires_grad=True), xpgrad.tensor([3.0], requires_grad=True)
    first, second = pair(x, 2.0, y)
    (first + 10 * second).backward()
    assert calls == [("pre", [[1.0], [10.0]]), ([[32.0], None, [10.0]], [[1.0], [10.0]])]
    assert first.grad_fn.name() == "BackwardHookFunctionBackward"

    pair.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 2, grads[1]))
    pair.register_full_backward_hook(lambda module, into, out: (into[0] * 100, None, into[2]), prepend=True)
    x.grad = y.grad = None
    sum(pair(x, 2.0, y)).backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([700.0], [1.0])
    pair.register_full_backward_hook(lambda module, into, out: (into[0],))
    with pytest.raises(RuntimeError, match="Backward hook returned an invalid number of grad_input, got 1, but expect"):
        sum(pair(x, 2.0, y)).backward()


def test_backward_hooks_without_gradients_of_arguments() -> None:
    layer, calls = nn.Linear(1, 1), []
    layer.register_full_backward_hook(lambda module, into, out: calls.append((into, listed(out))))
    with pytest.warns(
        UserWarning, match="Full backward hook is firing when gradients are computed with respect to mod"
    ):
        layer(xpgrad.ones(1, 1)).backward()
    assert calls == [((None,), [[[1.0]]])]
    with xpgrad.no_grad():
        layer(xpgrad.ones(1, 1))
    layer.register_full_backward_hook(lambda module, into, out: (out[0],))
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="should always return None"):
        layer(xpgrad.ones(1, 1)).backward()


def test_backward_hooks_want_tensors() -> None:
    class Listing(nn.Module):
        def forward(self, x: Any) -> Any:
            return [x]

    module = Listing()
    module.register_full_backward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="module output should be a Tensor or a tuple of Tensors but received"):
        module(xpgrad.ones(1, requires_grad=True))


def test_backward_hooks_with_second_derivatives() -> None:
    layer, calls = nn.Tanh(), []
    layer.register_full_backward_hook(lambda module, into, out: calls.append(1))
    x = xpgrad.tensor(0.5, requires_grad=True)
    (g,) = xpgrad.autograd.grad(layer(x), x, create_graph=True)
    (h,) = xpgrad.autograd.grad(g, x)
    t = np.tanh(0.5)
    np.testing.assert_allclose(h.item(), -2 * t * (1 - t * t), rtol=1e-5)
    assert calls == [1]


def listed(grads: Any) -> list[Any]:
    return [None if g is None else g.tolist() for g in grads]


# Text.


def test_text_of_nested_modules() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Sequential(nn.ReLU()), None
            self.register_module("c", None)

        def extra_repr(self) -> str:
            return "first\nsecond"

    assert repr(nn.Module()) == "Module()"
    assert repr(Odd()) == "Odd(\n  first\n  second\n  (a): Sequential(\n    (0): ReLU()\n  )\n  (c): None\n)"
    assert repr(nn.Sequential(Odd())).splitlines()[2] == "    first"


# Containers.


def test_sequential_is_a_list_that_computes() -> None:
    net = nn.Sequential(OrderedDict(a=nn.Linear(2, 3), b=nn.ReLU()))
    assert names(net.named_children()) == ["a", "b"] and net.b is net[-1] and len(net) == 2
    assert isinstance(net[:1], nn.Sequential) and names(net[:1].named_children()) == ["a"]
    net[1] = nn.Tanh()
    assert isinstance(net.b, nn.Tanh)
    net.append(nn.Sigmoid()).insert(0, nn.Identity()).extend([nn.ReLU()])
    assert [type(m).__name__ for m in net] == ["Identity", "Linear", "Tanh", "Sigmoid", "ReLU"]
    assert names(net.named_children()) == list("01234")
    del net[0], net[-1]
    del net[1:]
    assert names(net.named_children()) == ["0"] and isinstance(net.pop(0), nn.Linear) and len(net) == 0
    both = nn.Sequential(nn.ReLU()) + nn.Sequential(nn.Tanh())
    both += nn.Sequential(nn.ELU())
    assert [type(m).__name__ for m in both] == ["ReLU", "Tanh", "ELU"]
    assert len(2 * both) == len(both * 2) == 6
    both *= 2
    assert len(both) == 6 and both[0] is both[3]
    with pytest.raises(IndexError):
        nn.Sequential().insert(1, nn.ReLU())
    with pytest.raises(TypeError):
        nn.Sequential().insert(0, 3)  # type: ignore[arg-type]


def test_module_list() -> None:
    layers = nn.ModuleList(nn.Linear(i, 1) for i in range(1, 4))
    layers.insert(1, nn.ReLU())
    layers += [nn.Linear(3, 1), nn.Linear(3, 1)]
    assert (
        repr(layers)
        == "ModuleList(\n  (0): Linear(in_features=1, out_features=1, bias=True)\n  (1): ReLU()\n  (2): Linear"
        "(in_features=2, out_features=1, bias=True)\n  (3-5): 3 x Linear(in_features=3, out_features=1, bias=True)\n)"
    )
    assert (
        repr(nn.ModuleList()) == "ModuleList()"
        and len(layers[1:3]) == 2
        and len([*(layers + nn.ModuleList([nn.ReLU()]))]) == 7
    )
    assert isinstance(layers.pop(1), nn.ReLU) and len(list(layers.parameters())) == 10
    layers[0] = nn.Tanh()
    assert isinstance(layers[-5], nn.Tanh)
    nested = nn.ModuleList([nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU())])
    assert repr(nested) == "ModuleList(\n  (0-1): 2 x Sequential(\n    (0): ReLU()\n  )\n)"


def test_module_dict() -> None:
    layers = nn.ModuleDict({"b": nn.ReLU(), "a": nn.Tanh()})
    layers.update([("c", nn.ELU())])
    layers["d"] = nn.Linear(1, 1)
    assert list(layers) == list(layers.keys()) == ["b", "a", "c", "d"] and len(layers) == 4 and "a" in layers
    assert isinstance(layers.pop("a"), nn.Tanh) and [type(m).__name__ for m in layers.values()] == [
        "ReLU",
        "ELU",
        "Linear",
    ]
    del layers["b"]
    assert names(layers.items()) == ["c", "d"] and names(layers.named_parameters()) == ["d.weight", "d.bias"]
    layers.clear()
    assert repr(layers) == "ModuleDict()"
    with pytest.raises(ValueError, match=r"ModuleDict\.update sequence element #0 has length 1; 2 is required"):
        layers.update([("a",)])


def test_parameter_list_and_dict() -> None:
    listing = nn.ParameterList([xpgrad.ones(2), nn.Parameter(xpgrad.ones(1, 2)), "plain"])
    assert isinstance(listing[0], nn.Parameter) and len(list(listing.parameters())) == 2 and listing[-1] == "plain"
    listing += [xpgrad.ones(1)]
    listing[0] = xpgrad.zeros(3)
    assert len(listing) == 4 and len(listing[1:]) == 3 and next(iter(listing)).shape == (3,)
    assert repr(listing) == (
        "ParameterList(\n    (0): Parameter containing: [torch.float32 of size 3]\n    (1): Parameter containing: "
        "[torch.float32 of size 1x2]\n    (2): Object of type: str\n    (3): Parameter containing: "
        "[torch.float32 of size 1]\n)"
    )
    named = nn.ParameterDict({"b": xpgrad.ones(2), "a": nn.Parameter(xpgrad.ones(1))})
    assert list(named) == ["a", "b"] and list(reversed(named)) == ["b", "a"] and "a" in named
    assert repr(named) == (
        "ParameterDict(\n    (a): Parameter containing: [torch.FloatTensor of size 1]\n    (b): Parameter containing: "
        "[torch.FloatTensor of size 2]\n)"
    )
    assert named.setdefault("c", xpgrad.ones(1)) is named["c"] and named.get("d") is None
    assert list(named | named.fromkeys(["z"], 1)) == ["a", "b", "c", "z"] and named.pop("a").shape == (1,)
    assert named.popitem()[0] == "c" and next(iter(named.copy().values())) is named["b"]
    named.clear()
    assert len(named) == 0 and list(named.items()) == []
    with pytest.raises(KeyError):
        named["a"]
    with pytest.raises(TypeError, match="not a string"):
        named[3] = 1  # type: ignore[index]
