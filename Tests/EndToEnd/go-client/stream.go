package main

import (
	"context"
	"fmt"
	"io"

	"google.golang.org/grpc"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

const streamRequests = 500

// stream sends requests and reads replies concurrently, each at full speed.
func stream(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	call, err := pb.NewSciMultClient(connection).EncodeStream(ctx)
	if err != nil {
		return nil, err
	}
	sent := make(chan error, 1)
	go func() {
		for number := 0; number < streamRequests; number++ {
			if err := call.Send(request(number, fmt.Sprint("cells of kind ", number))); err != nil {
				sent <- err
				return
			}
		}
		sent <- call.CloseSend()
	}()
	ids, refused := []string{}, 0
	for {
		reply, err := call.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, reply.RequestId)
		if reply.Status != nil {
			refused++
		}
	}
	return map[string]interface{}{"ids": ids, "refused": refused}, <-sent
}
