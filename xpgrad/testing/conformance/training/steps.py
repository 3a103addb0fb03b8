"""Steps of optimizers and schedules along given gradients: parameters and states are NumPy's."""

from __future__ import annotations

import copy
import functools
import inspect
import math
import warnings
from typing import Any, Final

from xpgrad import optim
from xpgrad.optim import lr_scheduler
from xpgrad.testing.conformance.experiments import Experiment, Experiments, Program, given
from xpgrad.testing.conformance.optimizers import SCHEDULES, SETTINGS, WITHOUT_ROW, Settings, arrays, train
from xpgrad.testing.conformance.subject import Subject

# Accepted for PyTorch's sake, and of no consequence.
_FLAGS: Final = ({"foreach": True}, {"foreach": False}, {"fused": True}, {"fused": False}, {"capturable": True})

_NAMES: Final = [name for name in optim.__all__ if name not in (*WITHOUT_ROW, "lr_scheduler")]

STEPS = Experiments()


def _parameters(here: Subject, dtype: str = "float64") -> list[Any]:
    return [given(here, a, requires_grad=True) for a in arrays(0, dtype)]


def _train(here: Subject, optimizer: Any, parameters: Any, steps: int, **more: Any) -> None:
    train(optimizer, parameters, steps, lambda g: given(here, g), **more)


def _state(optimizer: Any) -> Any:
    """What an optimizer keeps for each parameter, by its number; some of that are numbers on the host."""
    return {
        str(key): {name: float(value) if name in optimizer.numbers else value for name, value in entries.items()}
        for key, entries in optimizer.state_dict()["state"].items()
    }


def _eight_steps(name: str, settings: Settings, here: Subject) -> Any:
    parameters = _parameters(here)
    optimizer = getattr(optim, name)(parameters, **settings)
    _train(here, optimizer, parameters, 8)
    return {"parameter": parameters, "state": _state(optimizer)}


def _resumed(name: str, settings: Settings, here: Subject) -> Any:
    parameters = _parameters(here)
    optimizer = getattr(optim, name)(parameters, **settings)
    _train(here, optimizer, parameters, 4)
    others = [p.detach().clone().requires_grad_() for p in parameters]
    other = getattr(optim, name)(others)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    _train(here, other, others, 4, start=4)
    return {"parameter": others, "state": _state(other)}


def _with_flags(name: str, here: Subject) -> Any:
    kind, results = getattr(optim, name), {}
    for flag in _FLAGS:
        if flag.keys() <= inspect.signature(kind).parameters.keys():
            parameters = _parameters(here)
            _train(here, kind(parameters, **flag), parameters, 3)
            results[str(flag)] = parameters
    return results


def _in_groups(name: str, here: Subject) -> Any:
    first, second, third = parameters = _parameters(here)
    optimizer = getattr(optim, name)([{"params": [first]}, {"params": second, "lr": 0.5}], lr=0.1)
    _train(here, optimizer, parameters, 3)
    optimizer.add_param_group({"params": [third], "lr": 0.25})
    optimizer.param_groups[0]["lr"] = 0.2
    _train(here, optimizer, parameters, 3, start=3)
    return parameters


def _scheduled(schedule: Any, family: Any, here: Subject) -> Any:
    first, *others = parameters = _parameters(here)
    optimizer = family([{"params": [first], "lr": 0.3}, {"params": others}])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a first step that comes late
        scheduler = schedule(lr_scheduler, optimizer)
    rates = []
    for step in range(10):
        _train(here, optimizer, parameters, 1, start=step)
        rates.append(scheduler.get_last_lr())
        scheduler.step()
    return {"rate": rates, "parameter": parameters}


def _add(name: str, program: Program) -> None:
    STEPS[name] = Experiment(program, tolerance=1e-11)


for _id, _row in SETTINGS.items():
    _add(f"{_id}/steps", functools.partial(_eight_steps, *_row))
    _add(f"{_id}/resumed", functools.partial(_resumed, *_row))
for _name in _NAMES:
    _add(f"{_name}/groups", functools.partial(_in_groups, _name))
    _add(f"{_name}/flags", functools.partial(_with_flags, _name))
for _id, _schedule in SCHEDULES.items():
    for _name, _family in (
        ("SGD", functools.partial(optim.SGD, lr=0.1, momentum=0.9)),
        ("Adam", functools.partial(optim.Adam, lr=0.1)),
    ):
        _add(f"{_id}/{_name}", functools.partial(_scheduled, _schedule, _family))


@STEPS.add("ReduceLROnPlateau")
def _(here: Subject) -> Any:
    (parameter, *_) = _parameters(here)
    optimizer = optim.SGD([parameter], lr=0.5)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
    rates = []
    for step in range(12):
        scheduler.step(given(here, math.sin(step / 3)))
        rates.append(scheduler.get_last_lr())
    return rates


@STEPS.add("StepLR/rate-is-a-tensor")
def _(here: Subject) -> Any:
    parameters, rate = _parameters(here, "float32"), given(here, 0.5).float()
    optimizer = optim.SGD(parameters, lr=rate)
    scheduler = lr_scheduler.StepLR(optimizer, 2, 0.1)
    for step in range(4):
        train(optimizer, parameters, 1, lambda g: given(here, g), dtype="float32", start=step)
        scheduler.step()
    return {"rate": rate, "itself": optimizer.param_groups[0]["lr"] is rate, "parameter": parameters}


@STEPS.add("Adafactor/steps")
def _(here: Subject) -> Any:
    parameters = _parameters(here, "float32")
    optimizer = optim.Adafactor(parameters, lr=0.1, weight_decay=0.01)
    _train(here, optimizer, parameters, 6, dtype="float32")
    return {"parameter": parameters, "state": _state(optimizer)}


for _search in (None, "strong_wolfe"):

    @STEPS.add(f"LBFGS({_search})/steps", tolerance=1e-9)
    def _(here: Subject, search: str | None = _search) -> Any:
        x = given(here, [-1.2, 1.0, 0.5], requires_grad=True)
        optimizer, losses = optim.LBFGS([x], lr=0.1, max_iter=5, line_search_fn=search), []

        def closure() -> Any:
            optimizer.zero_grad()
            loss = ((1 - x[:-1]) ** 2 + 10 * (x[1:] - x[:-1] ** 2) ** 2).sum()
            loss.backward()
            losses.append(loss.detach())
            return loss

        for _ in range(3):
            optimizer.step(closure)
        return {"loss": losses, "parameter": x}


@STEPS.add("complex", tolerance=1e-11, needs=["complex64"])
def _(here: Subject) -> Any:
    results = {}
    for kind in (optim.SGD, optim.Adam, optim.RMSprop, optim.Adagrad):
        parameters = _parameters(here, "complex128")
        _train(here, kind(parameters, lr=0.1), parameters, 3, dtype="complex128")
        results[kind.__name__] = parameters
    return results


@STEPS.add("gradients-are-left-alone", tolerance=1e-11)
def _(here: Subject) -> Any:
    """Neither a step nor what the optimizer keeps shares memory with a gradient."""
    results = {}
    for name in _NAMES:
        parameters = _parameters(here)
        optimizer = getattr(optim, name)(parameters)
        gradients = [given(here, g) for g in arrays(1)]
        for _ in range(2):
            for p, g in zip(parameters, gradients, strict=True):
                p.grad = g
            optimizer.step()
        kept = [g.clone() for g in gradients]
        for g in gradients:
            g.zero_()
        results[name] = [parameters, _state(optimizer), kept]
    return results
