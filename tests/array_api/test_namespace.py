"""The namespace as a whole: its names, its signatures, what it says of itself, and the recorded one over it."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import array_api_strict
import pytest

import xpgrad
from xpgrad import array_api as xp
from xpgrad.array_api.recorded import recorded
from xpgrad.backends.base import Place
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import default_place, use_backend
from xpgrad.core.op import Op

# In array-api-strict's namespace, but not in the standard's of 2024.12.
LATER = {"broadcast_shapes", "isin"}
ITS_OWN = {
    "ArrayAPIStrictFlags", "Device", "__version__", "get_array_api_strict_flags", "reset_array_api_strict_flags",
    "set_array_api_strict_flags",
}  # fmt: skip
# array-api-strict marks "not given" with an object of its own.
MARKED = {"astype": {"device"}, "from_dlpack": {"device", "copy"}}

EXTENSIONS = {
    "linalg": [
        "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
        "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot",
        "trace", "vecdot", "vector_norm",
    ],
    "fft": [
        "fft", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifftn", "ifftshift", "ihfft", "irfft", "irfftn", "rfft",
        "rfftfreq", "rfftn",
    ],
}  # fmt: skip
FUNCTIONS = [("", name) for name in xp.__all__ if inspect.isroutine(getattr(xp, name))] + [
    (extension, name) for extension, names in EXTENSIONS.items() for name in names
]


def within(namespace: ModuleType, extension: str) -> Any:
    return getattr(namespace, extension) if extension else namespace


def test_the_names_are_the_standards() -> None:
    assert set(xp.__all__) == set(array_api_strict.__all__) - LATER - ITS_OWN
    assert xp.__array_api_version__ == "2024.12"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_the_extensions_are_complete(extension: str) -> None:
    assert sorted(within(xp, extension).__all__) == sorted(EXTENSIONS[extension])


@pytest.mark.parametrize(("extension", "name"), FUNCTIONS, ids=lambda part: part or "main")
def test_signatures_are_the_standards(extension: str, name: str) -> None:
    def parameters(function: Any) -> list[Any]:
        found = [p for p in inspect.signature(function).parameters.values() if p.name not in MARKED.get(name, ())]
        return [
            (p.kind, None, None) if p.kind is p.POSITIONAL_ONLY and p.default is p.empty else (p.kind, p.default)
            if p.kind is p.POSITIONAL_ONLY else (p.kind, p.default, p.name)
            for p in found
        ]  # fmt: skip

    ours, theirs = getattr(within(xp, extension), name), getattr(within(array_api_strict, extension), name)
    assert parameters(ours) == parameters(theirs)
    accepted = set(inspect.signature(ours).parameters)
    assert MARKED.get(name, set()) <= accepted


@pytest.mark.parametrize(("extension", "name"), FUNCTIONS, ids=lambda part: part or "main")
def test_every_function_says_what_it_does(extension: str, name: str) -> None:
    function = getattr(within(xp, extension), name)
    first = (function.__doc__ or "").splitlines()[0]
    assert first.endswith((".", ":"))
    assert function.__name__ == name


def test_tensors_name_the_namespace() -> None:
    x = xp.asarray([1.0])
    assert x.__array_namespace__() is xp
    assert x.__array_namespace__(api_version="2024.12") is xp


def test_info_of_the_default_backend() -> None:
    info = xp.__array_namespace_info__()
    assert info.default_device() is default_place().device
    assert info.default_device() in info.devices()
    assert info.default_dtypes() == {
        "real floating": xp.float32,
        "complex floating": xp.complex64,
        "integral": xp.int64,
        "indexing": xp.int64,
    }
    assert info.dtypes(kind="real floating") == {"float32": xp.float32, "float64": xp.float64}
    assert set(info.dtypes()) == {name for name in xp.__all__ if isinstance(getattr(xp, name), xpgrad.dtype)}
    assert info.capabilities()["boolean indexing"]


def test_info_of_a_device_that_has_less() -> None:
    with use_backend("strict"):
        info = xp.__array_namespace_info__()
        assert "strict:cpu" in map(str, info.devices())
        assert "float64" not in info.dtypes(device="strict:no_float64", kind="real floating")


# The recorded namespace.


@pytest.mark.parametrize("name", sorted(FALLBACKS))
def test_the_recorded_namespace_has_every_extension_function(name: str) -> None:
    assert callable(getattr(recorded, name))


def test_extensions_with_a_rule_are_their_ops() -> None:
    for name in ("addmm", "constant_pad", "convolution", "diagonal", "embed", "erf", "getitem", "scatter_add"):
        assert isinstance(getattr(recorded, name), Op)


def test_the_recorded_namespace_has_the_standard_and_nothing_else() -> None:
    assert all(getattr(recorded, name) is getattr(xp, name) for name in xp.__all__)
    with pytest.raises(AttributeError, match="the recorded namespace has no 'frobnicate'"):
        _ = recorded.frobnicate


def test_the_device_of_a_gradient_is_found_again_whatever_the_default(place: Place) -> None:
    g = xp.ones((2,), device=place.device)
    assert g._place is place
    with use_backend("strict" if place.backend.name != "strict" else "numpy"):
        for made in (
            recorded.zeros((2,), dtype=g.dtype, device=g.device),
            recorded.eye(2, dtype=recorded.bool, device=g.device),
            recorded.arange(2, device=g.device),
            recorded.full((2,), 1.0, dtype=g.dtype, device=g.device),
            recorded.zeros_like(g),
            recorded.asarray([1.0], device=g.device),
        ):
            assert made._place is place
