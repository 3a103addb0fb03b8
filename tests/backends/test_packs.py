"""Kernel packs, each a real distribution in a folder of its own, used by a process of its own."""

import os
import subprocess
import sys
import textwrap

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
def install(tmp_path):
    """Install a pack: its entry point's name and its source; each gets a folder on the path."""

    def put(entry, source, number=1):
        module = f"pack{number}_module"
        info = tmp_path / f"pack{number}-1.0.dist-info"
        info.mkdir()
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source))
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pack{number}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[xpgrad.kernels]\n{entry} = {module}:Pack\n")
        return tmp_path

    put.path = tmp_path
    return put


def run(install, program=PROGRAM, kernels=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XPGRAD")}
    path = [str(install.path), *sys.path]
    environment["PYTHONPATH"] = os.pathsep.join(p for p in path if p)
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
    install("numpy.other", OTHER, 2)
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
        ("Pack = 3", "TypeError: pack1_module:Pack is no subclass"),
        (OTHER, "it calls itself numpy.other"),
        (GOOD.replace("kernels = ", "protocol = 99; kernels = "), "it speaks version 99"),
        (GOOD.replace("kernels = ", "other = "), "Pack"),
        (GOOD + "\n    def __init__(self):\n        raise OSError('no such processor')", "OSError: no such processor"),
        ("", "has no attribute 'Pack'"),
    ],
)
def test_one_that_fails_is_reported_in_a_line_and_does_without(install, source, reason):
    install("numpy.good", source)
    done = run(install)
    assert done.stdout.split() == ["1.0", "1.0"]
    (line, *_) = done.stderr.splitlines()
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


def test_nothing_is_loaded_at_import(install):
    install("numpy.good", "raise SystemExit('loaded')")
    done = run(install, "import xpgrad, sys; print('importlib.metadata' in sys.modules)", kernels="missing")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_the_listing_says_what_comes_from_where(install):
    install("numpy.good", GOOD)
    install("numpy.other", "raise ImportError('libfoo.so.1')", 2)
    done = run(install, "from xpgrad.cli import main; main(['backends', '-v'])")
    assert "kernels from good 9.8 (pack1_module:Pack): exp, scatter_add" in done.stdout
    assert "kernels from other: not in use. kernel pack 'other' (pack2_module:Pack, from pack2 1.0)" in done.stdout
