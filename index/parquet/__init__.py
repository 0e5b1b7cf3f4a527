"""A library as Parquet files with a manifest: for another engine, another machine, another tool."""
