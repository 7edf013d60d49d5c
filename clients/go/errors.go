package scimult

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// Error is a call that failed.
type Error struct {
	// Code is gRPC's status.
	Code    codes.Code
	Message string
	// Violations are the fields of the request that were wrong.
	Violations []Violation
	// RetryAfter is when the server would like to be asked again, where it said so.
	RetryAfter time.Duration
	// FirstDocument is the place, among the documents that were passed, of the failed request's first one: more than 0
	// where there were too many for one request.
	FirstDocument int

	cause error
}

// Violation is a field that the server refused, and why.
type Violation struct {
	// Field is its path, such as documents[3].paper.title, where the place is that among all documents that were passed,
	// however many requests they took.
	Field       string
	Description string
}

func (e *Error) Error() string {
	place := ""
	if e.FirstDocument > 0 && len(e.Violations) == 0 {
		place = fmt.Sprintf(" (in the request from document %d on)", e.FirstDocument)
	}
	return fmt.Sprintf("scimult: %v: %s%s", e.Code, e.Message, place)
}

// Unwrap gives gRPC's own error.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus makes the error one that gRPC's package status understands.
func (e *Error) GRPCStatus() *status.Status { return status.Convert(e.cause) }

// reply holds what comes with a call's end.
type reply struct {
	trailer metadata.MD
}

func (r *reply) options() []grpc.CallOption {
	return []grpc.CallOption{grpc.Trailer(&r.trailer)}
}

func (r *reply) failed(cause error, first int) *Error {
	outcome := status.Convert(cause)
	failure := &Error{
		Code: outcome.Code(), Message: countedFrom(first, outcome.Message()), FirstDocument: first, cause: cause,
	}
	for _, detail := range outcome.Proto().GetDetails() {
		if detail.GetTypeUrl() == "type.googleapis.com/google.rpc.BadRequest" {
			failure.Violations = violations(detail.GetValue())
			for index := range failure.Violations {
				failure.Violations[index].Field = countedFrom(first, failure.Violations[index].Field)
			}
		}
	}
	if pushback := r.trailer.Get("grpc-retry-pushback-ms"); len(pushback) > 0 {
		if milliseconds, err := strconv.ParseUint(pushback[0], 10, 31); err == nil {
			failure.RetryAfter = time.Duration(milliseconds) * time.Millisecond
		}
	}
	return failure
}

// placeOfDocument is how the server's errors name a document of a request.
var placeOfDocument = regexp.MustCompile(`\b(documents|candidates)\[([0-9]{1,9})\]`)

// countedFrom gives the server's words with the places of documents counted as the caller passed these.
func countedFrom(first int, words string) string {
	return placeOfDocument.ReplaceAllStringFunc(words, func(found string) string {
		parts := placeOfDocument.FindStringSubmatch(found)
		place, _ := strconv.Atoi(parts[2])
		return fmt.Sprintf("%s[%d]", parts[1], place+first)
	})
}

// violations reads a google.rpc.BadRequest. The package that has the message cannot be imported: modules that need
// different versions of it, as gRPC's own, could not be built together.
func violations(badRequest []byte) []Violation {
	var found []Violation
	for _, violation := range lengthDelimited(badRequest)[1] {
		fields := lengthDelimited(violation)
		found = append(found, Violation{Field: last(fields[1]), Description: last(fields[2])})
	}
	return found
}

// lengthDelimited gives a message's texts and messages by their numbers; what cannot be read ends it.
func lengthDelimited(message []byte) map[protowire.Number][][]byte {
	fields := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeField(message)
		if size < 0 {
			break
		}
		if kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(message)
			value, _ := protowire.ConsumeBytes(message[tag:])
			fields[number] = append(fields[number], value)
		}
		message = message[size:]
	}
	return fields
}

func last(values [][]byte) string {
	if len(values) == 0 {
		return ""
	}
	return string(values[len(values)-1])
}
