"""The only caches: connections and query results, keyed by build, all bounded."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from dashboard.charts.base import for_screen, to_spec
from dashboard.db import Build, Database
from dashboard.figures.base import Figure
from dashboard.office_index import OfficeIndex
from dashboard.queries import meta as meta_queries
from dashboard.queries import offices as office_queries
from dashboard.queries import search as search_queries
from dashboard.queries.base import EVERYTHING, Viewer, only
from dashboard.view import View

T = TypeVar("T")


@st.cache_resource(max_entries=3, show_spinner=False, on_release=Database.close)
def database(path: str, build_id: str) -> Database:
    """The connection to a build; the oldest of more than three is closed."""
    return Database(Build(build_id, path))


@st.cache_resource(max_entries=3, show_spinner=False)
def meta(path: str, build_id: str) -> meta_queries.Meta:
    """A build's dictionary; frozen, so that sessions can share it."""
    return meta_queries.load(EVERYTHING, database(path, build_id))


@st.cache_resource(max_entries=400, show_spinner=False)
def _small(path: str, build_id: str, name: str, key: str, _call: Callable[[Database], Any]) -> Any:
    return _call(database(path, build_id))


@st.cache_data(max_entries=24, show_spinner=False)
def _large(path: str, build_id: str, name: str, key: str, _call: Callable[[Database], Any]) -> Any:
    return _call(database(path, build_id))


def query(
    build: Build,
    function: Callable[..., T],
    scope: Viewer,
    *args: Any,
    large: bool = False,
    **kw: Any,
) -> T:
    """``function(scope, db, *args)`` from the cache of its build.

    ``large`` results (a document) live in a smaller cache. A query that depends on a part of the
    selection only is kept under that part (:func:`dashboard.queries.base.depends_on`).
    """
    if parts := getattr(function, "parts", ()):
        args = only(parts, args)
    name = f"{function.__module__}.{function.__qualname__}"
    result: T = (_large if large else _small)(
        build.path,
        build.id,
        name,
        _key((scope, args, tuple(sorted(kw.items())))),
        lambda db: function(scope, db, *args, **kw),
    )
    return _own(result)


def _own(found: T) -> T:
    """A result its reader may add columns or entries to: the cache keeps one for all sessions.

    A shallow copy of a frame copies on writing. To unpickle a copy at every use cost 1 ms a query.
    """
    if isinstance(found, pd.DataFrame):
        return found.copy(deep=False)
    return copy(found) if isinstance(found, dict | list) else found


@st.cache_resource(max_entries=400, show_spinner=False)
def _made(view_key: str, name: str, _make: Callable[[], Any]) -> Any:
    return _make()


def keep(view: View, name: str, make: Callable[[], T], /) -> T:
    """A figure of a view, or its finished chart: made once, for all sessions that see the same."""
    made: T = _made(view.key, name, make)
    return made


def of_build(view: View, name: str, make: Callable[[], T], /) -> T:
    """What depends on the build and its viewer only, whatever is chosen on the page."""
    made: T = _made(_key((view.build.path, view.build.id, view.viewer)), name, make)
    return made


def chart(view: View, figure: Figure) -> dict[str, Any]:
    """The finished chart of a figure, as a browser gets it."""
    return keep(view, f"chart {figure.name}", lambda: for_screen(to_spec(figure.draw)))


@st.cache_resource(max_entries=3, show_spinner=False)
def _office_index(path: str, build_id: str, key: str, _scope: Viewer) -> OfficeIndex:
    return search_queries.office_index(_scope, database(path, build_id))


def office_index(build: Build, scope: Viewer) -> OfficeIndex:
    """All names of a viewer's offices: made once a build, shared by all sessions."""
    return _office_index(build.path, build.id, _key(scope), scope)


def options(build: Build, scope: Viewer) -> office_queries.Options:
    """What the filter bar offers."""
    return query(build, office_queries.options, scope)


def _key(value: object) -> str:
    """The arguments as text; sets in a fixed order."""
    if isinstance(value, frozenset):
        return f"{{{sorted(map(_key, value))}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_key, value))})"
    if isinstance(value, Viewer):
        return f"Viewer({_key(value.regions)})"
    return repr(value)
