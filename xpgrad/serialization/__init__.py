"""Files of tensors, written and read without running code."""
