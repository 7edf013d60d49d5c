package scimult_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

func TestModel(t *testing.T) {
	client := dial(t, startServer(t, "--model-name", "science"))
	model, err := client.Model(testContext(t))
	check(t, err)
	if model.Name != "science" || model.Architecture != "expert" || model.Dimensions == 0 || model.MaxDocuments != 1_024 {
		t.Errorf("%+v", model)
	}
	if !slices.Equal(model.Tasks, []scimult.Task{scimult.Classification, scimult.LinkPrediction, scimult.Search}) {
		t.Errorf("tasks %v", model.Tasks)
	}
}

// distance returns the largest absolute difference between the values of two embeddings.
func distance(a, b scimult.Embedding) float64 {
	if len(a.Values) != len(b.Values) || len(a.Values) == 0 {
		return math.Inf(1)
	}
	largest := 0.0
	for index := range a.Values {
		largest = max(largest, math.Abs(float64(a.Values[index]-b.Values[index])))
	}
	return largest
}

func TestDocumentsAreCutIntoRequestsAndComeBackInOrder(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t, "--max-documents", "7"))
	documents := append(texts(30), scimult.Paper("A title", "An abstract").WithID("paper"))
	embeddings, err := client.Encode(ctx, scimult.Search, documents)
	check(t, err)
	if len(embeddings) != len(documents) {
		t.Fatalf("%d embeddings of %d documents", len(embeddings), len(documents))
	}
	for index, embedding := range embeddings {
		alone, err := client.Encode(ctx, scimult.Search, documents[index:index+1])
		check(t, err)
		if embedding.ID != documents[index].ID || embedding.Tokens < 3 || distance(embedding, alone[0]) > 1e-5 {
			t.Errorf("document %d: %v", index, embedding)
		}
	}
	nothing, err := client.Encode(ctx, scimult.Search, nil)
	check(t, err)
	if len(nothing) != 0 {
		t.Errorf("%v", nothing)
	}
}

func TestTaskAndRoleChooseTheExpert(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t))
	one := texts(1)
	search, err := client.Encode(ctx, scimult.Search, one)
	check(t, err)
	link, err := client.Encode(ctx, scimult.LinkPrediction, one, scimult.As(scimult.Candidate))
	check(t, err)
	if distance(search[0], link[0]) < 1e-3 {
		t.Error("two tasks, and the same embedding")
	}
}

func TestFormats(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t))
	documents := texts(5)
	exact, err := client.Encode(ctx, scimult.Search, documents, scimult.Normalized())
	check(t, err)
	for format, tolerance := range map[scimult.Format]float64{
		scimult.Float32: 1e-6, scimult.Float16: 1e-3, scimult.Int8: 1e-2,
	} {
		embeddings, err := client.Encode(ctx, scimult.Search, documents, scimult.Normalized(), scimult.In(format))
		check(t, err)
		for index := range embeddings {
			if distance(embeddings[index], exact[index]) > tolerance {
				t.Errorf("format %d, document %d: off by %g", format, index, distance(embeddings[index], exact[index]))
			}
		}
	}
	bits, err := client.Encode(ctx, scimult.Search, documents, scimult.In(scimult.Binary))
	check(t, err)
	for dimension, value := range exact[0].Values {
		isSet := bits[0].Bits[dimension/8]>>(7-dimension%8)&1 == 1
		if isSet != (value > 0) {
			t.Errorf("dimension %d is %g, its bit %v", dimension, value, isSet)
		}
	}
}

func TestRank(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t, "--max-documents", "6"))
	candidates := texts(20)
	// The same text in another request ties with the first one.
	candidates = append(candidates, candidates[3])
	all, err := client.Rank(ctx, scimult.Search, scimult.Text("cells of kind 3"), candidates)
	check(t, err)
	if len(all) != len(candidates) {
		t.Fatalf("%d of %d candidates", len(all), len(candidates))
	}
	for place := 1; place < len(all); place++ {
		before, after := all[place-1], all[place]
		if before.Score < after.Score || (before.Score == after.Score && before.Index > after.Index) {
			t.Errorf("%v before %v", before, after)
		}
	}
	at := func(index int) int {
		return slices.IndexFunc(all, func(ranked scimult.Ranked) bool { return ranked.Index == index })
	}
	if at(20) != at(3)+1 {
		t.Errorf("the same text is at places %d and %d", at(3), at(20))
	}
	best, err := client.Rank(
		ctx, scimult.Search, scimult.Text("cells of kind 3"), candidates, scimult.Top(4), scimult.ReturnDocuments())
	check(t, err)
	if len(best) != 4 {
		t.Fatalf("%d candidates", len(best))
	}
	for place, ranked := range best {
		if ranked.Index != all[place].Index || *ranked.Document != candidates[ranked.Index] {
			t.Errorf("place %d: %v, document %v", place, ranked, *ranked.Document)
		}
	}
}

func TestRefusalNamesTheField(t *testing.T) {
	client := dial(t, startServer(t, "--max-documents", "4"))
	documents := texts(10)
	documents[6] = scimult.Text(strings.Repeat("a ", 600))
	_, err := client.Encode(testContext(t), scimult.Search, documents, scimult.RejectTruncation())
	var failure *scimult.Error
	if !errors.As(err, &failure) || failure.Code != codes.InvalidArgument || status.Code(err) != codes.InvalidArgument {
		t.Fatal(err)
	}
	if failure.FirstDocument != 4 || len(failure.Violations) != 1 || failure.Violations[0].Field != "documents[6]" {
		t.Errorf("%+v", failure)
	}
	if !strings.Contains(failure.Violations[0].Description, "512") || !strings.Contains(err.Error(), "documents[6]") {
		t.Errorf("%v: %+v", err, failure.Violations)
	}
}

func TestDocumentThatFitsInNoMessage(t *testing.T) {
	client := dial(t, startServer(t, "--max-message-bytes", "2000"))
	documents := append(texts(1), scimult.Text(strings.Repeat("a", 3_000)))
	_, err := client.Encode(testContext(t), scimult.Search, documents)
	if err == nil || !strings.Contains(err.Error(), "document 1 takes") {
		t.Fatal(err)
	}
}

// long returns documents that keep one thread busy for a while.
func long(count int) []scimult.Document {
	documents := make([]scimult.Document, count)
	for number := range documents {
		documents[number] = scimult.Text(strings.Repeat("b ", number+1) + strings.Repeat("a ", 400))
	}
	return documents
}

func TestFullServer(t *testing.T) {
	ctx := testContext(t)
	address := startServer(t, "--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", "1000")
	once := dial(t, address, scimult.WithRetry(scimult.RetryPolicy{Attempts: 1}))
	patient := dial(t, address)
	for _, client := range []*scimult.Client{once, patient} {
		_, err := client.Model(ctx)
		check(t, err)
	}
	busy, stop := make(chan error, 1), make(chan struct{})
	go func() {
		var err error
		for err == nil {
			select {
			case <-stop:
				busy <- nil
				return
			default:
				_, err = patient.Encode(ctx, scimult.Search, long(100))
			}
		}
		busy <- err
	}()
	var failure *scimult.Error
	for !errors.As(func() error { _, err := once.Encode(ctx, scimult.Search, long(3)); return err }(), &failure) {
		check(t, ctx.Err())
	}
	if failure.Code != codes.ResourceExhausted || failure.RetryAfter <= 0 {
		t.Errorf("%+v", failure)
	}
	close(stop)
	// A client that retries at the time that the server names is served.
	_, err := patient.Encode(ctx, scimult.Search, long(2))
	check(t, err)
	check(t, <-busy)
}

func TestNobodyAnswers(t *testing.T) {
	client := dial(t, "127.0.0.1:1", scimult.WithRetry(scimult.RetryPolicy{Attempts: 1}))
	_, err := client.Encode(testContext(t), scimult.Search, texts(1))
	if status.Code(err) != codes.Unavailable {
		t.Fatal(err)
	}
}

func TestRetryPolicyThatNeverWaits(t *testing.T) {
	_, err := scimult.Dial("127.0.0.1:1", scimult.WithRetry(scimult.RetryPolicy{Attempts: 3, MaxWait: time.Second}))
	if err == nil || !strings.Contains(err.Error(), "0 < first ≤ most") {
		t.Fatal(err)
	}
}
