package server

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// scrape scrapes once and judges what it gets. It returns the counters.
func (s *storm) scrape(name, query string, timeout time.Duration, before map[string]float64) (counters map[string]float64) {
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.web.URL+"/metrics?"+query, nil)
	if err != nil {
		s.Error(err)
		return before
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(timeout.Seconds()))
	begun := time.Now()
	resp, err := s.client.Do(req)
	if err != nil {
		s.Errorf("%s: %v", name, err)
		return before
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ended := time.Now()
	if err != nil || resp.StatusCode != http.StatusOK {
		s.Errorf("%s: status %d, error %v", name, resp.StatusCode, err)
		return before
	}
	counters = make(map[string]float64)
	inventories := make(map[string][]string)
	values := make(map[string]float64)
	for line := range strings.Lines(string(body)) {
		series, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.LastIndex(line, "} "); i > 0 { // values of labels may have spaces
			series, number = line[:i+1], strings.TrimSpace(line[i+2:])
		}
		value, err := strconv.ParseFloat(number, 64)
		if strings.HasPrefix(line, "#") || err != nil {
			continue
		}
		values[series] = value
		if counter.MatchString(series) {
			counters[series] = value
		}
		if inventory.MatchString(series) && label(series, "account") == "" {
			target := label(series, "project") + "/" + label(series, "cloud_service")
			inventories[target] = append(inventories[target], strings.TrimSpace(line))
		}
		if strings.Contains(series, `error_code="paused"`) && value > 0 {
			s.Errorf("%s: expired tokens paused a credential: %s", name, strings.TrimSpace(line))
		}
	}
	for series, value := range before {
		if now, shown := counters[series]; !shown || now < value {
			s.Errorf("%s: %s fell from %v to %v", name, series, value, now)
		}
	}
	s.judgeAccount(name, values)
	for series, took := range values {
		if label(series, "account") == "" && strings.HasPrefix(series, "huaweicloud_tag_collector_duration_seconds{") {
			project, service := label(series, "project"), label(series, "cloud_service")
			success := values[strings.Replace(series, "duration_seconds", "success", 1)] == 1
			// The read may be older than the scrape, as long as it took.
			from := begun.Add(-time.Duration(took*float64(time.Second)) - 250*time.Millisecond)
			s.judge(name, project, service, success, inventories[project+"/"+service], from, ended)
		}
	}
	return counters
}

var (
	counter   = regexp.MustCompile(`^\w+_(total|count|bucket)(\{|$)`)
	inventory = regexp.MustCompile(`^huaweicloud_tag_(resources|untagged_resources|unreadable_resources|tagged_resources|info|keys|key_values|policy_noncompliant_resources)\{`)
)

func label(series, name string) string {
	_, after, _ := strings.Cut(series, name+`="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// judge compares the series of a service with all that it may have looked like.
func (s *storm) judge(name, project, service string, success bool, shown []string, from, to time.Time) {
	s.mu.Lock()
	if success {
		s.exact++
	} else {
		s.failed++
	}
	s.mu.Unlock()
	maxAge := time.Duration(0)
	if project == "keys" && service == "dds" {
		maxAge = stormMaxAge
	}
	slices.Sort(shown)
	got, is := strings.Join(shown, "\n"), lines
	if !success {
		if len(shown) == 0 {
			return
		}
		got, is = listed(shown), counted // all that is claimed is how many there are
	}
	truths := make(map[string]bool)
	s.histories[project].truths(service, from, to, maxAge, func(p simulator.Project) bool {
		truths[is(project, service, p)] = true
		return !truths[got]
	})
	if !truths[got] {
		s.Errorf("%s: %s/%s, success %t, shows\n%s\nwhich it was at no time of the read, but rather\n%s", name, project, service, success,
			got, strings.Join(slices.Sorted(maps.Keys(truths)), "\nor\n"))
	}
}

// listed returns how many resources were listed, whether read or not.
func listed(shown []string) string {
	n := 0
	for _, line := range shown {
		name, _, _ := strings.Cut(line, "{")
		if name == "huaweicloud_tag_resources" || name == "huaweicloud_tag_unreadable_resources" {
			count, _ := strconv.Atoi(line[strings.LastIndex(line, " ")+1:])
			n += count
		}
	}
	return fmt.Sprint(n, " resources")
}

func counted(_, _ string, p simulator.Project) string {
	return fmt.Sprint(len(p.Instances)+len(p.Workspaces), " resources")
}
