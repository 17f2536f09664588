package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/strictyaml"
)

var (
	identifier  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	idPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$|^[A-Za-z0-9_-]{0,63}\*$`)
	typePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+\*?$|^[A-Za-z0-9_-]*\.?\*$`)

	// reference matches what has ${NAME}, ${NAME:-default} or the like in it. With a
	// digit it may be a part of an expression: a${2}.
	reference      = regexp.MustCompile(`\$\{[^0-9]`)
	wholeReference = regexp.MustCompile(`(?s)^\$\{(.*)\}$`)
	isVariable     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString
)

// check checks a text for what it is. An ID goes into request paths and host names; a path
// is made relative to the configuration file's folder. A text that refers to an environment
// variable is an error: it would be taken as it is, and what is wrong with it show up much
// later.
func (d *decoder) check(is string, text *string) (err error) {
	switch {
	case reference.MatchString(*text):
		return errors.New("${…} is expanded only in secrets, as the whole value")
	case is != "" && is != "expression" && *text == "":
		return errors.New("must not be empty")
	case is == "id" && !identifier.MatchString(*text):
		return fmt.Errorf("must be 1 to 64 letters, digits, - and _: %s", strictyaml.Quote(*text))
	case is == "id pattern" && !idPattern.MatchString(*text):
		return fmt.Errorf("must be 1 to 64 letters, digits, - and _, the last may be *: %s", strictyaml.Quote(*text))
	case is == "type pattern" && !typePattern.MatchString(*text):
		return fmt.Errorf("must be provider.type, such as ecs.cloudservers, or the beginning of one and *: %s", strictyaml.Quote(*text))
	case is == "endpoint":
		_, err = huaweicloud.ParseEndpoint(*text)
		*text = strings.TrimSuffix(*text, "/")
	case is == "expression":
		_, err = inventory.CompileWhole(*text)
	case is == "file", is == "certificates":
		if !filepath.IsAbs(*text) {
			*text = filepath.Join(d.dir, *text)
		}
		d.files[*text], err = d.read(*text)
		if is == "certificates" && err == nil {
			_, err = huaweicloud.ParseCertificates(*text, d.files[*text])
		}
	}
	return err
}

// secret fills a secret, and returns false for other fields: as it is written, from the
// environment variable that stands there in ${}, or in the file that is named instead,
// which is read again when the secret is used.
func (d *decoder) secret(p *strictyaml.Place, to any) bool {
	field, ok := to.(*huaweicloud.Secret)
	if !ok || !d.IsText(p) {
		return ok
	}
	written, inFile, text := huaweicloud.NewSecret, huaweicloud.NewSecretFile, p.Value()
	if strings.HasPrefix(p.Key, "password") { // which may have spaces inside
		written, inFile = huaweicloud.NewPassword, huaweicloud.NewPasswordFile
	}
	from, err := "the value ", error(nil)
	switch whole := wholeReference.FindStringSubmatch(text); {
	case strings.HasSuffix(p.Key, "_file"):
		from, err = "", d.check("file", &text)
		*field = inFile(text)
	case whole != nil && isVariable(whole[1]):
		from = "environment variable " + whole[1] + " "
		value, found := os.LookupEnv(whole[1])
		if *field = written(value); !found {
			err = fmt.Errorf("%sis not set", from)
		}
	case whole != nil:
		err = errors.New("${…} must hold the name of one environment variable")
	case reference.MatchString(text):
		err = errors.New("${…} must be the whole value")
	default:
		*field = written(text)
	}
	if err == nil {
		if _, err = field.Reveal(); err != nil {
			err = fmt.Errorf("%s%w", from, err)
		}
	}
	if err != nil {
		d.Errorf(p, "%w", err)
	}
	return true
}
