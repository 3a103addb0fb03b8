"""Saving and loading: what goes into a file, a copy or a pickle comes out of it, on this backend and on another."""

from __future__ import annotations

import copy
import pickle
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from xpgrad import nn, optim
from xpgrad.backends.dtypes import BY_NAME
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import DtypeError, GradientError, StateDictError
from xpgrad.functions.generator import Generator
from xpgrad.functions.random import rand
from xpgrad.serialization import load_file, load_metadata, save_file
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import Experiments, ask, given, moved, needs
from xpgrad.testing.conformance.layers.layer import normal
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("save-load", "Saving and loading")

SAVING = Experiments()

# What the format of files has no code for.
_NOT_IN_FILES: Final = "complex128"
X: Final = normal(5, 6)


def _through_file(tensors: Any, **settings: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tensors.safetensors"
        save_file(tensors, path)
        return load_file(path, **settings)


def _values(name: str) -> Any:
    """Numbers that each dtype holds exactly."""
    numbers = np.arange(6) - (0 if name.startswith("uint") else 2)
    return numbers.reshape(2, 3).astype("bool" if name == "bool" else "float32")


for _name in BY_NAME:
    if _name == _NOT_IN_FILES:
        continue

    @LEVEL.check(f"dtype/{_name}", needs=[_name])
    def _(subject: Subject, name: str = _name) -> None:
        """From the backend to NumPy by a file, and back."""
        dtype = BY_NAME[name]
        with subject.using():
            tensor = subject.tensor(_values(name)).to(dtype)
            on_host = _through_file({"x": tensor}, device="numpy:cpu")["x"]
            back = _through_file({"x": on_host}, device=subject.place.device)["x"]
        expected = _values(name).astype(on_host._array.dtype)
        for where, found in (("on NumPy", Subject(subject.reference).host(on_host)), ("again", subject.host(back))):
            np.testing.assert_array_equal(found, expected, err_msg=f"{name} {where}")
        assert on_host.dtype is dtype, f"expected {dtype}, got {on_host.dtype}"
        assert back.dtype is dtype, f"expected {dtype}, got {back.dtype}"


@SAVING.add(f"dtype/{_NOT_IN_FILES}", needs=[_NOT_IN_FILES])
def _(here: Subject) -> Any:
    return _refusal(DtypeError, lambda: _through_file({"z": given(here, np.ones(2, _NOT_IN_FILES))}))


def _refusal(kind: type[Exception], program: Any) -> str:
    """What the error of a program says."""
    try:
        program()
    except kind as error:
        return str(error)
    raise AssertionError(f"expected a {kind.__name__}")


@SAVING.add("shapes")
def _(here: Subject) -> Any:
    """Of no dimension, without elements, turned, cut, backwards, and recording."""
    x = given(here, X)
    odd = {
        "number": x[0, 0],
        "nothing": x[:0],
        "turned": x.T,
        "part": x[1:4, ::2],
        "backwards": x.flip(0),
        "leaf": x.clone().requires_grad_(),
        "result": x.clone().requires_grad_() * 2,
        "broadcast": x[:1].expand(3, 6),
    }
    found = _through_file(odd)
    return {"found": {name: found[name] for name in odd}, "recording": found["leaf"].requires_grad}


@SAVING.add("metadata")
def _(here: Subject) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tensors.safetensors"
        save_file({"x": given(here, X)}, path, {"epoch": "7"})
        return load_metadata(path)


@SAVING.add("loaded-tensors-can-be-written")
def _(here: Subject) -> Any:
    found = _through_file({"x": given(here, X)})["x"]
    return found.add_(1)


def _net(here: Subject) -> Any:
    # Without the bias that normalising takes away again: its gradient is rounding, which Adam makes whole steps of.
    return moved(
        here, lambda: nn.Sequential(nn.Linear(6, 4, bias=False), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2))
    )


def _train(here: Subject, net: Any, optimizer: Any, steps: int) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        net(given(here, X)).square().mean().backward()
        optimizer.step()


@SAVING.add("training-goes-on")
def _(here: Subject) -> Any:
    """Model and optimizer by a file, the optimizer's state as tensors by name."""
    first, second = _net(here), _net(here)
    optimizer, other = optim.Adam(first.parameters(), lr=0.1), optim.Adam(second.parameters(), lr=0.1)
    _train(here, first, optimizer, 3)
    state = optimizer.state_dict()
    found = _through_file(
        {f"model.{k}": v for k, v in first.state_dict().items()}
        | {f"state.{i}.{name}": v for i, entries in state["state"].items() for name, v in entries.items()}
    )
    second.load_state_dict({k: found[f"model.{k}"] for k in first.state_dict()})
    entries = {i: {name: found[f"state.{i}.{name}"] for name in entries} for i, entries in state["state"].items()}
    other.load_state_dict({"state": entries, "param_groups": state["param_groups"]})
    _train(here, first, optimizer, 3)
    _train(here, second, other, 3)
    return {"loaded": second.state_dict(), "expected": first.state_dict()}


@SAVING.add("state-dict/across-backends")
def _(here: Subject) -> Any:
    """From NumPy's model into one on the device, and back."""
    there = moved(Subject(here.reference), lambda: nn.Linear(6, 4))
    net = moved(here, lambda: nn.Linear(6, 4))
    with no_grad():
        for p in net.parameters():
            p.zero_()
    net.load_state_dict(there.state_dict())
    loaded = {name: value.clone() for name, value in net.state_dict().items()}
    with no_grad():
        for p in net.parameters():
            p.add_(1)
    there.load_state_dict(net.state_dict())
    back = [
        (p.detach().to(here.place.device) - q.detach())
        for p, q in zip(there.parameters(), net.parameters(), strict=True)
    ]
    return {"loaded": loaded, "difference": back}


@SAVING.add("state-dict/strict")
def _(here: Subject) -> Any:
    net = _net(here)
    state = dict(net.state_dict())
    lacking = {name: value for name, value in state.items() if name != "3.bias"}
    extra, misshapen = state | {"more": state["3.bias"]}, state | {"3.bias": state["1.bias"]}
    errors = [
        _refusal(StateDictError, lambda wrong=wrong: net.load_state_dict(wrong))
        for wrong in (lacking, extra, misshapen)
    ]
    loosely = net.load_state_dict(lacking | {"more": state["3.bias"]}, strict=False)
    return {"errors": errors, "missing": loosely.missing_keys, "unexpected": loosely.unexpected_keys}


@SAVING.add("copy/deepcopy")
def _(here: Subject) -> Any:
    """A copy has memory of its own, its gradient's too."""
    x = given(here, X).requires_grad_()
    (x * x).sum().backward()
    twin = copy.deepcopy(x)
    with no_grad():
        x.zero_()
        x.grad.zero_()
    return {"value": twin, "gradient": twin.grad, "leaf": [twin.is_leaf, twin.requires_grad]}


@SAVING.add("copy/copy", needs=["mutable"])
def _(here: Subject) -> Any:
    """The same memory in another object."""
    x = given(here, X)
    twin = copy.copy(x)
    x.add_(1)
    return {"twin": twin, "other": twin is not x}


@SAVING.add("copy/recorded")
def _(here: Subject) -> Any:
    x = given(here, X).requires_grad_() * 2
    return [_refusal(GradientError, lambda: copy.deepcopy(x)), _refusal(GradientError, lambda: pickle.dumps(x))]


@SAVING.add("pickle/tensor")
def _(here: Subject) -> Any:
    x = pickle.loads(pickle.dumps(given(here, X, requires_grad=True)))
    y = pickle.loads(pickle.dumps(given(here, np.asarray(3))))
    return {"x": x, "y": y, "recording": [x.requires_grad, y.requires_grad]}


@SAVING.add("pickle/module")
def _(here: Subject) -> Any:
    net = _net(here)
    twin = pickle.loads(pickle.dumps(net))
    out = twin(given(here, X))
    out.sum().backward()
    return {"state": twin.state_dict(), "out": out, "gradient": [p.grad for p in twin.parameters()]}


@SAVING.add("pickle/optimizer-state")
def _(here: Subject) -> Any:
    first, second = _net(here), _net(here)
    optimizer, other = optim.SGD(first.parameters(), momentum=0.9), optim.SGD(second.parameters(), momentum=0.9)
    _train(here, first, optimizer, 2)
    second.load_state_dict(pickle.loads(pickle.dumps(first.state_dict())))
    other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    _train(here, second, other, 2)
    return second.state_dict()


@SAVING.add("pickle/generator")
def _(here: Subject) -> Any:
    generator = Generator().manual_seed(5)
    rand(3, generator=generator)
    twin = pickle.loads(pickle.dumps(generator))
    return [rand(4, generator=generator), rand(4, generator=twin)]


LEVEL.each(SAVING, needs=needs)(ask)
