package scimult

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// defaultPort is the server's default port.
const defaultPort = "50051"

var (
	hostAndPort  = regexp.MustCompile(`^(?:\[[^\[\]/\s]+\]|[^\[\]:/,@?#\s]+):([0-9]{1,5})$`)
	hostAlone    = regexp.MustCompile(`^(?:\[[^\[\]/\s]+\]|[^:/\s]+)$`)
	targetScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):(.*)$`)
)

// checkTarget refuses targets that cannot lead to a server, with a message that says what to write instead. It accepts
// the names of other resolvers unchanged.
func checkTarget(target string) error {
	if found := hostAndPort.FindStringSubmatch(target); found != nil {
		return checkPort(target, found[1])
	}
	scheme, rest := "", ""
	if found := targetScheme.FindStringSubmatch(target); found != nil {
		scheme, rest = strings.ToLower(found[1]), found[2]
	}
	switch scheme {
	case "http", "https", "grpc", "grpcs", "tcp":
		return fmt.Errorf("scimult: the target %q is a URL: %s", target, insteadOfURL(scheme, rest))
	case "dns", "passthrough":
		address := rest[strings.LastIndexByte(rest, '/')+1:]
		found := hostAndPort.FindStringSubmatch(address)
		if found == nil {
			return fmt.Errorf("scimult: the target %q names no port: write %q", target, target+":"+defaultPort)
		}
		return checkPort(target, found[1])
	case "unix", "unix-abstract":
		if strings.Trim(rest, "/") == "" {
			return fmt.Errorf("scimult: the target %q names nothing behind its colon", target)
		}
		return nil
	}
	if strings.HasPrefix(rest, "//") {
		return nil
	}
	return fmt.Errorf("scimult: the target %q %s", target, insteadOf(target))
}

func checkPort(target, port string) error {
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return fmt.Errorf("scimult: the target %q has the port %s: expected 1 to 65535", target, port)
	}
	return nil
}

func insteadOfURL(scheme, rest string) string {
	host := strings.TrimLeft(rest, "/")
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	isSecure := scheme == "https" || scheme == "grpcs"
	if !hostAndPort.MatchString(host) {
		port := defaultPort
		if isSecure {
			port = "443"
		}
		host += ":" + port
	}
	if isSecure {
		return fmt.Sprintf("write %q, with WithTLS", host)
	}
	return fmt.Sprintf("write %q", host)
}

func insteadOf(target string) string {
	switch {
	case target == "":
		return "is empty: expected \"host:port\", such as \"localhost:" + defaultPort + "\""
	case strings.HasPrefix(target, "/") || strings.HasPrefix(target, "."):
		return fmt.Sprintf("is a path: for a socket write %q", "unix:"+target)
	case strings.Contains(target, ","):
		return "is not \"host:port\": one name whose addresses share the calls is \"dns:///name:port\""
	case strings.Count(target, ":") > 1 && !strings.HasPrefix(target, "["):
		return "is not \"host:port\": write an IPv6 address as \"[::1]:" + defaultPort + "\""
	case hostAlone.MatchString(target):
		return fmt.Sprintf("names no port: write %q", target+":"+defaultPort)
	default:
		return "is not \"host:port\", such as \"localhost:" + defaultPort + "\""
	}
}
