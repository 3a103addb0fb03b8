"""Doctests import every module, and these import JAX, as only its users do."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("jax") else ["xpgrad_jax"]
