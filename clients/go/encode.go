package scimult

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Embedding is the result for one document.
type Embedding struct {
	// ID is the document's ID.
	ID string
	// Values has one number for each dimension of the model. It is nil for the format [Binary].
	Values []float32
	// Bits has one bit for each dimension: 1 if the value is above 0. Dimension 0 is the most significant bit of the first
	// byte. Only for the format Binary.
	Bits []byte
	// Tokens is the number of tokens that the model read, including special tokens.
	Tokens int
	// Truncated is set if the document was longer than the model reads.
	Truncated bool
}

// EncodeOption changes how embeddings are computed or sent.
type EncodeOption func(*encodeSettings)

type encodeSettings struct {
	request     *pb.EncodeRequest
	concurrency int
	// wrong is the error of an invalid option.
	wrong error
}

// As sets the documents' side of the comparison. The default is Query.
func As(role Role) EncodeOption {
	return func(s *encodeSettings) { s.request.Role = pb.Role(role) }
}

// In sets the format in which embeddings are sent. [Float16] and [Int8] are smaller than Float32 and less exact.
func In(format Format) EncodeOption {
	return func(s *encodeSettings) { s.request.Format = pb.EmbeddingFormat(format) }
}

// Normalized scales embeddings to length 1.
func Normalized() EncodeOption {
	return func(s *encodeSettings) { s.request.Normalize = true }
}

// RejectTruncation refuses a text that is longer than the model reads, instead of truncating it.
func RejectTruncation() EncodeOption {
	return func(s *encodeSettings) { s.request.RejectTruncation = true }
}

// Concurrency sets how many requests [Client.EncodeAll] sends concurrently. The default is 8. Encode sends one at a
// time.
func Concurrency(requests int) EncodeOption {
	return func(s *encodeSettings) {
		if s.concurrency = requests; requests < 1 {
			s.concurrency, s.wrong = 1, fmt.Errorf("scimult: concurrency is %d: expected at least 1", requests)
		}
	}
}

const (
	defaultConcurrency = 8
	// Enough documents per request to fill the server's batches, and few enough that other clients are not delayed.
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

// Encode embeds documents with the expert of a task. It returns an embedding for each document, in their order.
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

// encodeChunk sends one request.
//   - first: the position of its first document among all documents of the call.
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
