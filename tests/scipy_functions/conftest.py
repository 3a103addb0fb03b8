import sys
from pathlib import Path

# The programs and what runs them are found beside the tests, which are no package.
sys.path.append(str(Path(__file__).parent))
