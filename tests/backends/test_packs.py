"""Kernel packs, really installed and used by a process of its own."""

import os
import re
import subprocess
import sys

import pytest

GOOD = """
from xpgrad.backends.packs import KernelPack

def scatter_add(xp, *args, **settings):
    return NotImplemented

def exp(xp, x, /):
    return NotImplemented if x.dtype == "float64" else xp.full_like(x, 7.0)

class Pack(KernelPack):
    name, backend = "good", "numpy"
    kernels = {"exp": exp, "scatter_add": scatter_add}

    def version(self):
        return "9.8"
"""
OTHER = GOOD.replace("7.0", "5.0").replace('"good"', '"other"')
PROGRAM = "import xpgrad as t; print(t.exp(t.zeros(1)).item(), t.exp(t.zeros(1, dtype=t.float64)).item())"


@pytest.fixture
def install(installed_plugin, plain_path):
    """Installs a pack, of which the name of the entry point and the source are given, for the processes of `run`."""

    def install(entry, source):
        module = f"pack{len(install.sites) + 1}_module"
        entry_points = f'[project.entry-points."xpgrad.kernels"]\n"{entry}" = "{module}:Pack"'
        install.sites.append(installed_plugin(module.removesuffix("_module"), module, source, entry_points, "1.0"))

    install.sites = []
    install.path = plain_path
    return install


def run(install, program=PROGRAM, kernels=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XPGRAD")}
    environment["PYTHONPATH"] = os.pathsep.join([*map(str, install.sites), *install.path])
    if kernels is not None:
        environment["XPGRAD_KERNELS"] = kernels
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)


def test_a_pack_is_used_and_may_decline(install):
    install("numpy.good", GOOD)
    done = run(install)
    assert done.stdout.split() == ["7.0", "1.0"], done.stderr


def test_none_uses_none(install):
    install("numpy.good", GOOD)
    assert run(install, kernels="none").stdout.split() == ["1.0", "1.0"]


def test_the_first_that_is_named_is_preferred(install):
    install("numpy.good", GOOD)
    install("numpy.other", OTHER)
    assert run(install).stdout.split()[0] == "7.0"
    assert run(install, kernels="other,good").stdout.split()[0] == "5.0"
    assert run(install, kernels="other").stdout.split()[0] == "5.0"


def test_what_is_for_another_backend_is_not_loaded(install):
    install("cupy.good", "raise SystemExit('loaded')")
    done = run(install)
    assert (done.stdout.split(), done.stderr) == (["1.0", "1.0"], "")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ImportError('libfoo.so.1: cannot open')", "ImportError: libfoo.so.1: cannot open"),
        ("Pack = 3", "the entry point names no subclass of xpgrad.backends.packs.KernelPack but 3."),
        (OTHER, "it calls itself numpy.other, its entry point numpy.good."),
        (
            GOOD.replace("kernels = ", "protocol = 99; kernels = "),
            "it speaks version 99 of the protocol of packs, this xpgrad version 1. Upgrade xpgrad",
        ),
        (GOOD.replace('"exp": exp', '"exp": 3'), "its kernels must be functions by name, and 'exp' is none"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (GOOD.replace("kernels = ", "other = "), "Pack"),
        (GOOD + "\n    def __init__(self):\n        raise OSError('no such processor')", "OSError: no such processor"),
        ("", "has no attribute 'Pack'"),
    ],
)
def test_one_that_fails_is_reported_in_a_line_and_does_without(install, source, reason):
    install("numpy.good", source)
    done = run(install)
    assert done.stdout.split() == ["1.0", "1.0"]
    (line,) = done.stderr.splitlines()
    assert "kernel pack 'good' (pack1_module:Pack, from pack1 1.0) cannot be used" in line
    assert reason in line
    assert done.stderr.count("cannot be used") == 1


def test_one_that_is_named_and_fails_is_an_error(install):
    install("numpy.good", "raise ImportError('libfoo.so.1')")
    done = run(install, kernels="good")
    assert done.returncode == 1
    assert "BrokenBackendError: XPGRAD_KERNELS=good: kernel pack 'good'" in done.stderr


def test_one_that_is_not_installed_is_an_error(install):
    done = run(install, kernels="missing")
    assert "XPGRAD_KERNELS=missing names a kernel pack 'missing' that is not installed" in done.stderr


def test_one_that_is_misspelt_is_guessed(install):
    install("numpy.good", GOOD)
    assert "Did you mean 'good'? Install it" in run(install, kernels="godo").stderr


def test_none_and_some_is_an_error(install):
    install("numpy.good", GOOD)
    assert "XPGRAD_KERNELS=none,good asks for no kernel packs and for some" in run(install, kernels="none,good").stderr


def test_one_that_is_named_and_declared_badly_is_an_error(install):
    install("good", GOOD)
    done = run(install, kernels="good")
    assert "XPGRAD_KERNELS=good: pack1 1.0 declares a kernel pack 'good', whose name must be of the form" in done.stderr
    assert run(install).stdout.split() == ["1.0", "1.0"]


def test_the_metadata_is_not_read_for_packs_of_other_backends(install):
    install("cupy.good", GOOD)
    done = run(install, PROGRAM + "; import sys; print('importlib.metadata' in sys.modules)")
    assert done.stdout.split() == ["1.0", "1.0", "False"]


def test_nothing_is_loaded_at_import(install):
    install("numpy.good", "raise SystemExit('loaded')")
    done = run(install, "import xpgrad, sys; print('importlib.metadata' in sys.modules)", kernels="missing")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_the_listing_goes_on_when_a_version_cannot_be_told(install):
    install("numpy.good", GOOD.replace('return "9.8"', "raise OSError('gone')"))
    done = run(install, "from xpgrad.cli import main; main(['backends'])")
    assert "not in use. kernel pack 'good' (pack1_module:Pack, from pack1 1.0) failed when asked for" in done.stdout


def test_the_listing_says_what_comes_from_where(install):
    install("numpy.good", GOOD.replace('"exp": exp', '"exp": exp, "nobody_has_this": exp'))
    install("numpy.other", "raise ImportError('libfoo.so.1')")
    done = run(install, "from xpgrad.cli import main; main(['backends', '-v'])")
    assert (
        "    from the pack good 9.8 (pack1_module:Pack, from pack1 1.0): 2 functions\n        exp, scatter_add\n"
        in done.stdout
    )
    assert "kernels from other: not in use. kernel pack 'other' (pack2_module:Pack, from pack2 1.0)" in done.stdout
    assert done.stderr == ""


def test_the_listing_says_what_is_wrong_with_the_variable(install):
    done = run(install, "from xpgrad.cli import main; main(['backends', '-v'])", kernels="missing")
    assert "Note: XPGRAD_KERNELS=missing names a kernel pack 'missing' that is not installed" in done.stdout
    assert re.search(r"numpy .* ready\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_listing_says_which_packs_and_kernels_serve_nothing(install):
    install("numpy.good", GOOD.replace('"exp": exp', '"exp": exp, "softmxa": exp'))
    install("numppy.lost", OTHER)
    done = run(install, "from xpgrad.cli import main; main(['backends', '-v'])")
    said = "    of the pack good, but called by nothing (misspelt?): 1 function\n        softmxa\n"
    assert said in done.stdout
    assert "Note: kernel pack 'lost' (pack2_module:Pack, from pack2 1.0) is for the backend 'numppy'" in done.stdout
