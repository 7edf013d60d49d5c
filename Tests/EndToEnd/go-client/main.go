// A gRPC client in Go, as users would write one. It runs one scenario against a server and prints the results as JSON.
//
// Usage: go-client SCENARIO ADDRESS
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

const scenarioTimeMax = 60 * time.Second

// scenario returns the results, or an error if something unexpected happened.
type scenario func(context.Context, *grpc.ClientConn) (interface{}, error)

var scenarios = map[string]scenario{
	"unary":         unary,
	"concurrent":    concurrent,
	"metadata":      withMetadata,
	"gzip":          zipped,
	"stream":        stream,
	"deadline":      deadline,
	"cancel":        cancel,
	"cancel-stream": cancelStream,
	"details":       details,
	"health":        health,
	"keepalive":     keepalivePings,
}

func main() {
	run, known := scenarios[os.Args[1]]
	if !known {
		fail(fmt.Errorf("no scenario %q", os.Args[1]))
	}
	ctx, stop := context.WithTimeout(context.Background(), scenarioTimeMax)
	defer stop()
	connection, err := dial(ctx, os.Args[2])
	if err != nil {
		fail(err)
	}
	outcome, err := run(ctx, connection)
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcome); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// request returns a request with one text; the number is the request's ID.
func request(number int, text string) *pb.EncodeRequest {
	return &pb.EncodeRequest{
		RequestId: fmt.Sprint(number),
		Task:      pb.Task_TASK_SEARCH,
		Documents: []*pb.Document{{Id: "d", Content: &pb.Document_Text{Text: text}}},
	}
}

// codeOf returns the name of an error's gRPC status code.
func codeOf(err error) string {
	return status.Code(err).String()
}
