"""A view from a page's name and a link's parameters, without a browser: for exports and commands.

A page opens its view in ``components.frame``; everything here is for the same view elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from dashboard.charts.base import Look
from dashboard.db import Build, Database, build_named, current_build, warehouse_folder
from dashboard.filters import from_params
from dashboard.i18n import translator
from dashboard.present import Words
from dashboard.queries import meta as meta_queries
from dashboard.queries import offices as office_queries
from dashboard.queries.base import EVERYTHING, Viewer
from dashboard.queries.meta import Meta
from dashboard.queries.offices import Options
from dashboard.view import Ask, View

T = TypeVar("T")


class Access(Protocol):
    """How builds are read: directly, or through a page's caches."""

    def meta(self, build: Build) -> Meta:
        """A build's dictionary."""
        ...

    def options(self, build: Build, viewer: Viewer) -> Options:
        """What its filter bar offers."""
        ...

    def ask(self, build: Build) -> Ask:
        """How it is queried."""
        ...


class Direct:
    """Reads builds directly; each is opened once and closed with the whole."""

    def __init__(self) -> None:
        self._open: dict[str, Database] = {}
        self._meta: dict[str, Meta] = {}

    def database(self, build: Build) -> Database:
        """The connection to a build.

        Raises:
            WarehouseError: the file cannot be opened.
        """
        if build.path not in self._open:
            self._open[build.path] = Database(build)
        return self._open[build.path]

    def meta(self, build: Build) -> Meta:
        """A build's dictionary."""
        if build.path not in self._meta:
            self._meta[build.path] = meta_queries.load(EVERYTHING, self.database(build))
        return self._meta[build.path]

    def options(self, build: Build, viewer: Viewer) -> Options:
        """What its filter bar offers."""
        return office_queries.options(viewer, self.database(build))

    def ask(self, build: Build) -> Ask:
        """Queries without a cache."""
        db = self.database(build)

        def asked(
            function: Callable[..., T], scope: Viewer, *args: Any, large: bool = False, **kw: Any
        ) -> T:
            del large
            return function(scope, db, *args, **kw)

        return asked

    def close(self) -> None:
        """Give all files back."""
        for database in self._open.values():
            database.close()
        self._open.clear()


class Opener:
    """Opens views of one warehouse for one viewer; as a context it closes what it opened."""

    def __init__(
        self,
        folder: Path | None = None,
        viewer: Viewer = EVERYTHING,
        access: Access | None = None,
    ) -> None:
        self.folder = folder or warehouse_folder()
        self.viewer = viewer
        self.access: Access = access or Direct()

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self.access, Direct):
            self.access.close()

    def newest(self) -> Build:
        """The published build.

        Raises:
            WarehouseError: there is none, or its pointer is damaged.
        """
        return current_build(self.folder)

    def build(self, build_id: str) -> Build | None:
        """A build by its id; the newest for ``""``; ``None`` if it is no longer kept."""
        newest = self.newest()
        if build_id in ("", newest.id):
            return newest
        return build_named(self.folder, build_id)

    def view(self, page: str, params: Mapping[str, str], build: Build | None = None) -> View:
        """The view a link's parameters ask for, in light colours, on a build (else the newest).

        Raises:
            WarehouseError: the build cannot be read.
        """
        newest = self.newest()
        build = build or newest
        filters = replace(from_params(params), build=build.id)
        meta = self.access.meta(build)
        return View(
            page=page,
            filters=filters,
            build=build,
            newest=newest,
            meta=meta,
            viewer=self.viewer,
            words=Words(filters.lang, translator(filters.lang), meta),
            look=Look(dark=False, lang=filters.lang),
            options=self.access.options(build, self.viewer),
            ask=self.access.ask(build),
        )


@contextmanager
def apart(view: View) -> Iterator[View]:
    """The same view with connections of its own, for work beside the page; closed at the end.

    Raises:
        WarehouseError: the build cannot be read.
    """
    access = Direct()
    try:
        yield replace(view, ask=access.ask(view.build))
    finally:
        access.close()
