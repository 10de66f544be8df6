"""What every session spares the driver."""

import pytest
from pyspark.errors.utils import is_debugging_enabled


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_no_use_of_a_column_notes_its_line() -> None:
    assert not is_debugging_enabled()
