"""Doctests import every module, and these import ndonnx, as only its users do."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("ndonnx") else ["xpgrad_ndonnx"]
