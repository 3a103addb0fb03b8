"""Ask both libraries what an entry of PyTorch's operator database asks, and compare."""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import xpgrad
from tests.parity.op_db import compare, ties, translate
from tests.parity.op_db.entries import FIRST_ONLY, RANDOM, UNDEFINED, full_name, without_dropout
from tests.parity.op_db.translate import Translation

DIFFERENTIABLE = (torch.float64, torch.complex128)
FORWARD = (torch.float32, torch.complex64, torch.int64, torch.int32, torch.uint8, torch.bool)
CHECKS = ("values", "first", "second", "dtypes", "method", "inplace", "operator", "out", "aliases", "errors")


@dataclass
class Findings:
    """What came of one entry: how often each check was asked, and what differed."""

    name: str
    asked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CHECKS, 0))
    failures: dict[str, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})

    @property
    def passes(self) -> bool:
        """Whether nothing differed, and something was asked."""
        return not any(self.failures.values()) and any(self.asked.values())

    def ask(self, check: str, sample: Any, question: Callable[[], Iterator[str]]) -> None:
        """Ask one question; what it yields, or how it ends, is a failure."""
        self.asked[check] += 1
        try:
            problem = next(iter(question()), None)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}".split("\n")[0]
        if problem is not None:
            self.failures[check].append(f"{problem} -- {describe(sample)}")


def describe(sample: Any) -> str:
    """A sample in a line: shapes for tensors."""

    def short(value: Any) -> str:
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(map(short, value))}]"
        return f"{value!r:.40}"

    words = [short(sample.input), *map(short, sample.args), *(f"{k}={short(v)}" for k, v in sample.kwargs.items())]
    return f"({', '.join(words)})"


def walk(entry: Any, limit: int | None = None) -> Findings:
    """Ask the questions of one entry on the backend in use, with ``limit`` samples of each dtype, or all."""
    findings = Findings(full_name(entry))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            ours = translate.function(entry.op, entry.name)
        except AttributeError:
            findings.ask("values", _Nothing, lambda: iter(["there is no such function"]))
            return findings
        supported = entry.supported_dtypes("cpu")
        for dtype in (*DIFFERENTIABLE, *FORWARD):
            if dtype in supported:
                _walk_dtype(entry, ours, dtype, findings, limit)
        _walk_aliases(entry, findings)
        _walk_errors(entry, ours, findings)
    return findings


class _Nothing:
    input, args, kwargs = None, (), {}


def _walk_dtype(entry: Any, ours: Any, dtype: torch.dtype, findings: Findings, limit: int | None) -> None:
    main = dtype in DIFFERENTIABLE
    wanted = main and entry.supports_autograd and dtype in entry.supported_backward_dtypes("cpu")
    torch.manual_seed(0)
    samples = list(entry.sample_inputs("cpu", dtype, requires_grad=wanted))
    for sample in samples[:: -(-len(samples) // limit) or 1 if limit else 1]:
        sample = without_dropout(entry, sample)
        call = Call(entry, ours, sample, values=full_name(entry) not in RANDOM | UNDEFINED)
        try:
            call.expect()
        except Exception:
            continue  # Some samples are refused by PyTorch's kernels for this dtype.
        if not call.dense:
            continue
        findings.ask("values" if main else "dtypes", sample, call.values)
        if not main:
            continue
        if wanted and call.values_matter:
            call.gradients(findings)
        call.variants(findings)


class Call:
    """One sample of an entry, put to both libraries."""

    def __init__(self, entry: Any, ours: Any, sample: Any, *, values: bool) -> None:
        self.entry, self.ours, self.sample = entry, ours, sample
        self.values_matter = values
        self.second = entry.supports_gradgrad and full_name(entry) not in FIRST_ONLY
        self.dense = True

    def expect(self) -> None:
        """PyTorch's answer, kept."""
        self.theirs = self._put(self.entry.op, (self.sample.input, self.sample.args, self.sample.kwargs))
        results = [leaf for leaf in compare.flat(self.theirs) if isinstance(leaf, torch.Tensor)]
        self.dense = all(leaf.layout is torch.strided for leaf in results)

    @staticmethod
    def _put(function: Any, arguments: Any, **more: Any) -> Any:
        input, args, kwargs = arguments
        return function(input, *args, **kwargs, **more)

    def _translated(self) -> tuple[Translation, Any]:
        translation = Translation()
        sample = self.sample
        return translation, (translation(sample.input), translation(tuple(sample.args)), translation(sample.kwargs))

    def _processed(self, ours: Any, theirs: Any = None) -> tuple[Any, Any]:
        """Both results without what is free in them: signs of vectors, say."""
        sample, name, process = self.sample, self.entry.name, self.sample.output_process_fn_grad
        mine = translate.function(process)(ours)
        other = process(self.theirs if theirs is None else theirs)
        return ties.resolve(name, sample, mine), ties.resolve(name, sample, other)

    def values(self) -> Iterator[str]:
        """Whether ours gives the same."""
        _, arguments = self._translated()
        ours, theirs = self._put(self.ours, arguments), self.theirs
        yield from compare.differences(ours, theirs, values=False)
        if self.values_matter:
            yield from compare.differences(*self._processed(ours))

    def gradients(self, findings: Findings) -> None:
        """Whether the first derivatives are the same, and the second."""
        processed = self.sample.output_process_fn_grad(self.theirs)
        their_results = compare.tensors(torch, ties.resolve(self.entry.name, self.sample, processed))
        if not their_results:
            return
        made: list[tuple[Any, Any]] = []

        def first() -> Iterator[str]:
            translation, arguments = self._translated()
            ours, _ = self._processed(self._put(self.ours, arguments))
            our_results = compare.tensors(xpgrad, ours)
            if len(our_results) != len(their_results):
                yield f"{len(our_results)} differentiable results, not {len(their_results)}"
                return
            seeds = Translation()
            given = [_cotangent(y, i) for i, y in enumerate(their_results)]
            mine = [seeds(g) for g in given]
            leaves = translation.leaves
            theirs = _grad(torch, their_results, [t for t, _ in leaves], given, self.second)
            made.append(([*leaves, *seeds.leaves], theirs))
            got = _grad(xpgrad, our_results, [o for _, o in leaves], mine, self.second)
            made.append((got, None))
            yield from _differ(got, theirs)

        findings.ask("first", self.sample, first)
        if len(made) == 2:
            (leaves, theirs), (ours, _) = made
            self._second(findings, leaves, ours, theirs)

    def _second(self, findings: Findings, leaves: Any, ours: Any, theirs: Any) -> None:
        kept = [(a, b) for a, b in zip(ours, theirs, strict=True) if b is not None and b.requires_grad]
        if not self.second or not kept:
            return
        given = [_cotangent(b, 7 + i) for i, (_, b) in enumerate(kept)]
        try:
            expected = _grad(torch, [b for _, b in kept], [t for t, _ in leaves], given, False)
        except RuntimeError:
            return  # PyTorch has no second derivative of this sample.

        def second() -> Iterator[str]:
            seeds = Translation()
            results = [
                (a, seeds(g)) for (a, _), g in zip(kept, given, strict=True) if a is not None and a.requires_grad
            ]
            if results:
                firsts, mine = zip(*results, strict=True)
                got = _grad(xpgrad, list(firsts), [o for _, o in leaves], list(mine), False)
            else:
                got = [None] * len(leaves)
            yield from _differ(got, expected, factor=10)

        findings.ask("second", self.sample, second)

    def variants(self, findings: Findings) -> None:
        """Whether the method, the operator, the in-place method and ``out=`` give the same."""
        entry, sample = self.entry, self.sample
        if isinstance(sample.input, torch.Tensor):
            if entry.method_variant:
                # Some are wrapped so that they start from a seed.
                name = entry.method_variant.__name__.replace("<lambda>", entry.name)
                findings.ask("method", sample, lambda: self._variant(name))
            if entry.operator_variant:
                findings.ask("operator", sample, lambda: self._operator(entry.operator_variant))
            if entry.inplace_variant and not sample.broadcasts_input:
                self._inplace(findings, entry.inplace_variant)
            if entry.inplace_operator_variant and not sample.broadcasts_input:
                self._inplace(findings, entry.inplace_operator_variant)
        if entry.supports_out and "out" not in sample.kwargs:
            self._out(findings)

    def _variant(self, name: str) -> Iterator[str]:
        _, arguments = self._translated()
        ours = self._put(getattr(xpgrad.Tensor, name), arguments)
        yield from compare.differences(ours, self.theirs, values=False)
        if self.values_matter:
            yield from compare.differences(*self._processed(ours))

    def _operator(self, operate: Any) -> Iterator[str]:
        _, (input, args, _) = self._translated()
        yield from compare.differences(operate(input, *args), operate(self.sample.input, *self.sample.args))

    def _inplace(self, findings: Findings, variant: Any) -> None:
        sample = self.sample
        their_input = sample.input.clone()
        try:
            theirs = self._put(variant, (their_input, sample.args, sample.kwargs))
        except Exception:
            return  # Not every sample has a result that fits in place.

        def same() -> Iterator[str]:
            translation, (input, args, kwargs) = self._translated()
            input = input.clone()
            result = self._put(_inplace_of(variant), (input, args, kwargs))
            if (result is input) != (theirs is their_input):
                yield "another tensor than the input"
            yield from compare.differences(result, theirs, values=self.values_matter)
            if theirs.requires_grad and self.values_matter and self.entry.supports_inplace_autograd:
                given = _cotangent(theirs, 3)
                expected = _grad(torch, [theirs], [t for t, _ in translation.leaves], [given], False)
                got = _grad(xpgrad, [result], [o for _, o in translation.leaves], [Translation()(given)], False)
                yield from _differ(got, expected)

        findings.ask("inplace", sample, same)

    def _out(self, findings: Findings) -> None:
        sample = self.sample
        if not all(isinstance(leaf, torch.Tensor) for leaf in compare.flat(self.theirs)):
            return
        single = isinstance(self.theirs, torch.Tensor)
        with torch.no_grad():
            room = [torch.zeros_like(t) for t in compare.flat(self.theirs)]
            try:
                expected = self._put(
                    self.entry.op, (sample.input, sample.args, sample.kwargs), out=room[0] if single else tuple(room)
                )
            except Exception:
                return  # Not every overload takes it.
            if list(compare.differences(translate.Translation()(expected), self.theirs)) and self.values_matter:
                return  # Some of PyTorch's functions leave `out` as it was.

        def same() -> Iterator[str]:
            _, arguments = self._translated()
            places = Translation()
            with xpgrad.no_grad():
                spare = [torch.zeros_like(t) for t in room]  # Kept, since a translation knows tensors by their id.
                ours = [places(t) for t in spare]
                result = self._put(self.ours, arguments, out=ours[0] if single else tuple(ours))
            if any(a is not b for a, b in zip(compare.flat(result), ours, strict=True)):
                yield "the result is not `out`"
            if self.values_matter:
                yield from compare.differences(*self._processed(result, expected))

        findings.ask("out", sample, same)


def _inplace_of(variant: Any) -> Any:
    if isinstance(variant, functools.partial):
        return functools.partial(translate.find(variant.func.__name__), *variant.args, **variant.keywords)
    if variant.__name__ == "<lambda>":
        return translate.function(variant)
    place = operator if getattr(variant, "__module__", None) == "_operator" else xpgrad.Tensor
    return getattr(place, variant.__name__)


def _cotangent(like: torch.Tensor, seed: int) -> torch.Tensor:
    numbers = np.random.default_rng(seed)
    values = numbers.standard_normal(tuple(like.shape))
    if like.is_complex():
        values = values + 1j * numbers.standard_normal(tuple(like.shape))
    return torch.tensor(values, dtype=like.dtype).requires_grad_()


def _grad(library: Any, results: Any, leaves: Any, given: Any, create_graph: bool) -> list[Any]:
    if not leaves:
        return []
    return list(
        library.autograd.grad(results, leaves, given, create_graph=create_graph, retain_graph=True, allow_unused=True)
    )


def _differ(ours: list[Any], theirs: list[Any], factor: float = 1.0) -> Iterator[str]:
    """In what gradients differ; none at all is as good as zeros."""
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if a is None and b is None:
            continue
        known = translate.array(b if a is None else a)
        a, b = (np.zeros_like(known) if g is None else translate.array(g) for g in (a, b))
        if a.shape != b.shape or a.dtype != b.dtype:
            yield f"gradient {i}: {a.dtype}{list(a.shape)}, not {b.dtype}{list(b.shape)}"
        for problem in compare.far(a, b, factor):
            yield f"gradient {i}: {problem}"


def _walk_aliases(entry: Any, findings: Findings) -> None:
    for alias in entry.aliases:

        def there(alias: Any = alias) -> Iterator[str]:
            translate.find(alias.name)
            if alias.method_variant is not None:
                getattr(xpgrad.Tensor, alias.method_variant.__name__)
            if alias.inplace_variant is not None:
                getattr(xpgrad.Tensor, alias.inplace_variant.__name__)
            return iter(())

        findings.ask("aliases", _Nothing, there)


def _walk_errors(entry: Any, ours: Any, findings: Findings) -> None:
    if entry.error_inputs_func is None:
        return
    asked = []
    for error_input in entry.error_inputs("cpu"):
        # All before PyTorch is asked, which leaves tensors behind that have more elements than memory.
        sample, translation = error_input.sample_input, Translation(shares_memory=True)
        try:
            arguments = translation(sample.input), translation(tuple(sample.args)), translation(sample.kwargs)
        except translate.NotHereError:
            continue
        asked.append((error_input, arguments))
    for error_input, arguments in asked:
        sample, wanted = error_input.sample_input, error_input.error_type
        try:
            # First, since PyTorch gives `out` its new size before it looks at what overlaps.
            translation = Translation(shares_memory=True)
            arguments = translation(sample.input), translation(tuple(sample.args)), translation(sample.kwargs)
        except translate.NotHereError:
            continue
        try:
            Call._put(entry.op, (sample.input, sample.args, sample.kwargs))
        except wanted:
            pass
        except Exception:
            continue
        else:
            continue  # Refused on another device only.

        def refused(
            sample: Any = sample,
            wanted: Any = wanted,
            words: Any = error_input.error_regex,
            arguments: Any = arguments,
        ) -> Iterator[str]:
            try:
                Call._put(ours, arguments)
            except wanted:
                return
            except Exception as error:
                yield f"{type(error).__name__} ({error!s:.60}), not {getattr(wanted, '__name__', wanted)}"
                return
            yield f"no {getattr(wanted, '__name__', wanted)}: {words!s:.60}"

        findings.ask("errors", sample, refused)
