package scimult_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

func TestTargetsThatLeadNowhereSayWhatToWrite(t *testing.T) {
	for target, words := range map[string]string{
		"":                   "is empty",
		"127.0.0.1":          `names no port: write "127.0.0.1:50051"`,
		"[::1]":              `names no port: write "[::1]:50051"`,
		"dns:///scimult":     `names no port: write "dns:///scimult:50051"`,
		"::1":                `write an IPv6 address as "[::1]:50051"`,
		"http://host:8080/x": `is a URL: write "host:8080"`,
		"https://host":       `is a URL: write "host:443", with WithTLS`,
		"grpc://host":        `is a URL: write "host:50051"`,
		"/run/scimult.sock":  `write "unix:/run/scimult.sock"`,
		"unix:":              "names nothing",
		"a:1,b:1":            "dns:///name:port",
		"host:http":          `is not "host:port"`,
		" host:1":            `is not "host:port"`,
		"host:0":             "port 0: expected 1 to 65535",
		"dns:///host:70000":  "port 70000: expected 1 to 65535",
	} {
		client, err := scimult.Dial(target)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", target, err)
		}
		if client != nil {
			t.Errorf("%q: a client beside an error", target)
		}
	}
	for _, target := range []string{"h:1", "[::1]:1", "unix:/s", "dns:///h:1", "passthrough:///h:1", "own:///name"} {
		client, err := scimult.Dial(target)
		check(t, err)
		check(t, client.Close())
	}
}

func TestOptionsThatMeanNothing(t *testing.T) {
	for words, option := range map[string]scimult.Option{
		"WithTLS got nil":                   scimult.WithTLS(nil),
		"the token must be one word of":     scimult.WithToken(""),
		"take off what a file has around":   scimult.WithToken("secret\n"),
		"makes 0 attempts: expected 1 to 5": scimult.WithRetry(scimult.RetryPolicy{}),
		"makes 6 attempts: expected 1 to 5": scimult.WithRetry(
			scimult.RetryPolicy{Attempts: 6, FirstWait: time.Second, MaxWait: time.Second}),
	} {
		_, err := scimult.Dial("127.0.0.1:1", option)
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", words, err)
		}
	}
	ctx := testContext(t)
	client := dial(t, "127.0.0.1:1", once)
	for words, call := range map[string]func() error{
		"concurrency is 0": func() error {
			_, err := client.Encode(ctx, scimult.Search, texts(1), scimult.Concurrency(0))
			return err
		},
		"concurrency is -1": func() error {
			return (<-client.EncodeAll(ctx, scimult.Search, feed(ctx, texts(1)), scimult.Concurrency(-1))).Err
		},
		"the top 0 are asked for": func() error {
			_, err := client.Rank(ctx, scimult.Search, texts(1)[0], texts(1), scimult.Top(0))
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// TestNoProxyIsUsed counts the connections to the proxy that the environment names.
func TestNoProxyIsUsed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	var asked atomic.Int32
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			connection.Close()
		}
	}()
	// Go's own rules never use a proxy for loopback, but would use it for an unknown name.
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://"+listener.Addr().String())
	}
	t.Setenv("NO_PROXY", "")
	_, err = dial(t, "scimult.invalid:50051", once).Model(testContext(t))
	if status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
	if count := asked.Load(); count > 0 {
		t.Errorf("%d connections to the proxy", count)
	}
}
