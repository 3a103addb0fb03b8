"""Where tensors go: precedence, device strings, the environment."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading

import pytest

from xpgrad.backends import selection
from xpgrad.backends.devices import device
from xpgrad.backends.registry import (
    default_place,
    describe_backends,
    get_backend,
    get_default_device,
    host_place,
    resolve,
    set_default_backend,
    set_default_device,
    use_backend,
)
from xpgrad.errors import (
    ArgumentTypeError,
    BackendError,
    BrokenBackendError,
    NoDeviceError,
    UnknownBackendError,
    UnknownDeviceError,
)

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def no_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.delitem(sys.modules, "xpgrad.backends.cupy", raising=False)


def here() -> str:
    place = default_place()
    return f"{place.backend.name}:{place.device.type}"


def test_numpy_is_the_default():
    assert default_place() is host_place() is resolve(None)


def test_each_choice_yields_to_the_one_before_it(monkeypatch):
    monkeypatch.setenv("XPGRAD_BACKEND", "strict:device1")
    assert here() == "strict:device1"
    set_default_backend("strict:device2")
    assert here() == "strict:device2"
    with use_backend("strict"):
        assert here() == "strict:cpu"
        with use_backend("numpy"):
            assert here() == "numpy:cpu"
            assert resolve("strict:device1") is get_backend("strict").place("device1")
        assert here() == "strict:cpu"
    assert here() == "strict:device2"
    set_default_backend(None)
    assert here() == "strict:device1"


def test_setting_the_default_device():
    set_default_device("strict:device1")
    assert here() == "strict:device1"
    assert get_default_device() == device("strict:device1")
    set_default_device(None)
    assert here() == "numpy:cpu"


@pytest.mark.parametrize("choose", [set_default_backend, lambda name: use_backend(name).__enter__()])
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nothing", UnknownBackendError),
        ("strict:gpu", UnknownDeviceError),
        ("", UnknownBackendError),
        (3, ArgumentTypeError),
    ],
)
def test_a_choice_that_cannot_be_had_fails_at_once_and_changes_nothing(choose, name, error):
    with pytest.raises(error):
        choose(name)
    assert here() == "numpy:cpu"


def test_a_block_is_left_by_an_error_too():
    with pytest.raises(ZeroDivisionError), use_backend("strict"):
        1 / 0  # noqa: B018
    assert here() == "numpy:cpu"


def test_as_a_decorator_it_holds_for_each_call():
    @use_backend("strict")
    def outer(depth):
        assert here() == "strict:cpu"
        return inner(depth)

    @use_backend("numpy")
    def inner(depth):
        assert here() == "numpy:cpu"
        return outer(depth - 1) if depth else "done"

    assert outer(3) == "done"
    assert here() == "numpy:cpu"
    assert inner.__name__ == "inner"


def test_a_decorator_of_a_generator_would_do_nothing_and_is_refused():
    def generator():
        yield here()

    with pytest.raises(ArgumentTypeError, match=r"generator is a generator or coroutine: write `with use_backend"):
        use_backend("strict")(generator)


def test_a_block_is_one_threads_business_and_the_default_is_everybodys():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(here()))
    with use_backend("strict"):
        thread.start()
        thread.join()
    assert seen == ["numpy:cpu"]

    set_default_backend("strict")
    thread = threading.Thread(target=lambda: seen.append(here()))
    thread.start()
    thread.join()
    assert seen == ["numpy:cpu", "strict:cpu"]


# The environment.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("strict", "strict:cpu"),
        ("strict,numpy", "strict:cpu"),
        (" nothing , strict,numpy", "strict:cpu"),
        ("cupy,numpy", "numpy:cpu"),
        ("strict:gpu,strict:device2", "strict:device2"),
        ("", "numpy:cpu"),
        (" , ", "numpy:cpu"),
    ],
)
def test_the_variable_leads_to_the_first_that_can_be_used(monkeypatch, no_cupy, value, expected):
    monkeypatch.setenv("XPGRAD_BACKEND", value)
    assert here() == expected


@pytest.mark.parametrize("value", ["nothing", "nothing,"])
def test_a_single_name_is_a_demand(monkeypatch, value):
    monkeypatch.setenv("XPGRAD_BACKEND", value)
    for _ in range(2):
        with pytest.raises(UnknownBackendError) as caught:
            default_place()
        assert str(caught.value).startswith(
            f"XPGRAD_BACKEND={value} asks for a backend that cannot be used: unknown backend 'nothing'; installed are "
        )
        assert "Set the variable to another backend" in str(caught.value)
    assert host_place().device == device("cpu")


def test_a_demand_for_cupy_without_cupy(monkeypatch, no_cupy):
    monkeypatch.setenv("XPGRAD_BACKEND", "cupy")
    with pytest.raises(BrokenBackendError, match=r"(?s)XPGRAD_BACKEND=cupy asks .*No module named|import of cupy"):
        default_place()


def test_a_list_of_which_none_can_be_used_says_why_for_each(monkeypatch, no_cupy):
    monkeypatch.setenv("XPGRAD_BACKEND", "cupy,nothing")
    with pytest.raises(BackendError) as caught:
        default_place()
    first, cupy, nothing, _ = str(caught.value).splitlines()
    assert first == "XPGRAD_BACKEND=cupy,nothing asks for a backend that cannot be used: none of the list can be used"
    assert cupy.startswith("'cupy': backend 'cupy' (xpgrad.backends.cupy:CupyBackend, built in) failed to load")
    assert nothing.startswith("'nothing': unknown backend 'nothing'")


def test_the_listing_says_what_was_passed_over(monkeypatch, no_cupy):
    monkeypatch.setenv("XPGRAD_BACKEND", "cupy,strict")
    reports, (note,) = describe_backends()
    assert [r.name for r in reports if r.is_default] == ["strict"]
    assert note.startswith("XPGRAD_BACKEND passed over 'cupy': backend 'cupy' (")


def test_the_listing_survives_a_demand_that_cannot_be_met(monkeypatch):
    monkeypatch.setenv("XPGRAD_BACKEND", "nothing")
    reports, (note,) = describe_backends()
    assert not any(r.is_default for r in reports)
    assert note.startswith("XPGRAD_BACKEND=nothing asks for a backend that cannot be used")


def test_the_variable_is_read_at_first_use_and_never_breaks_the_import(monkeypatch):
    monkeypatch.setenv("XPGRAD_BACKEND", "nothing")
    program = (
        "import xpgrad\ntry:\n    xpgrad.zeros(2)\nexcept xpgrad.errors.UnknownBackendError as error:\n    print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("XPGRAD_BACKEND=nothing asks for a backend that cannot be used")


# Device strings.


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("cpu", "numpy:cpu"),
        ("cpu:0", "numpy:cpu"),
        ("numpy:cpu", "numpy:cpu"),
        ("strict:cpu", "strict:cpu"),
        ("strict:device1", "strict:device1"),
        (device("strict:device2"), "strict:device2"),
    ],
)
def test_a_string_names_a_place(asked, expected):
    place = resolve(asked)
    assert f"{place.backend.name}:{place.device.type}" == expected
    assert resolve(place) is resolve(place.device) is place


def test_a_type_means_the_default_backends_device_first():
    set_default_backend("strict")
    assert resolve("cpu") is get_backend("strict").place("cpu")
    assert resolve("device1") is get_backend("strict").place("device1")
    assert resolve("numpy:cpu") is host_place()
    assert resolve(host_place().device) is host_place()


def test_a_tensors_device_finds_its_way_back_whatever_the_default():
    strict = get_backend("strict").place("cpu")
    # Equal, since a plain `cpu` is either; but never taken for each other.
    assert device("cpu") == strict.device
    assert device("cpu") == host_place().device
    assert strict.device != host_place().device
    assert resolve(device("cpu")) is host_place()
    assert resolve(strict.device) is strict
    assert resolve(pickle.loads(pickle.dumps(strict.device))) is strict


@pytest.mark.parametrize("asked", ["cuda", "cuda:1", 0, device("cuda")])
def test_cuda_is_cupys(no_cupy, asked):
    with pytest.raises(BrokenBackendError, match=r"device 'cuda(:\d)?': backend 'cupy' \(.*failed to load"):
        resolve(asked)


def test_cuda_without_a_device(monkeypatch):
    class NoGpu:
        name = "cupy"

        def find(self, name):
            raise NoDeviceError("CuPy finds no CUDA device")

    monkeypatch.setattr(selection, "get_backend", lambda name: NoGpu() if name == "cupy" else get_backend(name))
    with pytest.raises(NoDeviceError, match="device 'cuda': CuPy finds no CUDA device"):
        resolve("cuda")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "banana",
            "Expected one of cpu, cuda device type at start of device string: banana. The default backend 'numpy' has",
        ),
        ("cpu:1", "backend 'numpy' has no device 'cpu:1'; it has cpu"),
        ("numpy:gpu", "backend 'numpy' has no device 'gpu'; it has cpu"),
        ("strict:device7", "backend 'strict' has no device 'device7'; it has cpu, device1, device2"),
    ],
)
def test_a_device_that_is_not_there(asked, message):
    with pytest.raises(UnknownDeviceError) as caught:
        resolve(asked)
    assert str(caught.value).startswith(message)


def test_a_device_of_an_unknown_backend():
    with pytest.raises(UnknownBackendError, match="unknown backend 'nothing'"):
        resolve("nothing:cpu")
