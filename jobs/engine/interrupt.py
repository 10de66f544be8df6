"""Ctrl-C: the first stops the run in order, the second at once.

PySpark's own handler asks Spark to cancel all jobs, on the connection on which this thread waits for another answer. The two answers
change places, and whatever is asked next fails. Ours leaves that connection, so that cleaning up gets one of its own.
"""

import logging
import signal
import threading
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def handle_interrupts(spark: "SparkSession", *, before: Any) -> None:
    """Take the place of PySpark's handler, which it set when the session began; `before` is the handler of the time before.

    A process that was started to ignore Ctrl-C, as a shell does with background jobs, goes on ignoring it.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return

    logging.getLogger().addFilter(_is_no_interrupt)

    def stop(number: int, frame: Any) -> NoReturn:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the JVM ends when its standard input does
        leave_connection(spark)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    """Keep back py4j's traceback of the call that Ctrl-C broke off."""
    return not str(record.msg).startswith("KeyboardInterrupt while sending command")


def leave_connection(spark: "SparkSession") -> None:
    """Close this thread's connection to the JVM, on which an answer may be due; py4j opens another when it is needed."""
    gateway: Any = spark.sparkContext._gateway
    client = gateway._gateway_client
    connection = client.get_thread_connection() if hasattr(client, "get_thread_connection") else None
    if connection is not None:
        connection.close()
