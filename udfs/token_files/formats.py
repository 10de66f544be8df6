"""The formats by name."""

from udfs.token_files.flat import LlmcWriter, NanoGptWriter
from udfs.token_files.format import Formats
from udfs.token_files.mds import MdsWriter
from udfs.token_files.megatron import MegatronWriter
from udfs.token_files.parquet import ParquetWriter

FORMATS: Formats = {
    "megatron": MegatronWriter,
    "mds": MdsWriter,
    "parquet": ParquetWriter,
    "nanogpt": NanoGptWriter,
    "llmc": LlmcWriter,
}
