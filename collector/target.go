package collector

import (
	"regexp"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// target is one service of one project.
type target struct {
	project config.Project
	config  config.Service
	source  Source
	exclude *regexp.Regexp
	service *huaweicloud.Service
	series  *apiSeries
	iam     *apiSeries // nil: the credential needs no IAM
	logger  log.Logger

	reader  Reader
	journal *journal // taken over by the next configuration

	mu      sync.Mutex
	current *flight
}

// journal knows what has been logged, so that what repeats on every scrape is
// logged when it starts and when it ends.
type journal struct {
	mu      sync.Mutex
	latest  time.Time // when the newest of the reads that ended was begun
	since   time.Time // of the failure that lasts; zero: none does
	noticed map[string]bool
	last    *Report // of the last scrape
}

func newJournal() *journal { return &journal{noticed: make(map[string]bool)} }

func (t *target) log(f *flight) {
	j := t.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, text := range f.reading.Notices() {
		if !j.noticed[text] {
			j.noticed[text] = true
			_ = level.Warn(t.logger).Log("msg", "unexpected answer", "notice", text)
		}
	}
	if f.begun.Before(j.latest) {
		return // abandoned: how its successor ended is known already
	}
	j.latest = f.begun
	duration := f.took.Seconds()
	switch {
	case f.err != nil && j.since.IsZero():
		j.since = f.begun
		_ = level.Error(t.logger).Log("msg", "reading tags failed", "duration_seconds", duration, "err", f.err)
	case f.err != nil:
		_ = level.Debug(t.logger).Log("msg", "reading tags still fails", "duration_seconds", duration, "err", f.err)
	case !j.since.IsZero():
		_ = level.Info(t.logger).Log("msg", "reading tags works again", "duration_seconds", duration, "failed_for", time.Since(j.since).Round(time.Second))
		j.since = time.Time{}
	default:
		_ = level.Debug(t.logger).Log("msg", "read tags", "duration_seconds", duration)
	}
}
