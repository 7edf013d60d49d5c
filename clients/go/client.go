package scimult

import (
	"context"
	"fmt"
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
	// Tasks that the model has experts for.
	Tasks []Task
	// Precision is "int8", "bf16" or "fp32".
	Precision string
	// Similarity is "dot" or "cosine".
	Similarity string
	// MaxDocuments of one request.
	MaxDocuments int
	// MaxMessageBytes of one request or response.
	MaxMessageBytes int
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
	}
	for _, task := range message.Tasks {
		model.Tasks = append(model.Tasks, Task(task))
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
