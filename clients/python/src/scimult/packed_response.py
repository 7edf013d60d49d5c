"""A form of EncodeResponse whose values are read as bytes instead of one by one."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from ._generated import scimult_pb2 as pb


def _load_message() -> Any:
    """``scimult.v1.EncodeResponse`` with ``Embedding.values`` as a field of bytes.

    On the wire, a field of packed floats and a field of bytes are the same. Python's protobuf
    returns floats one at a time, which takes fifty times as long as all other work for an
    embedding.
    """
    file = descriptor_pb2.FileDescriptorProto()
    pb.DESCRIPTOR.CopyToProto(file)  # type: ignore[no-untyped-call]
    embedding = next(message for message in file.message_type if message.name == "Embedding")
    values = next(field for field in embedding.field if field.name == "values")
    values.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
    values.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
    # A separate pool, because the default one contains the original message.
    pool: Any = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(pb.EncodeResponse.DESCRIPTOR.full_name)
    )


#: The message class.
PackedEncodeResponse = _load_message()
