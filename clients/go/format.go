package scimult

import (
	"encoding/binary"
	"math"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Format is the format in which embeddings are sent.
type Format int32

// The formats of embeddings.
const (
	Float32 = Format(pb.EmbeddingFormat_EMBEDDING_FORMAT_FLOAT32)
	Float16 = Format(pb.EmbeddingFormat_EMBEDDING_FORMAT_FLOAT16)
	Int8    = Format(pb.EmbeddingFormat_EMBEDDING_FORMAT_INT8)
	Binary  = Format(pb.EmbeddingFormat_EMBEDDING_FORMAT_BINARY)
)

// An upper bound for an embedding's tags, lengths and numbers on the wire, excluding its values and ID.
const embeddingEnvelopeBytes = 48

// embeddingBytes is the maximum size of an embedding on the wire, excluding its ID.
func embeddingBytes(dimensions int, format Format) int {
	switch format {
	case Float16:
		return embeddingEnvelopeBytes + 2*dimensions
	case Int8:
		return embeddingEnvelopeBytes + dimensions
	case Binary:
		return embeddingEnvelopeBytes + (dimensions+7)/8
	default:
		return embeddingEnvelopeBytes + 4*dimensions
	}
}

func decode(message *pb.Embedding, format Format) Embedding {
	embedding := Embedding{
		ID: message.Id, Tokens: int(message.Tokens), Truncated: message.Truncated, Values: message.Values,
	}
	switch format {
	case Float16:
		embedding.Values = make([]float32, len(message.Data)/2)
		for index := range embedding.Values {
			embedding.Values[index] = fromHalf(binary.LittleEndian.Uint16(message.Data[2*index:]))
		}
	case Int8:
		embedding.Values = make([]float32, len(message.Data))
		for index, octet := range message.Data {
			embedding.Values[index] = float32(int8(octet)) * message.Scale
		}
	case Binary:
		embedding.Bits = message.Data
	}
	return embedding
}

// fromHalf converts a number of IEEE 754's binary16.
func fromHalf(half uint16) float32 {
	sign := uint32(half>>15) << 31
	exponent, fraction := uint32(half>>10)&0x1f, uint32(half)&0x3ff
	switch {
	case exponent == 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	case exponent == 0:
		magnitude := float32(fraction) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(magnitude))
	default:
		return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
	}
}
