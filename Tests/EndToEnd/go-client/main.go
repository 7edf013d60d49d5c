// A gRPC client in Go, as its users write one. It runs one scenario against a server and prints what happened as JSON.
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

// scenario gives what happened; an error is what should not have happened.
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

// request asks for one text; its number comes back as the request's id.
func request(number int, text string) *pb.EncodeRequest {
	return &pb.EncodeRequest{
		RequestId: fmt.Sprint(number),
		Task:      pb.Task_TASK_SEARCH,
		Documents: []*pb.Document{{Id: "d", Content: &pb.Document_Text{Text: text}}},
	}
}

// codeOf names the gRPC status of an error.
func codeOf(err error) string {
	return status.Code(err).String()
}
