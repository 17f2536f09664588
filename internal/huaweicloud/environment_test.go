package huaweicloud

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// quiet empties the variables that the machine of the test may have set.
func quiet(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "HUAWEICLOUD_SDK_REGIONS_FILE",
	} {
		t.Setenv(name, "")
	}
}

// TestEnvironment: what libraries read from the environment, and ignore where it is
// wrong, is an error that names the variable and nothing of its value.
func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string { return writeFile(t, dir, name, content) }
	const (
		noURL   = "is not the address of a proxy, such as http://proxy.example.com:3128"
		noHost  = "has an entry that is neither a host nor a network: number "
		noFile  = "names what cannot be read: no such file or directory"
		noCA    = "names a file without a PEM certificate"
		regions = "is no file of regions as the SDK documents it"
	)
	for _, test := range []struct{ name, value, want string }{
		{"HTTPS_PROXY", "http://proxy.example.com:3128", ""},
		{"HTTPS_PROXY", "https://proxy.example.com", ""},
		{"HTTPS_PROXY", "http://user:pass%40word@proxy.example.com:3128/", ""},
		{"HTTPS_PROXY", "socks5://127.0.0.1:1080", ""},
		{"HTTPS_PROXY", "socks5h://[::1]:1080", ""},
		{"HTTPS_PROXY", "proxy.example.com:3128", ""},
		{"HTTPS_PROXY", "10.0.0.1:3128", ""},
		{"HTTPS_PROXY", "proxy", ""},
		{"HTTPS_PROXY", "http://user:pass%zzword@proxy.example.com:3128", noURL},
		{"HTTPS_PROXY", "http://user:pass#word@proxy.example.com:3128", noURL},
		{"HTTPS_PROXY", "http://proxy.example.com:3128\n", noURL},
		{"HTTPS_PROXY", " http://proxy.example.com:3128", noURL},
		{"HTTPS_PROXY", "proxy.example.com:3128 ", noURL},
		{"HTTPS_PROXY", "http://", noURL},
		{"HTTPS_PROXY", "http://:3128", noURL},
		{"HTTPS_PROXY", "http:/proxy.example.com", noURL},
		{"HTTPS_PROXY", "ftp://proxy.example.com:21", noURL},
		{"HTTPS_PROXY", "http://proxy.example.com:99999", noURL},
		{"HTTPS_PROXY", "http://proxy.example.com:", noURL},
		{"https_proxy", "http://%zz", noURL},
		{"HTTP_PROXY", "http://%zz", noURL},
		{"http_proxy", "http://%zz", noURL},

		{"NO_PROXY", "localhost, .example.com,*.example.org,10.0.0.0/8,fd00::/8,[::1]:80,::1,a.example.com:443,,10.*", ""},
		{"NO_PROXY", "*", ""},
		{"NO_PROXY", "localhost\n", ""}, // it is trimmed
		{"NO_PROXY", "localhost,10.0.0.0/99", noHost + "2"},
		{"NO_PROXY", "http://example.com", noHost + "1"},
		{"NO_PROXY", "localhost 127.0.0.1", noHost + "1"},
		{"NO_PROXY", "a,b\nc", noHost + "2"},
		{"NO_PROXY", ":80", noHost + "1"},
		{"no_proxy", "10.0.0.0/255.0.0.0", noHost + "1"},

		{"SSL_CERT_FILE", write("ca.pem", newCertificate(t, "ca")), ""},
		{"SSL_CERT_FILE", filepath.Join(dir, "none.pem"), noFile},
		{"SSL_CERT_FILE", dir, "names what cannot be read: it is not a regular file"},
		{"SSL_CERT_FILE", write("empty.pem", "hello"), noCA},
		{"SSL_CERT_DIR", dir, ""},
		{"SSL_CERT_DIR", dir + ":", ""},
		{"SSL_CERT_DIR", dir + ":" + filepath.Join(dir, "none"), noFile},
		{"SSL_CERT_DIR", write("file", ""), "names what cannot be read: not a directory"},

		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("regions.yaml", "DDS:\n  - id: own-1\n    endpoint: https://dds.example.com\n"), ""},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("nothing.yaml", ""), ""},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", filepath.Join(dir, "none.yaml"), noFile},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", dir, "names what cannot be read: it is not a regular file"},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("bad.yaml", "DDS: [\n"), regions},
		{"HUAWEICLOUD_SDK_REGIONS_FILE", write("other.yaml", "DDS: https://dds.example.com\n"), regions},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			quiet(t)
			t.Setenv(test.name, test.value)
			text := "[]"
			if test.want != "" {
				text = "[environment variable " + test.name + " " + test.want + "]"
			}
			want(t, "problems", fmt.Sprint(CheckEnvironment()), text)
		})
	}
}

// TestDefaultRegions: the SDK reads a file of regions without being told to.
func TestDefaultRegions(t *testing.T) {
	quiet(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	want(t, "without a file", fmt.Sprint(CheckEnvironment()), "[]")
	folder := filepath.Join(home, ".huaweicloud")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := writeFile(t, folder, "regions.yaml", "DDS: [\n")
	want(t, "no YAML", fmt.Sprint(CheckEnvironment()), "["+path+" cannot be read, or is no file of regions as the SDK documents it]")
	writeFile(t, folder, "regions.yaml", "DDS: [{id: r, endpoint: https://dds.example.com}]\n")
	want(t, "a good file", fmt.Sprint(CheckEnvironment()), "[]")
	writeFile(t, folder, "regions.yaml", "DDS: [\n")
	t.Setenv("HUAWEICLOUD_SDK_REGIONS_FILE", writeFile(t, home, "other.yaml", ""))
	want(t, "another file", fmt.Sprint(CheckEnvironment()), "[]")
}
