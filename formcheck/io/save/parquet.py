"""The tidy tables as Parquet (pyarrow): the same columns, floats as they are, NaN as null.

Each column's metadata say its `unit`, `sign` (what a positive number means) and `definition`.
"""

import io
from collections.abc import Mapping
from dataclasses import asdict

from formcheck.io.save.columns import Column
from formcheck.io.save.tidy import Table


def write_parquet(table: Table, columns: Mapping[str, Column]) -> bytes:
    """Return a table as the bytes of a Parquet file. `columns`: what each holds; KeyError where one is missing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: pa.array(values, from_pandas=True) for name, values in table.items()}  # from_pandas: NaN is null
    fields = [pa.field(name, array.type, metadata=asdict(columns[name])) for name, array in arrays.items()]
    target = io.BytesIO()
    pq.write_table(pa.table(list(arrays.values()), schema=pa.schema(fields)), target)
    return target.getvalue()
