import importlib.util
import sys
from pathlib import Path

import pytest

# The runner must also work as a script of its own, so its modules are found beside it rather than in a package.
sys.path.append(str(Path(__file__).parent))

# The programs are run by the runner, not imported in search of doctests; the stand-in needs PyTorch.
collect_ignore = ["programs", "seed_torchvision.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed-library", choices=["xpgrad", "torch"], help="run the tutorial programs with this library only"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the programs with xpgrad and, where it is installed, with PyTorch, which says whether they are right."""
    if "library" in metafunc.fixturenames:
        only = metafunc.config.getoption("--seed-library", None)
        torch = ["torch"] if importlib.util.find_spec("torch") else []
        metafunc.parametrize("library", [only] if only else ["xpgrad", *torch])
