"""Sequences of different lengths as one tensor: padded, or packed without padding. Mirrors ``torch.nn.utils.rnn``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

from xpgrad.backends.dtypes import int64
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, SettingError, ShapeError
from xpgrad.functions.joining import cat, stack
from xpgrad.functions.selection import index_select
from xpgrad.functions.shape import reshape
from xpgrad.nn.functional.padding import pad
from xpgrad.ops.indexing import take

_packed = take.named("PackPaddedSequence")


class _Fields(NamedTuple):
    data: Any
    batch_sizes: Any
    sorted_indices: Any
    unsorted_indices: Any


class PackedSequence(_Fields):
    """Sequences without padding, step by step. Mirrors ``torch.nn.utils.rnn.PackedSequence``.

    `pack_padded_sequence` and `pack_sequence` make them.

    Args:
        data: (total, *): the first elements of all sequences, then the second ones, and so on.
        batch_sizes: How many sequences have an element at each step.
        sorted_indices: The order of the sequences by falling length, or None if they came in it.
        unsorted_indices: Where each sequence went in that order, or None.
    """

    __slots__ = ()

    def __new__(  # noqa: D102  (the class says it)
        cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> Self:
        if batch_sizes is None:
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """With data and indices converted as by `Tensor.to`."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        indices = (None if x is None else x.to(data.device) for x in self[2:])
        return type(self)(data, self.batch_sizes, *indices)

    def cuda(self, *args: Any, **kwargs: Any) -> Self:
        """On a CUDA device."""
        return self.to(self.data.cuda(*args, **kwargs).device)

    def cpu(self) -> Self:
        """On the CPU."""
        return self.to("cpu")

    def double(self) -> Self:
        """As float64."""
        return self.to(dtype=self.data.double().dtype)

    def float(self) -> Self:
        """As float32."""
        return self.to(dtype=self.data.float().dtype)

    def half(self) -> Self:
        """As float16."""
        return self.to(dtype=self.data.half().dtype)

    def long(self) -> Self:
        """As int64."""
        return self.to(dtype=int64)

    @property
    def is_cuda(self) -> bool:
        """Whether it is on a CUDA device."""
        return bool(self.data.is_cuda)


def invert_permutation(permutation: Any) -> Any:
    """The permutation that undoes ``permutation``; None undoes None."""
    return None if permutation is None else permutation.argsort()


def pack_padded_sequence(input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> Any:
    """Padded sequences without their padding. Mirrors ``torch.nn.utils.rnn.pack_padded_sequence``.

    Args:
        input: (T, N, *), or (N, T, *) with ``batch_first``.
        lengths: N integers, at most T.
        batch_first: Whether the batch comes first.
        enforce_sorted: Whether the lengths must fall already.

    Raises:
        SettingError: A length is not positive, or they do not fall.
        ShapeError: There is not one length per sequence.
    """
    counts = [int(n) for n in (lengths.tolist() if isinstance(lengths, TensorBase) else lengths)]  # type: ignore[attr-defined]
    if not batch_first:
        input = input.transpose(0, 1)
    steps, batch = input.shape[1], input.shape[0]
    if len(counts) != batch:
        raise ShapeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} (batch_size={batch})"
        )
    if any(n <= 0 for n in counts):
        raise SettingError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is "
                           f"<= 0: {counts}")  # fmt: skip
    order = sorted(range(batch), key=lambda i: -counts[i])
    if enforce_sorted and any(a < b for a, b in pairwise(counts)):
        raise SettingError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you "
            f"do not need ONNX exportability. Got {counts}"
        )
    if counts and max(counts) > steps:
        raise SettingError(f"Expected lengths of at most {steps}, the steps of the input, but got {counts}")
    sizes = [sum(n > t for n in counts) for t in range(max(counts, default=0))]
    positions = [i * steps + t for t, size in enumerate(sizes) for i in order[:size]]
    flat = reshape(input, batch * steps, *input.shape[2:])
    data = _packed.apply(flat, _indices(input, positions), axis=0)
    sorted_indices = None if enforce_sorted else _indices(input, order)
    return PackedSequence(data, _indices(input, sizes).cpu(), sorted_indices)


def _indices(like: Any, values: Sequence[int]) -> Any:
    return like.detach().new_tensor(list(values), dtype=int64)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """Packed sequences padded to one length, and their lengths. Mirrors ``torch.nn.utils.rnn.pad_packed_sequence``.

    Args:
        sequence: What `pack_padded_sequence` made.
        batch_first: Whether the result is (N, T, *) rather than (T, N, *).
        padding_value: What comes behind the shorter ones.
        total_length: T, by default the longest sequence.

    Raises:
        ArgumentError: ``total_length`` is less than the longest sequence.
    """
    sizes = sequence.batch_sizes.tolist()
    steps = len(sizes) if total_length is None else total_length
    if steps < len(sizes):
        raise ArgumentError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {len(sizes)}"
        )
    data, batch = sequence.data, sizes[0]
    starts = [sum(sizes[:t]) for t in range(len(sizes))]
    missing = data.shape[0]
    table = [
        [starts[t] + i if t < len(sizes) and i < sizes[t] else missing for t in range(steps)] for i in range(batch)
    ]
    lengths = [sum(i < size for size in sizes) for i in range(batch)]
    if sequence.unsorted_indices is not None:
        places = sequence.unsorted_indices.tolist()
        table, lengths = [table[i] for i in places], [lengths[i] for i in places]
    filled = cat([data, data.detach().new_full((1, *data.shape[1:]), padding_value)])
    padded = index_select(filled, 0, _indices(data, [place for row in table for place in row]))
    padded = reshape(padded, batch, steps, *data.shape[1:])
    return (padded if batch_first else padded.transpose(0, 1)), _indices(data, lengths).cpu()


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Tensors (L, *) padded to the longest and put side by side. Mirrors ``torch.nn.utils.rnn.pad_sequence``.

    Args:
        sequences: The tensors, of N lengths.
        batch_first: Whether the result is (N, T, *) rather than (T, N, *).
        padding_value: What is put beside the shorter ones.
        padding_side: ``"right"`` or ``"left"``.

    Raises:
        SettingError: There is no such side.
    """
    if padding_side not in ("left", "right"):
        raise SettingError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    tensors = list(sequences)
    longest = max((x.shape[0] for x in tensors), default=0)

    def padded(x: Any) -> Any:
        room = longest - x.shape[0]
        widths = (0, room) if padding_side == "right" else (room, 0)
        return pad(x, (*(0, 0) * (x.ndim - 1), *widths), value=padding_value)

    return stack([padded(x) for x in tensors], 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """What `pad_sequence` put together. Mirrors ``torch.nn.utils.rnn.unpad_sequence``."""
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [row[: int(n)] for row, n in zip(padded_sequences, lengths, strict=True)]


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> Any:
    """Tensors (L, *) of different lengths, packed. Mirrors ``torch.nn.utils.rnn.pack_sequence``."""
    tensors = list(sequences)
    lengths = [x.shape[0] for x in tensors]
    return pack_padded_sequence(pad_sequence(tensors), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """What `pack_sequence` packed. Mirrors ``torch.nn.utils.rnn.unpack_sequence``."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
