package huaweicloud

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// CheckEnvironment returns what is wrong with the variables that libraries read for us.
// They say nothing about it: a proxy that cannot be parsed is no proxy, and requests
// go out directly; certificates that are not there are no certificates. Errors name
// the variable, not its value, which may hold a password.
func CheckEnvironment() []error {
	problems := slices.Concat(
		checkVariables(checkProxy, "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"),
		checkVariables(checkNoProxy, "NO_PROXY", "no_proxy"),
		checkVariables(checkCertificateFile, "SSL_CERT_FILE"),
		checkVariables(checkFolders, "SSL_CERT_DIR"),
		checkVariables(checkRegions, "HUAWEICLOUD_SDK_REGIONS_FILE"),
	)
	home, err := os.UserHomeDir()
	if os.Getenv("HUAWEICLOUD_SDK_REGIONS_FILE") == "" && err == nil { // there is a default
		path := filepath.Join(home, ".huaweicloud", "regions.yaml")
		if _, err := os.Stat(path); err == nil && checkRegions(path) != nil {
			problems = append(problems, fmt.Errorf("%s cannot be read, or is no file of regions as the SDK documents it", path))
		}
	}
	return problems
}

// CheckProviders returns what is wrong with the variables that the SDK's provider chain
// reads, and with the keys in them or in the profile. It uses no network, so it cannot
// check the keys of an ECS agency or a pod.
func CheckProviders() []error {
	problems := slices.Concat(
		checkVariables(checkAddress, "HC_CONTAINER_CREDENTIALS_FULL_URI"),
		checkVariables(checkReadable, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
		checkVariables(checkIAM, "HUAWEICLOUD_SDK_IAM_ENDPOINT"),
	)
	if err := checkKeys(); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// checkVariables returns what a check finds in the variables that are set.
func checkVariables(check func(value string) error, names ...string) (problems []error) {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			if err := check(value); err != nil {
				problems = append(problems, fmt.Errorf("environment variable %s %w", name, err))
			}
		}
	}
	return problems
}

// checkProxy accepts what net/http does: a URL, or a host with or without a port.
func checkProxy(text string) error {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err == nil {
		_, err = ParseEndpoint("http://" + u.Host)
	}
	if err != nil || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return errors.New("is not the address of a proxy, such as http://proxy.example.com:3128")
	}
	return nil
}

// checkNoProxy refuses entries that can match nothing. Others may be meant for other
// programs: 10.* is nothing to us.
func checkNoProxy(text string) error {
	for i, entry := range strings.Split(text, ",") {
		entry = strings.TrimSpace(entry)
		_, networkErr := netip.ParsePrefix(entry)
		host, _, portErr := net.SplitHostPort(entry)
		if strings.Contains(entry, "/") && networkErr != nil ||
			strings.ContainsFunc(entry, unicode.IsSpace) || portErr == nil && host == "" {
			return fmt.Errorf("has an entry that is neither a host nor a network: number %d", i+1)
		}
	}
	return nil
}

func checkCertificateFile(path string) error {
	content, err := ReadFile(path)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(content) {
		return errors.New("names a file without a PEM certificate")
	}
	return withoutName(path, err)
}

// checkFolders checks a list of folders. What is in them is the system's
// business: there are files of all kinds.
func checkFolders(list string) error {
	for _, folder := range filepath.SplitList(list) {
		if _, err := os.ReadDir(folder); err != nil && folder != "" {
			return withoutName(folder, err)
		}
	}
	return nil
}

// checkRegions reads a file of regions as the SDK does, which panics if it cannot.
func checkRegions(path string) error {
	content, err := ReadFile(path)
	if err != nil {
		return withoutName(path, err)
	}
	var regions map[string][]struct {
		ID        string   `yaml:"id"`
		Endpoint  string   `yaml:"endpoint"`
		Endpoints []string `yaml:"endpoints"`
	}
	if yaml.Unmarshal(content, &regions) != nil { // its error may quote the file
		return errors.New("is no file of regions as the SDK documents it")
	}
	return nil
}

func checkReadable(path string) error {
	_, err := ReadFile(path)
	return withoutName(path, err)
}

func checkAddress(text string) error {
	u, err := url.Parse(text)
	if err == nil {
		_, err = ParseEndpoint(u.Scheme + "://" + u.Host)
	}
	if err != nil {
		return errors.New("is no http:// or https:// address")
	}
	return nil
}

// checkIAM completes the address as the SDK does.
func checkIAM(text string) error {
	return checkAddress("https://" + strings.TrimPrefix(text, "https://"))
}

// withoutName says why a file cannot be read, without its name.
func withoutName(path string, err error) error {
	if err == nil {
		return nil
	}
	if about, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("names what cannot be read: %w", about.Err)
	}
	return fmt.Errorf("names what cannot be read: it%s", strings.TrimPrefix(err.Error(), path))
}

// MaxFileSize bounds the files that a configuration consists of. A real one is a
// thousandth of it; /dev/zero is not.
const MaxFileSize = 4 << 20

// ReadFile reads a regular file. Others could block for ever or never end, and
// cannot be read again later.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path) //nolint:gosec // whoever runs the exporter names the file
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	if err == nil && len(content) > MaxFileSize {
		err = fmt.Errorf("%s is larger than %d MiB", path, MaxFileSize>>20)
	}
	return content, err
}
