package audit

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	unsafe "github.com/yuin/goldmark/renderer/html"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/policy"
)

// teams is an audit of two teams, of which one has mended something.
func teams() (now []collector.Report, before *Audit) {
	r := has(dds, "a", "b", "c")
	r.Verdict.Noncompliant = 3
	r.Verdict.Violations[1].Responsible, r.Verdict.Violations[2].Responsible = "ana", "ana"
	r.Verdict.Parties = []policy.Party{{Name: "", Resources: 2, Untagged: 2, Noncompliant: 1}, {Name: "ana", Resources: 5, Noncompliant: 2}, {Name: "bo", Resources: 2, Untagged: 1}}
	r.Untagged = 3
	old := has(dds, "b", "d")
	old.Verdict.Violations[1].Responsible = "bo"
	return []collector.Report{r, {Part: ecs, Err: errors.New("HTTP 500 <b>|x|</b>")}}, New([]collector.Report{old, has(ecs, "e")}, nil)
}

func TestMarkdown(t *testing.T) {
	now, before := teams()
	var got bytes.Buffer
	if err := New(now, written(t, before)).Write(&got, "markdown"); err != nil {
		t.Fatal(err)
	}
	want := `## Audit of tags

9 resources, 3 noncompliant, 3 untagged, 0 unreadable. **3 violations**: **2 new**, 1 known; 1 mended, 1 not compared.

- acme/r could not be read: ecs&#58; HTTP 500 &#60;b&#62;&#124;x&#124;&#60;/b&#62;

There may be more violations in what could not be read.

### Projects

| Project | Resources | Noncompliant | Violations | New | Mended |
| --- | --- | --- | --- | --- | --- |
| shop | 9 | 3 | 3 | 2 | 1 |
| acme/r | 0 | 0 | 0 | 0 | 0 |

### Responsible

| Responsible | Resources | Noncompliant | Violations | New | Mended |
| --- | --- | --- | --- | --- | --- |
| ana | 5 | 2 | 2 | 1 | 0 |
| nobody is named | 2 | 1 | 1 | 1 | 0 |
| bo | 2 | 0 | 0 | 0 | 1 |

### Rules

| Rule | Key | Reason | Violations | New | Mended |
| --- | --- | --- | --- | --- | --- |
| env | env | missing | 3 | 2 | 1 |

### New violations

| Account | Project | Service | Resource | Rule | Key | Value | Reason | Responsible |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
|  | shop | dds | the a | env | env |  | missing |  |
|  | shop | dds | the c | env | env |  | missing | ana |

### Mended

| Account | Project | Service | Resource | Rule | Key | Value | Reason | Responsible |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
|  | shop | dds | the d | env | env |  | missing | bo |

### Not compared, since they could not be read

| Account | Project | Service | Resource | Rule | Key | Value | Reason | Responsible |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| acme | r | ecs | the e | env | env |  | missing |  |
`
	if got.String() != want {
		t.Errorf("got:\n%s", got.String())
	}
	// Without a baseline, nothing is new or known; nor is anybody named where nobody is asked.
	got.Reset()
	if err := New([]collector.Report{pairs(2)}, nil).Write(&got, "markdown"); err != nil {
		t.Fatal(err)
	}
	want = `## Audit of tags

0 resources, 0 noncompliant, 0 untagged, 0 unreadable. **2 violations**.

### Projects

| Project | Resources | Noncompliant | Violations |
| --- | --- | --- | --- |
| shop | 0 | 0 | 2 |

### Rules

| Rule | Key | Reason | Violations |
| --- | --- | --- | --- |
| env | env | value | 2 |

### Violations

| Project | Service | Resource | Rule | Key | Value | Reason |
| --- | --- | --- | --- | --- | --- | --- |
| shop | modelarts | (2 key/value pairs) | env | env |  | value |
`
	if got.String() != want {
		t.Errorf("got:\n%s", got.String())
	}
}

// TestMarkdownIsSafe: a tag is shown as it is, whatever it looks like; it ends no cell, and
// makes no link, no HTML, no mention.
func TestMarkdownIsSafe(t *testing.T) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(unsafe.WithUnsafe()))
	cell := regexp.MustCompile(`<td>(.*)</td>`)
	for _, value := range []string{
		"plain 1.2-3_x", "a|b", `a\|b`, "<script>alert(1)</script>", "![x](http://example.com/x.png)", "[x](javascript:y)", "`code`", "``", "*bold*", "_it_", "a_b", "a__b", "__b__",
		"~~gone~~", "@everyone", "#1", "GH-1", "&amp;", "&#124;", "| --- |", "# head", "- item", "1. one", "支付 ✓", "\\", "$x$", ":smile:", "^a^", "",
		"http://example.com", "www.example.com", "a@example.com", "(x)", "it's", "<!-- x -->",
	} {
		r := has(dds, "a")
		r.Verdict.Violations[0].Value = value
		var out, shown bytes.Buffer
		if err := New([]collector.Report{r}, nil).Write(&out, "markdown"); err != nil {
			t.Fatal(err)
		}
		if err := markdown.Convert(out.Bytes(), &shown); err != nil {
			t.Fatal(err)
		}
		cells := cell.FindAllStringSubmatch(shown.String(), -1)
		if len(cells) != 4+4+7 {
			t.Errorf("%q: %d cells in\n%s", value, len(cells), out.String())
			continue
		}
		got := cells[4+4+5][1]
		inner, code := strings.CutPrefix(got, "<code>")
		inner = strings.TrimSuffix(inner, "</code>")
		if code != strings.ContainsAny(value, "@#!") || strings.ContainsAny(inner, "<>") || html.UnescapeString(inner) != value {
			t.Errorf("%q is shown as %s", value, got)
		}
	}
	r := has(dds, "a")
	r.Verdict.Violations[0].Value = "two\nlines\r\n\x1b[2J"
	var out bytes.Buffer
	if err := New([]collector.Report{r}, nil).Write(&out, "markdown"); err != nil || !strings.Contains(out.String(), `| &#34;two&#92;nlines&#92;r&#92;n&#92;x1b&#91;2J&#34; |`) {
		t.Errorf("%s%v", out.String(), err)
	}
}

// TestMarkdownIsShort: a ticket does not hold everything.
func TestMarkdownIsShort(t *testing.T) {
	var ids []string
	for i := range mostRows + 7 {
		ids = append(ids, fmt.Sprintf("i-%03d", i))
	}
	var out bytes.Buffer
	if err := New([]collector.Report{has(dds, ids...)}, nil).Write(&out, "markdown"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "| the i-"); n != mostRows || !strings.HasSuffix(out.String(), "\n\nand 7 more, which `--format=json` lists.\n") {
		t.Errorf("%d rows:\n%s", n, out.String())
	}
}

// TestResponsible: an audit of one party is about what is theirs. What is mended was
// theirs; what has another owner now is not mended.
func TestResponsible(t *testing.T) {
	now, before := teams()
	now = now[:1]
	baseline := written(t, before)
	for _, test := range []struct {
		names      []string
		violations string
		mended     string
		code       int
		want       string
		strangers  string
	}{
		{nil, "+a1 =b1 +c1", "=d1", 2, "shop: 9 resources, 3 noncompliant, 3 untagged, 0 unreadable, 3 violations (2 new, 1 known, 1 mended, 0 not compared)", ""},
		{[]string{"ana"}, "=b1 +c1", "", 2, "shop: 5 resources, 2 noncompliant, 0 untagged, 0 unreadable, 2 violations (1 new, 1 known, 0 mended, 0 not compared)", ""},
		{[]string{"bo"}, "", "=d1", 0, "shop: 2 resources, 0 noncompliant, 1 untagged, 0 unreadable, 0 violations (0 new, 0 known, 1 mended, 0 not compared)", ""},
		{[]string{"bo", "", "cy"}, "+a1", "=d1", 2, "shop: 4 resources, 1 noncompliant, 3 untagged, 0 unreadable, 1 violations (1 new, 0 known, 1 mended, 0 not compared)", "cy"},
	} {
		a := New(now, baseline, test.names...)
		var out bytes.Buffer
		if err := a.Write(&out, "table"); err != nil {
			t.Fatal(err)
		}
		if shown(a.Violations) != test.violations || shown(a.Mended) != test.mended || a.ExitCode() != test.code ||
			!strings.Contains("\n"+out.String(), "\n"+test.want+"\n") || strings.Join(a.Strangers, " ") != test.strangers {
			t.Errorf("%q: %s, mended %s, exit code %d, strangers %q\n%s", test.names, shown(a.Violations), shown(a.Mended), a.ExitCode(), a.Strangers, out.String())
		}
	}
	checkWritten(t, "table", []collector.Report{now[0], pairs(1)}, `PROJECT  SERVICE    RESOURCE             RULE  KEY  VALUE  REASON   RESPONSIBLE
shop     dds        the a                env   env         missing  
shop     dds        the b                env   env         missing  ana
shop     dds        the c                env   env         missing  ana
shop     modelarts  (1 key/value pairs)  env   env         value    

shop: 9 resources, 3 noncompliant, 3 untagged, 0 unreadable, 4 violations
`)
}
