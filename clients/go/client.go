package scimult

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Client is a connection to a server, or to several servers behind one name. It is safe for concurrent use.
type Client struct {
	connection *grpc.ClientConn
	stub       pb.SciMultClient

	lock  sync.Mutex
	model *Model
}

// Dial returns a client of the server at an address: "host:port", or any other target that gRPC resolves. For example,
// "dns:///scimult.default.svc:50051" balances calls among all addresses of the name, and "unix:/run/scimult.sock" is a
// socket file. The port is required.
//
// Dial does not wait for the server: the first call opens the connection.
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

// Close closes the connection. Running calls fail.
func (c *Client) Close() error {
	return c.connection.Close()
}

// Model describes the model that a server has loaded, and the limits of a request.
type Model struct {
	Name string
	// Architecture is "vanilla", "expert" or "instruction".
	Architecture string
	// Dimensions is the number of values of an embedding.
	Dimensions int
	// MaxTokens is the maximum number of tokens of a text that the model reads.
	MaxTokens int
	Layers    int
	// Tasks are the tasks of TaskNames that SciMult defines.
	Tasks []Task
	// Precision is "int8", "bf16" or "fp32".
	Precision string
	// Similarity is "dot" or "cosine".
	Similarity string
	// MaxDocuments is the maximum number of documents in one request.
	MaxDocuments int
	// MaxMessageBytes is the maximum size of one request or response.
	MaxMessageBytes int
	// Fingerprint identifies everything that determines embeddings. Embeddings with equal fingerprints can be compared,
	// even from different servers. It is empty if the server is too old to report it.
	Fingerprint string
	// Experts are the parts of the model that serve each task and role.
	Experts []Expert
	// TaskNames are the names of all tasks that a call may use.
	TaskNames []Task
}

// Expert is the part of a model that serves a task in a role.
type Expert struct {
	Task Task
	Role Role
	// Name is the expert's name in the model's own files.
	Name string
}

// Model asks the server for its model.
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
		// A server that is too old to report task names serves only these tasks.
		model.TaskNames = slices.Clone(model.Tasks)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.model = model
	return model, nil
}

// knownModel asks the server only once.
func (c *Client) knownModel(ctx context.Context) (*Model, error) {
	c.lock.Lock()
	model := c.model
	c.lock.Unlock()
	if model != nil {
		return model, nil
	}
	return c.Model(ctx)
}
