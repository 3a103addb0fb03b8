import sys
from pathlib import Path

# The table of layers is found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))
