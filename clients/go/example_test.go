package scimult_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"google.golang.org/grpc/codes"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

func Example() {
	client, err := scimult.Dial("127.0.0.1:50051")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	ranking, err := client.Rank(ctx, scimult.Search, scimult.Text("sparse mixtures of experts"), []scimult.Document{
		scimult.Paper("Outrageously Large Neural Networks", "The capacity of a neural network to absorb information …"),
		scimult.Paper("Cell division in yeast", "Budding yeast divides asymmetrically …"),
	})
	if err != nil {
		log.Print(err)
		return
	}
	for _, ranked := range ranking {
		fmt.Println(ranked.Index, ranked.Score)
	}
}

func ExampleDial() {
	client, err := scimult.Dial(
		"dns:///scimult.example.org:443",
		scimult.WithTLS(&tls.Config{MinVersion: tls.VersionTLS12}),
		scimult.WithToken(os.Getenv("SCIMULT_TOKEN")),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

func ExampleClient_EncodeAll() {
	client, err := scimult.Dial("127.0.0.1:50051")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	papers := make(chan scimult.Document)
	go func() {
		defer close(papers)
		papers <- scimult.Paper("A title", "An abstract").WithID("1")
		papers <- scimult.Paper("Another title", "").WithID("2")
	}()
	ctx := context.Background()
	for encoded := range client.EncodeAll(ctx, scimult.Search, papers, scimult.As(scimult.Candidate)) {
		if encoded.Err != nil {
			log.Print(encoded.Document.ID, ": ", encoded.Err)
			continue
		}
		fmt.Println(encoded.Document.ID, len(encoded.Embedding.Values))
	}
}

func ExampleDocumentReader() {
	file, err := os.Open("papers.jsonl.gz")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var papers []scimult.Document
	lines := scimult.NewDocumentReader(file)
	for {
		document, err := lines.Next()
		var bad *scimult.LineError
		if errors.As(err, &bad) {
			log.Print(bad)
			continue
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		papers = append(papers, document)
	}
	fmt.Println(len(papers))
}

func ExampleError() {
	client, err := scimult.Dial("127.0.0.1:50051")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = client.Encode(context.Background(), scimult.Search, []scimult.Document{scimult.Text("cells")})
	var failure *scimult.Error
	if errors.As(err, &failure) && failure.Code == codes.ResourceExhausted {
		fmt.Println("the server is full; come back in", failure.RetryAfter)
	}
}
