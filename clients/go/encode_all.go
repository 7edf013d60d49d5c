package scimult

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Encoded is what became of one document.
type Encoded struct {
	// Index is the document's place among all that came.
	Index     int
	Document  Document
	Embedding Embedding
	// Err says why there is no embedding.
	Err error
}

// EncodeAll embeds documents as they come over a channel, several requests at a time, and gives what became of each in the
// order in which they came. A document that cannot be embedded fails alone.
//
// The channel that is returned ends when documents is closed, or before its time when the context is done: read it to its
// end, or end the context. Documents are taken only as fast as results are read, so that memory is bounded.
func (c *Client) EncodeAll(
	ctx context.Context, task Task, documents <-chan Document, options ...EncodeOption,
) <-chan Encoded {
	settings := newEncodeSettings(task, options)
	results := make(chan Encoded)
	// Requests under way, oldest first: those in the channel, and the one whose results are being given.
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

// gathering makes requests of the documents that come.
type gathering struct {
	client   *Client
	settings encodeSettings
	requests chan<- chan []Encoded
	chunk    *chunk
	// waiting are the documents of the chunk.
	waiting []Encoded
	count   int
}

// run sends a request when it is full, or when no document is there and another request may be under way.
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

// take adds a document to the chunk, after a request where the chunk has no room for it.
// It returns false when that was the last, or the context is done.
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

// fail gives a document's result without a request.
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

// encodeEach fills in what becomes of documents: one that the server refuses, or cannot encode, fails alone.
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

// isOfOneDocument tells failures that other documents of a request do not share.
func isOfOneDocument(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return false
	}
	isDocument := func(violation Violation) bool { return strings.HasPrefix(violation.Field, "documents[") }
	return failure.Code == codes.Internal || slices.ContainsFunc(failure.Violations, isDocument)
}
