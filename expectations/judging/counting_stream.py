"""Rows counted on their way: an engine that copies them does not say how many there were."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass
class CountingStream:
    """A stream that counts the rows that went through it."""

    batches: pa.RecordBatchReader
    rows: int = 0

    @property
    def reader(self) -> pa.RecordBatchReader:
        """The same batches, to be read once."""

        def stream():
            for batch in self.batches:
                self.rows += batch.num_rows
                yield batch

        return pa.RecordBatchReader.from_batches(self.batches.schema, stream())
