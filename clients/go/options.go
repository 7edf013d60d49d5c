package scimult

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Option configures a client.
type Option func(*settings)

type settings struct {
	tls    *tls.Config
	token  string
	retry  RetryPolicy
	others []grpc.DialOption
	// wrong are the errors of invalid options.
	wrong []error
}

func defaultSettings() settings {
	return settings{retry: RetryPolicy{Attempts: 4, FirstWait: 100 * time.Millisecond, MaxWait: 5 * time.Second}}
}

// WithTLS encrypts the connection. An empty configuration trusts the system's certificate authorities. Certificates in
// the configuration authenticate the client.
func WithTLS(configuration *tls.Config) Option {
	return func(s *settings) {
		s.tls = configuration
		if configuration == nil {
			s.wrong = append(s.wrong, errors.New("scimult: WithTLS got nil: &tls.Config{} trusts the system's authorities"))
		}
	}
}

// WithToken sends a bearer token with each call. Without [WithTLS] the token is sent in clear text, which is only for
// loopback and for a mesh that encrypts traffic.
func WithToken(token string) Option {
	return func(s *settings) {
		s.token = token
		isOther := func(character rune) bool { return character < '!' || character > '~' }
		if token == "" || strings.ContainsFunc(token, isOther) {
			s.wrong = append(s.wrong, errors.New(
				"scimult: the token must be one word of printable ASCII characters: "+
					"take off what a file has around it with strings.TrimSpace"))
		}
	}
}

// RetryPolicy configures retries of calls that the server refuses with RESOURCE_EXHAUSTED or UNAVAILABLE. A retry
// happens at the time that the server names. If it names none, the wait grows threefold with each retry.
type RetryPolicy struct {
	// Attempts includes the first attempt: 1 disables retries, and gRPC makes at most 5.
	Attempts int
	// FirstWait and MaxWait bound the wait if the server names no time.
	FirstWait, MaxWait time.Duration
}

// WithRetry replaces the default policy of 4 attempts with waits of 0.1 to 5 seconds.
func WithRetry(policy RetryPolicy) Option {
	return func(s *settings) { s.retry = policy }
}

// WithDialOptions adds gRPC's own options, such as interceptors. They override the client's options. Without a dialer
// among them the client uses no proxy, even if the environment names one.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.others = append(s.others, options...) }
}

func (s *settings) dialOptions() ([]grpc.DialOption, error) {
	if err := errors.Join(s.wrong...); err != nil {
		return nil, err
	}
	config, err := s.serviceConfig()
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{
		grpc.WithDefaultServiceConfig(config),
		// A web proxy usually cannot reach a server on this machine or in this cluster. The Python client uses no proxy
		// either.
		grpc.WithNoProxy(),
		// The client splits messages by the server's limits, so gRPC's own limits must not be lower.
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32)),
	}
	if s.tls != nil {
		options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(s.tls)))
	} else {
		options = append(options, grpc.WithInsecure()) //nolint:staticcheck // its successor came with grpc 1.34
	}
	if s.token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer(s.token)))
	}
	return append(options, s.others...), nil
}

// serviceConfig returns gRPC's configuration for retries and for balancing calls among all addresses of a name.
func (s *settings) serviceConfig() (string, error) {
	method := map[string]any{"name": []any{map[string]string{"service": "scimult.v1.SciMult"}}}
	attempts := s.retry.Attempts
	if attempts < 1 || attempts > maxAttempts {
		return "", fmt.Errorf("scimult: a retry policy makes %d attempts: expected 1 to %d", attempts, maxAttempts)
	}
	if attempts > 1 {
		if s.retry.FirstWait <= 0 || s.retry.MaxWait < s.retry.FirstWait {
			return "", fmt.Errorf(
				"scimult: a retry policy waits %v first and %v at most: expected 0 < first ≤ most",
				s.retry.FirstWait, s.retry.MaxWait)
		}
		method["retryPolicy"] = map[string]any{
			"maxAttempts":          attempts,
			"initialBackoff":       seconds(s.retry.FirstWait),
			"maxBackoff":           seconds(s.retry.MaxWait),
			"backoffMultiplier":    3,
			"retryableStatusCodes": []string{"RESOURCE_EXHAUSTED", "UNAVAILABLE"},
		}
	}
	config, err := json.Marshal(map[string]any{
		"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}},
		"methodConfig":        []any{method},
	})
	return string(config), err
}

// maxAttempts is gRPC's own limit.
const maxAttempts = 5

func seconds(duration time.Duration) string {
	return fmt.Sprintf("%.9fs", duration.Seconds())
}

// bearer is a token that is sent with each call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (b bearer) RequireTransportSecurity() bool { return false }
