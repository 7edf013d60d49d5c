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

// Ranked is a candidate with its score for a query.
type Ranked struct {
	// Index is the candidate's position in the input.
	Index int
	// ID is the candidate's ID.
	ID string
	// Score is the similarity to the query; larger is better.
	Score float32
	// Document is the candidate, if [ReturnDocuments] is set.
	Document *Document
}

// RankOption changes the result of a ranking.
type RankOption func(*rankSettings)

type rankSettings struct {
	request *pb.RankRequest
	// wrong is the error of an invalid option.
	wrong error
}

// Top keeps only the best k candidates. By default all are kept.
func Top(k int) RankOption {
	return func(s *rankSettings) {
		if k < 1 {
			s.wrong = fmt.Errorf("scimult: the top %d are asked for: expected at least 1", k)
			return
		}
		// The field has no space for a larger number, and no list of candidates is that long.
		s.request.TopK = uint32(min(k, math.MaxInt32))
	}
}

// ReturnDocuments includes each candidate's document in the result.
func ReturnDocuments() RankOption {
	return func(s *rankSettings) { s.request.ReturnDocuments = true }
}

// An upper bound for a result's tags, lengths, index and score on the wire.
const resultEnvelopeBytes = 40

// Rank orders candidates by their similarity to a query: best first, ties by position.
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

// ranking merges the results of several requests.
type ranking struct {
	candidates []Document
	// top is the number of results to keep; 0 keeps all.
	top     int
	results []Ranked
	// scores has the first score of each content. In different requests the scores of equal texts may differ by a rounding
	// error, which must not break a tie.
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
