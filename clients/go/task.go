package scimult

import (
	"strconv"
	"strings"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Task chooses the expert that reads a document: one of SciMult's, or any other that the server's model has, by its
// name among [Model.TaskNames]. What the model does not have the server refuses.
type Task string

// The tasks of SciMult. A hyphen stands for the underscore, too.
const (
	Classification Task = "classification"
	LinkPrediction Task = "link_prediction"
	Search         Task = "search"
)

var taskNumbers = map[Task]pb.Task{
	Classification: pb.Task_TASK_CLASSIFICATION,
	LinkPrediction: pb.Task_TASK_LINK_PREDICTION,
	Search:         pb.Task_TASK_SEARCH,
}

// String is the task's name on the command line and in metrics.
func (t Task) String() string { return string(t) }

// fields is how a request says the task: by its number, which every server knows, or else by its name.
func (t Task) fields() (pb.Task, string) {
	if number, ok := taskNumbers[Task(strings.ReplaceAll(string(t), "-", "_"))]; ok {
		return number, ""
	}
	return pb.Task_TASK_UNSPECIFIED, strings.ToValidUTF8(string(t), "\uFFFD")
}

// taskOfNumber is a task's name; its number in digits where the server knows more tasks than this client.
func taskOfNumber(number pb.Task) Task {
	for task, known := range taskNumbers {
		if known == number {
			return task
		}
	}
	return Task(strconv.Itoa(int(number)))
}
