package simulator

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

var (
	digits        = regexp.MustCompile(`^[0-9]{1,10}$`)
	projectIDForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
)

const maxInt32 = math.MaxInt32

// check holds a request to the row of its API: the project's ID, the query, and no
// body where none belongs. It reads offset and limit, if they are in the query.
func (q *call) check() error {
	if q.r.Method == http.MethodGet && len(q.body) > 0 {
		return fmt.Errorf("a body of %d bytes on a GET", len(q.body))
	}
	if !projectIDForm.MatchString(q.project) || q.service.shortIDs && len(q.project) > 36 {
		return fmt.Errorf("project id %q is malformed", q.project)
	}
	known, pages := q.api.query, q.api.paging.maxLimit > 0 && !q.api.paging.inBody
	if pages {
		known = append(slices.Clip(known), parameter{name: "offset"}, parameter{name: "limit"})
	}
	if err := q.checkQuery(known); err != nil || !pages {
		return err
	}
	return q.readPage(func(name string) (string, bool) { return q.query.Get(name), q.query.Has(name) })
}

// checkQuery refuses parameters that the API does not have, that are given twice,
// or that lack a value it knows.
func (q *call) checkQuery(known []parameter) error {
	for name, values := range q.query {
		i := slices.IndexFunc(known, func(p parameter) bool { return p.name == name })
		switch {
		case i < 0:
			return fmt.Errorf("unknown query parameter %q", name)
		case len(values) > 1:
			return fmt.Errorf("query parameter %q is given %d times", name, len(values))
		case known[i].values != nil && !slices.Contains(known[i].values, values[0]):
			return fmt.Errorf("%s %q is not one of %q", name, values[0], known[i].values)
		}
	}
	for _, p := range known {
		if p.required && !q.query.Has(p.name) {
			return fmt.Errorf("query parameter %q is missing", p.name)
		}
	}
	return nil
}

// readPage reads offset and limit, which get finds by name.
func (q *call) readPage(get func(name string) (text string, given bool)) (err error) {
	p := q.api.paging
	q.limit = p.limit
	if text, given := get("offset"); given {
		if q.offset, err = number("offset", text, 0, p.maxOffset); err != nil {
			return err
		}
	}
	if text, given := get("limit"); given {
		q.limit, err = number("limit", text, 1, p.maxLimit)
	}
	return err
}

// number reads a whole number from a range, both ends included.
func number(name, text string, lowest, highest int) (int, error) {
	value, err := strconv.Atoi(text)
	if err != nil || !digits.MatchString(text) {
		return 0, fmt.Errorf("%s %q is not a whole number", name, text)
	}
	if value < lowest || value > highest {
		return 0, fmt.Errorf("%s %d is outside %d-%d", name, value, lowest, highest)
	}
	return value, nil
}
