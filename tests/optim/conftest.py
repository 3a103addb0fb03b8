import sys
from pathlib import Path

# `helpers` is found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))
