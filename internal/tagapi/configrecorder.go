package tagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// codeRecorderOff is how Config answers, whatever it is asked, while its recorder has
// never been on.
const codeRecorderOff = "RMS.00010091"

var (
	errRecorderOff    = errors.New("the Config recorder of the account is off: Config does not learn what changes")
	errRecorderFrozen = errors.New("the Config recorder of the account is frozen: Config does not learn what changes")
)

// recorder is what is known of the account's recorder. While it is off, Config goes on to
// list what there was when it was switched off, or nothing at all; so nothing is shown.
type recorder struct {
	answered bool            // it was asked, and not in vain
	refused  bool            // but the user may not know
	off      error           // why it records nothing; nil: it does
	types    map[string]bool // in lower case, the ones that it records; nil: all
}

func (r recorder) records(kind string) bool { return r.types == nil || r.types[kind] }

// recorderAnswer is the answer of ShowTrackerConfig.
// https://support.huaweicloud.com/intl/en-us/api-rms/rms_04_0201.html
type recorderAnswer struct {
	Selector *struct {
		All   huaweicloud.Text                   `json:"all_supported"`
		Types huaweicloud.List[huaweicloud.Text] `json:"resource_types"`
	} `json:"selector"`
	Frozen *struct {
		Is huaweicloud.Text `json:"is_frozen"`
	} `json:"frozen_status"`
}

func (a *recorderAnswer) Absent() bool    { return a.Selector == nil }
func (*recorderAnswer) Members() []string { return []string{"selector"} }

// Check refuses an answer that does not say what is recorded.
func (a *recorderAnswer) Check() error {
	if a.Selector == nil || a.Selector.All != "true" && a.Selector.All != "false" {
		return errors.New("it does not say what the recorder records")
	}
	return nil
}

func (a *recorderAnswer) recorder() recorder {
	r := recorder{answered: true}
	if a.Frozen != nil && a.Frozen.Is == "true" {
		r.off = errRecorderFrozen
	}
	if a.Selector.All == "false" {
		r.types = make(map[string]bool)
		for _, kind := range a.Selector.Types {
			r.types[strings.ToLower(string(kind))] = true
		}
	}
	return r
}

// askRecorder asks whether the recorder is on. After an error, what it said last holds.
func (r *configRead) askRecorder(ctx context.Context) error {
	answer, err := get[recorderAnswer](ctx, r, opShowRecorder, "/tracker-config", "", func(e *huaweicloud.Error) bool {
		return isNoRecorder(e) || e.Status == http.StatusForbidden
	})
	failed, _ := errors.AsType[*huaweicloud.Error](err)
	switch {
	case err == nil:
		r.setRecorder(answer.recorder())
	case huaweicloud.IsCode(err, codeRecorderOff): // noted already
	case failed != nil && isNoRecorder(failed):
		r.setRecorder(recorder{answered: true, off: errRecorderOff})
	case status(err) == http.StatusForbidden:
		r.setRecorder(recorder{answered: true, refused: true})
		r.into.Notice("this user may not ask whether the Config recorder is on (rms:trackerConfig:get); while it is off, what is shown may be out of date")
	default:
		return fmt.Errorf("ask whether the Config recorder is on: %w", err)
	}
	return nil
}

// isNoRecorder reports whether Config says that there is no recorder. The gateway says
// 404, too, where the way to Config is wrong.
func isNoRecorder(e *huaweicloud.Error) bool {
	return e.Status == http.StatusNotFound && !strings.HasPrefix(e.Code, "APIG")
}

func (r *configRead) setRecorder(is recorder) {
	r.mu.Lock()
	r.recorder = is
	r.mu.Unlock()
	r.tellRecorder(is)
}

// tellRecorder tells the reading whether the recorder is on, if the user may know.
func (r *configRead) tellRecorder(is recorder) {
	if !is.refused {
		r.into.SetRecorder(is.off == nil)
	}
}

// whyOff returns why the recorder records nothing, or nil.
func (r *rememberedConfig) whyOff() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recorder.off
}
