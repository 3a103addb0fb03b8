"""The examples in PyTorch's documentation, run on both libraries: each statement prints the same.

``python -m tests.parity.doc_examples [NAME...]`` from the root shows where they part.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import inspect
import io
import math
import re
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import xpgrad

# Where PyTorch documents what xpgrad has: modules, and classes for their methods.
SPACES = [
    "", "Tensor", "Generator", "nn", "nn.Module", "nn.Sequential", "nn.ModuleList", "nn.ModuleDict", "nn.ParameterList",
    "nn.ParameterDict", "nn.Embedding", "nn.EmbeddingBag", "nn.MultiheadAttention", "nn.Transformer", "nn.functional",
    "nn.init", "nn.utils", "nn.utils.rnn", "nn.utils.parametrize", "nn.utils.parametrizations", "linalg", "fft",
    "special", "optim", "optim.Optimizer", "optim.lr_scheduler", "autograd", "autograd.Function", "autograd.functional",
    "autograd.graph", "autograd.graph.Node", "autograd.forward_ad", "func", "masked", "random", "signal.windows",
    "testing", "utils.checkpoint", "utils.data", "utils.dlpack",
]  # fmt: skip


def documented() -> Iterator[tuple[str, str]]:
    """Names and docstrings with an example, of functions, classes and methods."""
    seen = set()
    for space in SPACES:
        theirs = get(torch, space)
        for name in sorted(dir(theirs) if inspect.isclass(theirs) else vars(theirs)):
            value = getattr(theirs, name)
            doc = inspect.getdoc(value) if not name.startswith("_") and callable(value) else None
            # A class says its own doc, not its base's, and a method the one that is written for it.
            if doc and ">>>" in doc and (name, doc) not in seen:
                seen.add((name, doc))
                yield f"{space}.{name}".lstrip("."), doc


def get(library: Any, path: str) -> Any:
    """What a dotted name stands for in a library, None if there is nothing."""
    for part in filter(None, path.split(".")):
        library = getattr(library, part, None)
    return library


def statements(doc: str) -> list[str]:
    """The statements after the prompts of a docstring, in order."""
    found: list[str] = []
    for line in textwrap.dedent(doc).splitlines():
        match = re.match(r"\s*(>>>|\.\.\.) ?(.*)", line)
        if match and match[1] == ">>>":
            found.append(match[2])
        elif match and found:
            found[-1] += "\n" + match[2]
    return found


class _Seeded:
    """A library whose random tensors, and memory as found, hold the numbers that the other's would."""

    def __init__(self, library: Any) -> None:
        self._library = library
        numbers = np.random.default_rng(0)

        def drawn(draw: Any) -> Any:
            def function(*size: Any, **settings: Any) -> Any:
                size = tuple(size[0]) if size and isinstance(size[0], (tuple, list)) else size
                settings = {k: v for k, v in settings.items() if k in ("dtype", "requires_grad")}
                if dtype := settings.pop("dtype", None):
                    made = library.tensor(draw(size), dtype=library.float32).to(dtype)
                    return made.requires_grad_(settings.get("requires_grad", False))
                return library.tensor(draw(size).astype(np.float32), **settings)

            return function

        def integers(*bounds: Any, **settings: Any) -> Any:
            *ends, size = bounds if "size" not in settings else (*bounds, settings["size"])
            low, high = (0, *ends)[-2:]
            made = library.tensor(numbers.integers(low, high, tuple(size)))
            return made.to(settings["dtype"]) if "dtype" in settings else made

        self.randn, self.rand = drawn(numbers.standard_normal), drawn(numbers.random)
        self.randint = integers
        self.empty = drawn(lambda size: np.zeros(size))
        self.randperm = lambda n, **_: library.tensor(numbers.permutation(n))
        self.randn_like = lambda x, **_: self.randn(*x.shape)
        self.rand_like = lambda x, **_: self.rand(*x.shape)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)


@dataclasses.dataclass
class Said:
    """What a statement printed, and what it raised."""

    text: str
    error: BaseException | None = None


def transcript(library: Any, doc: str) -> list[Said]:
    """What each statement of a docstring says, in a folder of its own."""
    face = _Seeded(library)
    scope: dict[str, Any] = {"torch": face, "nn": library.nn, "F": library.nn.functional, "np": np, "numpy": np,
                             "optim": library.optim, "math": math, "__name__": "example",
                             "Tensor": library.Tensor, "autograd": library.autograd}  # fmt: skip
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            return [_run(statement, scope) for statement in statements(doc)]
    finally:
        library.set_default_device(None)
        library.set_default_dtype(library.float32)
        library.set_printoptions(profile="default")
        library.set_grad_enabled(True)
        library.use_deterministic_algorithms(False)


def _run(statement: str, scope: dict[str, Any]) -> Said:
    printed = io.StringIO()
    try:
        tree = ast.parse(statement)
        if any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(tree)):
            return Said("")
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            *body, last = tree.body or [ast.Pass()]
            if isinstance(last, ast.Expr):
                exec(compile(ast.Module(body, []), "example", "exec"), scope)
                value = eval(compile(ast.Expression(last.value), "example", "eval"), scope)
                if value is not None:
                    print(repr(value))
            else:
                exec(compile(tree, "example", "exec"), scope)
    except Exception as error:
        return Said(f"{printed.getvalue()}raises {type(error).__name__}: {error}"[:300], error)
    return Said(re.sub(r"0x[0-9a-f]+", "0x", printed.getvalue()).replace("xpgrad", "torch"))


# From here on an example holds other numbers: drawn by another generator, or memory as it was found.
_OTHER_NUMBERS = re.compile(
    r"(uniform|normal|bernoulli|exponential|geometric|cauchy|random)_\(|(bernoulli|multinomial|poisson|binomial|normal)\("
    r"|dropout|Dropout|empty|rrelu|RReLU|gumbel|nn\.[A-Z]|init\.|seed\(|lowrank|lobpcg|data_ptr|id\(|fractional|rng_state"
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)")
# What PyTorch says where the example is not a program: its own text is to be imagined, or it needs what a build lacks.
_NO_PROGRAM = (NameError, SyntaxError, ModuleNotFoundError)


def partings(name: str, doc: str) -> Iterator[tuple[str, str, str]]:
    """The first statement that says something else, with both texts; nothing counts after what is no program."""
    other_numbers = False
    for statement, theirs, ours in zip(statements(doc), transcript(torch, doc), transcript(xpgrad, doc), strict=True):
        other_numbers = other_numbers or _OTHER_NUMBERS.search(statement) is not None
        if isinstance(theirs.error, _NO_PROGRAM) or (theirs.error and "CUDA" in theirs.text):
            return
        if theirs.error is not None:
            same = isinstance(ours.error, _built_in(theirs.error))
        elif other_numbers:
            same = ours.error is None and _skeleton(ours.text) == _skeleton(theirs.text)
        else:
            same = _alike(ours.text, theirs.text) or _closer(statement, ours.text, theirs.text)
        if not same:
            yield statement, theirs.text, ours.text
            return


def _built_in(error: BaseException) -> type[BaseException]:
    """The class of Python's own that an error is of."""
    return next(c for c in type(error).__mro__ if c.__module__ == "builtins")


def _skeleton(text: str) -> str:
    """A text without its numbers, truth values and spaces."""
    return re.sub(r"\s+|True|False|\.\.\.,?", "", _NUMBER.sub("", text))


def _closer(statement: str, ours: str, theirs: str) -> bool:
    return "allclose" in statement and (ours, theirs) == ("True\n", "False\n")


def _alike(ours: str, theirs: str) -> bool:
    """Whether texts are the same but for the last digits of numbers."""
    if ours == theirs:
        return True
    a, b = ([float(n) for n in _NUMBER.findall(text)] for text in (ours, theirs))
    rest = [re.sub(r"\s+", "", _NUMBER.sub("", text)) for text in (ours, theirs)]
    return rest[0] == rest[1] and len(a) == len(b) and np.allclose(a, b, rtol=1e-3, atol=1e-3, equal_nan=True)


def main() -> None:
    """Show where the examples part."""
    asked = parted = 0
    for name, doc in documented():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        asked += 1
        for statement, theirs, ours in partings(name, doc):
            parted += 1
            print(f"== {name}\n>>> {statement}\n{theirs.rstrip()[:400]}\n--- here\n{ours.rstrip()[:400]}", flush=True)
    print(f"{asked} examples, {parted} part")


if __name__ == "__main__":
    main()
