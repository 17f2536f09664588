package simulator

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

var (
	digits        = regexp.MustCompile(`^[0-9]{1,10}$`)
	projectIDForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
)

const (
	maxInt32         = math.MaxInt32
	maxFabricIDChars = 36
	maxFabricOffset  = 1_000_000_000
)

// checkProjectID checks the path's project ID: 1-64 letters, digits and "-", for
// Fabric up to 36.
func (c *Cloud) checkProjectID(q *call) error {
	if !projectIDForm.MatchString(q.project) || q.isFabric() && len(q.project) > maxFabricIDChars {
		return c.badRequest(q, "project id %q is malformed", q.project)
	}
	return nil
}

// checkQuery refuses parameters that the API does not have, or that are given twice.
func (c *Cloud) checkQuery(q *call, known ...string) error {
	for name, values := range q.query {
		if !slices.Contains(known, name) {
			return c.badRequest(q, "unknown query parameter %q", name)
		}
		if len(values) > 1 {
			return c.badRequest(q, "query parameter %q is given %d times", name, len(values))
		}
	}
	return nil
}

// number reads an integer query parameter within a range, both ends included.
type number struct {
	name            string
	fallback        int // where it is absent
	lowest, highest int
}

func (c *Cloud) queryNumber(q *call, n number) (int, error) {
	if !q.query.Has(n.name) {
		return n.fallback, nil
	}
	text := q.query.Get(n.name)
	value, err := strconv.Atoi(text)
	if err != nil || !digits.MatchString(text) {
		return 0, c.badRequest(q, "%s %q is not a whole number", n.name, text)
	}
	if value < n.lowest || value > n.highest {
		return 0, c.badRequest(q, "%s %d is outside %s", n.name, value, n.interval())
	}
	return value, nil
}

func (n number) interval() string { return fmt.Sprintf("%d-%d", n.lowest, n.highest) }

// queryPage reads offset and limit.
func (c *Cloud) queryPage(q *call, limit number, maxOffset int) (offset, size int, err error) {
	offset, err = c.queryNumber(q, number{name: "offset", highest: maxOffset})
	if err != nil {
		return 0, 0, err
	}
	limit.name = "limit"
	size, err = c.queryNumber(q, limit)
	return offset, size, err
}
