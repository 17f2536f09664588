package huaweicloud

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// Whatever stands in the place of a count fails nothing: it is known, or it is not.
func TestCount(t *testing.T) {
	for in, wanted := range map[string]string{
		`0`: "{0 true}", `5`: "{5 true}", `"5"`: "{5 true}", `" 5 "`: "{5 true}", `3.0`: "{3 true}", `3e0`: "{3 true}", `"3.0"`: "{3 true}", `1.2E2`: "{120 true}",
		`2147483647`: "{2147483647 true}", `2147483648`: "{0 false}", `99999999999999999999`: "{0 false}", `1e999`: "{0 false}",
		`""`: "{0 false}", `null`: "{0 false}", `-1`: "{0 false}", `1.5`: "{0 false}", `"x"`: "{0 false}", `"NaN"`: "{0 false}", `"-Inf"`: "{0 false}", `"5 of 7"`: "{0 false}",
		`{}`: "{0 false}", `[5]`: "{0 false}", `{"a":[5]}`: "{0 false}", `true`: "{0 false}",
		`{"a":`: "error", `[`: "error", ``: "error", `5x`: "error",
	} {
		c := Count{7, true}
		got := "error"
		if err := json.Unmarshal([]byte(in), &c, lenient); err == nil {
			got = fmt.Sprint(c)
		}
		want(t, in, got, wanted)
	}
}

func TestList(t *testing.T) {
	for in, wanted := range map[string][]Text{
		`null`: nil, `""`: nil, `[]`: {}, `["a","b"]`: {"a", "b"}, `[null,1]`: {"", "1"},
	} {
		got := List[Text]{"old"}
		if err := json.Unmarshal([]byte(in), &got, lenient); err != nil || !slices.Equal(got, wanted) || (got == nil) != (wanted == nil) {
			t.Errorf("%s: %q, error %v", in, got, err)
		}
	}
	for _, in := range []string{`{}`, `[{}]`, `["a",[]]`, `"a"`, `" "`, `7`, `0`, `true`, `false`, `["a"`, `"a`} {
		var got List[Text]
		if err := json.Unmarshal([]byte(in), &got, lenient); err == nil {
			t.Errorf("%s: %q", in, got)
		}
	}
}

// checked is an item that says what is wrong with it.
type checked struct {
	ID     Member  `json:"id"`
	Detail Ignored `json:"detail"`
	Others Others  `json:",embed"`
}

func (c *checked) Check() error {
	if !c.ID.Given || c.Others.Nested() {
		return errors.New("wrong item")
	}
	return nil
}

func TestListChecksItems(t *testing.T) {
	for in, wanted := range map[string]string{
		`[]`: "", `null`: "", `[{"id":"a"},{"id":""},{"id":null}]`: "a,,", `{"id":"a"}`: "want an array",
		`[{"id":"a","more":1,"detail":{"a":[]}}]`: "a",
		`{}`: "want an array", `[{}]`: "wrong item", `[null]`: "wrong item", `[{"id":"a"},{"ID2":"b"}]`: "wrong item",
		`[{"id":"a","more":[]}]`: "wrong item", `[{"id":"a","more":{}}]`: "wrong item",
	} {
		var list List[checked]
		err := json.Unmarshal([]byte(in), &list, lenient)
		var ids []string
		for _, item := range list {
			ids = append(ids, string(item.ID.Text))
		}
		got := strings.Join(ids, ",")
		if err != nil {
			got = withoutPlace(err).Error()
		}
		want(t, in, got, wanted)
	}
}

func TestListOrOne(t *testing.T) {
	for in, wanted := range map[string]string{
		`[{"id":"a"},{"id":"b"}]`: "2", `[]`: "0", `null`: "none", `""`: "none", `{"id":"a"}`: "1", `{"id":"a","detail":[]}`: "1",
		`{"a":"b"}`: "wrong item", `{}`: "wrong item", `[{}]`: "wrong item", `"a"`: "want an array", `7`: "want an array",
	} {
		list := ListOrOne[checked]{List[checked]{{}, {}, {}}}
		err := json.Unmarshal([]byte(in), &list, lenient)
		got := strconv.Itoa(len(list.List))
		switch {
		case err != nil:
			got = withoutPlace(err).Error()
		case list.List == nil:
			got = "none"
		}
		want(t, in, got, wanted)
	}
	var list ListOrOne[checked]
	if err := json.Unmarshal([]byte(`{"id":"a"`), &list, lenient); !isCut(err) {
		t.Errorf("cut: %v", err)
	}
}

func TestDecode(t *testing.T) {
	for in, wanted := range map[string]string{
		// With byte order marks.
		"\ufeff" + ` {"tags":[{"key":"env","value":"prod"}]}`: "[{env prod}]",
		"\ufeff":               "cut",
		"\ufeff" + `{"tags":[`: "cut",
		"\ufeff" + `{"error_code":"ModelArts.1"}`: "ModelArts.1",

		`{"tags":[{"key":"env","value":"prod"}]}`:             "[{env prod}]",
		` {"tags":[{"key":1,"value":null}]} `:                 "[{1 }]",
		`{"tags":[{"key":"env"},{}]}`:                         "[{env } { }]",
		`{"tags":{"key":"env","value":"prod"}}`:               "wrong",
		`{"tags":[],"more":{"a":[1]}}`:                        "[]",
		`{"tags":null}`:                                       "[]",
		`{"tags":""}`:                                         "[]",
		`{}`:                                                  "[]",
		"\ufeff\ufeff" + `{"tags":[]}`:                        "wrong",
		`{"error":{"error_code":"TMS.0004","error_msg":"m"}}`: "TMS.0004",
		`{"tags":"text"}`:                                     "wrong",
		`{"tags":[{"key":"error","value":"x"}],"code":1}`:     "[{error x}]",
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

// countsAnswer is an answer that is an array.
type countsAnswer struct{ List[Count] }

func (*countsAnswer) Absent() bool      { return false }
func (*countsAnswer) Members() []string { return nil }
func (*countsAnswer) Array()            {}

func TestDecodeArray(t *testing.T) {
	for in, wanted := range map[string]string{
		`[]`: "[]", `[1,"2"]`: "[{1 true} {2 true}]", "\ufeff[1]": "[{1 true}]",
		``: "empty answer", `null`: "want a JSON array", `{}`: "want a JSON array", `{"counts":[]}`: "want a JSON array", `"[]"`: "want a JSON array",
		`{"error_code":"RMS.00010006","error_msg":"no"}`: "an error instead of an answer: RMS.00010006: no",
	} {
		var answer countsAnswer
		err := Decode([]byte(in), &answer)
		got := fmt.Sprint(answer.List)
		if err != nil {
			got = err.Error()
		}
		want(t, in, got, wanted)
	}
	var answer countsAnswer
	if err := Decode([]byte(`[1`), &answer); !isCut(err) {
		t.Errorf("a cut array: %v", err)
	}
	if err := Decode([]byte(`{}`), new(tagsAnswer)); err != nil {
		t.Error(err)
	}
}
