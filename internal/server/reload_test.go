package server

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"huaweicloud_tag_exporter/internal/config"
)

func (e *exporter) metric(name string) string {
	e.t.Helper()
	_, _, body := e.do("GET", "/metrics")
	found := regexp.MustCompile(`(?m)^` + name + ` (.*)$`).FindStringSubmatch(body)
	if found == nil {
		e.t.Fatalf("no %s", name)
	}
	return found[1]
}

// TestReload: a configuration that cannot be loaded leaves the old one in force
// and says why.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics", EnableLifecycle: true})
		steps := []struct {
			method  string
			use     string // "": fails
			status  int
			project string // in force afterwards
		}{
			{"POST", "store", 200, "store"},
			{"POST", "", 500, "store"},
			{"POST", "", 500, "store"},
			{"PUT", "shop", 200, "shop"},
			{"GET", "store", 405, "shop"},
			{"DELETE", "store", 405, "shop"},
		}
		successful := "1"
		loadedAt := e.metric("huaweicloud_tag_config_last_reload_success_timestamp_seconds")
		if seconds, err := strconv.ParseFloat(loadedAt, 64); err != nil || seconds != float64(time.Now().Unix()) {
			t.Errorf("loaded at %s, now it is %d", loadedAt, time.Now().Unix())
		}
		for i, step := range steps {
			time.Sleep(time.Second)
			e.use(step.use)
			status, _, body := e.do(step.method, "/-/reload")
			if status != step.status {
				t.Errorf("step %d: %d, want %d", i, status, step.status)
			}
			reason := "test.yml:3: projects: must not be empty"
			switch status {
			case http.StatusOK:
				successful = "1"
			case http.StatusInternalServerError:
				successful = "0"
				if !strings.Contains(body, reason) {
					t.Errorf("step %d: %q", i, body)
				}
			}
			if got := e.metric("huaweicloud_tag_config_last_reload_successful"); got != successful {
				t.Errorf("step %d: successful is %s, want %s", i, got, successful)
			}
			at := e.metric("huaweicloud_tag_config_last_reload_success_timestamp_seconds")
			if moved := at != loadedAt; moved != (status == http.StatusOK) {
				t.Errorf("step %d: loaded at %s, before it was %s", i, at, loadedAt)
			}
			loadedAt = at
			for _, page := range []string{"/metrics", "/config", "/service-discovery"} {
				if _, _, body := e.do("GET", page); !strings.Contains(body, step.project) {
					t.Errorf("step %d: %s is not about %s", i, page, step.project)
				}
			}
		}
		if n := strings.Count(e.logs.String(), `level=error msg="reloading configuration failed" err="test.yml:3: projects: must not be empty"`); n != 2 {
			t.Errorf("two reloads failed, %d were logged:\n%s", n, e.logs.String())
		}
	})
}

// TestFirstLoad: there is no server without a configuration.
func TestFirstLoad(t *testing.T) {
	reason := errors.New("no file")
	_, err := New(Options{Load: func() (*config.Config, error) { return nil, reason }, Logger: log.NewLogfmtLogger(io.Discard)})
	if !errors.Is(err, reason) {
		t.Errorf("error %v", err)
	}
}

// TestReloadsAndScrapes: whatever overlaps, each page is of one configuration,
// and scrapes are whole.
func TestReloadsAndScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, Options{TelemetryPath: "/metrics", EnableLifecycle: true})
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				for range 5 {
					if i < 2 {
						e.use([]string{"store", "shop"}[i])
						if status, _, body := e.do("POST", "/-/reload"); status != http.StatusOK {
							t.Errorf("reload: %d %s", status, body)
						}
						continue
					}
					_, _, body := e.do("GET", "/metrics")
					if shop, store := strings.Contains(body, `"shop"`), strings.Contains(body, `"store"`); shop == store {
						t.Errorf("series of shop: %t, of store: %t", shop, store)
					}
					if n := len(regexp.MustCompile(`(?m)^huaweicloud_tag_collector_success{.*} 1$`).FindAllString(body, -1)); n != 2 {
						t.Errorf("%d services succeeded, want 2", n)
					}
				}
			})
		}
		group.Wait()
	})
}
