package scimult

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/proto"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Ranked is a candidate and its score for a query.
type Ranked struct {
	// Index is the candidate's place among those that were passed.
	Index int
	// ID is the candidate's own.
	ID string
	// Score is the query's similarity; larger is better.
	Score float32
	// Document is the candidate itself, where [ReturnDocuments] asked for it.
	Document *Document
}

// RankOption says what a ranking should hold.
type RankOption func(*rankSettings)

type rankSettings struct {
	request *pb.RankRequest
	// wrong is an option that means nothing.
	wrong error
}

// Top keeps the best k candidates; all are kept otherwise.
func Top(k int) RankOption {
	return func(s *rankSettings) {
		if k < 1 {
			s.wrong = fmt.Errorf("scimult: the top %d are asked for: expected at least 1", k)
			return
		}
		// The wire has room for no more, and no list of candidates has as many.
		s.request.TopK = uint32(min(k, math.MaxInt32))
	}
}

// ReturnDocuments puts each candidate beside its score.
func ReturnDocuments() RankOption {
	return func(s *rankSettings) { s.request.ReturnDocuments = true }
}

// More than a result's tags, lengths, index and score take on the wire.
const resultEnvelopeBytes = 40

// Rank orders candidates by their similarity to a query: the best first, ties by their places.
func (c *Client) Rank(
	ctx context.Context, task Task, query Document, candidates []Document, options ...RankOption,
) ([]Ranked, error) {
	number, name := task.fields()
	request := &pb.RankRequest{Task: number, TaskName: name, Query: query.message()}
	settings := rankSettings{request: request}
	for _, option := range options {
		option(&settings)
	}
	if settings.wrong != nil {
		return nil, settings.wrong
	}
	model, err := c.knownModel(ctx)
	if err != nil {
		return nil, err
	}
	if size := proto.Size(request); size > model.MaxMessageBytes {
		return nil, fmt.Errorf("scimult: the query takes %d bytes; a message may have %d", size, model.MaxMessageBytes)
	}
	chunk := newChunk(model, limits{
		documents:    model.MaxDocuments,
		requestBytes: model.MaxMessageBytes - proto.Size(request),
		responseBytes: func(document *pb.Document) int {
			if request.ReturnDocuments {
				return resultEnvelopeBytes + len(document.Id) + proto.Size(document)
			}
			return resultEnvelopeBytes + len(document.Id)
		},
	})
	ranking := ranking{candidates: candidates, top: int(request.TopK), scores: map[content]float32{}}
	first := 0
	send := func() error {
		part := proto.Clone(request).(*pb.RankRequest)
		part.Candidates = chunk.messages
		var reply reply
		response, err := c.stub.Rank(ctx, part, reply.options()...)
		if err != nil {
			return reply.failed(err, first)
		}
		ranking.add(response.Results, first)
		first += len(chunk.messages)
		chunk.clear()
		return nil
	}
	for index, candidate := range candidates {
		message := candidate.message()
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
	return ranking.results, nil
}

// ranking joins the results of several requests.
type ranking struct {
	candidates []Document
	// top is how many are kept; 0 for all.
	top     int
	results []Ranked
	// scores that contents had first: between requests the same text may differ by a rounding, which must not break a tie.
	scores map[content]float32
}

func (r *ranking) add(results []*pb.RankedCandidate, first int) {
	for _, result := range results {
		index := first + int(result.Index)
		key := r.candidates[index].content
		score, known := r.scores[key]
		if !known {
			score = result.Score
			r.scores[key] = score
		}
		ranked := Ranked{Index: index, ID: result.Id, Score: score}
		if result.Document != nil {
			document := fromMessage(result.Document)
			ranked.Document = &document
		}
		r.results = append(r.results, ranked)
	}
	slices.SortFunc(r.results, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Index, b.Index))
	})
	if r.top > 0 && len(r.results) > r.top {
		r.results = r.results[:r.top]
	}
}
