package config

import (
	"fmt"
	"math"
	"regexp"
	"time"

	"go.yaml.in/yaml/v3"

	"huaweicloud_tag_exporter/internal/inventory"
)

const maxInt = math.MaxInt32

// text decodes any plain value as it is written: a tag value 100 or a project ID
// of digits only needs no quotes. One that refers to an environment variable is an
// error: it would be taken as it is, and what is wrong with it show up much later.
func (d *decoder) text(v value) (text string, ok bool) {
	if text, ok = d.verbatim(v); ok && hasReference(text) {
		d.errorf(v, "${…} is expanded only in secrets, as the whole value")
		return "", false
	}
	return text, ok
}

// hasReference reports whether a text has ${NAME}, ${NAME:-default} or the like in
// it. With a digit it may be a part of an expression: a${2}.
func hasReference(text string) bool { return reference.MatchString(text) }

var reference = regexp.MustCompile(`\$\{[^0-9]`)

// verbatim decodes any plain value, whatever it refers to.
func (d *decoder) verbatim(v value) (text string, ok bool) {
	kind := kindOf(v.node)
	switch kind {
	case "text", "a number", "true or false":
		return v.node.Value, true
	case "nothing":
		d.errorf(v, "has no value")
	default:
		d.errorf(v, "must be text, not %s", kind)
	}
	return "", false
}

// text returns the text below a key, which may be empty.
func (s section) text(key, def string) string {
	if v, given := s.get(key); given {
		if text, ok := s.d.text(v); ok {
			return text
		}
	}
	return def
}

// name returns the text below a key, which must not be empty.
func (s section) name(key, def string) string {
	v, given := s.get(key)
	if !given {
		return def
	}
	text, ok := s.d.text(v)
	if ok && text == "" {
		s.d.errorf(v, "must not be empty")
	}
	return text
}

// identifier returns the text below a key, which goes into request paths and
// host names: 1 to 64 letters, digits, - and _. It returns "" for any other.
func (s section) identifier(key string) string {
	v, _ := s.get(key)
	text := s.name(key, "")
	if text != "" && !regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`).MatchString(text) {
		s.d.errorf(v, "must be 1 to 64 letters, digits, - and _: %s", quote(text))
		return ""
	}
	return text
}

// list returns the items of the list below a key, nil if it is not given or not
// a list.
func (s section) list(key string) []value {
	v, given := s.get(key)
	switch {
	case !given || s.d.spent(v):
		return nil
	case isNull(v.node):
		s.d.errorf(v, "has no value")
		return nil
	case v.node.Kind != yaml.SequenceNode || v.node.ShortTag() != "!!seq":
		s.d.errorf(v, "must be a list, not %s", kindOf(v.node))
		return nil
	}
	items := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		items[i] = s.d.value(n, fmt.Sprintf("%s[%d]", v.path, i), n.Line)
	}
	return items
}

// texts returns the texts of the list below a key, nil if it is not given.
func (s section) texts(key string) []string {
	items := s.list(key)
	if items == nil {
		return nil
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if text, ok := s.d.text(item); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func (s section) boolean(key string) bool {
	v, given := s.get(key)
	if !given {
		return false
	}
	var b bool
	if v.node.ShortTag() != "!!bool" || v.node.Decode(&b) != nil {
		s.d.errorf(v, "must be true or false%s", s.d.instead(v))
	}
	return b
}

func (s section) integer(key string, def, least, most int) int {
	v, given := s.get(key)
	if !given {
		return def
	}
	var i int
	switch {
	case v.node.ShortTag() != "!!int" || v.node.Decode(&i) != nil:
		s.d.errorf(v, "must be a whole number%s", s.d.instead(v))
	case i < least:
		s.d.errorf(v, "must be at least %d: %d", least, i)
	case i > most:
		s.d.errorf(v, "must be at most %d: %d", most, i)
	default:
		return i
	}
	return def
}

// number returns the number below a key, finite and not negative.
func (s section) number(key string, def float64) float64 {
	v, given := s.get(key)
	if !given {
		return def
	}
	var f float64
	tag := v.node.ShortTag()
	switch {
	case tag != "!!int" && tag != "!!float" || v.node.Decode(&f) != nil:
		s.d.errorf(v, "must be a number%s", s.d.instead(v))
	case math.IsNaN(f) || math.IsInf(f, 0):
		s.d.errorf(v, "must be finite: %s", quote(v.node.Value))
	case f < 0:
		s.d.errorf(v, "must be at least 0: %s", quote(v.node.Value))
	default:
		return f
	}
	return def
}

func (s section) duration(key string, def, least time.Duration) time.Duration {
	v, given := s.get(key)
	if !given {
		return def
	}
	text, ok := s.d.text(v)
	if !ok {
		return def
	}
	t, err := time.ParseDuration(text)
	switch {
	case err != nil && v.node.ShortTag() == "!!int":
		s.d.errorf(v, "not a duration: %s has no unit, such as %q", quote(text), text+"s")
	case err != nil:
		s.d.errorf(v, "not a duration: %s", quote(text))
	case t < least && least > 0:
		s.d.errorf(v, "must be more than 0: %s", quote(text))
	case t < least:
		s.d.errorf(v, "must not be negative: %s", quote(text))
	default:
		return t
	}
	return def
}

// expression returns a regular expression, which matches whole keys only, and how
// it is written.
func (s section) expression(key, def string) (whole *regexp.Regexp, text string) {
	text = s.text(key, def)
	whole, err := inventory.CompileWhole(text)
	if err != nil {
		v, _ := s.get(key)
		s.d.errorf(v, "%w", err)
	}
	return whole, text
}

// instead says what stands where something else should.
func (d *decoder) instead(v value) string {
	if v.node.Kind != yaml.ScalarNode || isNull(v.node) {
		return ", not " + kindOf(v.node)
	}
	if v.node.ShortTag() == "!!str" {
		return ", not text: " + quote(v.node.Value)
	}
	return ": " + quote(v.node.Value)
}

// quote quotes what the user wrote, the beginning of it if it is long.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:80]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
