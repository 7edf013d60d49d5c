package main

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// grpc-go allows no shorter interval between keepalive pings.
const keepaliveTime = 10 * time.Second

var (
	connectionsMade int32
	pingsAnswered   int32
)

// dial connects. It counts connections, and responses to pings as they arrive.
func dial(ctx context.Context, address string) (*grpc.ClientConn, error) {
	return grpc.DialContext(
		ctx, address, grpc.WithInsecure(), grpc.WithBlock(),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, PermitWithoutStream: true}),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
			if err != nil {
				return nil, err
			}
			atomic.AddInt32(&connectionsMade, 1)
			copies, copied := io.Pipe()
			go countPings(copies)
			return &watched{connection, io.TeeReader(connection, copied)}, nil
		}))
}

// watched is a connection whose incoming bytes are also passed to an observer.
type watched struct {
	net.Conn
	incoming io.Reader
}

func (w *watched) Read(buffer []byte) (int, error) {
	return w.incoming.Read(buffer)
}

func countPings(incoming io.Reader) {
	framer := http2.NewFramer(io.Discard, incoming)
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			_, _ = io.Copy(io.Discard, incoming)
			return
		}
		if ping, ok := frame.(*http2.PingFrame); ok && ping.IsAck() {
			atomic.AddInt32(&pingsAnswered, 1)
		}
	}
}

// keepalivePings leaves the connection idle until the server has answered a ping, and then sends a call.
func keepalivePings(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	before := atomic.LoadInt32(&pingsAnswered)
	for atomic.LoadInt32(&pingsAnswered) == before {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	_, err := encode(ctx, connection, request(1, "after the ping"))
	return map[string]interface{}{
		"code":        codeOf(err),
		"connections": atomic.LoadInt32(&connectionsMade),
		"state":       connection.GetState().String(),
	}, nil
}
