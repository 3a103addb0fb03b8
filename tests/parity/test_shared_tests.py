"""Tests of xpgrad that say `import xpgrad as torch`, run with PyTorch: what they expect of us is what it does."""

import types
from pathlib import Path

_TESTS = Path(__file__).parents[1]


def _functions_of(path):
    source = path.read_text().replace("import xpgrad as torch", "import torch").replace("from xpgrad.", "from torch.")
    module = types.ModuleType(path.stem)
    exec(compile(source, str(path), "exec"), module.__dict__)
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


for _path in sorted(_TESTS.glob("*/test_*.py")):
    if "\nimport xpgrad as torch\n" in _path.read_text() and _path.parent.name in ("autograd", "tensor", "functions"):
        for _name, _function in _functions_of(_path).items():
            globals()[f"{_name}__{_path.stem}"] = _function
