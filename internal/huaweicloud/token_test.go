package huaweicloud

import (
	"net/http"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

func TestTokenAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		header := http.Header{"X-Subject-Token": {"any"}}
		for name, answer := range map[string]simulator.Answer{
			"no header": simulator.Text(201, `{"token":{"expires_at":"2026-01-16T08:15:00.000000Z"}}`),
			"no body":   {Status: 201, Header: header},
			"no token":  {Status: 201, Header: header, Body: []byte(`{"other":1}`)},
			"bad time":  {Status: 201, Header: header, Body: []byte(`{"token":{"expires_at":"soon"}}`)},
			"html":      {Status: 200, Header: header, Body: []byte(`<html>`)},
		} {
			r := passwordRig(t, simulator.Options{})
			r.limits.MaxRetries = 0
			r.Inject(simulator.Fault{Operation: simulator.OpCreateToken, Answer: simulator.Instead(answer)})
			if err := r.call(); !IsCode(err, CodeMalformed) {
				t.Errorf("%s: error %v", name, err)
			}
			want(t, name, r.Calls(""), 1)
		}
	})
}

func TestTokenLifetime(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, test := range map[string]struct {
		issued, expires time.Time
		renew, end      time.Duration // from now
	}{
		"documented":      {at("2026-01-15T08:15:00Z"), at("2026-01-16T08:15:00Z"), 24*time.Hour - 10*time.Minute, 24 * time.Hour},
		"IAM's clock off": {at("2025-01-15T08:15:00Z"), at("2025-01-16T08:15:00Z"), 24*time.Hour - 10*time.Minute, 24 * time.Hour},
		"short":           {at("2026-01-15T08:15:00Z"), at("2026-01-15T08:23:00Z"), 6 * time.Minute, 8 * time.Minute},
		"no issue time":   {time.Time{}, at("2026-01-15T09:15:00Z"), 50 * time.Minute, time.Hour},
		"no times":        {time.Time{}, time.Time{}, 24*time.Hour - 10*time.Minute, 24 * time.Hour},
		"nonsense":        {at("2026-01-16T08:15:00Z"), at("2026-01-15T08:15:00Z"), 24*time.Hour - 10*time.Minute, 24 * time.Hour},
	} {
		var a tokenAnswer
		a.Token = &struct {
			IssuedAt  time.Time `json:"issued_at"`
			ExpiresAt time.Time `json:"expires_at"`
		}{test.issued, test.expires}
		if err := a.fill(http.Header{"X-Subject-Token": {"t"}}, testTime); err != nil {
			t.Fatal(err)
		}
		want(t, name+" renew", a.renewAt.Sub(testTime), test.renew)
		want(t, name+" end", a.expires.Sub(testTime), test.end)
	}
}

// TestTokensEndEarly: IAM ends tokens long before they expire, as when somebody's
// rights change. Each is found by a 401, which is no refusal of the user.
func TestTokensEndEarly(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := newRig(t, simulator.Options{})
		r.project.Credential = r.password("pass-word-1")
		for range 20 {
			want(t, "read", r.flood(4), 12)
			time.Sleep(30 * time.Second)
			r.ExpireTokens()
		}
		want(t, "paused", r.with(0, CodePaused), 0)
	})
}
