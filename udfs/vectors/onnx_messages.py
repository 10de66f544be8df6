"""Writes the few messages of ONNX's format that a graph needs, so that building one needs no further package.

A message is a run of fields, each a number, a wire type and a value (protobuf's encoding; the numbers are those of onnx.proto).
"""

import struct
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

IR_VERSION = 8
OPSETS = {"": 17, "com.microsoft": 1}
_TYPES = {"float32": 1, "int8": 3, "int32": 6, "int64": 7}  # TensorProto.DataType


def node(
    operator: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    domain: str = "",
    attributes: Mapping[str, float | int] | None = None,
) -> bytes:
    """Return a node; an input that is left out is an empty name."""
    parts = [_text(1, name) for name in inputs] + [_text(2, name) for name in outputs]
    parts += [_text(4, operator), *(_bytes(5, _attribute(*one)) for one in (attributes or {}).items()), _text(7, domain)]
    return b"".join(parts)


def tensor(name: str, values: npt.NDArray[np.generic]) -> bytes:
    """Return a constant; its numbers stand as they lie in memory, little-endian."""
    dims = b"".join(_int(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values).tobytes()
    return dims + _int(2, _TYPES[values.dtype.name]) + _text(8, name) + _bytes(9, raw)


def value(name: str, kind: str, shape: Sequence[int | str]) -> bytes:
    """Describe an input or output of a graph; a dimension with a name has any size."""
    sizes = (_int(1, size) if isinstance(size, int) else _text(2, size) for size in shape)
    dims = b"".join(_bytes(1, size) for size in sizes)
    return _text(1, name) + _bytes(2, _bytes(1, _int(1, _TYPES[kind]) + _bytes(2, dims)))


def model(nodes: Iterable[bytes], constants: Iterable[bytes], *, inputs: Iterable[bytes], outputs: Iterable[bytes]) -> bytes:
    """Return a file that ONNX Runtime reads.

    >>> one = {name: value(name, "float32", ["n"]) for name in "xy"}
    >>> len(model([node("Relu", ["x"], ["y"])], [], inputs=[one["x"]], outputs=[one["y"]]))
    92
    """
    numbered = ((1, nodes), (5, constants), (11, inputs), (12, outputs))
    graph = b"".join([_text(2, "gristmill"), *(_bytes(number, one) for number, many in numbered for one in many)])
    opsets = (_bytes(8, _text(1, domain) + _int(2, version)) for domain, version in OPSETS.items())
    return b"".join([_int(1, IR_VERSION), _bytes(7, graph), *opsets])


def _attribute(name: str, given: float | int) -> bytes:
    if isinstance(given, int):
        return _text(1, name) + _int(3, given) + _int(20, 2)
    return _text(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", given) + _int(20, 1)


def _int(number: int, given: int) -> bytes:
    return _varint(number << 3) + _varint(given)


def _text(number: int, given: str) -> bytes:
    return _bytes(number, given.encode())


def _bytes(number: int, given: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(given)) + given


def _varint(given: int) -> bytes:
    """Return a number from 0 by seven bits a byte, the last without the eighth.

    >>> _varint(300).hex()
    'ac02'
    """
    found = bytearray()
    while given > 0x7F:
        found.append(given & 0x7F | 0x80)
        given >>= 7
    found.append(given)
    return bytes(found)
