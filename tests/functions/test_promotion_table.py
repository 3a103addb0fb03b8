"""Promotion against what PyTorch answered when it was asked last: `promotion.py` prints the table."""

from __future__ import annotations

from pathlib import Path

import promotion
import pytest

import xpgrad

# The first column of these is about booleans; docs/differences.md says what is different.
BOOLEAN_POWERS = {"x pow number", "x ipow number", "square(x)", "sign(x)"}


def sections(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("# "):
            rows = found[line[2:]] = []
        else:
            rows.append(line)
    return found


STORED = sections((Path(__file__).with_name("promotion.txt")).read_text().splitlines())


@pytest.fixture(scope="module")
def ours() -> dict[str, list[str]]:
    pytest.importorskip("ml_dtypes")
    return sections(list(promotion.table(xpgrad)))


@pytest.mark.parametrize("title", STORED)
def test_promotion_is_pytorchs(title: str, ours: dict[str, list[str]]) -> None:
    """The same dtype wherever PyTorch has an answer; more is allowed here than there, uint16 arithmetic say."""
    different = [
        f"row {i}, column {j}: {got}, in PyTorch {wanted}"
        for i, (row, stored) in enumerate(zip(ours[title], STORED[title], strict=True))
        for j, (got, wanted) in enumerate(zip(row, stored, strict=True))
        if wanted not in (".", got) and not (title in BOOLEAN_POWERS and j == 0)
    ]
    assert different == []


def test_what_is_refused() -> None:
    mask, phase = xpgrad.tensor([True]), xpgrad.tensor([1j])
    for function in (lambda: mask - 1, lambda: 1 - mask, lambda: xpgrad.sub(mask, xpgrad.ones(1)), lambda: mask - mask):
        with pytest.raises(RuntimeError, match=r"Subtraction, the `-` operator, with"):
            function()
    for function in (
        lambda: phase < phase,
        lambda: phase >= 1.0,
        lambda: xpgrad.ones(1) < 2j,
        lambda: xpgrad.le(phase, 1),
    ):
        with pytest.raises(RuntimeError, match="not implemented for complex numbers"):
            function()


def test_the_stored_table_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    assert sections(list(promotion.table(torch))) == STORED


def test_numbers_out_of_range_wrap() -> None:
    small = xpgrad.tensor([1, 200], dtype=xpgrad.uint8)
    assert (small * -3).tolist() == [253, 168]
    assert (-3 - small).tolist() == [252, 53]
    assert (small < 300).tolist() == [True, False]
    assert (xpgrad.tensor([1, -100], dtype=xpgrad.int8) + 200).tolist() == [-55, 100]
    with pytest.raises(RuntimeError, match="value cannot be converted to type uint8 without overflow: 300"):
        small.clamp(-1, 300)
    with pytest.raises(RuntimeError, match="Integers to negative integer powers are not allowed"):
        small**-1
