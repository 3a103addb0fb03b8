"""Optimizers and schedules do what PyTorch's do, number for number and key for key."""

import math
import warnings

import numpy as np
import pytest
from helpers import IDS, SETTINGS, arrays, host, make, on, parameters_on, train

import xpgrad
from xpgrad import optim
from xpgrad.testing.conformance.optimizers import SCHEDULES

torch = pytest.importorskip("torch")


def torch_parameters(values):
    return [torch.tensor(value, requires_grad=True) for value in values]


def torch_train(optimizer, parameters, steps, dtype="float64"):
    for step in range(steps):
        for i, (p, g) in enumerate(zip(parameters, arrays(100 + step, dtype), strict=True)):
            p.grad = None if i == 1 and step % 3 == 2 else torch.tensor(g)
        optimizer.step()


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=IDS)
def test_thirty_steps(numpy_place, name, settings, dtype):
    values = arrays(0, dtype)
    theirs, ours = torch_parameters(values), parameters_on(numpy_place, values)
    their_optimizer = getattr(torch.optim, name)(theirs, **settings)
    our_optimizer = make(name, ours, settings)
    torch_train(their_optimizer, theirs, 30, dtype)
    train(our_optimizer, ours, 30, dtype)

    tolerance = 3e-6 if dtype == "float32" else 1e-9
    for a, b in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(host(b), a.detach().numpy(), rtol=tolerance, atol=tolerance)
    assert repr(our_optimizer) == repr(their_optimizer)
    their_state, our_state = their_optimizer.state_dict(), our_optimizer.state_dict()
    assert our_state["param_groups"] == their_state["param_groups"]
    assert {k: list(v) for k, v in our_state["state"].items()} == {k: list(v) for k, v in their_state["state"].items()}
    for key, entries in their_state["state"].items():
        for entry, value in entries.items():
            mine = our_state["state"][key][entry]
            assert str(mine.dtype) == str(value.dtype), entry
            np.testing.assert_allclose(host(mine), value.numpy(), rtol=tolerance, atol=tolerance, err_msg=entry)


def test_a_state_of_torch_is_taken_up(numpy_place):
    values = arrays(0)
    theirs = torch_parameters(values)
    their_optimizer = torch.optim.Adam(theirs, lr=0.1, amsgrad=True)
    torch_train(their_optimizer, theirs, 7)
    ours = parameters_on(numpy_place, [p.detach().numpy() for p in theirs])
    our_optimizer = optim.Adam(ours)
    saved = their_optimizer.state_dict()
    state = {
        key: {name: on(numpy_place, value.numpy()) for name, value in entries.items()}
        for key, entries in saved["state"].items()
    }
    our_optimizer.load_state_dict({"state": state, "param_groups": saved["param_groups"]})
    torch_train(their_optimizer, theirs, 5)
    train(our_optimizer, ours, 5)
    for a, b in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(host(b), a.detach().numpy(), rtol=1e-9)


EXACT = {
    "StepLR", "MultiStepLR", "ExponentialLR", "ConstantLR", "LambdaLR", "MultiplicativeLR", "CyclicLR",
    "CosineAnnealingWarmRestarts",
}  # fmt: skip


def two_groups(library):
    groups = [
        {"params": [library.ones(1, requires_grad=True)]},
        {"params": [library.ones(1, requires_grad=True)], "lr": 0.3},
    ]
    return library.optim.SGD(groups, lr=0.1, momentum=0.9)


def course(library, schedule, steps=24):
    """What a schedule does to two groups: rates and momenta at each step; and the schedule itself."""
    optimizer = two_groups(library)
    scheduler = schedule(library.optim.lr_scheduler, optimizer)
    seen = []
    for _ in range(steps):
        optimizer.step()
        seen.append([*scheduler.get_last_lr(), *(group["momentum"] for group in optimizer.param_groups)])
        scheduler.step()
    return np.array(seen), scheduler


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule(name):
    theirs, their_scheduler = course(torch, SCHEDULES[name])
    ours, our_scheduler = course(xpgrad, SCHEDULES[name])
    np.testing.assert_allclose(ours, theirs, rtol=0 if name in EXACT else 1e-13, atol=0 if name in EXACT else 1e-15)
    if "OneCycleLR" not in name:
        assert set(our_scheduler.state_dict()) == set(their_scheduler.state_dict())


@pytest.mark.parametrize(
    "settings", [{}, {"mode": "max", "threshold_mode": "abs", "cooldown": 2, "patience": 1, "min_lr": [0.01, 0.02]}]
)
def test_plateau(settings):
    seen = []
    for library in (torch, xpgrad):
        optimizer = two_groups(library)
        scheduler = library.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **({"patience": 2} | settings))
        rates = []
        for step in range(40):
            scheduler.step(math.sin(step / 5))
            rates.append(scheduler.get_last_lr())
        seen.append(rates)
    assert seen[0] == seen[1]


RESUMED = {
    "StepLR": (3, 0.5),
    "MultiStepLR": ([2, 5, 5, 9], 0.1),
    "ExponentialLR": (0.9,),
    "ConstantLR": (0.5, 4),
    "LinearLR": (0.1, 0.9, 7),
    "PolynomialLR": (8, 2.0),
    "CosineAnnealingLR": (6, 0.01),
}


@pytest.mark.parametrize("last_epoch", [2, 3])
@pytest.mark.parametrize("name", RESUMED)
def test_schedule_made_anew_in_the_middle(name, last_epoch):
    seen = []
    for library in (torch, xpgrad):
        optimizer = two_groups(library)
        kind = getattr(library.optim.lr_scheduler, name)
        scheduler = kind(optimizer, *RESUMED[name])
        for _ in range(last_epoch):
            optimizer.step()
            scheduler.step()
        scheduler = kind(optimizer, *RESUMED[name], last_epoch=last_epoch)
        rates = []
        for _ in range(6):
            rates.append(scheduler.get_last_lr())
            optimizer.step()
            scheduler.step()
        seen.append(rates)
    np.testing.assert_allclose(seen[1], seen[0], rtol=1e-13)


BAD_SETTINGS = [
    ("SGD", {"lr": -1}),
    ("SGD", {"momentum": -0.1}),
    ("SGD", {"weight_decay": -0.1}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("SGD", {"fused": True, "foreach": True}),
    ("SGD", {"fused": True, "differentiable": True}),
    ("Adam", {"lr": -1}),
    ("Adam", {"lr": float("nan")}),
    ("Adam", {"eps": -1}),
    ("Adam", {"betas": (1.0, 0.9)}),
    ("Adam", {"betas": (0.9, -0.1)}),
    ("AdamW", {"weight_decay": -1}),
    ("RMSprop", {"momentum": -1}),
    ("RMSprop", {"alpha": -1}),
    ("Adagrad", {"lr_decay": -1}),
    ("Adagrad", {"initial_accumulator_value": -1}),
    ("Adadelta", {"rho": 1.5}),
    ("Adamax", {"betas": (0.9, 1.0)}),
    ("NAdam", {"momentum_decay": -1}),
    ("ASGD", {"lr": -1}),
    ("RAdam", {"betas": (1.0, 0.9)}),
    ("Rprop", {"etas": (2.0, 1.0)}),
    ("Adafactor", {"lr": -1}),
    ("Adafactor", {"beta2_decay": 0.1}),
    ("Adafactor", {"eps": (-1.0, 0.1)}),
    ("Adafactor", {"eps": (None, -1.0)}),
    ("Adafactor", {"d": 0.5}),
    ("Adafactor", {"weight_decay": -1}),
    ("LBFGS", {"lr": -1}),
]


@pytest.mark.parametrize(("name", "settings"), BAD_SETTINGS, ids=str)
def test_settings_out_of_range(name, settings):
    with pytest.raises((ValueError, RuntimeError)) as theirs:
        getattr(torch.optim, name)([torch.ones(1, requires_grad=True)], **settings)
    with pytest.raises(type(theirs.value)) as ours:
        make(name, [xpgrad.ones(1, requires_grad=True)], settings)
    assert str(ours.value).startswith(str(theirs.value).rstrip("."))


def bad_parameters(library):
    leaf = library.ones(1, requires_grad=True)
    return {
        "one tensor": lambda: leaf,
        "none": lambda: [],
        "a number": lambda: [1.0],
        "a non-leaf": lambda: [leaf * 2],
        "a set": lambda: [{"params": {leaf}}],
        "twice": lambda: [{"params": [leaf]}, {"params": [leaf]}],
        "some names": lambda: [("w", leaf), library.ones(1, requires_grad=True)],
        "names in one group": lambda: [
            {"params": [("w", leaf)]},
            {"params": [library.ones(1, requires_grad=True)]},
        ],
    }


@pytest.mark.parametrize("case", bad_parameters(xpgrad))
def test_parameters_that_cannot_be_optimized(case):
    with pytest.raises((TypeError, ValueError)) as theirs:
        torch.optim.SGD(bad_parameters(torch)[case]())
    with pytest.raises(type(theirs.value)) as ours:
        optim.SGD(bad_parameters(xpgrad)[case]())
    first_words = str(theirs.value).split(", but got")[0]
    assert str(ours.value).startswith(first_words)


def test_early_step_of_a_schedule_warns_as_theirs():
    texts = []
    for library in (torch, xpgrad):
        scheduler = library.optim.lr_scheduler.StepLR(two_groups(library), 1)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scheduler.step()
        texts.append([str(w.message) for w in caught])
    assert texts[0] == texts[1]
