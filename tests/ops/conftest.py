import sys
from pathlib import Path

# The table of cases and what reads it are found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))
