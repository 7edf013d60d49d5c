package scimult

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Client is a connection to a server, or to several behind one name. Goroutines may share it.
type Client struct {
	connection *grpc.ClientConn
	stub       pb.SciMultClient

	lock  sync.Mutex
	model *Model
}

// Dial makes a client of the server at an address: "host:port", or any other target that gRPC resolves, such as
// "dns:///scimult.default.svc:50051", whose addresses share the calls, or "unix:/run/scimult.sock". The port is always
// named.
//
// It does not wait for the server: the connection opens with the first call.
func Dial(target string, options ...Option) (*Client, error) {
	settings := defaultSettings()
	for _, option := range options {
		option(&settings)
	}
	if err := checkTarget(target); err != nil {
		return nil, err
	}
	dialOptions, err := settings.dialOptions()
	if err != nil {
		return nil, err
	}
	connection, err := grpc.Dial(target, dialOptions...)
	if err != nil {
		return nil, fmt.Errorf("scimult: %w", err)
	}
	return &Client{connection: connection, stub: pb.NewSciMultClient(connection)}, nil
}

// Close ends the connection; calls under way fail.
func (c *Client) Close() error {
	return c.connection.Close()
}

// Model is what a server has loaded, and how much of it a request may ask for.
type Model struct {
	Name string
	// Architecture is "vanilla", "expert" or "instruction".
	Architecture string
	// Dimensions of an embedding.
	Dimensions int
	// MaxTokens is how much of a text is read.
	MaxTokens int
	Layers    int
	// Tasks are those of TaskNames that SciMult has.
	Tasks []Task
	// Precision is "int8", "bf16" or "fp32".
	Precision string
	// Similarity is "dot" or "cosine".
	Similarity string
	// MaxDocuments of one request.
	MaxDocuments int
	// MaxMessageBytes of one request or response.
	MaxMessageBytes int
	// Fingerprint is of all that determines embeddings: those of equal fingerprints can be compared, whichever servers
	// they come from. Empty where the server is too old to tell.
	Fingerprint string
	// Experts are which part of the model serves what.
	Experts []Expert
	// TaskNames are all tasks that a call may name.
	TaskNames []Task
}

// Expert is what of a model serves a task on one side of the comparison.
type Expert struct {
	Task Task
	Role Role
	// Name is as the model's own files call it.
	Name string
}

// Model asks what the server has.
func (c *Client) Model(ctx context.Context) (*Model, error) {
	var reply reply
	message, err := c.stub.GetModel(ctx, &pb.GetModelRequest{}, reply.options()...)
	if err != nil {
		return nil, reply.failed(err, 0)
	}
	model := &Model{
		Name:            message.Name,
		Architecture:    message.Architecture,
		Dimensions:      int(message.Dimensions),
		MaxTokens:       int(message.MaxTokens),
		Layers:          int(message.Layers),
		Precision:       message.Precision,
		Similarity:      message.Similarity,
		MaxDocuments:    int(message.MaxDocuments),
		MaxMessageBytes: int(message.MaxMessageBytes),
		Fingerprint:     message.Fingerprint,
	}
	for _, task := range message.Tasks {
		model.Tasks = append(model.Tasks, taskOfNumber(task))
	}
	for _, expert := range message.Experts {
		role := Role(expert.Role)
		if expert.Role == pb.Role_ROLE_UNSPECIFIED {
			role = Query
		}
		model.Experts = append(model.Experts, Expert{Task: Task(expert.Task), Role: role, Name: expert.Name})
	}
	for _, name := range message.TaskNames {
		model.TaskNames = append(model.TaskNames, Task(name))
	}
	if model.TaskNames == nil {
		// A server that is too old to tell them has none beside these.
		model.TaskNames = slices.Clone(model.Tasks)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.model = model
	return model, nil
}

// knownModel asks the server the first time only.
func (c *Client) knownModel(ctx context.Context) (*Model, error) {
	c.lock.Lock()
	model := c.model
	c.lock.Unlock()
	if model != nil {
		return model, nil
	}
	return c.Model(ctx)
}
