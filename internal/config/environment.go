package config

import (
	"bytes"
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

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// environment returns what is wrong with the variables that libraries read for us.
// They say nothing about it: a proxy that cannot be parsed is no proxy, and requests
// go out directly; certificates that are not there are no certificates. Errors name
// the variable, not its value, which may hold a password.
func environment() Errors {
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

// provided returns what is wrong with the variables that the SDK's provider chain
// reads, and with the keys in them.
func provided() Errors {
	problems := slices.Concat(
		checkVariables(checkAddress, "HC_CONTAINER_CREDENTIALS_FULL_URI"),
		checkVariables(checkReadable, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HUAWEICLOUD_SDK_ID_TOKEN_FILE"),
		checkVariables(checkIAM, "HUAWEICLOUD_SDK_IAM_ENDPOINT"),
	)
	if err := huaweicloud.CheckEnvironment(); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// checkVariables returns what a check finds in the variables that are set.
func checkVariables(check func(value string) error, names ...string) (problems Errors) {
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
		_, err = huaweicloud.ParseEndpoint("http://" + u.Host)
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
	content, err := readable(path)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(content) {
		return errors.New("names a file without a PEM certificate")
	}
	return err
}

// checkFolders checks a list of folders. What is in them is the system's
// business: there are files of all kinds.
func checkFolders(list string) error {
	for _, folder := range filepath.SplitList(list) {
		if _, err := os.ReadDir(folder); err != nil && folder != "" {
			return unreadable(folder, err)
		}
	}
	return nil
}

// checkRegions reads a file of regions as the SDK does, which panics if it cannot.
func checkRegions(path string) error {
	content, err := readable(path)
	if err != nil {
		return err
	}
	var regions map[string][]struct {
		ID        string   `yaml:"id"`
		Endpoint  string   `yaml:"endpoint"`
		Endpoints []string `yaml:"endpoints"`
	}
	document, err := next(yaml.NewDecoder(bytes.NewReader(content)))
	if err == nil {
		err = document.Decode(&regions)
	}
	if err != nil && !errors.Is(err, io.EOF) { // which may quote the file
		return errors.New("is no file of regions as the SDK documents it")
	}
	return nil
}

func checkReadable(path string) error {
	_, err := readable(path)
	return err
}

func checkAddress(text string) error {
	u, err := url.Parse(text)
	if err == nil {
		_, err = huaweicloud.ParseEndpoint(u.Scheme + "://" + u.Host)
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

// readable reads a file that a variable names.
func readable(path string) ([]byte, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return content, nil
}

// unreadable says why a file cannot be read, without its name.
func unreadable(path string, err error) error {
	if about, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("names what cannot be read: %w", about.Err)
	}
	return fmt.Errorf("names what cannot be read: it%s", strings.TrimPrefix(err.Error(), path))
}

// readFile reads a regular file. Others could block for ever or never end, and
// cannot be read again later.
func readFile(path string) ([]byte, error) {
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
	content, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err == nil && len(content) > maxSize {
		err = fmt.Errorf("%s is larger than %d MiB", path, maxSize>>20)
	}
	return content, err
}
