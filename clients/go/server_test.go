package scimult_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

// testTimeMax is longer than any of these tests takes.
const testTimeMax = time.Minute

// startServer starts a real server with the test model, and returns its address.
//
// SCIMULT_BIN names the program, SCIMULT_MODEL the model.
func startServer(t *testing.T, arguments ...string) string {
	t.Helper()
	program, model := os.Getenv("SCIMULT_BIN"), os.Getenv("SCIMULT_MODEL")
	if program == "" || model == "" {
		t.Skip("needs a server: set SCIMULT_BIN and SCIMULT_MODEL")
	}
	arguments = append([]string{
		"serve", "--model", model, "--listen", "127.0.0.1:0", "--admin", "off", "--log-level", "error",
	}, arguments...)
	server := exec.Command(program, arguments...)
	server.Stderr = os.Stderr
	output, err := server.StdoutPipe()
	check(t, err)
	check(t, server.Start())
	t.Cleanup(func() {
		check(t, server.Process.Signal(syscall.SIGTERM))
		check(t, server.Wait())
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	check(t, err)
	ready := regexp.MustCompile(`grpc=(\S+)`).FindStringSubmatch(line)
	if ready == nil {
		t.Fatalf("no address in %q", line)
	}
	return ready[1]
}

func dial(t *testing.T, address string, options ...scimult.Option) *scimult.Client {
	t.Helper()
	client, err := scimult.Dial(address, options...)
	check(t, err)
	t.Cleanup(func() { check(t, client.Close()) })
	return client
}

func testContext(t *testing.T) context.Context {
	ctx, stop := context.WithTimeout(context.Background(), testTimeMax)
	t.Cleanup(stop)
	return ctx
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// texts returns documents with distinct texts.
func texts(count int) []scimult.Document {
	documents := make([]scimult.Document, count)
	for number := range documents {
		documents[number] = scimult.Text(fmt.Sprint("cells of kind ", number)).WithID(fmt.Sprint(number))
	}
	return documents
}
