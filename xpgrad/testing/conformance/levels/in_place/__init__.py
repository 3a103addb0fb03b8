"""Writing in place, and views that see it."""

from xpgrad.testing.conformance.check import joined
from xpgrad.testing.conformance.levels.in_place import assignment, drawn, histories, methods, views

LEVEL = joined("In-place and views", methods.LEVEL, views.LEVEL, assignment.LEVEL, histories.LEVEL, drawn.LEVEL)
