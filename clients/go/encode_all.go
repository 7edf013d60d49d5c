package scimult

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Encoded is the result for one document of [Client.EncodeAll].
type Encoded struct {
	// Index is the document's position in the input.
	Index     int
	Document  Document
	Embedding Embedding
	// Err is the reason if there is no embedding.
	Err error
}

// EncodeAll embeds the documents of a channel with several concurrent requests, and returns the results in the order of
// the documents. If a document cannot be embedded, only its own result has an error.
//
// The returned channel is closed after the last result, or early if the context is done. Callers must read it to its
// end or cancel the context. EncodeAll takes documents only as fast as results are read, so memory is bounded.
func (c *Client) EncodeAll(
	ctx context.Context, task Task, documents <-chan Document, options ...EncodeOption,
) <-chan Encoded {
	settings := newEncodeSettings(task, options)
	results := make(chan Encoded)
	// Running requests, oldest first: the requests in the channel, and the one whose results are being sent.
	requests := make(chan chan []Encoded, settings.concurrency-1)
	go func() {
		defer close(requests)
		gathering := &gathering{client: c, settings: settings, requests: requests}
		gathering.run(ctx, documents)
	}()
	go func() {
		defer close(results)
		for request := range requests {
			for _, encoded := range <-request {
				select {
				case results <- encoded:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return results
}

// gathering collects documents from the channel into requests.
type gathering struct {
	client   *Client
	settings encodeSettings
	requests chan<- chan []Encoded
	chunk    *chunk
	// waiting are the documents of the chunk.
	waiting []Encoded
	count   int
}

// run sends a request when it is full. It also sends one when no document is available and another request may run.
func (g *gathering) run(ctx context.Context, documents <-chan Document) {
	for {
		select {
		case document, more := <-documents:
			if !g.take(ctx, document, more) {
				return
			}
			continue
		default:
		}
		var requests chan<- chan []Encoded
		if len(g.waiting) > 0 {
			requests = g.requests
		}
		future := make(chan []Encoded, 1)
		select {
		case document, more := <-documents:
			if !g.take(ctx, document, more) {
				return
			}
		case requests <- future:
			g.start(ctx, future)
		case <-ctx.Done():
			return
		}
	}
}

// take adds a document to the chunk. If the chunk has no space for it, take sends the chunk first. It returns false
// after the last document, or if the context is done.
func (g *gathering) take(ctx context.Context, document Document, more bool) bool {
	if !more {
		return g.send(ctx) && false
	}
	encoded := Encoded{Index: g.count, Document: document}
	g.count++
	if g.settings.wrong != nil {
		return g.fail(ctx, encoded, g.settings.wrong)
	}
	if g.chunk == nil {
		model, err := g.client.knownModel(ctx)
		if err != nil {
			return g.fail(ctx, encoded, err)
		}
		g.chunk = newChunk(model, g.settings.limits(model))
	}
	message := document.message()
	if err := g.chunk.check(message, encoded.Index); err != nil {
		return g.send(ctx) && g.fail(ctx, encoded, err)
	}
	if !g.chunk.hasRoom(message) && !g.send(ctx) {
		return false
	}
	g.chunk.add(message)
	g.waiting = append(g.waiting, encoded)
	return true
}

// fail sends a document's error without a request.
func (g *gathering) fail(ctx context.Context, encoded Encoded, err error) bool {
	future := make(chan []Encoded, 1)
	encoded.Err = err
	future <- []Encoded{encoded}
	select {
	case g.requests <- future:
		return true
	case <-ctx.Done():
		return false
	}
}

func (g *gathering) send(ctx context.Context) bool {
	if len(g.waiting) == 0 {
		return true
	}
	future := make(chan []Encoded, 1)
	select {
	case g.requests <- future:
		g.start(ctx, future)
		return true
	case <-ctx.Done():
		return false
	}
}

func (g *gathering) start(ctx context.Context, future chan<- []Encoded) {
	waiting, messages := g.waiting, g.chunk.messages
	g.waiting = nil
	g.chunk.clear()
	go func() {
		g.client.encodeEach(ctx, g.settings.request, messages, waiting)
		future <- waiting
	}()
}

// encodeEach fills in the results of documents. If the server refuses or cannot encode a document, only that one fails.
func (c *Client) encodeEach(
	ctx context.Context, settings *pb.EncodeRequest, messages []*pb.Document, waiting []Encoded,
) {
	embeddings, err := c.encodeChunk(ctx, settings, messages, waiting[0].Index)
	switch {
	case err == nil:
		for index := range waiting {
			waiting[index].Embedding = embeddings[index]
		}
	case len(waiting) > 1 && isOfOneDocument(err):
		half := len(waiting) / 2
		c.encodeEach(ctx, settings, messages[:half], waiting[:half])
		c.encodeEach(ctx, settings, messages[half:], waiting[half:])
	default:
		for index := range waiting {
			waiting[index].Err = err
		}
	}
}

// isOfOneDocument reports whether an error is caused by one document, so that the request's other documents may
// succeed.
func isOfOneDocument(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return false
	}
	isDocument := func(violation Violation) bool { return strings.HasPrefix(violation.Field, "documents[") }
	return failure.Code == codes.Internal || slices.ContainsFunc(failure.Violations, isDocument)
}
