package scimult

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// limits bound one request and its response.
type limits struct {
	documents int
	// requestBytes is the space for documents.
	requestBytes int
	// responseBytes returns the maximum number of response bytes for a document.
	responseBytes func(*pb.Document) int
}

const (
	// Tag and length of a document inside a request: 1 byte and at most 5 bytes.
	fieldBytes = 6
	// An upper bound for a response's own tags and lengths, excluding the model's name and fingerprint.
	responseEnvelopeBytes = 64
)

// chunk collects the documents of one request.
type chunk struct {
	limits           limits
	maxResponseBytes int
	messages         []*pb.Document
	sent, received   int
}

func newChunk(model *Model, limits limits) *chunk {
	names := len(model.Name) + len(model.Fingerprint)
	return &chunk{limits: limits, maxResponseBytes: model.MaxMessageBytes - names - responseEnvelopeBytes}
}

// check returns an error if a document is too large for any request.
func (c *chunk) check(document *pb.Document, index int) error {
	if size := proto.Size(document) + fieldBytes; size > c.limits.requestBytes {
		return fmt.Errorf(
			"scimult: document %d takes %d bytes of a request, which has room for %d", index, size, c.limits.requestBytes)
	}
	if size := c.limits.responseBytes(document); size > c.maxResponseBytes {
		return fmt.Errorf(
			"scimult: document %d brings %d bytes of a response, which has room for %d", index, size, c.maxResponseBytes)
	}
	return nil
}

func (c *chunk) hasRoom(document *pb.Document) bool {
	return len(c.messages) < c.limits.documents &&
		c.sent+proto.Size(document)+fieldBytes <= c.limits.requestBytes &&
		c.received+c.limits.responseBytes(document) <= c.maxResponseBytes
}

func (c *chunk) add(document *pb.Document) {
	c.messages = append(c.messages, document)
	c.sent += proto.Size(document) + fieldBytes
	c.received += c.limits.responseBytes(document)
}

// clear starts a new chunk. The documents of the previous one are not modified.
func (c *chunk) clear() {
	c.messages, c.sent, c.received = nil, 0, 0
}
