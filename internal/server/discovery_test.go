package server

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
)

// TestServiceDiscovery: a target for each project and service, and one for the
// exporter itself, at the address that the asker used.
func TestServiceDiscovery(t *testing.T) {
	e := start(t, Options{TelemetryPath: "/probe"})
	e.use(`a <b> "c"`)
	if err := e.server.Reload(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.web.URL+"/service-discovery", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "tags.example:10240" // as Prometheus calls us
	_, header, body := e.send(req)
	group := `{"targets":["tags.example:10240"],"labels":{"__metrics_path__":"/probe","__param_collect":"%s",` +
		`"__param_project":"a \u003cb\u003e \"c\"","instance":"a \u003cb\u003e \"c\"/%[1]s"}}`
	itself := `{"targets":["tags.example:10240"],"labels":{"__metrics_path__":"/probe","__param_collect":"none","instance":"exporter"}}`
	want := "[" + fmt.Sprintf(group, "dds") + "," + fmt.Sprintf(group, "fabric") + "," + itself + "]\n"
	if body != want || header.Get("Content-Type") != "application/json" {
		t.Errorf("%s\n got %s\nwant %s", header.Get("Content-Type"), body, want)
	}
}

// TestDiscoveredAddress: what the targets say of path and scheme, and that each of
// them answers.
func TestDiscoveredAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			path, forwarded string
			tls             bool
			want            map[string]string // labels; the rest is left out
		}{
			{"/metrics", "", false, nil},
			{"/probe", "", false, map[string]string{"__metrics_path__": "/probe"}},
			{"/metrics", "", true, map[string]string{"__scheme__": "https"}},
			{"/metrics", "https", false, map[string]string{"__scheme__": "https"}},
			{"/metrics", " HTTPS , http", false, map[string]string{"__scheme__": "https"}},
			{"/metrics", "http, https", false, nil},
			{"/metrics", "http", true, map[string]string{"__scheme__": "https"}},
			{"/metrics", "httpsx", false, nil},
		} {
			e := start(t, Options{TelemetryPath: test.path})
			r := httptest.NewRequest(http.MethodGet, "/service-discovery", nil)
			if test.forwarded != "" {
				r.Header.Set("X-Forwarded-Proto", test.forwarded)
			}
			if test.tls {
				r.TLS = new(tls.ConnectionState)
			}
			rec := httptest.NewRecorder()
			e.routes.ServeHTTP(rec, r)
			var groups []targetGroup
			if err := json.Unmarshal(rec.Body.Bytes(), &groups); err != nil || len(groups) != 3 {
				t.Fatalf("%v, %d groups: %s", err, len(groups), rec.Body)
			}
			for _, g := range groups {
				got := make(map[string]string)
				query := make(url.Values)
				for name, value := range g.Labels {
					if param, is := strings.CutPrefix(name, "__param_"); is {
						query.Set(param, value)
					} else if name != "instance" {
						got[name] = value
					}
				}
				if !maps.Equal(got, test.want) {
					t.Errorf("%s, forwarded %q, TLS %t: %s has %q, want %q", test.path, test.forwarded, test.tls, g.Labels["instance"], got, test.want)
				}
				if status, _, body := e.do(http.MethodGet, test.path+"?"+query.Encode()); status != http.StatusOK {
					t.Errorf("%s: %d %s", g.Labels["instance"], status, body)
				}
			}
		}
	})
}

// TestDiscoveryWithoutHost: a client of HTTP/1.0 may not say under which name it
// reaches us.
func TestDiscoveryWithoutHost(t *testing.T) {
	e := start(t, Options{TelemetryPath: "/metrics"})
	conn, err := e.network.DialContext(t.Context(), "tcp", e.web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /service-discovery HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "Host") {
		t.Errorf("status %d, %s, %v", resp.StatusCode, body, err)
	}
}

var href = regexp.MustCompile(`href="([^"]*)"`)

// TestLinks: behind a proxy that serves the exporter under a path of its own, each
// link of the pages leads to a page.
func TestLinks(t *testing.T) {
	for _, path := range []string{"/metrics", "/a/b/c", "/with space", "/100%", "/a:b", "/指标"} {
		bubble(t, path, func(t *testing.T) {
			e := start(t, Options{TelemetryPath: path, EnablePprof: true})
			proxy := e.serve(http.StripPrefix("/behind/a/proxy", e.routes))
			defer proxy.Close()
			links := 0
			for _, page := range []string{"/behind/a/proxy/", "/behind/a/proxy/status"} {
				base, err := url.Parse(proxy.URL + page)
				if err != nil {
					t.Fatal(err)
				}
				get := func(address string) (status int, body string) {
					req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
					if err != nil {
						t.Fatal(err)
					}
					status, _, body = e.send(req)
					return status, body
				}
				_, body := get(base.String())
				for _, found := range href.FindAllStringSubmatch(body, -1) {
					link, err := base.Parse(found[1])
					if err != nil {
						t.Fatal(err)
					}
					if link.Host != base.Host && link.Host == "pprof.me" {
						continue
					}
					links++
					if strings.HasSuffix(link.Path, "/profile") { // takes as long as it says
						link.Path, link.RawQuery = strings.TrimSuffix(link.Path, "profile"), ""
					}
					if status, _ := get(link.String()); status != http.StatusOK {
						t.Errorf("%s links to %s: %d", page, found[1], status)
					}
				}
			}
			if links != 10 {
				t.Errorf("%d links", links)
			}
		})
	}
}
