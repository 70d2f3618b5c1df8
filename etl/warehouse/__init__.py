"""The only writer of the warehouse: schema, shards, build, marts, publish.

A load makes a new DuckDB file and then moves a small pointer; nothing ever writes into a published
build. ``etl.warehouse.load.load`` is the way in, ``etl.warehouse.builds.open_current`` the way to
the build that is served.
"""
