"""The exceptions of xpgrad: one tree, each also the built-in that PyTorch raises in the same case.

A message says what was asked, what was given and what to do. Where PyTorch has a well-known text
for the case, ours begins with it, since that is what people search for.
"""

from __future__ import annotations


class XpgradError(Exception):
    """Base of every exception that xpgrad raises on purpose."""


class ShapeError(XpgradError, RuntimeError):
    """Shapes do not fit the operation."""


class DtypeError(XpgradError, RuntimeError):
    """Dtypes do not fit the operation."""


class UnsupportedDtypeError(DtypeError, NotImplementedError):
    """A function has no code for a dtype, in a case where PyTorch raises NotImplementedError."""


class OperationError(XpgradError, RuntimeError):
    """The array library could not do what was asked of it."""


class LinAlgError(OperationError):
    """A matrix has no such inverse, factor or solution, or it was not found (`torch.linalg.LinAlgError`)."""


class ArgumentTypeError(XpgradError, TypeError):
    """An argument is of a type that the function does not take."""


class NumberRangeError(XpgradError, OverflowError):
    """A Python integer has more than 64 bits."""


class ArgumentError(XpgradError, ValueError):
    """An argument has a value that the function does not take."""


class SettingError(ArgumentError, RuntimeError):
    """A setting has a value that the function does not take, in a case where PyTorch raises RuntimeError."""


class UnsupportedError(SettingError, NotImplementedError):
    """A combination of settings and shapes that does not exist, in a case where PyTorch raises NotImplementedError."""


class IndexingError(XpgradError, IndexError):
    """An index or a dimension is out of range."""


class IndexRangeError(IndexingError, RuntimeError):
    """A position in an index tensor is out of range: PyTorch raises now IndexError, now RuntimeError."""


class GradientError(XpgradError, RuntimeError):
    """A gradient was asked for that does not exist."""


class NoDerivativeError(GradientError, NotImplementedError):
    """A gradient was asked for of an input whose derivative PyTorch does not have either."""

    def __init__(self, function: str, input: str) -> None:
        super().__init__(
            f"the derivative for '{function}: {input}' is not implemented. PyTorch has none either; detach() the "
            "input, or do not ask for its gradient"
        )


class GraphFreedError(GradientError):
    """A backward pass met values that an earlier backward pass has freed."""

    def __init__(self, node: str) -> None:
        super().__init__(
            "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
            "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if "
            f"you need to access saved tensors after calling backward. (met at {node})"
        )


class SavedValueModifiedError(GradientError):
    """A value that a gradient rule needs was modified in place after the forward pass saved it."""


class InplaceError(XpgradError, RuntimeError):
    """An in-place operation that would make gradients wrong or impossible."""


class InferenceTensorError(XpgradError, RuntimeError):
    """A tensor made in inference mode was used where autograd needs an ordinary one."""


class MixedBackendsError(XpgradError, RuntimeError):
    """Tensors of several backends or devices met in one operation."""

    def __init__(self, asked: str, devices: list[str]) -> None:
        found = " and ".join(dict.fromkeys(devices))
        super().__init__(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{found}! {asked} never moves data by itself: move one operand with .to({devices[0]!r})."
        )


class AnomalyError(GradientError):
    """A backward function returned NaN while anomaly detection was on."""


class BackendError(XpgradError, RuntimeError):
    """A backend is unknown, broken or unusable."""


class UnknownBackendError(BackendError, LookupError):
    """No installed distribution offers the backend that was asked for."""


class BrokenBackendError(BackendError):
    """A backend was found but could not be loaded."""


class NoDeviceError(BackendError):
    """A backend was loaded but has no device to run on."""


class UnknownDeviceError(BackendError, LookupError):
    """A device string names no device of the backend."""


class ModuleError(XpgradError):
    """A module was built, asked or loaded in a way that its parts do not allow."""


class ModuleAttributeError(ModuleError, AttributeError):
    """A module has no such parameter, buffer or submodule, or not yet."""


class ModuleNameError(ModuleError, KeyError):
    """A name that a module's parameter, buffer or submodule cannot take."""

    # A KeyError shows its message quoted.
    __str__ = Exception.__str__


class StateDictError(ModuleError, RuntimeError):
    """A state dict does not fit the module that is to load it."""


class ParametrizationError(ModuleError, RuntimeError):
    """A parametrized tensor was assigned to that cannot be."""


class LazyModuleError(ModuleError, RuntimeError):
    """A lazy module did not find the shapes of all its parameters."""


class HookError(ModuleError, RuntimeError):
    """A hook returned something that cannot take the place of what it was given."""


class OptimizerError(XpgradError, RuntimeError):
    """An optimizer or a schedule was asked for what its groups, settings or hooks do not allow."""


class DataError(XpgradError, RuntimeError):
    """A dataset's files are missing or damaged, or a loader did not get its data in time."""


class AttentionError(ArgumentError, AssertionError):
    """Arguments of an attention that do not go together, for which PyTorch asserts."""


class ChoiceError(ArgumentError, AssertionError):
    """A word that is none of those a function knows, for which PyTorch asserts."""


class DatasetMismatchError(ArgumentError, AssertionError):
    """Datasets or tensors that do not go together, for which PyTorch asserts."""


class FileFormatError(XpgradError, ValueError):
    """A file does not hold what its format says it must."""
