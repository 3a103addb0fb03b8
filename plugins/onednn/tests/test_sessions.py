"""What is kept, by which thread, and what a fork leaves of it."""

from __future__ import annotations

import gc
import os
import threading

import numpy as np
import pytest

from xpgrad_onednn import primitives
from xpgrad_onednn.activation import softmax
from xpgrad_onednn.convolution import convolution
from xpgrad_onednn.library import OneDnnError, UnimplementedError
from xpgrad_onednn.primitives import Session
from xpgrad_onednn.threads import session

pytestmark = pytest.mark.usefixtures("onednn")

SETTINGS = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}


def convolve(images=2, size=12):
    rng = np.random.default_rng(images)
    x, w = rng.standard_normal((images, 32, size, size), np.float32), rng.standard_normal((32, 32, 3, 3), np.float32)
    out = convolution(np, x, w, **SETTINGS)
    assert out is not NotImplemented
    return out


def in_a_thread(function):
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_plans_are_bounded_and_the_oldest_goes(monkeypatch):
    monkeypatch.setattr(primitives, "CAPACITY", 3)

    def ask():
        for images in (1, 2, 3, 1, 4):
            convolve(images)
        return [problem.x[0] for _, problem in session().plans]

    assert in_a_thread(ask) == [3, 1, 4]


def test_what_cannot_be_done_is_remembered(onednn):
    asked = []

    def build(here):
        asked.append(here)
        raise UnimplementedError("never")

    here = Session(onednn)
    assert here.plan("key", build) is here.plan("key", build) is None
    assert len(asked) == 1


def test_threads_have_their_own():
    assert in_a_thread(session) is not session()
    expected = {images: convolve(images) for images in (1, 2, 3, 4)}
    wrong = []

    def work(images):
        for _ in range(20):
            if not np.array_equal(convolve(images), expected[images]):
                wrong.append(images)

    threads = [threading.Thread(target=work, args=(images,)) for images in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_thread_takes_what_it_had_with_it():
    def use():
        convolve()
        return id(session())

    gone = in_a_thread(use)
    gc.collect()
    assert all(id(found) != gone for found in gc.get_objects() if type(found) is Session)


def test_results_do_not_share_scratch_memory():
    first = convolve(1)
    copy = first.copy()
    convolve(4, size=40)  # needs more scratch memory, so that the first plan's must be placed anew
    np.testing.assert_array_equal(first, copy)
    np.testing.assert_array_equal(convolve(1), first)


def test_errors_name_the_function(onednn):
    with pytest.raises(OneDnnError, match=r"dnnl_engine_create returned status 2 \(invalid arguments\)"):
        primitives.Handle(onednn.dnnl_engine_create, onednn.dnnl_engine_destroy, 1, 77)


def test_a_plan_refuses_arrays_of_other_sizes():
    convolve()
    plan = next(reversed(session().plans.values()))
    with pytest.raises(OneDnnError, match="an operand has 3 elements, its primitive is for"):
        plan(np.ones(3, np.float32), np.ones(3, np.float32))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_begins_anew():
    expected, rows = convolve(), np.ones((512, 512), np.float32)
    child = os.fork()
    if child == 0:
        try:
            here = np.allclose(convolve(), expected, rtol=1e-4, atol=1e-4)
            there = in_a_thread(lambda: np.allclose(convolve(), expected, rtol=1e-4, atol=1e-4))
            os._exit(0 if here and there and softmax(np, rows, axis=-1) is not NotImplemented else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    np.testing.assert_array_equal(convolve(), expected)


def test_a_library_of_another_version_is_refused(onednn, monkeypatch):
    monkeypatch.setattr("xpgrad_onednn.library.OLDEST", (3, 99))
    with pytest.raises(OneDnnError, match=rf"is oneDNN {onednn}, and the pack is written for 3\.99 to 3\.x: `pip"):
        type(onednn)(onednn._handle, onednn.path)
