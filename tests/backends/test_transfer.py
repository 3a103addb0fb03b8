"""Which way an array takes from one library to another."""

from __future__ import annotations

import numpy as np
import pytest

from xpgrad.backends.numpy import NumpyBackend
from xpgrad.backends.transfer import transfer


class Device(NumpyBackend):
    """NumPy as a library with a device and the host's memory, of which arrays go to the host only if they must."""

    mutable = True

    def devices(self):
        return {"cpu": "cpu", "gpu:0": "cpu", "gpu:1": "cpu"}

    def to_host(self, array):
        self.asked = True
        return array


class Left(Device):
    name = "left"


class Right(Device):
    name = "right"


@pytest.mark.parametrize(
    ("source", "target", "through_host"),
    [("gpu:0", "gpu:0", False), ("gpu:0", "gpu:1", True), ("cpu", "cpu", True), ("gpu:0", "cpu", True)],
)
def test_arrays_on_one_accelerator_pass_without_the_host(source, target, through_host):
    left, right = Left(), Right()
    left.asked = False
    array = np.ones(3)
    moved = transfer(array, left.place(source), right.place(target))
    assert left.asked is through_host
    moved += 1
    assert array.tolist() == [1.0, 1.0, 1.0]


def test_between_devices_of_one_library_arrays_go_by_the_host():
    left = Left()
    moved = transfer(np.ones(3), left.place("gpu:0"), left.place("gpu:1"))
    assert left.asked
    assert moved.tolist() == [1.0, 1.0, 1.0]
    assert transfer(moved, left.place("cpu"), left.place("cpu")) is moved
