package collector

import (
	"errors"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"huaweicloud_tag_exporter/internal/tagapi"
)

// journal knows what has been logged about a target, so that what repeats on every
// scrape is logged when it starts and when it ends.
type journal struct {
	mu       sync.Mutex
	latest   time.Time // when the newest of the reads that were logged began
	since    time.Time // when the failure that lasts began; zero: none does
	panicked bool      // the failure that lasts is a panic
	noticed  sync.Map  // the sentences that were logged
}

// outcome is what the scrapes that shared a read made of it.
type outcome struct {
	begun time.Time
	took  time.Duration
	err   error // nil: every one of them has all
}

// notice logs sentences that an operator should read once.
func (j *journal) notice(logger log.Logger, texts []string) {
	for _, text := range texts {
		if _, before := j.noticed.LoadOrStore(text, true); !before {
			_ = level.Warn(logger).Log("msg", "unexpected answer", "notice", text)
		}
	}
}

// log logs an outcome: above debug level only if it differs from the one before.
func (j *journal) log(logger log.Logger, o outcome) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if o.begun.Before(j.latest) {
		return // a later read is known already
	}
	j.latest = o.begun
	say := func(logger log.Logger, msg string, more ...any) {
		_ = logger.Log(append([]any{"msg", msg, "duration_seconds", o.took.Seconds()}, more...)...)
	}
	if o.err == nil {
		if j.since.IsZero() {
			say(level.Debug(logger), "read tags")
			return
		}
		say(level.Info(logger), "reading tags works again", "failed_for", time.Since(j.since).Round(time.Second))
		j.since, j.panicked = time.Time{}, false
		return
	}
	var p *tagapi.Panic
	isPanic := errors.As(o.err, &p)
	switch {
	case isPanic && !j.panicked:
		say(level.Error(logger), "reading tags failed", "err", o.err, "stack", string(p.Stack))
	case j.since.IsZero():
		say(level.Error(logger), "reading tags failed", "err", o.err)
	default:
		say(level.Debug(logger), "reading tags still fails", "err", o.err)
	}
	if j.since.IsZero() {
		j.since = o.begun
	}
	j.panicked = isPanic
}
