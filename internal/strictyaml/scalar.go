package strictyaml

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"
)

// scalar fills a field that is neither list nor mapping. It returns false for others.
func (d *Decoder) scalar(p *Place, to any) bool {
	switch to := to.(type) {
	case *string:
		if text := d.text(p); !p.Bad {
			*to = text
		}
	case *bool:
		d.value(p, to, "true or false", "!!bool")
	case *int:
		d.value(p, to, "a whole number", "!!int")
		d.bounds(p, float64(*to), p.node.Value)
	case *float64:
		d.value(p, to, "a number", "!!int", "!!float")
		d.bounds(p, *to, Quote(p.node.Value))
	case *time.Duration:
		*to = d.duration(p)
	default:
		return false
	}
	return true
}

// value decodes a value that has one of the YAML tags, and is called so.
func (d *Decoder) value(p *Place, to any, called string, tags ...string) {
	switch kind := kindOf(p.node); {
	case slices.Contains(tags, p.node.ShortTag()) && p.node.Decode(to) == nil:
	case kind == text:
		d.Errorf(p, "must be %s, not text: %s", called, Quote(p.node.Value))
	case slices.Contains(plain, kind):
		d.Errorf(p, "must be %s: %s", called, Quote(p.node.Value))
	default:
		d.Errorf(p, "must be %s, not %s", called, kind)
	}
}

// bounds holds a number to those in its tags.
func (d *Decoder) bounds(p *Place, number float64, shown string) {
	least, most := cmp.Or(p.tag.Get("least"), "0"), cmp.Or(p.tag.Get("most"), "2147483647")
	from, _ := strconv.ParseFloat(least, 64)
	to, _ := strconv.ParseFloat(most, 64)
	switch {
	case p.Bad:
	case math.IsNaN(number) || math.IsInf(number, 0):
		d.Errorf(p, "must be finite: %s", shown)
	case number < from:
		d.Errorf(p, "must be at least %s: %s", least, shown)
	case number > to:
		d.Errorf(p, "must be at most %s: %s", most, shown)
	}
}

func (d *Decoder) duration(p *Place) time.Duration {
	text := d.text(p)
	t, err := time.ParseDuration(text)
	switch {
	case p.Bad:
	case err != nil && p.node.ShortTag() == "!!int":
		d.Errorf(p, "not a duration: %s has no unit, such as %q", Quote(text), text+"s")
	case err != nil:
		d.Errorf(p, "not a duration: %s", Quote(text))
	case p.tag.Get("least") != "" && t <= 0:
		d.Errorf(p, "must be more than 0: %s", Quote(text))
	case t < 0:
		d.Errorf(p, "must not be negative: %s", Quote(text))
	}
	return t
}

// text decodes any plain value as it is written: a tag value 100 or a project ID
// of digits only needs no quotes.
func (d *Decoder) text(p *Place) string {
	if !d.IsText(p) {
		return ""
	}
	text := p.node.Value
	if err := d.Check(p.tag.Get("is"), &text); err != nil {
		d.Errorf(p, "%w", err)
	}
	return text
}

// IsText reports whether a plain value stands at a place, and notes if it does not.
func (d *Decoder) IsText(p *Place) bool { return d.must(p, text, plain...) }
