"""The tidy tables as Parquet (pyarrow): the same columns, floats as they are, NaN as null."""

import io

from formcheck.formats.tidy import Table


def write_parquet(table: Table) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {name: pa.array(column, from_pandas=True) for name, column in table.items()}  # from_pandas: NaN is null
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()
