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

// Option sets up a client.
type Option func(*settings)

type settings struct {
	tls    *tls.Config
	token  string
	retry  RetryPolicy
	others []grpc.DialOption
	// wrong are options that mean nothing.
	wrong []error
}

func defaultSettings() settings {
	return settings{retry: RetryPolicy{Attempts: 4, FirstWait: 100 * time.Millisecond, MaxWait: 5 * time.Second}}
}

// WithTLS encrypts the connection. An empty configuration trusts the system's authorities; with certificates of its own the
// client proves who it is.
func WithTLS(configuration *tls.Config) Option {
	return func(s *settings) {
		s.tls = configuration
		if configuration == nil {
			s.wrong = append(s.wrong, errors.New("scimult: WithTLS got nil: &tls.Config{} trusts the system's authorities"))
		}
	}
}

// WithToken sends a bearer token with each call. Without [WithTLS] it travels in clear text, which is for loopback and for
// a mesh that encrypts on the way.
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

// RetryPolicy says how often a call is made that the server turns away (RESOURCE_EXHAUSTED, UNAVAILABLE), and when: at the
// time that the server asks for, else after a wait that grows threefold.
type RetryPolicy struct {
	// Attempts in all; 1 is no retry, and 5 the most that gRPC makes.
	Attempts int
	// FirstWait and MaxWait bound the waits that the server does not say anything about.
	FirstWait, MaxWait time.Duration
}

// WithRetry replaces the policy of 4 attempts, after 0.1 to 5 seconds.
func WithRetry(policy RetryPolicy) Option {
	return func(s *settings) { s.retry = policy }
}

// WithDialOptions adds options of gRPC's own, such as interceptors; they win over the client's. Without a dialer among
// them no proxy is used, whatever the environment says.
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
		// A proxy for web pages is no way to a server on this machine or in this cluster. The Python client uses none either.
		grpc.WithNoProxy(),
		// Messages are cut to the server's limits, which gRPC's own must not undercut.
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

// serviceConfig is gRPC's own way to say how calls are retried, and that all addresses of a name share them.
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

// maxAttempts is gRPC's own bound.
const maxAttempts = 5

func seconds(duration time.Duration) string {
	return fmt.Sprintf("%.9fs", duration.Seconds())
}

// bearer sends a token with each call.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (b bearer) RequireTransportSecurity() bool { return false }
