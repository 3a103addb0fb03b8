"""Where the time of a case goes.

``python docs/benchmarks/profile_case.py small-mlp``: the functions that take most of the first case whose id contains
the text (`cProfile`, which makes calls of small functions look dearer than they are).

``python docs/benchmarks/profile_case.py --op multiply``: nanoseconds for each line of the op's generated forward, on
4x4 leaves that require grad.
"""

from __future__ import annotations

import argparse
import ast
import cProfile
import inspect
import pstats
import time
import warnings
from collections.abc import Callable
from types import FunctionType

from cases import CASES, leaf

import xpgrad
import xpgrad.nn
import xpgrad.optim
from xpgrad.core.op import Op
from xpgrad.ops import activation, arithmetic, exponential, indexing, linalg, reductions, shape

SETTINGS = {"reshape": {"shape": (2, 8)}, "getitem": {"index": (slice(1, 3),)}}


def profile(text: str, rounds: int = 200) -> None:
    """Print the functions that a case spends its time in."""
    case = next(case for name, case in CASES.items() if text in name)
    prepare, work = case.make(xpgrad)
    work(*prepare())
    profiler = cProfile.Profile()
    for _ in range(max(1, rounds * case.rounds // 300)):
        arguments = prepare()
        profiler.enable()
        work(*arguments)
        profiler.disable()
    print(case.id)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


class Clocked(ast.NodeTransformer):
    """Calls ``clock(line)`` after every statement that has run."""

    def _clocked(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in statements:
            call = ast.Expr(ast.Call(ast.Name("clock", ast.Load()), [ast.Constant(statement.lineno)], []))
            visited = self.visit(statement)
            result += [call, visited] if isinstance(statement, ast.Return) else [visited, call]
        return result

    def visit_Try(self, node: ast.Try) -> ast.AST:
        node.body = self._clocked(node.body)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        node.body = self._clocked(node.body)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        start = ast.Expr(ast.Call(ast.Name("clock", ast.Load()), [ast.Constant(0)], []))
        node.body = [start, *self._clocked(node.body)]
        return node


def lines(op: Op, calls: int = 20_000) -> None:
    """Print the generated forward of ``op`` with the least time seen of each line, the clock's own taken off."""
    function = op.variant("T" * len(op.inputs))
    text = inspect.getsource(function)
    least: dict[int, int] = {}
    last = 0

    def clock(line: int, now: Callable[[], int] = time.perf_counter_ns) -> None:
        nonlocal last
        took = now() - last
        if took < least.get(line, 1 << 60):
            least[line] = took
        last = now()

    module = ast.fix_missing_locations(Clocked().visit(ast.parse(text)))
    scope = {**function.__globals__, "clock": clock}
    exec(compile(module, "<clocked>", "exec"), scope)
    clocked: FunctionType = scope["apply"]
    leaves = [leaf(xpgrad, (4, 4)) for _ in op.inputs]
    settings = SETTINGS.get(op.forward.__name__, {})
    for _ in range(calls):
        clocked(*leaves, **settings)
    empty = min(_overhead(clock, least) for _ in range(1000))
    for number, line in enumerate(text.splitlines(), 1):
        print(f"{max(least[number] - empty, 0):6}" if number in least else " " * 6, line)


def _overhead(clock: Callable[[int], None], least: dict[int, int]) -> int:
    """What the clock shows for no statement at all."""
    clock(-1)
    clock(-2)
    return least[-2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="?", help="part of the id of a case: forward-add, small-mlp, ...")
    parser.add_argument("--op", help="a function of xpgrad.ops: multiply, sum_all, getitem, ...")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    if chosen.op:
        homes = (activation, arithmetic, exponential, indexing, linalg, reductions, shape)
        lines(next(getattr(home, chosen.op) for home in homes if hasattr(home, chosen.op)))
    elif chosen.case:
        profile(chosen.case)
    else:
        print(*CASES, sep="\n")


if __name__ == "__main__":
    main()
