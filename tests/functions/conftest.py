import sys
from pathlib import Path

# The tables and what reads them are found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))
