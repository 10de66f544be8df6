"""Local files for the tests' Spark session that cost little: Hadoop runs chmod for every file and folder that it makes.

And it sends a thousand settings, of clusters that are not there, to every task that reads or writes.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Files and folders have the modes of the process's umask without chmod, and the tests look at no other.
SOURCE = """
public class PlainLocalFiles extends org.apache.hadoop.fs.RawLocalFileSystem {
    public void setPermission(org.apache.hadoop.fs.Path path, org.apache.hadoop.fs.permission.FsPermission mode) {}

    public static void leaveOutDefaults(org.apache.hadoop.conf.Configuration conf) throws Exception {
        Class.forName("org.apache.hadoop.mapred.JobConf");  // it adds defaults as it is loaded
        java.util.ArrayList names = new java.util.ArrayList();
        java.util.Iterator each = conf.iterator();
        while (each.hasNext()) names.add(((java.util.Map.Entry) each.next()).getKey());
        for (int at = 0; at < names.size(); at++) {
            String name = (String) names.get(at);
            String[] sources = conf.getPropertySources(name);
            boolean given = sources == null || sources.length == 0 || !sources[sources.length - 1].endsWith("-default.xml");
            boolean files = name.startsWith("fs.") || name.startsWith("io.") || name.startsWith("file.");
            if (!given && !files && !name.equals("hadoop.tmp.dir")) conf.unset(name);
        }
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
