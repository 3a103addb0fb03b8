"""A public name exists, says what it is, and comes from the package it is exported by."""

import importlib
import inspect

import pytest

PACKAGES = [
    "xpgrad", "xpgrad.accelerator", "xpgrad.array_api", "xpgrad.array_api.fft", "xpgrad.array_api.linalg",
    "xpgrad.autograd", "xpgrad.autograd.forward_ad", "xpgrad.autograd.functional", "xpgrad.autograd.graph",
    "xpgrad.cuda", "xpgrad.data", "xpgrad.fft", "xpgrad.func", "xpgrad.linalg", "xpgrad.masked", "xpgrad.nn",
    "xpgrad.nn.functional", "xpgrad.nn.init", "xpgrad.nn.modules", "xpgrad.nn.utils", "xpgrad.nn.utils.parametrize",
    "xpgrad.nn.utils.rnn", "xpgrad.optim", "xpgrad.optim.lr_scheduler", "xpgrad.random", "xpgrad.return_types",
    "xpgrad.serialization", "xpgrad.signal", "xpgrad.signal.windows", "xpgrad.special", "xpgrad.testing",
    "xpgrad.utils", "xpgrad.utils.checkpoint", "xpgrad.utils.data", "xpgrad.utils.dlpack",
]  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_exported_exists_once(package):
    module = importlib.import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_exported_is_documented(package):
    module = importlib.import_module(package)
    things = {name: getattr(module, name) for name in module.__all__}
    callables = {name: thing for name, thing in things.items() if inspect.isroutine(thing) or inspect.isclass(thing)}
    assert [name for name, thing in callables.items() if not inspect.getdoc(thing)] == []


# What `array_api` exports is the standard's names; the rest of its modules is for the layers above.
@pytest.mark.parametrize("package", [p for p in PACKAGES if "array_api" not in p])
def test_public_functions_and_classes_are_exported(package):
    module = importlib.import_module(package)
    own = [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isroutine(thing) or inspect.isclass(thing))
        and getattr(thing, "__module__", "") == package
    ]
    assert sorted(set(own) - set(module.__all__)) == []


def test_methods_of_tensors_are_documented():
    tensor = importlib.import_module("xpgrad").Tensor
    # Static, since some names are there only to say why what they name is not.
    methods = [(name, inspect.getattr_static(tensor, name)) for name in dir(tensor) if not name.startswith("_")]
    assert [name for name, method in methods if not inspect.getdoc(method)] == []
