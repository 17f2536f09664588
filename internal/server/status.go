package server

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"huaweicloud_tag_exporter/collector"
)

//go:embed status.html
var statusPage string

// statusTemplate escapes whatever tags and names hold: they are strangers'
// input.
var statusTemplate = template.Must(template.New("status").Funcs(template.FuncMap{
	"ago": func(t time.Time) string { return time.Since(t).Round(time.Second).String() },
	"ms":  func(d time.Duration) string { return d.Round(time.Millisecond).String() },
}).Parse(statusPage))

// serveStatus shows people what the last scrape of each project and service
// saw, what needs attention first.
func (s *Server) serveStatus(w http.ResponseWriter, _ *http.Request) {
	reports := s.running.Load().collector.Last()
	slices.SortStableFunc(reports, func(a, b collector.Report) int {
		if n := urgency(b) - urgency(a); n != 0 {
			return n
		}
		return b.Violations() - a.Violations()
	})
	var page bytes.Buffer
	if err := statusTemplate.Execute(&page, reports); err != nil {
		_ = level.Error(s.options.Logger).Log("msg", "rendering the status page failed", "err", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = w.Write(page.Bytes())
}

// urgency ranks what a person should look at first.
func urgency(r collector.Report) int {
	switch {
	case r.Err != nil:
		return 3
	case r.Violations() > 0 || r.Untagged > 0:
		return 2
	case r.Begun.IsZero():
		return 1
	default:
		return 0
	}
}
