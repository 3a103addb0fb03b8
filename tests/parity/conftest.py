import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is the reference here; `pip install -e '.[parity]'` installs it")

# What the tests here share is found beside them; they are no packages.
# The judge is a package below, `tests.parity.op_db`, found from the root.
sys.path += [str(Path(__file__).parents[2]), str(Path(__file__).parent)]
