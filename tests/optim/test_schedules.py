"""Schedules, without PyTorch to compare with."""

import math

import pytest

import xpgrad
from xpgrad.optim import SGD, Adam, lr_scheduler


def optimizer(lr=1.0, **settings):
    return SGD([xpgrad.ones(1, requires_grad=True)], lr=lr, **settings)


def rates(scheduler, steps):
    seen = []
    for _ in range(steps):
        seen.append(scheduler.get_last_lr()[0])
        scheduler.optimizer.step()
        scheduler.step()
    return seen


KNOWN = {
    "StepLR": ((2, 0.5), [1, 1, 0.5, 0.5, 0.25]),
    "MultiStepLR": (([1, 3], 0.5), [1, 0.5, 0.5, 0.25, 0.25]),
    "ExponentialLR": ((0.5,), [1, 0.5, 0.25, 0.125, 0.0625]),
    "ConstantLR": ((0.5, 2), [0.5, 0.5, 1, 1, 1]),
    "LinearLR": ((0.5, 1.0, 2), [0.5, 0.75, 1, 1, 1]),
    "PolynomialLR": ((4, 1.0), [1, 0.75, 0.5, 0.25, 0]),
    "CosineAnnealingLR": ((2,), [1, 0.5, 0, 0.5, 1]),
    "CosineAnnealingWarmRestarts": ((2,), [1, 0.5, 1, 0.5, 1]),
    "LambdaLR": ((lambda epoch: 1 / (1 + epoch),), [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
    "MultiplicativeLR": ((lambda epoch: 0.5,), [1, 0.5, 0.25, 0.125, 0.0625]),
    "OneCycleLR": ((1.0, 5, None, None, 0.4, "linear", False), [0.04, 1, 0.66666800, 0.333336, 4e-6]),
    "CyclicLR": ((0.0, 1.0, 2, 2, "triangular2"), [0, 0.5, 1, 0.5, 0]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_rates(name):
    arguments, expected = KNOWN[name]
    scheduler = getattr(lr_scheduler, name)(optimizer(momentum=0.5), *arguments)
    assert rates(scheduler, 5) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", KNOWN)
def test_a_saved_schedule_goes_on(name):
    arguments, _ = KNOWN[name]
    first = getattr(lr_scheduler, name)(optimizer(momentum=0.5), *arguments)
    rates(first, 2)
    other_optimizer = optimizer(momentum=0.5)
    second = getattr(lr_scheduler, name)(other_optimizer, *arguments)
    second.load_state_dict(first.state_dict())
    other_optimizer.load_state_dict(first.optimizer.state_dict())
    assert rates(second, 3) == rates(first, 3)


def test_a_sequence_is_saved_with_its_parts():
    def make():
        o = optimizer()
        parts = [lr_scheduler.LinearLR(o, 0.5, 1.0, 2), lr_scheduler.ExponentialLR(o, 0.5)]
        return lr_scheduler.SequentialLR(o, parts, [2])

    first, second = make(), make()
    rates(first, 3)
    second.load_state_dict(first.state_dict())
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    assert rates(second, 3) == rates(first, 3) == [0.5, 0.25, 0.125]


def test_a_schedule_that_begins_with_a_chain_begins_where_it_should():
    o = optimizer()
    chain = lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(o, 0.5, 2), lr_scheduler.ExponentialLR(o, 0.5)])
    scheduler = lr_scheduler.SequentialLR(o, [chain, lr_scheduler.StepLR(o, 1, 0.5)], [3])
    assert rates(scheduler, 5) == [0.5, 0.25, 0.25, 1.0, 0.5]


def test_jumping_to_an_epoch():
    scheduler = lr_scheduler.StepLR(optimizer(), 2, 0.5)
    scheduler.optimizer.step()
    scheduler.step(5)
    assert scheduler.get_last_lr() == [0.25]
    assert scheduler.last_epoch == 5


def test_fractions_of_an_epoch():
    scheduler = lr_scheduler.CosineAnnealingWarmRestarts(optimizer(), 2, T_mult=2)
    scheduler.step(3.0)
    assert scheduler.get_last_lr()[0] == pytest.approx((1 + math.cos(math.pi / 4)) / 2)


def test_a_rate_that_is_a_tensor_stays_one():
    rate = xpgrad.tensor(1.0)
    scheduler = lr_scheduler.StepLR(optimizer(lr=rate), 1, 0.5)
    scheduler.optimizer.step()
    scheduler.step()
    assert scheduler.optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.5


def test_momentum_goes_against_the_rate():
    adam = Adam([xpgrad.ones(1, requires_grad=True)], betas=(0.9, 0.99))
    scheduler = lr_scheduler.OneCycleLR(adam, 1.0, total_steps=10)
    seen = []
    for _ in range(10):
        seen.append((adam.param_groups[0]["lr"], adam.param_groups[0]["betas"]))
        adam.step()
        scheduler.step()
    assert max(seen)[1] == pytest.approx((0.85, 0.99))
    assert seen[0][1] == (0.95, 0.99)


ERRORS = {
    "Expected positive integer total_steps, but got 0": lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=0),
    "You must define either total_steps OR": lambda o: lr_scheduler.OneCycleLR(o, 1.0, epochs=3),
    "Expected float between 0 and 1 pct_start, but got 2": lambda o: lr_scheduler.OneCycleLR(o, 1.0, 5, pct_start=2),
    "anneal_strategy must be one of 'cos' or 'linear'": lambda o: lr_scheduler.OneCycleLR(
        o, 1.0, 5, anneal_strategy="no"
    ),
    "mode is invalid and scale_fn is None": lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, mode="no"),
    "optimizer must support momentum or beta1": lambda o: lr_scheduler.CyclicLR(
        xpgrad.optim.Adagrad(o.param_groups[0]["params"]), 0.1, 1.0
    ),
    "Expected 1 lr_lambdas, one for each param group, but got 2": lambda o: lr_scheduler.LambdaLR(o, [abs, abs]),
    "expected to be between 0 and 1": lambda o: lr_scheduler.ConstantLR(o, 2.0),
    "expected to be greater than 0 and less or equal to 1": lambda o: lr_scheduler.LinearLR(o, 0.0),
    "Ending multiplicative factor": lambda o: lr_scheduler.LinearLR(o, 0.5, 2.0),
    "Expected positive integer T_0, but got 0": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 0),
    "Expected integer T_mult >= 1, but got 0": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 1, 0),
    "Factor should be < 1.0, but got 1.0": lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0),
    "mode least is unknown!": lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="least"),
    "threshold mode no is unknown!": lambda o: lr_scheduler.ReduceLROnPlateau(o, threshold_mode="no"),
    "expects at least one scheduler": lambda o: lr_scheduler.ChainedScheduler([]),
    "does not support `ReduceLROnPlateau`": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ReduceLROnPlateau(o)]
    ),
    "number of schedulers 1 and the number of milestones to be equal to 2": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.StepLR(o, 1)], [1, 2]
    ),
    "to belong to the same optimizer": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.StepLR(o, 1), lr_scheduler.StepLR(optimizer(), 1)]
    ),
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text):
    with pytest.raises(ValueError) as error:
        ERRORS[text](optimizer())
    assert text in str(error.value)


def test_too_many_steps_of_one_cycle():
    scheduler = lr_scheduler.OneCycleLR(optimizer(momentum=0.5), 1.0, total_steps=2)
    with pytest.raises(ValueError, match=r"Tried to step 3 times\. The specified number of total steps is 2"):
        rates(scheduler, 5)


def test_what_is_no_optimizer():
    with pytest.raises(TypeError, match="str is not an Optimizer"):
        lr_scheduler.StepLR("sgd", 1)


def test_resuming_without_an_initial_rate():
    with pytest.raises(KeyError, match="param 'initial_lr' is not specified in param_groups"):
        lr_scheduler.StepLR(optimizer(), 1, last_epoch=3)


def test_a_new_group_without_a_least_rate():
    o = optimizer()
    scheduler = lr_scheduler.ReduceLROnPlateau(o, patience=0, min_lr=[0.1])
    o.add_param_group({"params": [xpgrad.ones(1, requires_grad=True)]})
    scheduler.step(1.0)
    with pytest.raises(RuntimeError, match="The number of param groups in the `optimizer` \\(2\\) differs"):
        scheduler.step(1.0)
