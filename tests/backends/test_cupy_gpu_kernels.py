"""The questions of the kernels' tests (`extensions/test_cupy_*.py`), asked of a GPU and not of a stand-in."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xpgrad.backends.registry import resolve

sys.path.append(str(Path(__file__).parent / "extensions"))
elementwise, kernels, loss, rows = (
    importlib.import_module(f"test_cupy_{name}") for name in ("elementwise", "kernels", "loss", "rows")
)

# Every question that is asked through the fixture `run`, which is another one here.
for _module in (elementwise, kernels, loss, rows):
    for _name, _value in vars(_module).items():
        if _name.startswith("test_") and "run" in inspect.signature(_value).parameters:
            globals()[_name] = _value

dtype, in_order = rows.dtype, kernels.in_order

pytestmark = pytest.mark.cuda


@pytest.fixture
def run() -> Any:
    """Call an extension function of CuPy's backend on NumPy arrays, twice, and check that the results are the same."""
    place = resolve("cuda")

    def run(name: str, *arrays: Any, launches: int | None = None, **settings: Any) -> Any:
        given = [None if a is None else place.backend.from_host(np.asarray(a), place.handle) for a in arrays]
        once, again = (getattr(place.xp, name)(*given, **settings) for _ in range(2))
        results = [tuple(map(host, r)) if isinstance(r, tuple) else (host(r),) for r in (once, again)]
        for first, second in zip(*results, strict=True):
            assert first is None or first.tobytes() == second.tobytes(), "it differs from run to run"
        for before, after in zip(arrays, given, strict=True):
            assert before is None or before.tobytes() == host(after).tobytes(), "an input was written to"
        return results[0] if isinstance(once, tuple) else results[0][0]

    def host(array: Any) -> Any:
        return None if array is None else place.backend.to_host(array)

    return run
