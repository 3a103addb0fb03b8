"""Writing in place, and views that see it."""

from xpgrad.testing.conformance.check import joined
from xpgrad.testing.conformance.levels.in_place import drawn, histories, methods, views

LEVEL = joined("In place and views", methods.LEVEL, views.LEVEL, histories.LEVEL, drawn.LEVEL)
