package scimult

import (
	"math"
	"testing"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

func TestHalfNumbers(t *testing.T) {
	for half, expected := range map[uint16]float32{
		0x0000: 0, 0x3c00: 1, 0xbc00: -1, 0x3555: 0.33325195, 0x7bff: 65_504, 0x0001: 0x1p-24, 0x03ff: 1023 * 0x1p-24,
		0x0400: 0x1p-14, 0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1)),
	} {
		if value := fromHalf(half); value != expected {
			t.Errorf("%#04x is %g, not %g", half, expected, value)
		}
	}
	if !math.Signbit(float64(fromHalf(0x8000))) {
		t.Error("minus zero has lost its sign")
	}
	if value := fromHalf(0x7e00); value == value {
		t.Errorf("not a number is %g", value)
	}
}

func TestChunksKeepTheirLimits(t *testing.T) {
	model := &Model{MaxDocuments: 5, MaxMessageBytes: 1_000}
	limits := limits{
		documents: 5, requestBytes: 100, responseBytes: func(document *pb.Document) int { return 200 + len(document.Id) },
	}
	chunk := newChunk(model, limits)
	small := Text("a").message()
	for range 4 {
		if !chunk.hasRoom(small) {
			t.Fatalf("no room after %d", len(chunk.messages))
		}
		chunk.add(small)
	}
	if chunk.hasRoom(small) {
		t.Error("a fifth response of 200 bytes in 936")
	}
	chunk.clear()
	if !chunk.hasRoom(small) {
		t.Error("no room in a new chunk")
	}
}

func TestDetailsThatCannotBeRead(t *testing.T) {
	for _, octets := range []string{"", "\x0a", "\x0a\xff", "\x0a\x02\x0a\x05", "\xff\xff\xff", "\x08\x01"} {
		for _, violation := range violations([]byte(octets)) {
			if violation.Field != "" || violation.Description != "" {
				t.Errorf("%q: %+v", octets, violation)
			}
		}
	}
}
