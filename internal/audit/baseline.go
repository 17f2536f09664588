package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huaweicloud_tag_exporter/collector"
	"huaweicloud_tag_exporter/internal/policy"
)

// Baseline has the violations that an earlier audit found.
type Baseline struct{ rows []Row }

// baselineRow is a row as a file has it. Only a member that is there can be compared.
type baselineRow struct{ Row }

// UnmarshalJSONFrom reads a row, and refuses one that lacks what makes a violation the same
// as another.
func (r *baselineRow) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	var given map[string]jsontext.Value
	if err := json.Unmarshal(value, &given); err != nil {
		return errors.New("a violation is no object")
	}
	for _, name := range []string{"account", "project", "region", "service", "resource_type", "resource_id", "rule", "key", "reason", "count"} {
		if _, ok := given[name]; !ok {
			return fmt.Errorf("a violation has no %s, so it is not of this version's audit --format=json", name)
		}
	}
	if err := json.Unmarshal(value, &r.Row); err != nil {
		wrong, _ := errors.AsType[*json.SemanticError](err)
		return fmt.Errorf("%s of a violation is not what the JSON of an audit has there", strings.TrimPrefix(string(wrong.JSONPointer), "/"))
	}
	reasons := []policy.Reason{policy.Missing, policy.Value, policy.Forbidden, policy.KeyCase}
	switch {
	case !slices.Contains(reasons, policy.Reason(r.Reason)):
		return fmt.Errorf("a violation has an unknown reason %.80q", r.Reason)
	case r.Count < 1:
		return fmt.Errorf("a violation has a count of %d", r.Count)
	}
	return nil
}

// ReadBaseline reads the JSON of an earlier audit. What that could not compare is known
// still.
func ReadBaseline(path string) (*Baseline, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the baseline: %w", err)
	}
	b, offset, err := parseBaseline(bytes.TrimPrefix(content, []byte("\ufeff")))
	switch {
	case err == nil:
		return b, nil
	case len(bytes.TrimSpace(content)) == 0:
		return nil, fmt.Errorf("read the baseline: %s is empty, as a shell leaves a file that the output goes to", path)
	}
	line := 1 + bytes.Count(content[:min(int(offset), len(content))], []byte("\n"))
	return nil, fmt.Errorf("read the baseline: %s:%d: %w", path, line, err)
}

// parseBaseline also returns how far it came before an error.
func parseBaseline(content []byte) (b *Baseline, offset int64, err error) {
	var file struct {
		Violations *[]baselineRow `json:"violations"`
		Uncompared []baselineRow  `json:"uncompared"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return nil, syntactic.ByteOffset, fmt.Errorf("not JSON: %w", syntactic.Err)
		}
		semantic, ok := errors.AsType[*json.SemanticError](err)
		if !ok {
			return nil, 0, err
		}
		at := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
		if semantic.Err == nil {
			semantic.Err = errors.New("not what the JSON of an audit has there")
		}
		if at != "" {
			at += ": "
		}
		return nil, semantic.ByteOffset, fmt.Errorf("%s%w", at, semantic.Err)
	}
	if file.Violations == nil {
		return nil, 0, errors.New("not the JSON of an audit: it has no violations")
	}
	b = new(Baseline)
	for _, r := range slices.Concat(*file.Violations, file.Uncompared) {
		r.Known = true
		b.rows = append(b.rows, r.Row)
	}
	return b, 0, nil
}

// violation is what makes two rows the same. Names of resources may change, and so may
// values, and who is responsible.
type violation struct {
	Part
	id, rule, key, reason string
}

func (r Row) violation() violation {
	return violation{r.Part, r.ResourceID, r.Rule, r.Key, r.Reason}
}

// compare marks what the baseline has, and lists what it has alone. A row of several
// pairs of which some are known becomes two.
func (a *Audit) compare(baseline *Baseline, reports []collector.Report) {
	left := make(map[violation]int)
	for _, r := range baseline.rows {
		left[r.violation()] += r.Count
	}
	var fresh []Row
	for i := range a.Violations {
		r := &a.Violations[i]
		known := min(left[r.violation()], r.Count)
		left[r.violation()] -= known
		if known == 0 {
			continue
		}
		if rest := r.Count - known; rest > 0 {
			more := *r
			more.Count = rest
			fresh = append(fresh, more)
		}
		r.Known, r.Count = true, known
	}
	a.Violations = append(a.Violations, fresh...)
	worstFirst(a.Violations)
	now := survey(reports)
	for _, r := range baseline.rows {
		r.Count = min(left[r.violation()], r.Count)
		left[r.violation()] -= r.Count
		switch {
		case r.Count == 0:
		case now.compares(r):
			a.Mended = append(a.Mended, r)
		default:
			a.Uncompared = append(a.Uncompared, r)
		}
	}
	worstFirst(a.Mended)
	worstFirst(a.Uncompared)
}
