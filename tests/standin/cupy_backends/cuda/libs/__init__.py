import importlib


def __getattr__(name):
    if name != "cublas":
        raise AttributeError(name)
    return importlib.import_module(f"{__name__}.{name}")
