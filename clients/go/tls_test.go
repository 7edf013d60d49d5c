package scimult_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

// authority is a certificate authority for these tests.
type authority struct {
	t           *testing.T
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, folder: t.TempDir()}
	a.key = a.newKey()
	template := a.template("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	octets, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	check(t, err)
	a.certificate, err = x509.ParseCertificate(octets)
	check(t, err)
	a.write("authority.pem", "CERTIFICATE", octets)
	return a
}

func (a *authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(a.t, err)
	return key
}

func (a *authority) template(name string) *x509.Certificate {
	a.serial++
	return &x509.Certificate{
		SerialNumber: big.NewInt(a.serial),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

// issue creates files with a certificate and its key.
func (a *authority) issue(name string) (certificate, key string) {
	private := a.newKey()
	octets, err := x509.CreateCertificate(rand.Reader, a.template(name), a.certificate, private.Public(), a.key)
	check(a.t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	check(a.t, err)
	return a.write(name+".pem", "CERTIFICATE", octets), a.write(name+".key", "PRIVATE KEY", encoded)
}

func (a *authority) write(name, kind string, octets []byte) string {
	path := filepath.Join(a.folder, name)
	check(a.t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: octets}), 0o600))
	return path
}

// trusting returns the configuration of a client that trusts the authority.
func (a *authority) trusting() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

var once = scimult.WithRetry(scimult.RetryPolicy{Attempts: 1})

func TestTLS(t *testing.T) {
	authority := newAuthority(t)
	certificate, key := authority.issue("server")
	address := startServer(t, "--tls-cert", certificate, "--tls-key", key)
	_, err := dial(t, address, scimult.WithTLS(authority.trusting())).Encode(testContext(t), scimult.Search, texts(3))
	check(t, err)
	_, err = dial(t, address, once, scimult.WithTLS(&tls.Config{})).Encode(testContext(t), scimult.Search, texts(3))
	if status.Code(err) != codes.Unavailable {
		t.Errorf("a server that the system does not trust: %v", err)
	}
}

func TestClientCertificate(t *testing.T) {
	authority := newAuthority(t)
	certificate, key := authority.issue("server")
	address := startServer(t, "--tls-cert", certificate, "--tls-key", key,
		"--tls-client-ca", filepath.Join(authority.folder, "authority.pem"))
	own, err := tls.LoadX509KeyPair(authority.issue("client"))
	check(t, err)
	configuration := authority.trusting()
	_, err = dial(t, address, once, scimult.WithTLS(configuration)).Encode(testContext(t), scimult.Search, texts(1))
	if status.Code(err) != codes.Unavailable {
		t.Errorf("a client without a certificate: %v", err)
	}
	configuration = authority.trusting()
	configuration.Certificates = []tls.Certificate{own}
	_, err = dial(t, address, scimult.WithTLS(configuration)).Encode(testContext(t), scimult.Search, texts(1))
	check(t, err)
}

func TestToken(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	check(t, os.WriteFile(tokens, []byte("an-open-secret-of-these-tests\n"), 0o600))
	address := startServer(t, "--auth-token-file", tokens)
	_, err := dial(t, address, scimult.WithToken("an-open-secret-of-these-tests")).Model(testContext(t))
	check(t, err)
	for _, options := range [][]scimult.Option{nil, {scimult.WithToken("another")}} {
		if _, err := dial(t, address, options...).Model(testContext(t)); status.Code(err) != codes.Unauthenticated {
			t.Errorf("%v", err)
		}
	}
}
