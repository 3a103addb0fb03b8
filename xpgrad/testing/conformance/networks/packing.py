"""Sequences of different lengths: padded, packed, and back."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.utils import rnn
from xpgrad.testing.conformance.experiments import Experiments, given
from xpgrad.testing.conformance.layers.layer import normal
from xpgrad.testing.conformance.subject import Subject

PACKING = Experiments()

LENGTHS = [3, 5, 1, 4]
PADDED = normal(4, 5, 3)


def _parts(here: Subject) -> list[Any]:
    return [given(here, row[:length]) for row, length in zip(PADDED, LENGTHS, strict=True)]


@PACKING.add("pack_padded_sequence")
def _(here: Subject) -> Any:
    packed = rnn.pack_padded_sequence(given(here, PADDED), LENGTHS, batch_first=True, enforce_sorted=False)
    return [packed.data, packed.batch_sizes.tolist(), packed.sorted_indices.tolist(), packed.unsorted_indices.tolist()]


@PACKING.add("pad_packed_sequence")
def _(here: Subject) -> Any:
    x = given(here, PADDED, requires_grad=True)
    packed = rnn.pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    padded, lengths = rnn.pad_packed_sequence(packed, padding_value=-2.0, total_length=7)
    (padded * padded).sum().backward()
    return {"padded": padded, "lengths": lengths.tolist(), "gradient": x.grad}


@PACKING.add("pad_sequence")
def _(here: Subject) -> Any:
    return [
        rnn.pad_sequence(_parts(here), batch_first, 0.5, side)
        for batch_first in (False, True)
        for side in ("left", "right")
    ]


@PACKING.add("pack_sequence")
def _(here: Subject) -> Any:
    packed = rnn.pack_sequence(_parts(here), enforce_sorted=False)
    return {"packed": packed.data, "unpacked": rnn.unpack_sequence(packed)}


@PACKING.add("PackedSequence.to")
def _(here: Subject) -> Any:
    packed = rnn.pack_sequence(_parts(here), enforce_sorted=False)
    return [packed.to(here.place.device).data, packed.long().data, packed.float().data]
