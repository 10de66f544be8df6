"""Rephrase one file in a process that a test kills: `python -m tests.rephrase.working_apart CORPUS URL FOLDER`."""

import sys
from pathlib import Path

from tests.rephrase.working import LISTED, PLAIN, rephrase, work
from udfs.documents.file_row import FileRange

if __name__ == "__main__":
    rephrase(FileRange(sys.argv[1], 0), work(sys.argv[2], Path(sys.argv[3]), PLAIN, LISTED))
