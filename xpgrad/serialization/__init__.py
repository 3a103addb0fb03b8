"""Keeping tensors in files."""

from xpgrad.serialization.safetensors import load_file, load_metadata, save_file

__all__ = ["load_file", "load_metadata", "save_file"]
