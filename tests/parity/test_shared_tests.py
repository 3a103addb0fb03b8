"""Tests of xpgrad whose first line says that PyTorch passes them too, run with PyTorch."""

import types
from pathlib import Path

import pytest
import torch

# PyTorch compiles some of its own when forward mode is first used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")

_TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def a_process_of_its_own(request, monkeypatch):
    """Undo what other tests leave: warnings that come once in a process, and frozen flags."""
    monkeypatch.setitem(torch.backends.flags_frozen.__globals__, "__allow_nonbracketed_mutation_flag", True)
    torch.set_warn_always("test_kinds" in request.node.name)
    yield
    torch.set_warn_always(False)


def _functions_of(path, source):
    source = source.replace("import xpgrad as torch", "import torch").replace("from xpgrad.", "from torch.")
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    exec(compile(source, str(path), "exec"), module.__dict__)
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


for _path in sorted(_TESTS.glob("*/test_*.py")):
    _source = _path.read_text()
    if "also hold in PyTorch" in _source.partition("\n")[0]:
        for _name, _function in _functions_of(_path, _source).items():
            globals()[f"{_name}__{_path.stem}"] = _function
