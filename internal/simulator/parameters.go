package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

var (
	digits        = regexp.MustCompile(`^[0-9]{1,10}$`)
	domainIDForm  = regexp.MustCompile(`^[\w-]{1,36}$`)
	projectIDForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
)

// form is an expression for the values of a parameter.
type form interface{ MatchString(text string) bool }

// lazyForm is one that is compiled when it is first needed. Letters of all languages, some
// hundred times, take more than ten megabytes, and the exporter has this package in it
// also where nobody asks for its demo.
type lazyForm func() *regexp.Regexp

func lazily(expression string) lazyForm {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func (f lazyForm) MatchString(text string) bool { return f().MatchString(text) }

func (f lazyForm) String() string { return f().String() }

// check holds a request to the row of its API: the ID of the project or account, the
// query, and no body where none belongs. It reads which page is asked for, if the query
// says it.
func (c *Cloud) check(q *call) error {
	if q.r.Method == http.MethodGet && len(q.body) > 0 {
		return fmt.Errorf("a body of %d bytes on a GET", len(q.body))
	}
	if q.service.scope == ofProject && (!projectIDForm.MatchString(q.project) || q.service.shortIDs && len(q.project) > 36) {
		return fmt.Errorf("project id %q is malformed", q.project)
	}
	if q.service.scope == ofAccount && !domainIDForm.MatchString(q.domain) {
		return fmt.Errorf("domain id %q is malformed", q.domain)
	}
	known := append(slices.Clip(q.api.query), q.api.pages.parameters()...)
	if q.api.enterprise != "" {
		known = append(known, parameter{name: q.api.enterprise})
	}
	if err := q.checkQuery(known); err != nil || q.api.pages.start == "" || q.api.pages.inBody {
		return err
	}
	return c.readPage(q, func(name string) (string, bool) { return q.query.Get(name), q.query.Has(name) })
}

// checkQuery refuses parameters that the API does not have, that are given twice,
// or that lack a value it knows.
func (q *call) checkQuery(known []parameter) error {
	for name, values := range q.query {
		i := slices.IndexFunc(known, func(p parameter) bool { return p.name == name })
		switch {
		case i < 0:
			return fmt.Errorf("unknown query parameter %q", name)
		case known[i].many > 0:
			values = q.values(name)
		case len(values) > 1:
			return fmt.Errorf("query parameter %q is given %d times", name, len(values))
		}
		if err := known[i].check(values); err != nil {
			return err
		}
	}
	for _, p := range known {
		if p.required && !q.query.Has(p.name) {
			return fmt.Errorf("query parameter %q is missing", p.name)
		}
	}
	return nil
}

// check holds values to what the parameter may have.
func (p parameter) check(values []string) error {
	if p.many > 0 && len(values) > p.many {
		return fmt.Errorf("%s has %d values, more than %d", p.name, len(values), p.many)
	}
	for i, v := range values {
		switch {
		case p.values != nil && !slices.Contains(p.values, v):
			return fmt.Errorf("%s %q is not one of %q", p.name, v, p.values)
		case p.form != nil && !p.form.MatchString(v):
			return fmt.Errorf("%s %q does not look like %s", p.name, v, p.form)
		case slices.Contains(values[:i], v):
			return fmt.Errorf("%s %q is given twice", p.name, v)
		}
	}
	return nil
}

// values are those of a parameter that may have many: given again and again, or
// between commas, which no value may contain. Nil is none.
func (q *call) values(name string) (values []string) {
	for _, text := range q.query[name] {
		values = append(values, strings.Split(text, ",")...)
	}
	return values
}
