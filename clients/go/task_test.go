package scimult_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	scimult "github.com/scimult/scimult-serve/clients/go"
	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// taskServer has a model with an additional task, and records the task fields of requests.
type taskServer struct {
	pb.UnimplementedSciMultServer
	model *pb.Model

	lock  sync.Mutex
	tasks []string
}

func (s *taskServer) GetModel(context.Context, *pb.GetModelRequest) (*pb.Model, error) {
	return s.model, nil
}

func (s *taskServer) Encode(_ context.Context, request *pb.EncodeRequest) (*pb.EncodeResponse, error) {
	if err := s.note(request.Task, request.TaskName); err != nil {
		return nil, err
	}
	embeddings := make([]*pb.Embedding, len(request.Documents))
	for index := range embeddings {
		embeddings[index] = &pb.Embedding{Values: []float32{1}}
	}
	return &pb.EncodeResponse{Embeddings: embeddings, Fingerprint: s.model.Fingerprint}, nil
}

func (s *taskServer) Rank(_ context.Context, request *pb.RankRequest) (*pb.RankResponse, error) {
	if err := s.note(request.Task, request.TaskName); err != nil {
		return nil, err
	}
	results := make([]*pb.RankedCandidate, len(request.Candidates))
	for index := range results {
		results[index] = &pb.RankedCandidate{Index: uint32(index)}
	}
	return &pb.RankResponse{Results: results, Fingerprint: s.model.Fingerprint}, nil
}

func (s *taskServer) note(task pb.Task, name string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.tasks = append(s.tasks, task.String()+" "+name)
	if task == pb.Task_TASK_UNSPECIFIED && !slices.Contains(s.model.TaskNames, name) {
		return status.Error(codes.InvalidArgument, "task_name: the model has search, regression")
	}
	return nil
}

// serve runs the server in this process, and returns a client of it.
func serve(t *testing.T, server *taskServer) *scimult.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	running := grpc.NewServer()
	pb.RegisterSciMultServer(running, server)
	go running.Serve(listener)
	t.Cleanup(running.Stop)
	return dial(t, listener.Addr().String())
}

func newTaskServer() *taskServer {
	return &taskServer{model: &pb.Model{
		MaxDocuments: 2, MaxMessageBytes: 4_096, Dimensions: 1, Fingerprint: "f0",
		Tasks:     []pb.Task{pb.Task_TASK_SEARCH, 9},
		TaskNames: []string{"search", "regression"},
		Experts: []*pb.Expert{
			{Task: "search", Name: "ad hoc"},
			{Task: "regression", Role: pb.Role_ROLE_CANDIDATE, Name: "rgn"},
		},
	}}
}

func TestATaskTravelsByItsNumberOrItsName(t *testing.T) {
	ctx := testContext(t)
	for task, expected := range map[scimult.Task]string{
		scimult.Search:    "TASK_SEARCH ",
		"link-prediction": "TASK_LINK_PREDICTION ",
		"regression":      "TASK_UNSPECIFIED regression",
	} {
		server := newTaskServer()
		client := serve(t, server)
		embeddings, err := client.Encode(ctx, task, texts(3))
		check(t, err)
		ranking, err := client.Rank(ctx, task, texts(1)[0], texts(1))
		check(t, err)
		for encoded := range client.EncodeAll(ctx, task, feed(ctx, texts(1))) {
			check(t, encoded.Err)
		}
		if len(embeddings) != 3 || len(ranking) != 1 {
			t.Errorf("%v: %v, %v", task, embeddings, ranking)
		}
		if !slices.Equal(server.tasks, []string{expected, expected, expected, expected}) {
			t.Errorf("%v: %q", task, server.tasks)
		}
	}
}

func TestTheServerRefusesATaskThatItDoesNotHave(t *testing.T) {
	ctx := testContext(t)
	client := serve(t, newTaskServer())
	for _, task := range []scimult.Task{"weather", "", "same-author", "\xff"} {
		_, err := client.Encode(ctx, task, texts(1))
		var failure *scimult.Error
		if !errors.As(err, &failure) || failure.Code != codes.InvalidArgument ||
			failure.Message != "task_name: the model has search, regression" {
			t.Errorf("%q: %v", task, err)
		}
	}
}

func TestAModelTellsItsTasksExpertsAndFingerprint(t *testing.T) {
	ctx := testContext(t)
	server := newTaskServer()
	model, err := serve(t, server).Model(ctx)
	check(t, err)
	if !slices.Equal(model.Tasks, []scimult.Task{scimult.Search, "9"}) {
		t.Errorf("tasks %v", model.Tasks)
	}
	if !slices.Equal(model.TaskNames, []scimult.Task{scimult.Search, "regression"}) {
		t.Errorf("task names %v", model.TaskNames)
	}
	experts := []scimult.Expert{
		{Task: scimult.Search, Role: scimult.Query, Name: "ad hoc"},
		{Task: "regression", Role: scimult.Candidate, Name: "rgn"},
	}
	if !slices.Equal(model.Experts, experts) || model.Fingerprint != "f0" {
		t.Errorf("%+v", model)
	}

	older := &taskServer{model: &pb.Model{Tasks: []pb.Task{pb.Task_TASK_SEARCH}}}
	model, err = serve(t, older).Model(ctx)
	check(t, err)
	if !slices.Equal(model.TaskNames, []scimult.Task{scimult.Search}) || model.Experts != nil || model.Fingerprint != "" {
		t.Errorf("%+v", model)
	}
}
