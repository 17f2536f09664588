package huaweicloud

import (
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestText(t *testing.T) {
	for in, wanted := range map[string]string{
		`"a"`: "a", `""`: "", `null`: "", `7`: "7", `1.50`: "1.50", `true`: "true", `"业务线"`: "业务线", `"a\u0000b"`: "a\x00b", "\"a\xffb\"": "a\uFFFDb",
		`{}`: "error", `[]`: "error", `["a"]`: "error",
	} {
		var got Text
		if err := json.Unmarshal([]byte(in), &got, lenient); err != nil {
			got = "error"
		}
		want(t, in, string(got), wanted)
	}
}

func TestCount(t *testing.T) {
	for in, wanted := range map[string]string{
		`0`: "{0 true}", `5`: "{5 true}", `"5"`: "{5 true}", `""`: "{0 false}", `null`: "{0 false}",
		`-1`: "error", `1.5`: "error", `"x"`: "error", `{}`: "error", `[]`: "error", `true`: "error", `99999999999999999999`: "error",
	} {
		var c Count
		got := "error"
		if err := json.Unmarshal([]byte(in), &c, lenient); err == nil {
			got = fmt.Sprint(c)
		}
		want(t, in, got, wanted)
	}
}

func TestList(t *testing.T) {
	for in, wanted := range map[string][]Text{
		`null`: nil, `""`: nil, `[]`: {}, `["a","b"]`: {"a", "b"}, `"a"`: {"a"}, `[null,1]`: {"", "1"},
	} {
		got := List[Text]{"old"}
		if err := json.Unmarshal([]byte(in), &got, lenient); err != nil || !slices.Equal(got, wanted) || (got == nil) != (wanted == nil) {
			t.Errorf("%s: %q, error %v", in, got, err)
		}
	}
	for _, in := range []string{`{}`, `[{}]`, `["a",[]]`} {
		var got List[Text]
		if err := json.Unmarshal([]byte(in), &got, lenient); err == nil {
			t.Errorf("%s: %q", in, got)
		}
	}
}

func TestDecode(t *testing.T) {
	for in, wanted := range map[string]string{
		`{"tags":[{"key":"env","value":"prod"}]}`:         "[{env prod}]",
		` {"tags":[{"key":1,"value":null}]} `:             "[{1 }]",
		`{"tags":[{"key":"env"},{}]}`:                     "[{env } { }]",
		`{"tags":{"key":"env","value":"prod"}}`:           "[{env prod}]",
		`{"tags":[],"more":{"a":[1]}}`:                    "[]",
		`{"tags":null}`:                                   "[]",
		`{"tags":""}`:                                     "[]",
		`{}`:                                              "[]",
		`{"tags":[{"key":"error","value":"x"}],"code":1}`: "[{error x}]",
		``:                                   "cut",
		"  \n":                               "cut",
		`{"tags":[{"key":"e`:                 "cut",
		`{"tags":[]`:                         "cut",
		`null`:                               "wrong",
		`[]`:                                 "wrong",
		`"tags"`:                             "wrong",
		`7`:                                  "wrong",
		`<html></html>`:                      "wrong",
		`{"items":[]}`:                       "wrong",
		`{"Tags":[{"KEY":"e","Value":"p"}]}`: "[{e p}]",
		`{"tags":7}`:                         "wrong",
		`{"tags":[7]}`:                       "wrong",
		`{"tags":[]} trailing`:               "wrong",
		`{"tags":null,"error_code":"ModelArts.1","error_msg":"m"}`: "ModelArts.1",
		`{"error_code":"ModelArts.1","error_msg":"m"}`:             "ModelArts.1",
		`{"error_code":7}`:                          "7",
		`{"errCode":"DBS.1","externalMessage":"m"}`: "DBS.1",
		`{"error":{"code":401,"message":"m"}}`:      "401",
		`{"error_code":"no label","error_msg":"m"}`: "wrong",
	} {
		var answer tagsAnswer
		err := Decode([]byte(in), &answer)
		got := fmt.Sprint(answer.Tags)
		if err != nil {
			failed := malformed(200, err)
			got = failed.Code
			if got == CodeMalformed {
				got = map[bool]string{true: "cut", false: "wrong"}[failed.retry]
			} else if failed.retry {
				t.Errorf("%s would be retried", in)
			}
		}
		want(t, in, got, wanted)
	}
}

// TestDecodeErrorsKeepSecrets: an error does not say where in the answer it is,
// since the answer's own names are spelt and cut in ways that hide a secret.
func TestDecodeErrorsKeepSecrets(t *testing.T) {
	long := "MII" + strings.Repeat("Fabcdefghij/", 30) + "END"
	for _, secret := range []string{"pass/word~1", long} {
		for _, body := range []string{
			`{"tags":[],"` + secret + `":nul}`, `{"tags":{"` + secret + `":[{"` + secret + `":1}]`, `{"` + secret + `":{"a":[}}`, `{"tags":"` + secret + `"}`,
			`{"tags":[{"key":{"` + secret + `":1}}]}`,
		} {
			err := Decode([]byte(body), new(tagsAnswer))
			if err == nil {
				t.Fatalf("accepted %s", body)
			}
			failed := malformed(200, err)
			failed.clean([]string{secret})
			for _, part := range []string{"pass", "word", "MIIF", "abcdefghij"} {
				if strings.Contains(failed.Error(), part) {
					t.Errorf("%s: %v", body, failed)
				}
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"tags":[{"key":"env","value":"prod"},{"key":"a","value":null}]}`, `{"tags":{"key":1}}`, `{"tags":""}`, `{}`, `null`, `[]`, `<html>`,
		`{"resources":[{}],"total_count":"1"}`, `{"error":{"code":401}}`, `{"token":{"expires_at":"2026-01-16T08:15:00.000000Z"}}`, `{"tags":[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, answer := range []Answer{new(tagsAnswer), new(workspacesAnswer), new(tokenAnswer)} {
			err := Decode(body, answer)
			if err == nil {
				if !stdjson.Valid(body) {
					t.Errorf("accepted %q", body)
				}
				continue
			}
			failed := malformed(200, err)
			failed.clean([]string{"secret"})
			wantPrintable(t, failed)
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"error_code":"ModelArts.1","error_msg":"m"}`, `{"error":{"code":"403","message":"m"},"error_code":403}`, `{"errCode":"DBS.1","externalMessage":"m"}`,
		`{"code":1,"message":null}`, `<html>`, ``, `{"error_code":"a\nb","request_id":"x y"}`, "\xff", `{"error":"text"}`,
	} {
		f.Add(400, []byte(seed), "3")
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, retryAfter string) {
		status = 300 + int(uint(status)%300)
		failed := statusError(status, map[string][]string{"Retry-After": {retryAfter}}, body, testTime)
		failed.clean([]string{"secret"})
		wantPrintable(t, failed)
		if failed.RequestID != "" && !labelForm.MatchString(failed.RequestID) {
			t.Errorf("request id %q", failed.RequestID)
		}
		if failed.retryAfter < 0 || failed.retry && status < 408 {
			t.Errorf("status %d: retry %t after %s", status, failed.retry, failed.retryAfter)
		}
	})
}
