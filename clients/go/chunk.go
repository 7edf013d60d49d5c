package scimult

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// limits is what one request may hold, and what its response may.
type limits struct {
	documents int
	// requestBytes is the room for documents.
	requestBytes int
	// responseBytes is what a document brings of the response at most.
	responseBytes func(*pb.Document) int
}

const (
	// Tag and length of a document inside of a request: 1 and at most 5 bytes.
	fieldBytes = 6
	// More than a response's own tags and lengths take, what names the model aside.
	responseEnvelopeBytes = 64
)

// chunk gathers the documents of one request.
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

// check tells whether a document could ever be sent.
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

// clear begins another; the documents of the last one stay as they are.
func (c *chunk) clear() {
	c.messages, c.sent, c.received = nil, 0, 0
}
