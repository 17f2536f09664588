package config

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// scalar fills a field that is neither list nor mapping. It returns false for others.
func (d *decoder) scalar(p *place, to any) bool {
	switch to := to.(type) {
	case *string:
		if text := d.text(p); !p.bad {
			*to = text
			d.check(p, to)
		}
	case *huaweicloud.Secret:
		*to = d.secret(p)
	case *bool:
		d.value(p, to, "true or false", "!!bool")
	case *int:
		d.value(p, to, "a whole number", "!!int")
		d.bounds(p, float64(*to), p.node.Value)
	case *float64:
		d.value(p, to, "a number", "!!int", "!!float")
		d.bounds(p, *to, quote(p.node.Value))
	case *time.Duration:
		*to = d.duration(p)
	default:
		return false
	}
	return true
}

// value decodes a value that has one of the YAML tags, and is called so.
func (d *decoder) value(p *place, to any, called string, tags ...string) {
	switch kind := kindOf(p.node); {
	case slices.Contains(tags, p.node.ShortTag()) && p.node.Decode(to) == nil:
	case kind == text:
		d.errorf(p, "must be %s, not text: %s", called, quote(p.node.Value))
	case slices.Contains(plain, kind):
		d.errorf(p, "must be %s: %s", called, quote(p.node.Value))
	default:
		d.errorf(p, "must be %s, not %s", called, kind)
	}
}

// bounds holds a number to those in its tags.
func (d *decoder) bounds(p *place, number float64, shown string) {
	least, most := cmp.Or(p.tag.Get("least"), "0"), cmp.Or(p.tag.Get("most"), "2147483647")
	from, _ := strconv.ParseFloat(least, 64)
	to, _ := strconv.ParseFloat(most, 64)
	switch {
	case p.bad:
	case math.IsNaN(number) || math.IsInf(number, 0):
		d.errorf(p, "must be finite: %s", shown)
	case number < from:
		d.errorf(p, "must be at least %s: %s", least, shown)
	case number > to:
		d.errorf(p, "must be at most %s: %s", most, shown)
	}
}

func (d *decoder) duration(p *place) time.Duration {
	text := d.text(p)
	t, err := time.ParseDuration(text)
	switch {
	case p.bad:
	case err != nil && p.node.ShortTag() == "!!int":
		d.errorf(p, "not a duration: %s has no unit, such as %q", quote(text), text+"s")
	case err != nil:
		d.errorf(p, "not a duration: %s", quote(text))
	case p.tag.Get("least") != "" && t <= 0:
		d.errorf(p, "must be more than 0: %s", quote(text))
	case t < 0:
		d.errorf(p, "must not be negative: %s", quote(text))
	}
	return t
}

// text decodes any plain value as it is written: a tag value 100 or a project ID
// of digits only needs no quotes. One that refers to an environment variable is an
// error: it would be taken as it is, and what is wrong with it show up much later.
func (d *decoder) text(p *place) string {
	if d.must(p, text, plain...) && reference.MatchString(p.node.Value) {
		d.errorf(p, "${…} is expanded only in secrets, as the whole value")
	}
	return p.node.Value
}

var (
	identifier  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	idPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$|^[A-Za-z0-9_-]{0,63}\*$`)
	typePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+\*?$|^[A-Za-z0-9_-]*\.?\*$`)
)

// check checks a text for what it is. A path is made relative to the configuration
// file's folder; an ID goes into request paths and host names.
func (d *decoder) check(p *place, to *string) {
	is := p.tag.Get("is")
	var err error
	switch {
	case is != "" && is != "expression" && *to == "":
		d.errorf(p, "must not be empty")
	case is == "id" && !identifier.MatchString(*to):
		d.errorf(p, "must be 1 to 64 letters, digits, - and _: %s", quote(*to))
		*to = ""
	case is == "id pattern" && !idPattern.MatchString(*to):
		d.errorf(p, "must be 1 to 64 letters, digits, - and _, the last may be *: %s", quote(*to))
	case is == "type pattern" && !typePattern.MatchString(*to):
		d.errorf(p, "must be provider.type, such as ecs.cloudservers, or the beginning of one and *: %s", quote(*to))
	case is == "endpoint":
		_, err = huaweicloud.ParseEndpoint(*to)
		*to = strings.TrimSuffix(*to, "/")
	case is == "expression":
		_, err = inventory.CompileWhole(*to)
	case is == "file", is == "certificates":
		if !filepath.IsAbs(*to) {
			*to = filepath.Join(d.dir, *to)
		}
		d.files[*to], err = d.read(*to)
		if is == "certificates" && err == nil {
			_, err = huaweicloud.ParseCertificates(*to, d.files[*to])
		}
	}
	if err != nil {
		d.errorf(p, "%w", err)
	}
}

var (
	// reference matches what has ${NAME}, ${NAME:-default} or the like in it. With a
	// digit it may be a part of an expression: a${2}.
	reference      = regexp.MustCompile(`\$\{[^0-9]`)
	wholeReference = regexp.MustCompile(`(?s)^\$\{(.*)\}$`)
	isVariable     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString
)

// secret decodes a secret: as it is written, from the environment variable that
// stands there in ${}, or in the file that is named instead, which is read again when
// the secret is used.
func (d *decoder) secret(p *place) huaweicloud.Secret {
	written, inFile := huaweicloud.NewSecret, huaweicloud.NewSecretFile
	if p.tag.Get("is") == "password" {
		written, inFile = huaweicloud.NewPassword, huaweicloud.NewPasswordFile
	}
	secret, from := written(p.node.Value), "the value "
	switch whole := wholeReference.FindStringSubmatch(p.node.Value); {
	case strings.HasSuffix(p.key, "_file"):
		var path string
		p.tag = `is:"file"`
		d.scalar(p, &path)
		secret, from = inFile(path), ""
	case !d.must(p, text, plain...):
	case whole != nil && isVariable(whole[1]):
		value, found := os.LookupEnv(whole[1])
		secret, from = written(value), "environment variable "+whole[1]+" "
		if !found {
			d.errorf(p, "%sis not set", from)
		}
	case whole != nil:
		d.errorf(p, "${…} must hold the name of one environment variable")
	case reference.MatchString(p.node.Value):
		d.errorf(p, "${…} must be the whole value")
	}
	if _, err := secret.Reveal(); err != nil && !p.bad {
		d.errorf(p, "%s%w", from, err)
	}
	return secret
}
