"""Writes the descriptors of Protos/ as C tables, for reflection.

Usage: protoc --descriptor_set_out=/dev/stdout … | descriptor_tables.py >descriptors.c
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

BYTES_PER_LINE = 24


def names_in(message: DescriptorProto, scope: str) -> Iterator[str]:
    """Yields a message's full name, and the full names of all messages inside it."""
    name = f"{scope}.{message.name}"
    yield name
    for field in message.field:
        yield f"{name}.{field.name}"
    for enum in message.enum_type:
        yield f"{name}.{enum.name}"
    for nested in message.nested_type:
        yield from names_in(nested, name)


def symbols(file: FileDescriptorProto) -> Iterator[str]:
    """Yields the full names that a file declares, for which clients may ask."""
    for message in file.message_type:
        yield from names_in(message, file.package)
    for enum in file.enum_type:
        yield f"{file.package}.{enum.name}"
    for service in file.service:
        yield f"{file.package}.{service.name}"
        for method in service.method:
            yield f"{file.package}.{service.name}.{method.name}"


def array(kind: str, name: str, elements: list[str], per_line: int) -> str:
    """Returns a C array with a few elements per line."""
    lines = (
        "  " + ", ".join(elements[start : start + per_line]) + ","
        for start in range(0, len(elements), per_line)
    )
    return "\n".join([f"static const {kind} {name}[] = {{", *lines, "};\n"])


def strings(name: str, texts: list[str]) -> str:
    """Returns a C array of strings that ends with NULL."""
    return array("char *const", name, [*(f'"{text}"' for text in texts), "NULL"], 1)


def main() -> None:
    """Reads the descriptor set from standard input and writes C to standard output."""
    files = FileDescriptorSet.FromString(sys.stdin.buffer.read()).file
    print("// What scripts/generate_c_messages.sh makes of Protos/. Not for editing.")
    print('#include "descriptors.h"\n')
    for index, file in enumerate(files):
        content = [str(byte) for byte in file.SerializeToString(deterministic=True)]
        print(array("uint8_t", f"content_{index}", content, BYTES_PER_LINE))
        print(strings(f"symbols_{index}", list(symbols(file))))
        print(strings(f"imports_{index}", list(file.dependency)))
        services = [f"{file.package}.{service.name}" for service in file.service]
        print(strings(f"services_{index}", services))
    print("static const scimult_descriptor_file files[] = {")
    for index, file in enumerate(files):
        print(
            f'  {{"{file.name}", content_{index}, sizeof content_{index}, '
            f"symbols_{index}, imports_{index}, services_{index}}},"
        )
    print("};\n")
    print("const scimult_descriptor_file *scimult_descriptor_files(void) { return files; }\n")
    print("size_t scimult_descriptor_file_count(void) { return sizeof files / sizeof files[0]; }")


if __name__ == "__main__":
    main()
