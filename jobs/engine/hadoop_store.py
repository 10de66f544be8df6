"""The small files of a root on any other store that this Spark has a connector for: HDFS, Google's, Azure's."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class HadoopStore:
    """A root on any other store that this Spark has a connector for: HDFS, Google's, Azure's."""

    def __init__(self, path: str, spark: "SparkSession") -> None:
        self.path = path.rstrip("/")
        self._jvm: Any = spark.sparkContext._jvm
        jsc: Any = spark.sparkContext._jsc
        self._conf = jsc.hadoopConfiguration()

    def _file(self, path: str) -> tuple[Any, Any]:
        place = self._jvm.org.apache.hadoop.fs.Path(f"{self.path}/{path}" if path else self.path)
        return place.getFileSystem(self._conf), place

    def names(self, folder: str) -> list[str]:
        """List a folder's entries by name."""
        system, place = self._file(folder)
        try:
            paths = [status.getPath() for status in system.listStatus(place)]
        except Exception as error:
            if _is_absent(error):
                return []
            raise
        if len(paths) == 1 and paths[0].equals(system.makeQualified(place)):
            return []  # Hadoop lists a file as its own one entry
        return sorted(str(path.getName()) for path in paths)

    def read(self, path: str) -> str | None:
        """Return a file's text; None if it is not there."""
        system, place = self._file(path)
        try:
            stream = system.open(place)
        except Exception as error:
            if _is_absent(error):
                return None
            raise
        try:
            return str(self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
        finally:
            stream.close()

    def write(self, path: str, text: str) -> None:
        """Write a file whole."""
        self._write(path, text, overwrite=True)

    def create(self, path: str, text: str) -> bool:
        """Write a file that is not there yet: atomic on HDFS, and on Google's store by a generation of 0."""
        from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

        try:
            self._write(path, text, overwrite=False)
        except Py4JJavaError as error:
            if "AlreadyExists" in error.java_exception.getClass().getName():
                return False
            raise
        return True

    def _write(self, path: str, text: str, *, overwrite: bool) -> None:
        system, place = self._file(path)
        stream = system.create(place, overwrite)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()

    def delete(self, path: str) -> None:
        """Delete a file or folder."""
        system, place = self._file(path)
        system.delete(place, True)

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there."""
        system, place = self._file(path)
        return bool(system.exists(place))


def _is_absent(error: Exception) -> bool:
    thrown = getattr(error, "java_exception", None)
    return thrown is not None and thrown.getClass().getName() in (
        "java.io.FileNotFoundException",
        "java.nio.file.NoSuchFileException",
    )
