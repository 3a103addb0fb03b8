"""Runs a tutorial program cell by cell, as a notebook does, and compares it with what its file expects.

A program is a Python file of cells. Each starts with ``# %%`` and a title; the code follows as people type it, and
under the code stands what it must do:

.. code-block:: text

    # %% a result names the function that made it
    y = x + 2
    print(y.grad_fn)
    y
    #> <AddBackward0 object at 0x...>
    #> tensor([3., 3.], grad_fn=<AddBackward0>)
    #? y.requires_grad

``#> text``
    One printed line. A last expression that is not None prints its repr. All printed text must be there, in order.
``#>+ text``
    The same, one or more lines of this form.
``#! RuntimeError: text``
    The cell must raise this type (or a subclass), with a message that begins with the text.
``#? expression``
    Must be true after the cell. This is how cells with random values are checked.

In a text ``0x...`` is an address, ``...`` anything within the line, ``*`` a whole number, ``*.****`` a number with so
many decimals (``*.****e±**`` in scientific notation), each with its sign and padding. The numbers of a printed tensor
must also be equally wide, as PyTorch aligns them.
"""

import ast
import contextlib
import importlib
import importlib.util
import io
import re
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seed_mnist import write_mnist

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("seed_*.py"))

# About one seed in ten draws a number that is printed in another form than the documents show, or one whose last bit
# rounds so that `a.grad == d / a` is False; this one does neither.
SEED = 0

# What "changing only the imports" means, line by line.
IMPORTS = {
    "import torch": "import xpgrad as torch",
    "import torch.nn as nn": "import xpgrad.nn as nn",
    "import torch.nn.functional as F": "import xpgrad.nn.functional as F",
    "import torch.optim as optim": "import xpgrad.optim as optim",
    "from torch.autograd import Variable": "from xpgrad.autograd import Variable",
    "from torch.utils.data import DataLoader": "from xpgrad.data import DataLoader",
    "from torchvision import datasets, transforms": "from xpgrad.data import datasets, transforms",
    "import torchvision.transforms as transforms": "from xpgrad.data import transforms",
}

# PyTorch itself, on a machine without torchvision.
STAND_IN_IMPORTS = {
    "from torchvision import datasets, transforms": "from seed_torchvision import datasets, transforms",
    "import torchvision.transforms as transforms": "from seed_torchvision import transforms",
}

# The tutorials read `.grad` of results and show figures without a screen; every other warning fails its cell.
TOLERATED_WARNINGS = [
    r"The \.grad attribute of a Tensor that is not a leaf Tensor is being accessed",
    r"FigureCanvasAgg is non-interactive",
]

_WILDCARD = re.compile(r"(0x\.\.\.)|(\.\.\.)|\*(?:\.(\*+))?(?:e±(\*+))?")
_TENSOR = re.compile(r"tensor\(\[[-+.e\d\[\], \n]*\]")
_ELEMENT = re.compile(r"(?<=\[)[^\[\],\n]+|(?<=, )[^\[\],\n]+(?=[,\]])")


@dataclass(frozen=True)
class Cell:
    """One cell of a program: its code and what the code must do."""

    title: str
    line: int  # of the first line of code, counted from 1
    code: str
    printed: tuple[tuple[str, bool], ...]  # (text, may repeat) per line
    error: str | None  # "RuntimeError: beginning of its message"
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one cell: ``problem`` says what was wrong, and is empty when nothing was."""

    cell: Cell
    problem: str


def parse_program(source: str) -> list[Cell]:
    """Returns the cells of a program; what stands above the first is its docstring.

    Raises:
        ValueError: A cell has code below its expected text.
    """
    cells = []
    lines = source.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = lines[start + 1 : end]
        length = next((number for number, line in enumerate(body) if line.startswith(("#>", "#!", "#?"))), len(body))
        printed: list[tuple[str, bool]] = []
        errors: list[str] = []
        checks: list[str] = []
        for number, line in enumerate(body[length:], start + 2 + length):
            mark, text = line[:2], line[2:].removeprefix(" ")
            if mark == "#>":
                printed.append((text[1:].removeprefix(" "), True) if line.startswith("#>+") else (text, False))
            elif mark == "#!":
                errors.append(text)
            elif mark == "#?":
                checks.append(text)
            elif line.strip():
                raise ValueError(f"line {number}: {line!r} stands below expected text; start a new cell with `# %%`")
        error = errors[0] if errors else None
        title = lines[start].removeprefix("# %%").strip()
        code = "\n".join(body[:length]).rstrip()
        cells.append(Cell(title, start + 2, code, tuple(printed), error, tuple(checks)))
    return cells


def translate_imports(source: str, library: str) -> str:
    """Returns ``source`` with its imports changed from PyTorch's to those of ``library``, and nothing else.

    Raises:
        ValueError: An import of PyTorch has no counterpart in ``IMPORTS``.
    """
    if library != "torch":
        table = IMPORTS
    elif importlib.util.find_spec("torchvision") is None:
        table = STAND_IN_IMPORTS
    else:
        table = {}
    lines = [table.get(line, line) for line in source.splitlines()]
    for number, line in enumerate(lines, 1):
        if library != "torch" and re.match(r"\s*(import|from)\s+torch", line):
            raise ValueError(f"line {number}: no counterpart of {line.strip()!r} in {library}; add it to IMPORTS")
    return "\n".join(lines)


def run_program(path: Path, library: str = "xpgrad") -> list[Outcome]:
    """Runs the program with ``library`` in an empty folder, and digits in it if it asks for MNIST.

    The random state is seeded, and later cells run even where an earlier one failed.

    Raises:
        ImportError: ``library`` is not importable.
        ValueError: The program is not written as this module describes.
    """
    filename = str(path.resolve())
    source = path.read_text(encoding="utf-8")
    cells = parse_program(translate_imports(source, library))
    importlib.import_module(library).manual_seed(SEED)
    names: dict[str, Any] = {"__name__": path.stem}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.ExitStack() as stack:
        if "MNIST" in source:
            write_mnist(Path("data"))
        if "matplotlib" in source:
            stack.enter_context(_matplotlib_without_screen())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("error")
        for message in TOLERATED_WARNINGS:
            warnings.filterwarnings("ignore", message)
        return [Outcome(cell, run_cell(cell, names, filename)) for cell in cells]


def run_cell(cell: Cell, names: dict[str, Any], filename: str = "<cell>") -> str:
    """Runs one cell in the namespace ``names`` and returns what was wrong, or an empty text."""
    problems = []
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            _execute(cell, names, filename)
            raised = None
        except Exception as error:
            raised = error
    problems.append(_compare_error(cell.error, raised))
    problems.append(_compare_text(cell.printed, printed.getvalue()))
    for check in cell.checks:
        try:
            true = bool(eval(check, names))
        except Exception:
            problems.append(f"could not check: {check}\n{traceback.format_exc()}")
        else:
            problems.append("" if true else f"not true: {check}")
    problems.append(_draw_figures(names))
    return "\n".join(problem for problem in problems if problem)


def _execute(cell: Cell, names: dict[str, Any], filename: str) -> None:
    # Leading blank lines keep the line numbers of the file, for tracebacks and for errors that quote a line.
    tree = ast.parse("\n" * (cell.line - 1) + cell.code, filename)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, filename, "exec", dont_inherit=True), names)
        return
    tree.body.pop()
    exec(compile(tree, filename, "exec", dont_inherit=True), names)
    value = eval(compile(ast.Expression(last.value), filename, "eval", dont_inherit=True), names)
    if value is not None:
        print(repr(value))


def _compare_error(expected: str | None, raised: Exception | None) -> str:
    if raised is None:
        return f"expected an error, none was raised: {expected}" if expected else ""
    trace = "".join(traceback.format_exception(raised))
    if expected is None:
        return f"unexpected error\n{trace}"
    name, _, message = expected.partition(": ")
    if name not in [kind.__name__ for kind in type(raised).__mro__]:
        return f"expected {name}, got {type(raised).__name__}\n{trace}"
    if not re.match(_pattern(message), str(raised)):
        return f"expected an error that begins with\n{message}\ngot\n{raised}"
    return ""


def _compare_text(expected: tuple[tuple[str, bool], ...], printed: str) -> str:
    pattern = "".join(f"(?:{_pattern(text)}\n)+" if repeats else f"{_pattern(text)}\n" for text, repeats in expected)
    if not re.fullmatch(pattern, printed):
        wanted = "".join(f"{text}{'  (one or more)' if repeats else ''}\n" for text, repeats in expected)
        return f"expected text\n{wanted or '(nothing)'}\nprinted text\n{printed or '(nothing)'}"
    for tensor in _TENSOR.findall(printed):
        if len({len(element) for element in _ELEMENT.findall(tensor)}) > 1:
            return f"numbers are not aligned in\n{tensor}"
    return ""


def _pattern(text: str) -> str:
    """Returns the regular expression of an expected text with its wildcards."""
    pattern = ""
    position = 0
    for match in _WILDCARD.finditer(text):
        address, anything, decimals, exponent = match.groups()
        pattern += re.escape(text[position : match.start()])
        position = match.end()
        if address:
            pattern += "0x[0-9a-fA-F]+"
        elif anything:
            pattern += r"[^\n]*"
        else:
            pattern += r" *-?\d+"
            pattern += rf"\.\d{{{len(decimals)}}}" if decimals else ""
            pattern += rf"e[+-]\d{{{len(exponent)}}}" if exponent else ""
    return pattern + re.escape(text[position:])


@contextlib.contextmanager
def _matplotlib_without_screen() -> Iterator[None]:
    """Figures are drawn into memory; styles and figures end with the program."""
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        yield  # The cell that imports it will say so.
        return
    with plt.rc_context():
        plt.switch_backend("Agg")
        try:
            yield
        finally:
            plt.close("all")


def _draw_figures(names: dict[str, Any]) -> str:
    """Draws and closes what the cell left open, as a notebook does; a figure that stays blank is a problem."""
    if "plt" not in names:
        return ""
    plt = names["plt"]
    problems = []
    for number in plt.get_fignums():
        canvas = plt.figure(number).canvas
        try:
            canvas.draw()
        except Exception:
            problems.append(f"figure {number} could not be drawn\n{traceback.format_exc()}")
            continue
        pixels = bytes(canvas.buffer_rgba())
        if pixels == pixels[:4] * (len(pixels) // 4):
            problems.append(f"figure {number} stayed blank")
    plt.close("all")
    return "\n".join(problems)
