"""A softmax over many classes of which most are rare."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from xpgrad.errors import ArgumentError, SettingError, ShapeError
from xpgrad.functions.joining import cat
from xpgrad.functions.pointwise import where
from xpgrad.functions.reduction import log_softmax
from xpgrad.nn.functional.checks import bounds
from xpgrad.nn.modules.container import ModuleList, Sequential
from xpgrad.nn.modules.linear import Linear
from xpgrad.nn.modules.module import Module


class AdaptiveSoftmaxResult(NamedTuple):
    """What `AdaptiveLogSoftmaxWithLoss` returns: the log-probability of each target, and minus their mean."""

    output: Any
    loss: Any


class AdaptiveLogSoftmaxWithLoss(Module):
    """A softmax in two stages: frequent classes, or a cluster, and then a class of that.

    Mirrors ``torch.nn.AdaptiveLogSoftmaxWithLoss``.

    Args:
        in_features: The features of the input.
        n_classes: The number of classes, in the order of falling frequency.
        cutoffs: Where the clusters begin, between 1 and ``n_classes - 1``.
        div_value: By how much each cluster has fewer features than the one before.
        head_bias: Whether the first stage has a bias.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: The cutoffs do not rise within these bounds.

    Source: Grave et al. 2017.
    """

    head: Linear  # in_features to cutoffs[0] + clusters
    tail: ModuleList  # for each cluster in_features to in_features / div_value ** i to its classes

    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0,
        head_bias: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        ends = list(cutoffs)
        if not ends:
            raise ArgumentError("cutoffs should be a sequence of length larger than 0")
        if any(a >= b for a, b in pairwise([0, *ends, n_classes])) or any(int(c) != c for c in ends):
            raise ArgumentError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                f"value is between 1 and n_classes-1, got {ends} for {n_classes} classes"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*ends, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = ends[0]
        self.n_clusters = len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        where_ = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, head_bias, **where_)
        self.tail = ModuleList()
        for i, (start, stop) in enumerate(pairwise(self.cutoffs)):
            features = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, features, bias=False, **where_),
                    Linear(features, stop - start, bias=False, **where_),
                )
            )

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters()

    def forward(self, input_: Any, target_: Any) -> AdaptiveSoftmaxResult:
        """The log-probabilities of ``target_`` (N,) or () given ``input_`` (N, in_features) or (in_features,).

        Raises:
            SettingError: A target is no class.
            ShapeError: The shapes do not fit.
        """
        if target_.ndim > 1:
            raise ShapeError("0D or 1D target tensor expected, multi-target not supported")
        if input_.ndim != target_.ndim + 1:
            raise ShapeError(
                f"{target_.ndim}D target tensor expects {target_.ndim + 1}D input tensors, but found inputs with size "
                f"{input_.shape}"
            )
        if input_.shape[:-1] != target_.shape:
            raise ShapeError("Input and target should have the same size in the batch dimension.")
        found = bounds(target_)
        if found is not None and (found[0] < 0 or found[1] >= self.n_classes):
            raise SettingError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range {list(found)} were found. "
            )
        input, target = (input_, target_) if target_.ndim else (input_.unsqueeze(0), target_.unsqueeze(0))
        first = target
        rest = input.new_zeros(target.shape)
        for i, (start, stop) in enumerate(pairwise(self.cutoffs)):
            rows = ((target >= start) & (target < stop)).nonzero().reshape(-1)
            if not rows.numel():
                continue
            first = where((target >= start) & (target < stop), self.shortlist_size + i, first)
            scores = log_softmax(self.tail[i](input.index_select(0, rows)), 1)
            chosen = scores.gather(1, (target.index_select(0, rows) - start).unsqueeze(1)).squeeze(1)
            rest = rest.index_add(0, rows, chosen)
        output = rest + log_softmax(self.head(input), 1).gather(1, first.unsqueeze(1)).squeeze(1)
        return AdaptiveSoftmaxResult(output if target_.ndim else output.squeeze(0), (-output).mean())

    def log_prob(self, input: Any) -> Any:
        """The log-probabilities of all classes, (N, n_classes)."""
        head = log_softmax(self.head(input), 1)
        clusters = [
            log_softmax(tail(input), 1) + head[:, self.shortlist_size + i].unsqueeze(1)
            for i, tail in enumerate(self.tail)
        ]
        return cat([head[:, : self.shortlist_size], *clusters], 1)

    def predict(self, input: Any) -> Any:
        """The likeliest class of each row, (N,)."""
        return self.log_prob(input).argmax(1)
