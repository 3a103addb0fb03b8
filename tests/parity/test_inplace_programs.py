"""Random programs of views and in-place operations: values, history, gradients and refusals as in PyTorch."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.inplace_programs import check, span


@settings(max_examples=100, deadline=None, derandomize=True)
@given(choose=st.randoms(use_true_random=False))
def test_programs_that_hypothesis_draws(choose: random.Random) -> None:
    differs = check(choose, ("numpy",))
    assert not differs, differs


@pytest.mark.parametrize("first", [0, 100])
def test_programs_on_every_backend(first: int) -> None:
    found = span(first, first + 100, immutable_every=4)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 20_000, 1_000))
def test_twenty_thousand_programs(first: int) -> None:
    found = span(first, first + 1_000, immutable_every=10)
    assert not found, "\n".join(found)
