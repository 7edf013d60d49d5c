"""A form of EncodeResponse whose numbers are read as bytes, not one by one."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from ._generated import scimult_pb2 as pb


def _load_message() -> Any:
    """``scimult.v1.EncodeResponse`` where ``Embedding.values`` is a field of bytes.

    On the wire a field of packed floats is the same as one of bytes. Python's protobuf hands floats
    out one at a time, which takes fifty times as long as all else that is done with an embedding.
    """
    file = descriptor_pb2.FileDescriptorProto()
    pb.DESCRIPTOR.CopyToProto(file)  # type: ignore[no-untyped-call]
    embedding = next(message for message in file.message_type if message.name == "Embedding")
    values = next(field for field in embedding.field if field.name == "values")
    values.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
    values.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
    # Apart from the default pool, which has the message as the contract says it.
    pool: Any = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(pb.EncodeResponse.DESCRIPTOR.full_name)
    )


#: The message class.
PackedEncodeResponse = _load_message()
