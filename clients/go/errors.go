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

// Error is the error of a failed call.
type Error struct {
	// Code is the gRPC status code.
	Code    codes.Code
	Message string
	// Violations are the invalid fields of the request.
	Violations []Violation
	// RetryAfter is the time after which the server asks for a retry, or 0 if it named none.
	RetryAfter time.Duration
	// FirstDocument is the position of the failed request's first document among all documents of the call. It is greater
	// than 0 only if the call needed several requests.
	FirstDocument int

	cause error
}

// Violation is a field that the server refused, with the reason.
type Violation struct {
	// Field is the field's path, such as documents[3].paper.title. Positions count all documents of the call, even if it
	// needed several requests.
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

// Unwrap returns gRPC's own error.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus returns the status of gRPC's own error, for the package status.
func (e *Error) GRPCStatus() *status.Status { return status.Convert(e.cause) }

// reply holds the metadata at a call's end.
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

// placeOfDocument matches a document of a request in the server's error messages.
var placeOfDocument = regexp.MustCompile(`\b(documents|candidates)\[([0-9]{1,9})\]`)

// countedFrom returns a server's message with positions that count all documents of the call.
func countedFrom(first int, words string) string {
	return placeOfDocument.ReplaceAllStringFunc(words, func(found string) string {
		parts := placeOfDocument.FindStringSubmatch(found)
		place, _ := strconv.Atoi(parts[2])
		return fmt.Sprintf("%s[%d]", parts[1], place+first)
	})
}

// violations reads a google.rpc.BadRequest. It does not import the package of the message: gRPC and other modules need
// different versions of that package, and could not be built together.
func violations(badRequest []byte) []Violation {
	var found []Violation
	for _, violation := range lengthDelimited(badRequest)[1] {
		fields := lengthDelimited(violation)
		found = append(found, Violation{Field: last(fields[1]), Description: last(fields[2])})
	}
	return found
}

// lengthDelimited returns a message's strings and submessages by field number. It stops at the first malformed field.
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
