"""Who gives which function of a raw namespace: what is said of it is what runs."""

import functools
from typing import ClassVar

import array_api_strict
import pytest

from xpgrad.backends import namespace, packs
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.namespace import EXTENSIONS, KERNELS, LIBRARY, provider, providers, raw_namespace
from xpgrad.backends.registry import get_backend


def reflect(xp, x, /):
    return "kernel"


def cosine(xp, x, /):
    return "pack"


class Pack(packs.KernelPack):
    name, backend = "good", "some"
    kernels: ClassVar = {"cos": cosine, "erf": cosine, "nobody_has_this": cosine}


@pytest.fixture
def one_pack(monkeypatch):
    monkeypatch.setattr(namespace, "packs_for", lambda backend: (Pack(),) if backend == "some" else ())


def test_who_is_asked(one_pack):
    kernels = {"erf": reflect, "sin": reflect}
    found = providers("some", array_api_strict, kernels)
    assert found.keys() == FALLBACKS.keys() | {"sin", "cos"}
    assert found["erf"] == ("good", KERNELS)
    assert found["sin"] == (KERNELS,)
    assert found["cos"] == ("good", LIBRARY)
    assert found["scatter_add"] == (EXTENSIONS,)
    assert providers("other", array_api_strict, {})["erf"] == (EXTENSIONS,)


def test_that_is_who_answers(one_pack):
    kernels = {"erf": reflect}
    xp = raw_namespace("some", array_api_strict, kernels, None)
    assert (xp.erf(1), xp.cos(1)) == ("pack", "pack")
    assert xp.sin is array_api_strict.sin
    assert xp.scatter_add.func is FALLBACKS["scatter_add"]
    assert raw_namespace("other", array_api_strict, kernels, None).erf(1) == "kernel"
    with pytest.raises(AttributeError, match="the namespace of backend 'some' has no 'nobody_has_this'"):
        xp.nobody_has_this  # noqa: B018


@pytest.mark.parametrize("name", ["numpy", "strict"])
def test_every_function_of_a_backend_comes_from_who_is_said_to_give_it(name):
    backend = get_backend(name)
    xp = backend.places()[0].xp
    for function, (giver,) in providers(name, backend.xp, backend.kernels).items():
        assert provider(function, backend.xp, backend.kernels) == giver
        table = {KERNELS: backend.kernels, EXTENSIONS: FALLBACKS}[giver]
        found = getattr(xp, function)
        assert isinstance(found, functools.partial)
        assert found.func is table[function]
