package huaweicloud

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestTLS(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
			r := newRig(t, simulator.Options{Log: 1})
			server := newServer(r.network, r.Cloud)
			server.EnableHTTP2 = proto == "HTTP/2.0"
			server.StartTLS()
			r.server.Close()
			r.server = server
			t.Cleanup(server.Close)
			r.limits.MaxRetries = 0

			err := r.call()
			wantCode(t, err, 0, CodeConnection)
			if !strings.Contains(err.Error(), "certificate") {
				t.Errorf("error %v", err)
			}
			want(t, "calls", r.Calls(""), 0)

			r.next(ClientConfig{CAFile: caFile(t, server)})
			want(t, proto, r.call(), nil)
			want(t, "protocol", r.Requests()[0].Proto, proto)
			want(t, "succeeded", r.flood(16), 48)
			r.clear()
			r.ResetStats()
			r.limits.MaxRetries = 3
			r.Inject(simulator.Fault{Times: 1, Break: simulator.Reset})
			want(t, "after a reset", r.call(), nil)
			again := map[string]int{"HTTP/1.1": 1}[proto] // by net/http, since the connection was a kept one
			want(t, "observed", r.sent(), r.Calls("")-again)
			r.wantRefusals()
		}
	})
}

func TestCAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file := caFile(t, server)
	roots, err := trust(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	all.AddCert(server.Certificate())
	want(t, "the system's and the file's", roots.Equal(all), true)
	for name, file := range map[string]string{"absent": "/nonexistent.pem", "no certificate": writeFile(t, t.TempDir(), "ca", "hello")} {
		if _, err := NewClient(ClientConfig{CAFile: file}, nil); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestProxy: TestMain's environment names the proxy, which answers by itself.
func TestProxy(t *testing.T) {
	t.Parallel()
	r := newRig(t, simulator.Options{})
	var err error
	if r.client, err = NewClient(ClientConfig{}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)
	s, err := r.client.Service(r.project, ServiceConfig{Name: DDS, Endpoint: "http://dds.invalid", Limits: r.limits})
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.Session(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := Call[tagsAnswer](t.Context(), session, tagsRequest)
	if err != nil || len(answer.Tags) != 1 || answer.Tags[0].Value != "dds.invalid" {
		t.Errorf("answer %v, error %v", answer, err)
	}
}

// TestRedirect: neither followed nor is the credential sent on.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for _, method := range []Request{tagsRequest, filterRequest} {
		r, other := newRig(t, simulator.Options{}), newRig(t, simulator.Options{})
		r.Inject(simulator.Fault{Answer: simulator.Instead(simulator.Redirect(other.server.URL + method.Path))})
		_, err := Call[tagsAnswer](t.Context(), r.session(DDS), method)
		wantCode(t, err, 302, CodeRedirect)
		want(t, "calls", r.Calls(""), 1)
		want(t, "followed", other.Calls(""), 0)
	}
}

func serve(t *testing.T, r *rig, handler http.HandlerFunc) {
	server := newServer(r.network, handler)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(r.client.Close)
	r.server.Close()
	r.server = server
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		cut  int
		code string
	}{
		"whole": {`{"tags":[]}`, 0, ""},
		"cut":   {`{"tags":[]}`, 10, CodeConnection},
	} {
		r := newRig(t, simulator.Options{})
		r.limits.MaxRetries = 0
		serve(t, r, func(w http.ResponseWriter, q *http.Request) {
			want(t, "asked for", q.Header.Get("Accept-Encoding"), "gzip")
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, test.body)
			_ = z.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes()[:b.Len()-test.cut])
		})
		if err := r.call(); test.code != "" {
			wantCode(t, err, 200, test.code)
		} else {
			want(t, name, err, nil)
		}
	}
}

// TestBodyLimit: 16 MiB are read, one byte more is not.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		length int64
		sized  bool
		want   error
	}{
		"empty": {0, true, nil}, "exactly": {MaxBody, true, nil},
		"more": {MaxBody + 1, false, errTooLarge}, "more, sized": {MaxBody + 1, true, errTooLarge},
	} {
		resp := &http.Response{ContentLength: -1, Body: io.NopCloser(io.LimitReader(blanks{}, test.length))}
		if test.sized {
			resp.ContentLength = test.length
		}
		var body bytes.Buffer
		err := readBody(resp, &body)
		want(t, name, err, test.want)
		if err == nil {
			want(t, name, int64(body.Len()), test.length)
		}
	}
}

// TestEndlessBody: the connection is cut, rather than read to its end. What is
// compressed counts as what it becomes.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	var mebibyte bytes.Buffer
	z := gzip.NewWriter(&mebibyte)
	_, _ = io.CopyN(z, blanks{}, 1<<20)
	_ = z.Close()
	for name, write := range map[string]func(w http.ResponseWriter){
		"sized": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1099511627776")
			_, _ = io.Copy(w, blanks{}) // until the client leaves
		},
		"compressed": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			for sent := error(nil); sent == nil; {
				_, sent = w.Write(mebibyte.Bytes())
			}
		},
	} {
		r := newRig(t, simulator.Options{})
		r.limits.MaxRetries = 0
		stopped := make(chan struct{})
		serve(t, r, func(w http.ResponseWriter, _ *http.Request) {
			write(w)
			close(stopped)
		})
		wantCode(t, r.call(), 200, CodeTooLarge)
		<-stopped
		want(t, name, r.sent(), 1)
	}
}

var blank = bytes.Repeat([]byte{' '}, 32<<10)

// blanks never ends.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) { return copy(p, blank), nil }

func TestEndpoints(t *testing.T) {
	t.Parallel()
	r := newRig(t, simulator.Options{})
	for _, endpoint := range []string{"", "dds.example", "ftp://dds.example", "http://", "http://a b", "://"} {
		if _, err := r.client.Service(r.project, ServiceConfig{Name: DDS, Endpoint: endpoint}); err == nil {
			t.Errorf("%q: no error", endpoint)
		}
	}
	want(t, "iam", IAMEndpoint("cn-north-4"), "https://iam.cn-north-4.myhuaweicloud.com")
	want(t, "iam elsewhere", IAMEndpoint("nowhere"), "https://iam.myhuaweicloud.com")
}
