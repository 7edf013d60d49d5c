package main

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

const (
	clients        = 64
	callsPerClient = 8
)

func encode(
	ctx context.Context, connection *grpc.ClientConn, request *pb.EncodeRequest, options ...grpc.CallOption,
) (*pb.EncodeResponse, error) {
	return pb.NewSciMultClient(connection).Encode(ctx, request, options...)
}

func unary(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	model, err := pb.NewSciMultClient(connection).GetModel(ctx, &pb.GetModelRequest{})
	if err != nil {
		return nil, err
	}
	response, err := encode(ctx, connection, request(7, "mixture of experts"))
	if err != nil {
		return nil, err
	}
	return map[string]interface{}{
		"model":      model.Name,
		"request_id": response.RequestId,
		"values":     response.Embeddings[0].Values,
	}, nil
}

// concurrent makes many concurrent calls on one connection, and counts responses that belong to another call.
func concurrent(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	var group sync.WaitGroup
	var lock sync.Mutex
	codes, strangers := map[string]int{}, 0
	for client := 0; client < clients; client++ {
		group.Add(1)
		go func(client int) {
			defer group.Done()
			for call := 0; call < callsPerClient; call++ {
				number := client*callsPerClient + call
				response, err := encode(ctx, connection, request(number, fmt.Sprint("cells of kind ", number%11)))
				lock.Lock()
				codes[codeOf(err)]++
				if err == nil && response.RequestId != fmt.Sprint(number) {
					strangers++
				}
				lock.Unlock()
			}
		}(client)
	}
	group.Wait()
	return map[string]interface{}{"codes": codes, "strangers": strangers, "connections": connectionsMade}, nil
}

// withMetadata sends metadata that the server knows and metadata that it does not know.
func withMetadata(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	codes := map[string]string{}
	for _, priority := range []string{"interactive", "batch", "urgent"} {
		with := metadata.AppendToOutgoingContext(
			ctx, "x-scimult-priority", priority, "x-trace", "1", "x-trace", "2", "x-trace-bin", "\x00\xff")
		_, err := encode(with, connection, request(1, "cells"))
		codes[priority] = codeOf(err)
	}
	return codes, nil
}
