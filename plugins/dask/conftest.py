"""Without dask there is nothing to import, and the tests say so themselves."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("dask") else ["xpgrad_dask", "tests/larger_than_memory.py"]
