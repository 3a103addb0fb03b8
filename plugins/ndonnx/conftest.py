"""Doctests import every module, and these import ndonnx, as only its users do: it warns without ONNX Runtime."""

import importlib.util

collect_ignore = [] if all(map(importlib.util.find_spec, ("ndonnx", "onnxruntime"))) else ["xpgrad_ndonnx"]
