package tagapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

const (
	opShowRecorder  = "ShowTrackerConfig"
	opSummary       = "CollectAllResourcesSummary"
	opListResources = "ListAllResources"
	resourcesLimit  = 200
)

// Config reads what the Config service knows of an account: every recorded resource of
// all services, regions and projects, with its tags.
//
// It is read in places, each a type in a region, since the list can be asked for those
// two. A place is listed page by page, each page naming the next; many places are listed
// side by side:
//
//	recorder ── summary ─┬─ ecs.cloudservers in cn-north-4: page, page, page
//	                     ├─ ecs.cloudservers in cn-south-1: page
//	                     └─ obs.buckets in global: page, page
//
// A place that was listed as a whole replaces what was known of it, in one step. Parts,
// which are of a project, are derived when they are shown: whether a type can have
// tags follows from all of its places. The files config….go each have one piece of that.
// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0104.html
func Config() Source {
	return Source{
		Service: "config", Reach: inventory.All,
		Operations: []string{opShowRecorder, opSummary, opListResources},
		New: func(s Settings, previous Reader) Reader {
			s.Types, s.SkipTypes = lower(s.Types), lower(s.SkipTypes)
			made := &configReader{settings: s, known: newRememberedConfig()}
			if old, ok := previous.(*configReader); ok {
				old.mu.Lock()
				defer old.mu.Unlock()
				made.account, made.known = old.account, old.known
			}
			return made
		},
	}
}

// lower returns texts in lower case, as types are compared.
func lower(texts []string) []string {
	made := make([]string, len(texts))
	for i, text := range texts {
		made[i] = strings.ToLower(text)
	}
	return made
}

// place is a type of resources in a region.
type place struct {
	kind   string // provider.type in lower case, since its case differs from answer to answer
	region string // "global" for resources of none
}

func (p place) String() string { return p.kind + " in " + p.region }

type configReader struct {
	settings Settings

	mu      sync.Mutex
	account string // its ID; "": not known yet
	known   *rememberedConfig
}

// rememberedConfig is what one read teaches the next.
type rememberedConfig struct {
	mu        sync.Mutex
	recorder  recorder
	askedAt   time.Time             // begin of the last read in which recorder and summary answered
	unsummed  bool                  // there is no summary to go by, so that the list is read as one chain
	places    map[place]*knownPlace // that the summary counts, or that were listed
	kinds     map[string]*knownKind // by type
	cut       map[place]*filtered   // lists that have not come to their end, by what was asked for
	chainedAt time.Time             // begin of the last list of everything that has
}

func newRememberedConfig() *rememberedConfig {
	return &rememberedConfig{places: make(map[place]*knownPlace), kinds: make(map[string]*knownKind), cut: make(map[place]*filtered)}
}

// configRead is one read.
type configRead struct {
	settings Settings
	*rememberedConfig
	session *huaweicloud.Session
	into    *inventory.Reading
	begun   time.Time
}

// Read implements Reader. Its error is about recorder and summary, or about the one list
// that stands in for them; what fails of a place is told by parts.
func (r *configReader) Read(ctx context.Context, s *huaweicloud.Session, into *inventory.Reading) error {
	read := &configRead{settings: r.settings, rememberedConfig: r.recall(ctx, s), session: s, into: into, begun: time.Now()}
	into.Derive(read.parts)
	failed, err := read.ask(ctx)
	if err == nil {
		into.Whole(read.begun)
		if read.isUnsummed() {
			err = read.followChain(ctx)
		} else {
			read.renew(ctx)
		}
	}
	if off := read.whyOff(); off != nil { // any of the answers may have said so
		return off
	}
	if failed != nil {
		return failed
	}
	return err
}

// recall returns what is known of the account. Where its ID is not configured, the
// credential may be one of another account since the last read. As long as IAM does not
// say which one it is of, nothing is known.
func (r *configReader) recall(ctx context.Context, s *huaweicloud.Session) *rememberedConfig {
	account, err := s.AccountID(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.account != "" && err != nil:
		return newRememberedConfig()
	case r.account != "" && r.account != account:
		r.known = newRememberedConfig() // reads of the other one may go on
	}
	r.account = account
	return r.known
}

// ask asks for recorder and summary where that is due. failed is why the recorder could
// not be asked, if what it said last is good enough to go on; with err it is not.
func (r *configRead) ask(ctx context.Context) (failed, err error) {
	r.mu.Lock()
	due, last := r.due(r.askedAt), r.recorder
	r.mu.Unlock()
	if !due && last.off == nil {
		r.tellRecorder(last)
		return nil, nil
	}
	failed = r.askRecorder(ctx)
	if failed != nil && !last.answered {
		return nil, failed // whatever is listed may have been wrong for months
	}
	if off := r.whyOff(); off != nil {
		return nil, off
	}
	counts, err := r.askSummary(ctx)
	if err != nil {
		return failed, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.askedAt.After(r.begun) {
		return failed, nil // a read that began later knows better
	}
	r.take(counts)
	if failed == nil {
		r.askedAt = r.begun
	}
	return failed, nil
}

// due reports whether it is time to renew what a read has learnt that began at a time.
func (r *configRead) due(then time.Time) bool {
	return then.IsZero() || r.begun.Sub(then) >= r.settings.RenewAfter
}

func (r *rememberedConfig) isUnsummed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unsummed
}

// wants reports whether a type is to be shown: the user chose it, and it is recorded. The
// caller holds the lock.
func (r *configRead) wants(kind string) bool {
	chosen := len(r.settings.Types) == 0 || inventory.MatchesAny(r.settings.Types, kind)
	return chosen && !inventory.MatchesAny(r.settings.SkipTypes, kind) && r.recorder.records(kind)
}

// get asks the Config service something about the account.
func get[T any, P interface {
	*T
	huaweicloud.Answer
}](ctx context.Context, r *configRead, operation, path, query string, expected func(*huaweicloud.Error) bool,
) (T, error) {
	account, err := r.session.AccountID(ctx)
	if err != nil {
		return *new(T), err
	}
	answer, err := huaweicloud.Call[T, P](ctx, r.session, huaweicloud.Request{
		Operation: operation, Method: "GET", Query: query,
		Path: "/v1/resource-manager/domains/" + account + path,
		Expected: func(e *huaweicloud.Error) bool {
			return e.Code == codeRecorderOff || expected != nil && expected(e)
		},
	})
	if huaweicloud.IsCode(err, codeRecorderOff) {
		r.setRecorder(recorder{answered: true, off: errRecorderOff})
	}
	return answer, err
}

// status returns the HTTP status of a failed attempt, or 0.
func status(err error) int {
	if failed, ok := errors.AsType[*huaweicloud.Error](err); ok {
		return failed.Status
	}
	return 0
}

// errOf puts the place before an error.
func (p place) errOf(err error) error { return fmt.Errorf("list %s: %w", p, err) }
