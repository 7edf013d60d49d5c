from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Task(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TASK_UNSPECIFIED: _ClassVar[Task]
    TASK_CLASSIFICATION: _ClassVar[Task]
    TASK_LINK_PREDICTION: _ClassVar[Task]
    TASK_SEARCH: _ClassVar[Task]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_QUERY: _ClassVar[Role]
    ROLE_CANDIDATE: _ClassVar[Role]

class EmbeddingFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMBEDDING_FORMAT_UNSPECIFIED: _ClassVar[EmbeddingFormat]
    EMBEDDING_FORMAT_FLOAT32: _ClassVar[EmbeddingFormat]
    EMBEDDING_FORMAT_FLOAT16: _ClassVar[EmbeddingFormat]
    EMBEDDING_FORMAT_INT8: _ClassVar[EmbeddingFormat]
    EMBEDDING_FORMAT_BINARY: _ClassVar[EmbeddingFormat]
TASK_UNSPECIFIED: Task
TASK_CLASSIFICATION: Task
TASK_LINK_PREDICTION: Task
TASK_SEARCH: Task
ROLE_UNSPECIFIED: Role
ROLE_QUERY: Role
ROLE_CANDIDATE: Role
EMBEDDING_FORMAT_UNSPECIFIED: EmbeddingFormat
EMBEDDING_FORMAT_FLOAT32: EmbeddingFormat
EMBEDDING_FORMAT_FLOAT16: EmbeddingFormat
EMBEDDING_FORMAT_INT8: EmbeddingFormat
EMBEDDING_FORMAT_BINARY: EmbeddingFormat

class Document(_message.Message):
    __slots__ = ("id", "text", "paper")
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PAPER_FIELD_NUMBER: _ClassVar[int]
    id: str
    text: str
    paper: Paper
    def __init__(self, id: _Optional[str] = ..., text: _Optional[str] = ..., paper: _Optional[_Union[Paper, _Mapping]] = ...) -> None: ...

class Paper(_message.Message):
    __slots__ = ("title", "abstract")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ABSTRACT_FIELD_NUMBER: _ClassVar[int]
    title: str
    abstract: str
    def __init__(self, title: _Optional[str] = ..., abstract: _Optional[str] = ...) -> None: ...

class EncodeRequest(_message.Message):
    __slots__ = ("request_id", "task", "role", "documents", "format", "normalize", "reject_truncation", "task_name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    NORMALIZE_FIELD_NUMBER: _ClassVar[int]
    REJECT_TRUNCATION_FIELD_NUMBER: _ClassVar[int]
    TASK_NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    task: Task
    role: Role
    documents: _containers.RepeatedCompositeFieldContainer[Document]
    format: EmbeddingFormat
    normalize: bool
    reject_truncation: bool
    task_name: str
    def __init__(self, request_id: _Optional[str] = ..., task: _Optional[_Union[Task, str]] = ..., role: _Optional[_Union[Role, str]] = ..., documents: _Optional[_Iterable[_Union[Document, _Mapping]]] = ..., format: _Optional[_Union[EmbeddingFormat, str]] = ..., normalize: bool = ..., reject_truncation: bool = ..., task_name: _Optional[str] = ...) -> None: ...

class Embedding(_message.Message):
    __slots__ = ("id", "values", "data", "scale", "tokens", "truncated")
    ID_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    id: str
    values: _containers.RepeatedScalarFieldContainer[float]
    data: bytes
    scale: float
    tokens: int
    truncated: bool
    def __init__(self, id: _Optional[str] = ..., values: _Optional[_Iterable[float]] = ..., data: _Optional[bytes] = ..., scale: _Optional[float] = ..., tokens: _Optional[int] = ..., truncated: bool = ...) -> None: ...

class Status(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class EncodeResponse(_message.Message):
    __slots__ = ("request_id", "model", "embeddings", "status", "fingerprint")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    model: str
    embeddings: _containers.RepeatedCompositeFieldContainer[Embedding]
    status: Status
    fingerprint: str
    def __init__(self, request_id: _Optional[str] = ..., model: _Optional[str] = ..., embeddings: _Optional[_Iterable[_Union[Embedding, _Mapping]]] = ..., status: _Optional[_Union[Status, _Mapping]] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class RankRequest(_message.Message):
    __slots__ = ("request_id", "task", "query", "candidates", "collection", "top_k", "return_documents", "task_name")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    RETURN_DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    TASK_NAME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    task: Task
    query: Document
    candidates: _containers.RepeatedCompositeFieldContainer[Document]
    collection: str
    top_k: int
    return_documents: bool
    task_name: str
    def __init__(self, request_id: _Optional[str] = ..., task: _Optional[_Union[Task, str]] = ..., query: _Optional[_Union[Document, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[Document, _Mapping]]] = ..., collection: _Optional[str] = ..., top_k: _Optional[int] = ..., return_documents: bool = ..., task_name: _Optional[str] = ...) -> None: ...

class RankedCandidate(_message.Message):
    __slots__ = ("index", "id", "score", "document")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    index: int
    id: str
    score: float
    document: Document
    def __init__(self, index: _Optional[int] = ..., id: _Optional[str] = ..., score: _Optional[float] = ..., document: _Optional[_Union[Document, _Mapping]] = ...) -> None: ...

class RankResponse(_message.Message):
    __slots__ = ("request_id", "model", "results", "status", "fingerprint")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    model: str
    results: _containers.RepeatedCompositeFieldContainer[RankedCandidate]
    status: Status
    fingerprint: str
    def __init__(self, request_id: _Optional[str] = ..., model: _Optional[str] = ..., results: _Optional[_Iterable[_Union[RankedCandidate, _Mapping]]] = ..., status: _Optional[_Union[Status, _Mapping]] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class GetModelRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Expert(_message.Message):
    __slots__ = ("task", "role", "name")
    TASK_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    task: str
    role: Role
    name: str
    def __init__(self, task: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., name: _Optional[str] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "architecture", "dimensions", "max_tokens", "layers", "tasks", "precision", "similarity", "max_documents", "max_message_bytes", "fingerprint", "experts", "task_names")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    MAX_DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    EXPERTS_FIELD_NUMBER: _ClassVar[int]
    TASK_NAMES_FIELD_NUMBER: _ClassVar[int]
    name: str
    architecture: str
    dimensions: int
    max_tokens: int
    layers: int
    tasks: _containers.RepeatedScalarFieldContainer[Task]
    precision: str
    similarity: str
    max_documents: int
    max_message_bytes: int
    fingerprint: str
    experts: _containers.RepeatedCompositeFieldContainer[Expert]
    task_names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., architecture: _Optional[str] = ..., dimensions: _Optional[int] = ..., max_tokens: _Optional[int] = ..., layers: _Optional[int] = ..., tasks: _Optional[_Iterable[_Union[Task, str]]] = ..., precision: _Optional[str] = ..., similarity: _Optional[str] = ..., max_documents: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., fingerprint: _Optional[str] = ..., experts: _Optional[_Iterable[_Union[Expert, _Mapping]]] = ..., task_names: _Optional[_Iterable[str]] = ...) -> None: ...

class CreateCollectionRequest(_message.Message):
    __slots__ = ("name", "task")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    name: str
    task: Task
    def __init__(self, name: _Optional[str] = ..., task: _Optional[_Union[Task, str]] = ...) -> None: ...

class Collection(_message.Message):
    __slots__ = ("name", "task", "documents", "bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    task: Task
    documents: int
    bytes: int
    def __init__(self, name: _Optional[str] = ..., task: _Optional[_Union[Task, str]] = ..., documents: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class UpsertDocumentsRequest(_message.Message):
    __slots__ = ("collection", "documents")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    collection: str
    documents: _containers.RepeatedCompositeFieldContainer[Document]
    def __init__(self, collection: _Optional[str] = ..., documents: _Optional[_Iterable[_Union[Document, _Mapping]]] = ...) -> None: ...

class UpsertDocumentsResponse(_message.Message):
    __slots__ = ("upserted",)
    UPSERTED_FIELD_NUMBER: _ClassVar[int]
    upserted: int
    def __init__(self, upserted: _Optional[int] = ...) -> None: ...

class DeleteDocumentsRequest(_message.Message):
    __slots__ = ("collection", "ids")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    collection: str
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, collection: _Optional[str] = ..., ids: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteDocumentsResponse(_message.Message):
    __slots__ = ("deleted",)
    DELETED_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    def __init__(self, deleted: _Optional[int] = ...) -> None: ...

class GetCollectionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListCollectionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListCollectionsResponse(_message.Message):
    __slots__ = ("collections",)
    COLLECTIONS_FIELD_NUMBER: _ClassVar[int]
    collections: _containers.RepeatedCompositeFieldContainer[Collection]
    def __init__(self, collections: _Optional[_Iterable[_Union[Collection, _Mapping]]] = ...) -> None: ...

class DeleteCollectionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteCollectionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
