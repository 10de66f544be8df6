"""Local files for the tests' Spark session that cost little: Hadoop runs chmod for every file and folder that it makes.

And it sends a thousand settings, of clusters that are not there, to every task that reads or writes. To take them away one by one
does not do: a class that brings defaults of its own has Hadoop read all of them again.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Files and folders have the modes of the process's umask without chmod, and the tests look at no other.
SOURCE = """
public class PlainLocalFiles extends org.apache.hadoop.fs.RawLocalFileSystem {
    public void setPermission(org.apache.hadoop.fs.Path path, org.apache.hadoop.fs.permission.FsPermission mode) {}

    public static void leaveOutDefaults(org.apache.hadoop.conf.Configuration conf) throws Exception {
        String scratch = conf.get("hadoop.tmp.dir");
        java.lang.reflect.Field reads = org.apache.hadoop.conf.Configuration.class.getDeclaredField("loadDefaults");
        reads.setAccessible(true);
        reads.setBoolean(conf, false);
        conf.reloadConfiguration();  // what was set stays
        conf.set("hadoop.tmp.dir", scratch);
    }
}
"""


def without_chmod(spark: "SparkSession") -> None:
    """Have a session in local mode write files without chmod and without checksum files; a small table takes half the time.

    Spark asks Hadoop for file:// and is given the object that Hadoop's cache holds. Its class is compiled by the compiler that
    Spark brings for its own queries.
    """
    jvm: Any = spark.sparkContext._jvm
    jsc: Any = spark.sparkContext._jsc
    gateway: Any = spark.sparkContext._gateway
    conf, place = jsc.hadoopConfiguration(), jvm.java.net.URI("file:///")
    compiler = jvm.org.codehaus.janino.SimpleCompiler()
    compiler.cook(SOURCE)
    loaded = compiler.getClassLoader().loadClass("PlainLocalFiles")
    made = loaded.getDeclaredConstructors()[0]
    files = jvm.org.apache.hadoop.fs.LocalFileSystem(made.newInstance(gateway.new_array(jvm.Object, 0)))
    files.initialize(place, conf)
    files.setWriteChecksum(False)
    named = jvm.java.lang.Class.forName
    kinds = ("java.net.URI", "org.apache.hadoop.conf.Configuration", "org.apache.hadoop.fs.FileSystem")
    types, given = gateway.new_array(jvm.java.lang.Class, 3), gateway.new_array(jvm.Object, 3)
    for at, (kind, value) in enumerate(zip(kinds, (place, conf, files), strict=True)):
        types[at], given[at] = named(kind), value
    put = named("org.apache.hadoop.fs.FileSystem").getDeclaredMethod("addFileSystemForTesting", types)
    put.setAccessible(True)
    put.invoke(None, given)
    only = gateway.new_array(jvm.java.lang.Object, 1)
    only[0] = conf
    next(method for method in loaded.getDeclaredMethods() if method.getName() == "leaveOutDefaults").invoke(None, only)
