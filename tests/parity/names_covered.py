"""Which of PyTorch's documented names xpgrad has, and why not the others.

``python -m tests.parity.names_covered > docs/coverage.md`` from the root writes it down. What has
a docstring is documented, so the installed release itself says which names there are.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections import defaultdict
from typing import Any

import torch

import xpgrad

SPACES = [
    "", "Tensor", "nn", "nn.functional", "nn.init", "nn.utils", "nn.utils.rnn", "nn.utils.parametrize",
    "nn.utils.parametrizations", "linalg", "fft", "special", "optim", "optim.lr_scheduler", "autograd",
    "autograd.functional", "autograd.graph", "autograd.forward_ad", "func", "masked", "signal.windows", "random",
    "testing", "utils.checkpoint", "utils.data", "utils.dlpack",
]  # fmt: skip

# Why a documented name is missing; the first pattern that fits counts.
REASONS = {
    r"sparse|_(crow|ccol|row|col)_indices|c(row|col)_indices|(row|col)_indices|indices(_copy)?|values(_copy)?|h?spmm|s?smm"
    r"|sspaddmm|coalesce|is_coalesced|SparseAdam|dsmm|saddmm": "sparse tensors: the standard has none",
    r"quant|q_(scale|zero_point|per_channel)|qscheme|int_repr|dequantize": "quantised tensors: the standard has none",
    r"align_|rename|refine_names|to_padded_tensor|Tensor\.index": "named, nested and first-class dimensions",
    r"(Untyped|Typed)?[Ss]torage|untyped_storage|from_file|share_memory_": "storages: memory is the array library's",
    r"(^|\.)(save|load|module_load)$|swap_": "files are `xpgrad.serialization`, without pickle",
    r"Event|Stream|record_stream|get_device_module|AcceleratorError|OutOfMemoryError|capture_stream|grad_stream"
    r"|(^|\.)(mtia|xpu|ipu)$|to_mkldnn|chalf|scaled_(grouped_)?mm|grouped_mm|ScalingType|SwizzleType|DispatchKey":
        "devices, streams and kernels of PyTorch's own",
    r"Sym[A-Z]|sym_|compile|cond$|while_loop|parse_|import_ir|merge_type|unify_type|Script|Tag|fork|wait|AVG|SUM"
    r"|Aggregation|functionalize|debug_unwrap|region_activation|boolean_dispatch|jit": "the compiler and the JIT",
    r"autocast|GradScaler": "mixed precision that is chosen automatically",
    r"DataParallel|SyncBatchNorm|Distributed": "training on several machines or devices",
    r"num_(interop_)?threads": "threads are the array library's: OMP_NUM_THREADS and its kin",
    r"warn_always|thread_safe_generator|grad_dtype|factory_kwargs": "settings of PyTorch's inner workings",
    r"IterDataPipe|MapDataPipe|rearrange|[Mm]asked_?[Tt]ensor": "prototypes that PyTorch develops elsewhere or gave up",
    r"Checkpoint|checkpoint|GraphExec|SAC_|device_states": "choosing what to recompute operation by operation",
    r"has_torch_function|transfer_parametrizations|NestedIOFunction": "PyTorch's inner machinery",
    r"Muon": "it makes matrices orthogonal in bfloat16, which few array libraries have",
}  # fmt: skip


def get(library: Any, path: str) -> Any:
    """What a dotted name stands for in a library, None if there is nothing."""
    for part in filter(None, path.split(".")):
        library = getattr(library, part, None)
    return library


def documented(space: str) -> list[str]:
    """The names in a module of PyTorch, or of its class Tensor, that have a docstring of their own."""
    theirs = get(torch, space)
    names = getattr(theirs, "__all__", None) if space else None
    return sorted(name for name in set(names or dir(theirs)) if _is_documented(theirs, name, bool(names)))


def _is_documented(space: Any, name: str, is_listed: bool) -> bool:
    value = inspect.getattr_static(space, name) if inspect.isclass(space) else getattr(space, name)
    if name.startswith("_") or inspect.ismodule(value) or not (callable(value) or isinstance(value, property)
                                                              or inspect.isdatadescriptor(value)):  # fmt: skip
        return False
    module = getattr(value, "__module__", None) or "torch"
    imported = not is_listed and module.split(".")[:2] in (["torch", "overrides"], ["torch", "types"])
    return bool(getattr(value, "__doc__", None)) and module.split(".")[0] == "torch" and not imported


def is_there(space: str, name: str) -> bool:
    """Whether xpgrad has the name, and does more than to refuse."""
    value = getattr(get(xpgrad, space), name, None)
    if value is None:
        return hasattr(get(xpgrad, space), name)
    return getattr(value, "__module__", None) != "xpgrad.functions.unsupported"


def missing() -> dict[str, list[str]]:
    """The full names that are missing, by reason; those that nobody gave a reason for under the empty one."""
    found = defaultdict(list)
    for space in SPACES:
        for name in documented(space):
            if not is_there(space, name):
                full = f"{space}.{name}".lstrip(".")
                reason = next((why for pattern, why in REASONS.items() if re.search(pattern, full)), "")
                found[reason].append(full)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def page() -> str:
    """The document."""
    rows, total, here = [], 0, 0
    absent = {name for names in missing().values() for name in names}
    for space in SPACES:
        names = documented(space)
        there = [n for n in names if f"{space}.{n}".lstrip(".") not in absent]
        rows.append(f"| `torch{'.' * bool(space)}{space}` | {len(names)} | {len(there)} |")
        total, here = total + len(names), here + len(there)
    groups = [f"| {why} | {', '.join(f'`{n}`' for n in names)} |" for why, names in missing().items()]
    return "\n".join([
        "# Coverage",
        "",
        f"Names with a docstring in PyTorch {torch.__version__.split('+')[0]}, and how many of them are in xpgrad.",
        "[differences.md](differences.md) says in what they behave otherwise. This page is printed by",
        "`python -m tests.parity.names_covered > docs/coverage.md`, and a test compares it.",
        "",
        "| module | names | here |", "|---|---|---|", *rows, f"| all | {total} | {here} |",
        "",
        "Missing, and why:",
        "",
        "| why | names |", "|---|---|", *groups,
    ])  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(page())
