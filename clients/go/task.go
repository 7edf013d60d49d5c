package scimult

import (
	"strconv"
	"strings"

	pb "github.com/scimult/scimult-serve/clients/go/scimultpb"
)

// Task selects the expert that reads a document. It is one of SciMult's tasks, or another task of the server's model,
// named as in [Model.TaskNames]. The server refuses tasks that its model does not have.
type Task string

// The tasks of SciMult. In their names, a hyphen is accepted in place of the underscore.
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

// String returns the task's name on the command line and in metrics.
func (t Task) String() string { return string(t) }

// fields returns the fields of a request for the task. A task of SciMult is sent as its number, which every server
// knows, and others as their names.
func (t Task) fields() (pb.Task, string) {
	if number, ok := taskNumbers[Task(strings.ReplaceAll(string(t), "-", "_"))]; ok {
		return number, ""
	}
	return pb.Task_TASK_UNSPECIFIED, strings.ToValidUTF8(string(t), "\uFFFD")
}

// taskOfNumber returns a task's name, or its number in digits if only the server knows the task.
func taskOfNumber(number pb.Task) Task {
	for task, known := range taskNumbers {
		if known == number {
			return task
		}
	}
	return Task(strconv.Itoa(int(number)))
}
