"""What every optimizer does, on every backend."""

import copy

import numpy as np
import pytest
from helpers import IDS, SETTINGS, arrays, host, make, on, parameters_on, train

import xpgrad
from xpgrad import optim
from xpgrad.errors import SavedValueModifiedError

# Two coordinates after three steps along x0 ** 2 + 3 x1 from (1, -2), as PyTorch 2.13 computes them in float64.
TRAJECTORIES = {
    "SGD(lr=0.1)": [0.512, -2.9],
    "SGD(lr=0.1,momentum=0.9,dampening=0.1,weight_decay=0.01)": [0.09499854319, -3.58409970138],
    "SGD(lr=0.1,momentum=0.9,nesterov=True,maximize=True)": [3.220992, 0.4147],
    "Adam(lr=0.1)": [0.701586272946, -2.299999999],
    "Adam(lr=0.1,weight_decay=0.1,maximize=True)": [1.30049005368, -1.70003037743],
    "Adam(lr=0.1,weight_decay=0.1,amsgrad=True,decoupled_weight_decay=True)": [0.67510122164, -2.23760799901],
    "AdamW(lr=0.1,betas=(0.5,0.9),eps=0.0001)": [0.703367514149, -2.29369610833],
    "RMSprop()": [0.779982273244, -2.22891302285],
    "RMSprop(alpha=0.5,momentum=0.9,centered=True,weight_decay=0.1)": [0.872707518583, -2.12828308891],
    "Adagrad()": [0.977237939491, -2.0228445705],
    "Adagrad(lr_decay=0.1,initial_accumulator_value=0.5,weight_decay=0.1)": [0.979614343467, -2.02078223325],
    "Adadelta()": [0.990309045658, -2.00970750645],
    "Adadelta(lr=0.5,rho=0.5,weight_decay=0.1)": [0.997577360505, -2.00242331348],
    "Adamax()": [0.994000388329, -2.00599999998],
    "Adamax(betas=(0.5,0.9),weight_decay=0.1)": [0.993996367977, -2.00600012925],
    "ASGD(lr=0.125)": [0.421857862934, -3.12490038944],
    "ASGD(lr=0.125,lambd=0.0625,alpha=0.5,t0=2,weight_decay=0.1,maximize=True)": [1.85542012504, -0.782910528563],
    "RAdam()": [0.994006384152, -2.009],
    "RAdam(lr=0.1,betas=(0.5,0.9),weight_decay=0.1,decoupled_weight_decay=True)": [0.460559, -2.831628],
    "Rprop()": [0.9636, -2.0364],
    "Rprop(lr=0.1,etas=(0.25,1.5),step_sizes=(0.001,0.2),maximize=True)": [1.45, -1.55],
    "NAdam()": [0.994858914487, -2.00514470654],
    "NAdam(weight_decay=0.1,decoupled_weight_decay=True,momentum_decay=0.1)": [0.99426573204, -2.00393861213],
}


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_three_steps(name, settings):
    x = xpgrad.tensor([1.0, -2.0], dtype=xpgrad.float64, requires_grad=True)
    optimizer = make(name, [x], settings)
    for _ in range(3):
        optimizer.zero_grad()
        (x[0] ** 2 + 3 * x[1]).backward()
        optimizer.step()
    assert x.tolist() == pytest.approx(TRAJECTORIES[IDS[SETTINGS.index((name, settings))]], rel=1e-10)


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_gradients_stay_as_they_are_and_are_not_kept(place, name, settings):
    parameters = parameters_on(place, arrays(0))
    optimizer = make(name, parameters, settings)
    gradients = [on(place, g) for g in arrays(1)]
    for step in range(3):
        for p, g in zip(parameters, gradients, strict=True):
            p.grad = g
        optimizer.step()
        for g, before in zip(gradients, arrays(1), strict=True):
            np.testing.assert_array_equal(host(g), before, err_msg=f"step {step}")
    values = [host(p).copy() for p in parameters]
    states = {k: {n: host(v).copy() for n, v in s.items()} for k, s in optimizer.state_dict()["state"].items()}
    for g in gradients:
        if place.mutable:
            place.backend.write(g._array, place.xp.zeros_like(g._array))
    for p, value in zip(parameters, values, strict=True):
        np.testing.assert_array_equal(host(p), value)
    for key, entries in states.items():
        for entry, value in entries.items():
            np.testing.assert_array_equal(host(optimizer.state_dict()["state"][key][entry]), value, err_msg=entry)


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_a_saved_state_goes_on_as_if_nothing_had_happened(place, name, settings):
    parameters = parameters_on(place, arrays(0))
    optimizer = make(name, parameters, settings)
    train(optimizer, parameters, 4)
    others = parameters_on(place, [host(p) for p in parameters])
    other = make(name, others, {})
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    train(optimizer, parameters, 4, start=4)
    train(other, others, 4, start=4)
    for a, b in zip(parameters, others, strict=True):
        np.testing.assert_array_equal(host(a), host(b))


def test_a_loaded_state_is_a_copy(place):
    (p,) = parameters = parameters_on(place, arrays(0)[:1])
    optimizer = optim.SGD(parameters, lr=0.1, momentum=0.9)
    p.grad = on(place, arrays(1)[0])
    optimizer.step()
    other = optim.SGD(parameters_on(place, arrays(0)[:1]))
    other.load_state_dict(optimizer.state_dict())
    before = host(other.state_dict()["state"][0]["momentum_buffer"]).copy()
    optimizer.step()
    np.testing.assert_array_equal(host(other.state_dict()["state"][0]["momentum_buffer"]), before)


def test_state_takes_the_dtype_of_the_parameter(place):
    source = parameters_on(place, arrays(0, "float64"))
    optimizer = optim.Adam(source)
    train(optimizer, source, 1)
    other = optim.Adam(parameters_on(place, arrays(0, "float32")))
    other.load_state_dict(optimizer.state_dict())
    entries = other.state_dict()["state"][0]
    assert entries["exp_avg"].dtype is xpgrad.float32
    assert entries["step"].dtype is xpgrad.float32
    assert entries["step"].item() == 1


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_aliases_see_the_step(place, name):
    parameter = on(place, [1.0, 2.0, 3.0]).requires_grad_()
    row, alias = parameter.detach()[1:], parameter.detach()
    make(name, [parameter], {"lr": 0.5})
    optimizer = make(name, [parameter], {"lr": 0.5})
    parameter.grad = on(place, [2.0, 2.0, 2.0])
    optimizer.step()
    assert parameter.tolist() != [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(host(alias), host(parameter))
    np.testing.assert_array_equal(row.tolist(), parameter.tolist()[1:])


def test_numpy_memory_is_written_in_place():
    array = np.ones(3, dtype=np.float32)
    parameter = xpgrad.from_numpy(array).requires_grad_()
    parameter.grad = xpgrad.ones(3)
    optim.SGD([parameter], lr=0.25).step()
    assert array.tolist() == [0.75, 0.75, 0.75]


def test_a_parameter_that_is_a_view_changes_its_base(place):
    base = on(place, [[1.0, 2.0], [3.0, 4.0]])
    parameter = base.detach()[0].requires_grad_()
    parameter.grad = on(place, [1.0, 1.0])
    optim.SGD([parameter], lr=1.0).step()
    assert parameter.requires_grad
    assert parameter.tolist() == [0.0, 1.0]
    assert base.tolist() == [[0.0, 1.0], [3.0, 4.0]]


def test_a_step_counts_as_a_write():
    w = xpgrad.tensor([2.0], requires_grad=True)
    y = (w * w).sum()
    y.backward(retain_graph=True)
    optim.SGD([w], lr=0.1).step()
    with pytest.raises(SavedValueModifiedError, match=r"modified by an inplace operation.*test_optimizer\.py:\d+"):
        y.backward()


def test_groups_have_settings_of_their_own():
    a, b = (xpgrad.ones(1, requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([{"params": a}, {"params": [b], "lr": 1.0}], lr=0.5)
    for p in (a, b):
        p.grad = xpgrad.ones(1)
    optimizer.step()
    assert (a.item(), b.item()) == (0.5, 0.0)
    c = xpgrad.ones(1, requires_grad=True)
    optimizer.add_param_group({"params": c, "lr": 0.25})
    c.grad = xpgrad.ones(1)
    optimizer.zero_grad()
    assert c.grad is None
    c.grad = xpgrad.ones(1)
    optimizer.step()
    assert (a.item(), c.item()) == (0.5, 0.75)
    assert [len(g["params"]) for g in optimizer.state_dict()["param_groups"]] == [1, 1, 1]


def test_named_parameters():
    optimizer = optim.SGD([("w", xpgrad.ones(1, requires_grad=True)), ("b", xpgrad.ones(1, requires_grad=True))])
    assert optimizer.param_groups[0]["param_names"] == ["w", "b"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["w", "b"]


def test_the_same_parameter_twice_in_a_group_warns():
    p = xpgrad.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="parameter group with duplicate parameters"):
        optim.SGD([p, p])


def test_rates_that_are_arrays_do_not_promote():
    p = xpgrad.ones(2, requires_grad=True)
    optimizer = optim.SGD([p], lr=np.float64(0.5), momentum=np.float64(0.5))
    optimizer.param_groups[0]["weight_decay"] = xpgrad.tensor(0.5)
    for _ in range(2):
        p.grad = xpgrad.ones(2)
        optimizer.step()
    assert p.dtype is xpgrad.float32
    assert p.tolist() == pytest.approx([-0.6875] * 2)


def test_zero_grad():
    p, q = (xpgrad.ones(2, requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([p, q])
    p.grad = kept = xpgrad.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert p.grad is kept
    assert kept.tolist() == [0.0, 0.0]
    assert q.grad is None
    optimizer.zero_grad()
    assert p.grad is None


def test_zero_grad_drops_the_history_of_a_gradient():
    p = xpgrad.tensor([2.0], requires_grad=True)
    (p**3).sum().backward(create_graph=True)
    assert p.grad.requires_grad
    optim.SGD([p]).zero_grad(set_to_none=False)
    assert not p.grad.requires_grad
    assert p.grad.tolist() == [0.0]


def test_a_closure_is_called_with_recording_on():
    p = xpgrad.tensor([3.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (p**2).sum()
        loss.backward()
        return loss

    with xpgrad.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 9.0
    assert p.tolist() == [1.5]


def test_step_hooks():
    p = xpgrad.ones(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0)
    seen = []
    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", o.param_groups[0]["lr"])))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", p.item())))
    p.grad = xpgrad.ones(1)
    optimizer.step()
    before.remove()
    optimizer.step()
    assert seen == [("before", 1.0), ("after", 0.0), ("after", -1.0)]
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        optimizer.step()


def test_state_dict_hooks():
    p = xpgrad.ones(1, requires_grad=True)
    optimizer = optim.SGD([p])
    order = []
    optimizer.register_state_dict_pre_hook(lambda o: order.append("second"))
    optimizer.register_state_dict_pre_hook(lambda o: order.append("first"), prepend=True)
    optimizer.register_state_dict_post_hook(lambda o, state: {**state, "note": 1})
    saved = optimizer.state_dict()
    assert order == ["first", "second"]
    assert saved["note"] == 1
    optimizer.register_load_state_dict_pre_hook(lambda o, state: order.append(state["note"]))
    optimizer.register_load_state_dict_post_hook(lambda o: order.append("loaded"))
    optimizer.load_state_dict(saved)
    assert order[2:] == [1, "loaded"]


def test_a_state_of_another_optimizer_is_refused():
    one, two = (optim.SGD([xpgrad.ones(1, requires_grad=True) for _ in range(count)]).state_dict() for count in (1, 2))
    optimizer = optim.SGD([xpgrad.ones(1, requires_grad=True)])
    with pytest.raises(ValueError, match=r"doesn't match the size of optimizer's group: group 0 has 2 parameters"):
        optimizer.load_state_dict(two)
    one["param_groups"] *= 2
    with pytest.raises(ValueError, match="different number of parameter groups: 2, and this optimizer 1"):
        optimizer.load_state_dict(one)


def test_an_optimizer_of_ones_own():
    class SignDescent(optim.Optimizer):
        numbers = ("count",)

        def __init__(self, params, lr=0.5):
            super().__init__(params, {"lr": lr})

        @staticmethod
        def init(xp, p, /):
            return {"count": 0.0}

        @staticmethod
        def update(xp, p, g, state, /, *, lr):
            return p - lr * xp.sign(g), {"count": state["count"] + 1.0}

    p = xpgrad.zeros(2, requires_grad=True)
    optimizer = SignDescent([p])
    for _ in range(2):
        p.grad = xpgrad.tensor([3.0, -0.1])
        optimizer.step()
    assert p.tolist() == [-1.0, 1.0]
    assert optimizer.state_dict()["state"][0]["count"].item() == 2


def test_an_optimizer_written_for_torch():
    class Plain(optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p.data.add_(p.grad.data, alpha=-group["lr"])

    p = xpgrad.ones(2, requires_grad=True)
    optimizer = Plain([p], lr=0.5)
    seen = []
    optimizer.register_step_post_hook(lambda *_: seen.append(1))
    p.grad = xpgrad.ones(2)
    optimizer.step()
    assert p.tolist() == [0.5, 0.5]
    assert seen == [1]


def test_a_copied_optimizer_has_parameters_of_its_own():
    p = xpgrad.ones(1, requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0)
    twin = copy.deepcopy(optimizer)
    p.grad = xpgrad.ones(1)
    optimizer.step()
    assert twin.param_groups[0]["params"][0].tolist() == [1.0]


def through_steps(name, settings, start, rate):
    """Where three recorded steps along the gradient of x ** 3 lead."""
    moved = start.clone()
    optimizer = make(name, [moved], {**settings, "lr": rate, "differentiable": True})
    for _ in range(3):
        # A clone, since the step writes to what the power would save.
        (moved.grad,) = xpgrad.autograd.grad((moved.clone() ** 3).sum(), moved, create_graph=True)
        optimizer.step()
    return (moved**2).sum()


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_gradients_flow_through_recorded_steps(name, settings):
    def result(*values):
        tensors = [xpgrad.tensor(v, dtype=xpgrad.float64, requires_grad=True) for v in values]
        return tensors, through_steps(name, settings, *tensors)

    point, rate = [0.5, -0.4, 0.3], 0.05
    (start, lr), value = result(point, rate)
    value.backward()
    step = 1e-6
    slopes = []
    for i in range(4):
        ends = []
        for side in (step, -step):
            shifted = [*point, rate]
            shifted[i] += side
            ends.append(result(shifted[:3], shifted[3])[1].item())
        slopes.append((ends[0] - ends[1]) / (2 * step))
    np.testing.assert_allclose(start.grad.tolist(), slopes[:3], rtol=1e-5, atol=1e-8)
    if name not in ("ASGD", "Rprop"):  # which keep the rate as a number in their state, as in PyTorch
        assert lr.grad.item() == pytest.approx(slopes[3], rel=1e-5, abs=1e-8)

    plain = xpgrad.tensor(point, dtype=xpgrad.float64, requires_grad=True)
    optimizer = make(name, [plain], {**settings, "lr": rate})
    for _ in range(3):
        optimizer.zero_grad()
        (plain**3).sum().backward()
        optimizer.step()
    assert (plain**2).sum().item() == pytest.approx(value.item(), rel=1e-12)


def test_a_leaf_cannot_take_a_recorded_step():
    p = xpgrad.ones(1, requires_grad=True)
    p.grad = xpgrad.ones(1)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        optim.SGD([p], differentiable=True).step()
