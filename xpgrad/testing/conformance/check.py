"""A check, and the levels into which checks are sorted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from xpgrad.testing.conformance.subject import Subject

Row = TypeVar("Row")
Ask = Callable[[Subject], None]


@dataclass(frozen=True, eq=False)
class Check:
    """One question to a backend.

    Attributes:
        id: ``level/subject/question``, the same in every release: what known failures are declared by.
        ask: Raises an exception, an ``AssertionError`` nearly always, unless the backend does what it should.
        needs: The capabilities (`capabilities`) without which the question has no sense.
        since: The version of the suite in which it was first asked.
    """

    id: str
    ask: Ask
    needs: frozenset[str] = frozenset()
    since: int = 1

    @property
    def level(self) -> str:
        """The name of its level."""
        return self.id.partition("/")[0]

    def put_to(self, subject: Subject) -> None:
        """Ask it, whatever the settings for warnings are: checks divide by zero and overflow on purpose."""
        __tracebackhide__ = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            self.ask(subject)


def failures(asked: Iterable[Check], subject: Subject) -> Iterator[tuple[Check, Exception]]:
    """The checks that fail and what they raise, among those of ``asked`` for which the subject lacks nothing."""
    for check in asked:
        if subject.lacks(check.needs):
            continue
        try:
            check.put_to(subject)
        except Exception as error:
            yield check, error


@dataclass(eq=False)
class Level:
    """A section of the report: checks about one thing, of one module or of several (`joined`).

    Attributes:
        name: The first word of its checks' ids.
        title: What the report calls it.
        checks: Its checks, in the order in which they are asked.
    """

    name: str
    title: str = ""
    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, *, needs: Iterable[str] = (), since: int = 1) -> Callable[[Ask], Ask]:
        """Make the decorated function the check called ``name``."""

        def add(ask: Ask) -> Ask:
            self.checks.append(Check(f"{self.name}/{name}", ask, frozenset(needs), since))
            return ask

        return add

    def each(
        self,
        rows: Mapping[str, Row],
        question: str = "",
        *,
        needs: Iterable[str] | Callable[[Row], Iterable[str]] = (),
        since: int | Callable[[Row], int] = 1,
    ) -> Callable[[Callable[[Subject, Row], None]], Callable[[Subject, Row], None]]:
        """Make the decorated function a check of each row: ``level/name of the row/question``."""

        def add(ask: Callable[[Subject, Row], None]) -> Callable[[Subject, Row], None]:
            for name, row in rows.items():
                self.checks.append(
                    Check(
                        "/".join(word for word in (self.name, name, question) if word),
                        _asking(ask, row),
                        frozenset(needs(row) if callable(needs) else needs),
                        since(row) if callable(since) else since,
                    )
                )
            return ask

        return add


def joined(title: str, *parts: Level) -> Level:
    """The level called ``title`` that has the checks of all ``parts``, which have one name."""
    (name,) = {part.name for part in parts}
    return Level(name, title, [check for part in parts for check in part.checks])


def _asking(ask: Callable[[Subject, Any], None], row: Any) -> Ask:
    def asked(subject: Subject) -> None:
        __tracebackhide__ = True
        ask(subject, row)

    return asked
