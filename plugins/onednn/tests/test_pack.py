"""The pack as its users have it: found through its entry point, in a process of its own."""

from __future__ import annotations

import json

import pytest

from xpgrad_onednn import OneDnn
from xpgrad_onednn.library import VARIABLE

GRADIENTS = """
import json
import sys

import xpgrad as torch
from xpgrad.nn import functional as F

torch.manual_seed(0)
found = []
for dtype in (torch.float32, torch.float64):
    torch.manual_seed(1)
    x = torch.randn(3, 32, 9, 9).to(dtype).requires_grad_()
    w, v = (torch.randn(64, 32, 3, 3).to(dtype).requires_grad_() for _ in range(2))
    b = torch.randn(64).to(dtype).requires_grad_()
    y = F.max_pool2d(F.conv2d(x, w, b, stride=2, padding=1), 2)
    z = F.conv_transpose2d(F.conv2d(x, w, padding=1), v, b[:32], stride=2, padding=1)
    z = F.softmax(F.layer_norm(F.avg_pool2d(z, 2).reshape(-1, 64), (64,)), -1)
    loss = (y * y).sum() / 1e4 + (z * z.detach().roll(1, 1)).sum()
    first = torch.autograd.grad(loss, (x, w, v, b), create_graph=True)
    second = torch.autograd.grad(sum((g * g).sum() for g in first), (x, w, v, b))
    found.append([float(loss), *(float(g.square().sum()) for g in (*first, *second))])
assert all(abs(a - b) < 2e-3 * abs(b) for a, b in zip(*found)), found
print("xpgrad_onednn" in sys.modules)
"""


@pytest.mark.usefixtures("onednn")
def test_gradients_of_both_orders(run):
    done = run(GRADIENTS, XPGRAD_KERNELS="onednn")
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_none_goes_without(run):
    done = run(GRADIENTS, XPGRAD_KERNELS="none")
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.usefixtures("onednn")
def test_the_command_line_says_what_comes_from_it(run):
    done = run(["-m", "xpgrad", "backends", "-v"])
    assert f"onednn {OneDnn().version()}".partition(" (")[0] in done.stdout
    assert "biased_convolution" in done.stdout


def test_without_the_library_a_line_says_so_and_all_goes_on(run, tmp_path):
    missing = str(tmp_path / "libdnnl.so.3")
    done = run(GRADIENTS, **{VARIABLE: missing})
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "RuntimeWarning" in line]
    for part in ("OneDnnError: no oneDNN 3.x (libdnnl.so.3) can be loaded", missing, "pip install onednn-cpu-gomp"):
        assert part in line


def test_what_is_no_library_is_said_to_be_none(run, tmp_path):
    broken = tmp_path / "libdnnl.so.3"
    broken.write_text("no library")
    program = "from xpgrad_onednn.library import load; load()"
    assert f"{broken} (" in run(program, **{VARIABLE: str(broken)}).stderr.splitlines()[-1]


def test_another_library_is_refused(run):
    import ctypes.util

    other = ctypes.util.find_library("c")
    if not other:
        pytest.skip("no C library is found here")
    done = run("from xpgrad_onednn.library import load; load()", **{VARIABLE: other})
    assert "OneDnnError" in done.stderr.splitlines()[-1]
    assert "dnnl_version" in done.stderr


@pytest.mark.usefixtures("onednn")
def test_the_environment_is_left_as_it_was(run):
    program = """
import os
before = dict(os.environ)
from xpgrad_onednn.library import load
load()
print(dict(os.environ) == before)
"""
    assert run(program).stdout == "True\n"
    assert run(program, OMP_WAIT_POLICY="active").stdout == "True\n"


def test_importing_it_loads_no_library(run):
    program = """
import json, sys, xpgrad_onednn
maps = open("/proc/self/maps").read() if sys.platform == "linux" else ""
print(json.dumps("libdnnl" in maps))
"""
    assert json.loads(run(program).stdout) is False
