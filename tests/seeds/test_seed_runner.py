"""The runner finds what is wrong with a cell, and the files of digits are what they claim to be."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import seed_mnist
from seed_runner import parse_program, run_cell, translate_imports

MATRIX = "tensor([[ 0.5000, -1.2500]])"


def problem_of(source: str) -> str:
    (cell,) = parse_program(f"# %% a cell\n{source}")
    return run_cell(cell, {})


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "print(1)\n2\n#> 1\n#> 2",
        "print(1)\nNone\n#> 1",
        "print()\n#>",
        "object()\n#> <object object at 0x...>",
        f"print({MATRIX!r})\n#> tensor([[*.****, *.****]])",
        "print('tensor(-1.2500e+03)')\n#> tensor(*.****e±**)",
        "for i in range(12): print('step', i)\n#>+ step *",
        "print('a (b) [c]')\n#> a (b) [c]",
        "int('no')\n#! ValueError: invalid literal for int() with base 10",
        "int('no')\n#! Exception: ...with base 10: 'no'",
        "print(1)\nint('no')\n#> 1\n#! ValueError: ",
        "x = 1\n#? x == 1\n#? x < 2",
    ],
)
def test_right_cells_pass(source: str) -> None:
    assert problem_of(source) == ""


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("print(1)\n#> 2", "expected text\n2\n\nprinted text\n1"),
        ("print(1)", "expected text\n(nothing)"),
        ("x = 1\n#> 1", "printed text\n(nothing)"),
        ("print('1 ')\n#> 1", "expected text"),
        ("print(1, end='')\n#> 1", "expected text"),
        ("print('tensor([0.5000])')\n#> tensor([*.***])", "expected text"),
        ("print('tensor([nan])')\n#> tensor([*.****])", "expected text"),
        ("print('tensor([0.5000, 0.5000])')\n#> tensor([*.****])", "expected text"),
        ("print('tensor([0.5000, -1.2500])')\n#> tensor([*.****, *.****])", "not aligned"),
        ("x = 1\n#>+ step *", "expected text"),
        ("int('no')", "unexpected error\nTraceback"),
        ("x = 1\n#! ValueError: no", "none was raised"),
        ("int('no')\n#! TypeError: invalid", "expected TypeError, got ValueError"),
        ("int('no')\n#! ValueError: valid", "begins with"),
        ("x = 1\n#? x == 2", "not true: x == 2"),
        ("x = 1\n#? y == 2", "could not check: y == 2"),
    ],
)
def test_wrong_cells_fail(source: str, problem: str) -> None:
    assert problem in problem_of(source)


def test_blank_figure_fails() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    figure = "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1))\n"
    assert problem_of(f"{figure}plt.imshow([[0, 1]])\n#> <...AxesImage...>") == ""
    assert "figure 1 stayed blank" in problem_of(f"{figure}x = 1")


def test_code_below_expected_text_is_refused() -> None:
    with pytest.raises(ValueError, match="line 4: 'print"):
        parse_program("# %% a cell\nprint(1)\n#> 1\nprint(2)\n")


def test_line_numbers_are_the_files() -> None:
    first, second = parse_program('"""Title."""\n\n# %% one\nx = 1\n#? x\n\n# %% two\ny = 2\n')
    assert (first.line, second.line) == (4, 8)


def test_only_imports_change() -> None:
    source = "import torch\nimport torch.nn as nn\nimport numpy as np\nprint('import torch')\n"
    changed = "import xpgrad as torch\nimport xpgrad.nn as nn\nimport numpy as np\nprint('import torch')"
    assert translate_imports(source, "xpgrad") == changed


def test_unknown_import_is_refused() -> None:
    with pytest.raises(ValueError, match=r"line 2: no counterpart of 'import torch\.fx' in xpgrad"):
        translate_imports("import torch\nimport torch.fx\n", "xpgrad")


@pytest.mark.parametrize(
    ("expected", "last_line", "status"), [(3, "2 passed, 0 failed", 0), (4, "1 passed, 1 failed", 1)]
)
def test_script_counts_cells(library: str, expected: int, last_line: str, status: int, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"# %% import\nimport torch\n\n# %% use\nprint(torch.ones(3).numel())\n#> {expected}\n")
    script = Path(__file__).with_name("run.py")
    done = subprocess.run([sys.executable, script, "--seed-library", library, program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == last_line, done.stdout + done.stderr
    assert done.returncode == status


@pytest.mark.parametrize("real", [True, False], ids=["scikit-learn", "drawn"])
def test_digits_are_files_of_mnist(tmp_path: Path, real: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if real:
        pytest.importorskip("sklearn")
    else:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    seed_mnist.write_mnist(tmp_path)
    raw = tmp_path / "MNIST" / "raw"
    for name, size in [("train", seed_mnist.TRAIN_SIZE), ("t10k", seed_mnist.TEST_SIZE)]:
        images = (raw / f"{name}-images-idx3-ubyte").read_bytes()
        labels = (raw / f"{name}-labels-idx1-ubyte").read_bytes()
        assert np.frombuffer(images, ">u4", 4).tolist() == [2051, size, 28, 28]
        assert np.frombuffer(labels, ">u4", 2).tolist() == [2049, size]
        assert (len(images), len(labels)) == (16 + size * 28 * 28, 8 + size)
        assert gzip.decompress((raw / f"{name}-images-idx3-ubyte.gz").read_bytes()) == images
        assert gzip.decompress((raw / f"{name}-labels-idx1-ubyte.gz").read_bytes()) == labels
        pixels = np.frombuffer(images, np.uint8, offset=16).reshape(size, 28, 28)
        digits = np.frombuffer(labels, np.uint8, offset=8)
        assert set(digits.tolist()) == set(range(10))
        assert (pixels.max(axis=(1, 2)) > 150).all()
        assert not pixels[:, :4].any()
        means = np.stack([pixels[digits == digit].mean(axis=0) for digit in range(10)])
        nearest = np.square(pixels[:, None] / 255 - means / 255).sum(axis=(2, 3)).argmin(axis=1)
        assert (nearest == digits).mean() > 0.8
