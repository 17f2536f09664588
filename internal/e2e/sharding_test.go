package e2e

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"huaweicloud_tag_exporter/internal/testproc"
)

const shards = 2 // as the example has it

// TestSharding runs the example configuration of sharded servers: every project
// is scraped exactly once, whether the servers share one exporter or each has
// its own.
func TestSharding(t *testing.T) {
	binary := testproc.Exporter(t)
	testproc.Tool(t, "prometheus")
	for _, test := range []struct {
		name      string
		exporters int
	}{
		{"one exporter", 1},
		{"an exporter for each server", shards},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var exporters []string
			for range test.exporters {
				exporters = append(exporters, testproc.Start(t, binary, "--demo", "--web.listen-address=127.0.0.1:0").Address)
			}
			var servers []shard
			for i := range shards {
				servers = append(servers, startShard(t, i, exporters[i%len(exporters)]))
			}
			for i := range servers {
				servers[i].settle(t)
			}
			wantEachOnce(t, servers, discovered(t, exporters[0]))
			for _, s := range servers {
				s.wantOnlyReader(t)
				for _, e := range exporters {
					if e != s.exporter {
						s.wantUnread(t, e)
					}
				}
			}
		})
	}
}

// shard is one of several servers that share the projects.
type shard struct {
	queryAPI
	exporter string
	targets  []shardTarget
}

// shardTarget is a target as the server's API describes it.
type shardTarget struct {
	Discovered map[string]string `json:"discoveredLabels"`
	Health     string
}

func (t shardTarget) project() string { return t.Discovered["__param_project"] }

// whole is what must be on one server: an account, else a project.
func (t shardTarget) whole() string {
	return cmp.Or(t.Discovered["__param_account"], t.project())
}

func (t shardTarget) instance() string { return t.Discovered["instance"] }

// startShard starts a server with the example's file, adjusted as its comments
// say.
func startShard(t *testing.T, number int, exporter string) shard {
	t.Helper()
	dir := t.TempDir()
	deploy := filepath.Join(testproc.Root(t), "deploy/prometheus")
	content, err := os.ReadFile(filepath.Join(deploy, "prometheus-sharded.yml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for _, change := range [][2]string{
		{"shard: '0' # adjust", fmt.Sprintf("shard: '%d' #", number)},
		{"regex: '0;.+|.*;none' # adjust", fmt.Sprintf("regex: '%d;.+|.*;none' #", number)},
		{"modulus: 2 # adjust", fmt.Sprintf("modulus: %d #", shards)},
		{"localhost:10240", exporter},
		{"- rules.yml", "- " + filepath.Join(deploy, "rules.yml")},
		{"    scrape_interval: 1m", "    scrape_interval: 1s"},
		{"scrape_timeout: 50s", "scrape_timeout: 1s"},
	} {
		if strings.Count(text, change[0]) != 1 {
			t.Fatalf("the example does not have %q once", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	program := testproc.Start(t, testproc.Tool(t, "prometheus"), "--config.file="+config,
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0")
	return shard{queryAPI: queryAPI{testproc.Prometheus("http://" + program.Address)}, exporter: exporter}
}

// settle waits until the server has its targets, which may be none, and all of
// them are up.
func (s *shard) settle(t *testing.T) {
	t.Helper()
	testproc.Eventually(t, func() error {
		var data struct{ ActiveTargets, DroppedTargets []shardTarget }
		if err := s.Get("targets", nil, &data); err != nil {
			return err
		}
		s.targets = data.ActiveTargets
		if len(data.ActiveTargets)+len(data.DroppedTargets) == 0 {
			return errors.New("nothing was discovered yet")
		}
		for _, target := range s.targets {
			if target.Health != "up" {
				return fmt.Errorf("%s is %s", target.instance(), target.Health)
			}
		}
		return nil
	})
}

// discovered returns the instances that an exporter has targets for.
func discovered(t *testing.T, exporter string) []string {
	t.Helper()
	var groups []struct{ Labels map[string]string }
	if err := json.Unmarshal([]byte(get(t, "http://"+exporter+"/service-discovery")), &groups); err != nil {
		t.Fatal(err)
	}
	var instances []string
	for _, g := range groups {
		instances = append(instances, g.Labels["instance"])
	}
	if len(instances) == 0 {
		t.Fatal("the exporter has no targets")
	}
	return instances
}

// ofTheProcess is the instance that is about the exporter, not about a project.
// Every server has it.
const ofTheProcess = "exporter"

// wantEachOnce fails unless the servers share the instances, and keep those of
// one account or project together.
func wantEachOnce(t *testing.T, servers []shard, instances []string) {
	t.Helper()
	times, home := make(map[string]int), make(map[string]int)
	for i, s := range servers {
		if len(s.targets) == 0 {
			t.Errorf("server %d has no targets", i)
		}
		for _, target := range s.targets {
			times[target.instance()]++
			if target.instance() == ofTheProcess {
				continue
			}
			if at, found := home[target.whole()]; found && at != i {
				t.Errorf("%s is on several servers", target.whole())
			}
			home[target.whole()] = i
		}
	}
	for _, instance := range instances {
		want := 1
		if instance == ofTheProcess {
			want = len(servers)
		}
		if times[instance] != want {
			t.Errorf("%s is scraped by %d servers, want %d", instance, times[instance], want)
		}
	}
	if len(times) != len(instances) {
		t.Errorf("%d instances are scraped, want %d", len(times), len(instances))
	}
}

// Reading ModelArts takes one call, which the demo answers each time.
const readings = `huaweicloud_tag_api_requests_total{operation="ListPoolTags", code="200", instance!="exporter"}`

// poolTags returns the projects whose ModelArts the server scrapes.
func (s shard) poolTags() (projects []string) {
	for _, target := range s.targets {
		if target.instance() == target.project()+"/modelarts" {
			projects = append(projects, target.project())
		}
	}
	return projects
}

// wantOnlyReader fails if the exporter read a project for anybody else: more
// often than the server scraped it.
func (s shard) wantOnlyReader(t *testing.T) {
	t.Helper()
	testproc.Eventually(t, func() error {
		scraped, err := s.ask(`count_over_time(` + readings + `[5m]) >= 3`)
		if err == nil && len(scraped) < len(s.poolTags()) {
			err = fmt.Errorf("only %v were scraped three times", scraped)
		}
		return err
	})
	tooMany, err := s.ask(readings + ` > on (instance) count_over_time(up[5m])`)
	if err != nil || len(tooMany) > 0 {
		t.Errorf("%s was read for others too: %v, %v", s.exporter, tooMany, err)
	}
}

var readingsLine = regexp.MustCompile(`(?m)^huaweicloud_tag_api_requests_total\{.*code="200".*operation="ListPoolTags".*\} (\d+)$`)

// wantUnread reads the server's projects from another exporter, which must not
// have read them before.
func (s shard) wantUnread(t *testing.T, exporter string) {
	t.Helper()
	for _, project := range s.poolTags() {
		m := readingsLine.FindStringSubmatch(get(t, "http://"+exporter+"/metrics?collect=modelarts&project="+project))
		if m == nil || m[1] != "1" {
			t.Errorf("%s has read %s before: %q", exporter, project, m)
		}
	}
}
