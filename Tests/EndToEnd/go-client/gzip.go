package main

import (
	"context"
	"io"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
)

// counted is a compressor that counts the messages that it decompresses.
type counted struct {
	encoding.Compressor
	unpacked int32
}

func (c *counted) Decompress(packed io.Reader) (io.Reader, error) {
	atomic.AddInt32(&c.unpacked, 1)
	return c.Compressor.Decompress(packed)
}

// zipped sends long texts plain and with gzip, and reports how the second response was encoded.
func zipped(ctx context.Context, connection *grpc.ClientConn) (interface{}, error) {
	compressor := &counted{Compressor: encoding.GetCompressor(gzip.Name)}
	encoding.RegisterCompressor(compressor)
	long := request(1, strings.Repeat("cells ", 300))
	for len(long.Documents) < 20 {
		long.Documents = append(long.Documents, long.Documents[0])
	}
	plain, err := encode(ctx, connection, long)
	if err != nil {
		return nil, err
	}
	packed, err := encode(ctx, connection, long, grpc.UseCompressor(gzip.Name))
	if err != nil {
		return nil, err
	}
	return map[string]interface{}{
		"plain":    plain.Embeddings[0].Values,
		"packed":   packed.Embeddings[0].Values,
		"unpacked": compressor.unpacked,
	}, nil
}
