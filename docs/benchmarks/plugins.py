"""What installed plugins cost those who do not use them: `python docs/benchmarks/plugins.py [--rounds N]`.

Makes plugins and other distributions, builds their wheels and installs them with pip into a folder for each setting.
Then processes of all settings, by turns, import xpgrad and make their first tensors. A ratio is the median, over the
rounds, of a setting's time by that of its neighbour without the plugins. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from hatchling.build import build_wheel
from report import conditions, machine

BOUND = 1.10

BACKEND = """
import numpy
from xpgrad.backends.base import Backend

class Made(Backend):
    name = "{name}"
    xp = numpy
    array_types = (type("Array", (), {{}}),)
"""
PACK = """
from xpgrad.backends.packs import KernelPack

class Made(KernelPack):
    backend, name = "cupy", "{name}"
    kernels = {{"exp": lambda xp, x, /: NotImplemented}}
"""


class Kind(NamedTuple):
    """Distributions of one kind: what they are called, their module, and where they declare it under what name."""

    prefix: str
    count: int
    source: str
    group: str
    entry: str


KINDS = {
    "plugins": Kind("made-backend", 50, BACKEND, "xpgrad.backends", "{name}"),
    "packs": Kind("made-pack", 50, PACK, "xpgrad.kernels", "cupy.{name}"),
    "others": Kind("made-other", 300, "def Made(): print('{name}')", "made.group", "{name}"),
}
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"

[project.entry-points."{group}"]
"{entry}" = "{module}:Made"

[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]
"""

# Each setting: the kinds that are installed, and the setting that it is compared with.
SETTINGS: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), ""),
    "50 plugins": (("plugins",), "nothing"),
    "50 kernel packs for another backend": (("packs",), "nothing"),
    "300 other distributions": (("others",), ""),
    "300 other distributions, 50 plugins and 50 such packs": (
        ("others", "plugins", "packs"),
        "300 other distributions",
    ),
}

MEASURE = """
import sys, time
start = time.perf_counter()
import xpgrad
imported = time.perf_counter()
x = xpgrad.ones(2) * 2 + 1
end = time.perf_counter()
loaded = [name for name in sys.modules if name.startswith(("made_", "importlib.metadata"))]
print([imported - start, end - imported, end - start] if not loaded else f'"loaded: {loaded}"')
"""


def build(kind: Kind, folder: Path) -> list[Path]:
    """The wheels of a kind."""
    wheels = []
    for i in range(kind.count):
        name = f"{kind.prefix}{i}"
        module, project = name.replace("-", "_"), folder / name
        project.mkdir(parents=True)
        (project / f"{module}.py").write_text(kind.source.format(name=module), encoding="utf-8")
        entry = kind.entry.format(name=module)
        text = PYPROJECT.format(name=name, module=module, group=kind.group, entry=entry)
        (project / "pyproject.toml").write_text(text, encoding="utf-8")
        with contextlib.chdir(project):
            wheels.append(project / "dist" / build_wheel("dist"))
    return wheels


def install(wheels: Iterable[Path], site: Path) -> None:
    """Put wheels into the folder ``site`` with pip."""
    pip = [sys.executable, "-m", "pip", "--isolated", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--no-index", "--no-deps", "--target", str(site), *map(str, wheels)], check=True)


def sites(folder: Path) -> dict[str, Path]:
    """For each setting the folder in which its distributions are installed."""
    for name, kind in KINDS.items():
        install(build(kind, folder / "projects"), folder / "kinds" / name)
    made = {}
    for number, (setting, (kinds, _)) in enumerate(SETTINGS.items()):
        made[setting] = folder / f"site{number}"
        made[setting].mkdir()
        for name in kinds:
            shutil.copytree(folder / "kinds" / name, made[setting], dirs_exist_ok=True)
    return made


def measure(site: Path) -> list[float]:
    """Seconds of the import, of the first operations, and of both, in a process of its own."""
    # As installed: from bytecode, which pip writes and which the first, uncounted run writes here.
    drop = ("PYTHONDONTWRITEBYTECODE", "XPGRAD_KERNELS", "XPGRAD_BACKEND")
    environment = {name: value for name, value in os.environ.items() if name not in drop}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-c", MEASURE]
    seconds = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    if isinstance(seconds, str):
        raise SystemExit(f"{site}: {seconds}")
    return list(map(float, seconds))


def report(times: dict[str, list[list[float]]]) -> Iterable[str]:
    """The table, line by line."""
    yield "| installed besides | import, ms | first operations, ms | compared with | import | first | both | met |"
    yield "|---|---|---|---|---|---|---|---|"
    for setting, (_, against) in SETTINGS.items():
        milliseconds = (f"{statistics.median(run[i] for run in times[setting]) * 1e3:.1f}" for i in (0, 1))
        row = [setting, *milliseconds]
        if against:
            pairs = list(zip(times[setting], times[against], strict=True))
            ratios = [statistics.median(ours[i] / theirs[i] for ours, theirs in pairs) for i in range(3)]
            row += [against, *(f"{ratio:.3f}" for ratio in ratios), "yes" if max(ratios) <= BOUND else "no"]
        else:
            row += ["", "", "", "", ""]
        yield f"| {' | '.join(row)} |"


def main() -> None:
    """Install, measure by turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds: int = parser.parse_args().rounds
    times: dict[str, list[list[float]]] = {setting: [] for setting in SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        installed = sites(Path(folder))
        for number in range(rounds + 1):
            for setting, site in installed.items():
                found = measure(site)
                if number:
                    times[setting].append(found)
    print(f"{machine()}{conditions()}; {rounds} rounds.\n")
    print("\n".join(report(times)))
    without, others = (statistics.median(run[1] for run in times[s]) for s in ("nothing", "300 other distributions"))
    each = (others - without) / KINDS["others"].count * 1e6
    print(f"\nThe first use of a backend looks into each distribution for kernel packs, {each:.0f} microseconds each.")


if __name__ == "__main__":
    main()
