"""The package on the path of its own tests, without the metadata that would make every other test use it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
