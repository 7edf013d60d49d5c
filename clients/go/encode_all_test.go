package scimult_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

// feed sends documents over a channel, and closes it.
func feed(ctx context.Context, documents []scimult.Document) <-chan scimult.Document {
	channel := make(chan scimult.Document)
	go func() {
		defer close(channel)
		for _, document := range documents {
			select {
			case channel <- document:
			case <-ctx.Done():
				return
			}
		}
	}()
	return channel
}

func TestAllComeBackInOrder(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t))
	documents := texts(2_000)
	expected, err := client.Encode(ctx, scimult.Search, documents)
	check(t, err)
	count := 0
	for encoded := range client.EncodeAll(ctx, scimult.Search, feed(ctx, documents)) {
		check(t, encoded.Err)
		if encoded.Index != count || encoded.Document != documents[count] || encoded.Embedding.ID != documents[count].ID {
			t.Fatalf("result %d is of document %d", count, encoded.Index)
		}
		if distance(encoded.Embedding, expected[count]) > 1e-5 {
			t.Fatalf("document %d: off by %g", count, distance(encoded.Embedding, expected[count]))
		}
		count++
	}
	if count != len(documents) {
		t.Errorf("%d results of %d documents", count, len(documents))
	}
}

func TestDocumentsFailAlone(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t, "--max-message-bytes", "20000"))
	documents := texts(300)
	documents[17] = scimult.Text(strings.Repeat("a ", 600))
	documents[18] = documents[17]
	documents[250] = scimult.Text(strings.Repeat("a", 30_000))
	results := client.EncodeAll(
		ctx, scimult.Search, feed(ctx, documents), scimult.Concurrency(3), scimult.RejectTruncation())
	for encoded := range results {
		switch encoded.Index {
		case 17, 18, 250:
			if encoded.Err == nil || !strings.Contains(encoded.Err.Error(), strconv.Itoa(encoded.Index)) {
				t.Errorf("document %d: %v", encoded.Index, encoded.Err)
			}
		default:
			if encoded.Err != nil || len(encoded.Embedding.Values) == 0 {
				t.Errorf("document %d: %v", encoded.Index, encoded.Err)
			}
		}
	}
}

func TestAWrongRequestFailsEachDocumentOnce(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t))
	count := 0
	for encoded := range client.EncodeAll(ctx, scimult.Task("weather"), feed(ctx, texts(200))) {
		var failure *scimult.Error
		if !errors.As(encoded.Err, &failure) || failure.Code != codes.FailedPrecondition {
			t.Fatal(encoded.Err)
		}
		count++
	}
	if count != 200 {
		t.Errorf("%d results", count)
	}
}

func TestADocumentIsNotKeptWaitingForOthers(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t))
	documents := make(chan scimult.Document)
	results := client.EncodeAll(ctx, scimult.Search, documents)
	for number := range 3 {
		documents <- texts(3)[number]
		if encoded := <-results; encoded.Err != nil || encoded.Index != number {
			t.Fatalf("%+v", encoded)
		}
	}
	close(documents)
	if _, more := <-results; more {
		t.Error("a result of no document")
	}
}

func TestWhoDoesNotReadIsNotReadFrom(t *testing.T) {
	ctx, stop := context.WithCancel(testContext(t))
	client := dial(t, startServer(t))
	taken := 0
	documents := make(chan scimult.Document)
	results := client.EncodeAll(ctx, scimult.Search, documents, scimult.Concurrency(2))
	for {
		select {
		case documents <- texts(1)[0]:
			taken++
			continue
		case <-time.After(time.Second):
		}
		break
	}
	// Two running requests, and a third one that is full.
	if taken > 3*128+1 {
		t.Errorf("%d documents were taken", taken)
	}
	stop()
	for range results {
		taken--
	}
	if taken < 0 {
		t.Error("more results than documents")
	}
}
