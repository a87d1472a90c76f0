"""Figures on screen carry their definition: the docstring of the function that counts them, told in the reader's language."""

from collections.abc import Callable
from inspect import getdoc
from typing import Any, TypeVar

from django.utils.translation import gettext

F = TypeVar("F", bound=Callable[..., Any])


def figure(function: F) -> F:
    """Mark a function whose docstring is shown to readers; the catalogues take it in as a text."""
    return function


def definition(function: Callable[..., Any]) -> str:
    """What the figure counts, in the reader's language."""
    said = " ".join((getdoc(function) or "").split())
    return gettext(said)
