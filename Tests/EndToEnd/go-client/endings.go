package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// work returns a request of long, distinct texts that fits into HTTP/2's initial windows.
func work() *pb.EncodeRequest {
	long := request(0, "")
	for number := 1; number < 50; number++ {
		text := strings.Repeat("b ", number) + strings.Repeat("a ", 450)
		long.Documents = append(long.Documents, &pb.Document{Content: &pb.Document_Text{Text: text}})
	}
	return long
}

// after reports how a call ended, and how the next call on the same connection ended. When the next call arrives, the
// abandoned work may still be entering the queue, for as long as a thread can be delayed on a busy machine.
func after(ctx context.Context, connection *grpc.ClientConn, ended error) (interface{}, error) {
	_, next := encode(ctx, connection, request(1, "cells"))
	for tries := 0; tries < 100 && codeOf(next) == codes.ResourceExhausted.String(); tries++ {
		time.Sleep(10 * time.Millisecond)
		_, next = encode(ctx, connection, request(1, "cells"))
	}
	return map[string]interface{}{
		"code": codeOf(ended), "next": codeOf(next), "connections": connectionsMade,
	}, nil
}

func deadline(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	short, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	_, err := encode(short, connection, work())
	return after(ctx, connection, err)
}

// cancel cancels a unary call that the server has received and not answered.
func cancel(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	call, err := connection.NewStream(leaving, &grpc.StreamDesc{}, "/scimult.v1.SciMult/Encode")
	if err != nil {
		return nil, err
	}
	if err := call.SendMsg(work()); err != nil {
		return nil, err
	}
	if err := call.CloseSend(); err != nil {
		return nil, err
	}
	leave()
	return after(ctx, connection, call.RecvMsg(new(pb.EncodeResponse)))
}

// cancelStream cancels a stream while the server works on it and more requests are being sent.
func cancelStream(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	call, err := pb.NewSciMultClient(connection).EncodeStream(leaving)
	if err != nil {
		return nil, err
	}
	go func() {
		for call.Send(work()) == nil {
		}
	}()
	for answers := 0; answers < 3; answers++ {
		if _, err := call.Recv(); err != nil {
			return nil, err
		}
	}
	leave()
	for err == nil {
		_, err = call.Recv()
	}
	return after(ctx, connection, err)
}

// details sends a request with an invalid task, and reads the error details.
func details(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	_, err := encode(ctx, connection, &pb.EncodeRequest{})
	answer := status.Convert(err)
	fields := []string{}
	for _, detail := range answer.Details() {
		bad, ok := detail.(*errdetails.BadRequest)
		if !ok {
			return nil, fmt.Errorf("%T is no BadRequest", detail)
		}
		for _, violation := range bad.FieldViolations {
			fields = append(fields, violation.Field)
		}
	}
	return map[string]interface{}{"code": codeOf(err), "message": answer.Message(), "fields": fields}, nil
}
