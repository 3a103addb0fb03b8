import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is the reference here; `pip install -e '.[parity]'` installs it")

# What the tests here share is found beside them; they are no package.
sys.path.append(str(Path(__file__).parent))
