package scimult

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Embedding is a document as the model's numbers.
type Embedding struct {
	// ID is the document's own.
	ID string
	// Values has a number for each dimension of the model; nil for the format [Binary].
	Values []float32
	// Bits has a bit for each dimension, set where the value is above 0: that of dimension 0 is the most significant one
	// of the first byte. For the format Binary alone.
	Bits []byte
	// Tokens that were read, the model's own marks among them.
	Tokens int
	// Truncated says that the document was longer than the model reads.
	Truncated bool
}

// EncodeOption says what else an embedding should be.
type EncodeOption func(*encodeSettings)

type encodeSettings struct {
	request     *pb.EncodeRequest
	concurrency int
	// wrong is an option that means nothing.
	wrong error
}

// As says on which side of the comparison the documents are; they are queries otherwise.
func As(role Role) EncodeOption {
	return func(s *encodeSettings) { s.request.Role = pb.Role(role) }
}

// In says how embeddings travel: [Float16] and [Int8] are smaller than Float32 and less exact.
func In(format Format) EncodeOption {
	return func(s *encodeSettings) { s.request.Format = pb.EmbeddingFormat(format) }
}

// Normalized gives embeddings the length 1.
func Normalized() EncodeOption {
	return func(s *encodeSettings) { s.request.Normalize = true }
}

// RejectTruncation refuses a text that is longer than the model reads, instead of cutting it.
func RejectTruncation() EncodeOption {
	return func(s *encodeSettings) { s.request.RejectTruncation = true }
}

// Concurrency is how many requests [Client.EncodeAll] has under way at once; 8 by default. Encode makes one at a time.
func Concurrency(requests int) EncodeOption {
	return func(s *encodeSettings) {
		if s.concurrency = requests; requests < 1 {
			s.concurrency, s.wrong = 1, fmt.Errorf("scimult: concurrency is %d: expected at least 1", requests)
		}
	}
}

const (
	defaultConcurrency = 8
	// Enough documents of a request to fill the server's batches, and few enough that others get their turn.
	maxEncodeDocuments = 128
)

func newEncodeSettings(task Task, options []EncodeOption) encodeSettings {
	number, name := task.fields()
	settings := encodeSettings{
		request: &pb.EncodeRequest{Task: number, TaskName: name}, concurrency: defaultConcurrency,
	}
	for _, option := range options {
		option(&settings)
	}
	return settings
}

// Encode embeds documents with the expert of a task: an embedding for each, in their order.
func (c *Client) Encode(
	ctx context.Context, task Task, documents []Document, options ...EncodeOption,
) ([]Embedding, error) {
	settings := newEncodeSettings(task, options)
	if settings.wrong != nil {
		return nil, settings.wrong
	}
	model, err := c.knownModel(ctx)
	if err != nil {
		return nil, err
	}
	chunk := newChunk(model, settings.limits(model))
	embeddings := make([]Embedding, 0, len(documents))
	send := func() error {
		more, err := c.encodeChunk(ctx, settings.request, chunk.messages, len(embeddings))
		embeddings = append(embeddings, more...)
		chunk.clear()
		return err
	}
	for index, document := range documents {
		message := document.message()
		if err := chunk.check(message, index); err != nil {
			return nil, err
		}
		if !chunk.hasRoom(message) {
			if err := send(); err != nil {
				return nil, err
			}
		}
		chunk.add(message)
	}
	if len(chunk.messages) > 0 {
		if err := send(); err != nil {
			return nil, err
		}
	}
	return embeddings, nil
}

// encodeChunk makes one request.
//   - first: the place of its first document among those that the caller passed.
func (c *Client) encodeChunk(
	ctx context.Context, settings *pb.EncodeRequest, documents []*pb.Document, first int,
) ([]Embedding, error) {
	request := proto.Clone(settings).(*pb.EncodeRequest)
	request.Documents = documents
	var reply reply
	response, err := c.stub.Encode(ctx, request, reply.options()...)
	if err != nil {
		return nil, reply.failed(err, first)
	}
	embeddings := make([]Embedding, len(response.Embeddings))
	for index, embedding := range response.Embeddings {
		embeddings[index] = decode(embedding, Format(request.Format))
	}
	return embeddings, nil
}

func (s *encodeSettings) limits(model *Model) limits {
	embedding := embeddingBytes(model.Dimensions, Format(s.request.Format))
	return limits{
		documents:     min(model.MaxDocuments, maxEncodeDocuments),
		requestBytes:  model.MaxMessageBytes - proto.Size(s.request),
		responseBytes: func(document *pb.Document) int { return embedding + len(document.Id) },
	}
}
