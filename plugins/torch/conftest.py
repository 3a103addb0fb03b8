"""No module of the package is imported to look for doctests: it has none, and importing PyTorch takes two seconds."""

collect_ignore = ["xpgrad_torch"]
