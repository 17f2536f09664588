package tagapi

import (
	"net/http"
	"strings"
	"sync"

	"huaweicloud_tag_exporter/internal/huaweicloud"
)

// isGone reports whether DDS says, in its own words, that an instance does not
// exist, although it was listed: it was deleted meanwhile. A 404 without an error
// code, or with one of the gateway, only says that the way to it is wrong.
func isGone(e *huaweicloud.Error) bool {
	switch e.Status {
	case http.StatusNotFound:
		return strings.HasPrefix(e.Code, "DBS.")
	case http.StatusBadRequest, http.StatusForbidden:
		return e.Code == "DBS.280110" || e.Code == "DBS.201028"
	}
	return false
}

// goneInstances are those that one read was told are gone. They are held back, as
// unreadable, until anything else was said of any instance: where all of a fleet
// seem to be gone, it is the answers that are wrong. Those that the read before
// was told of, too, and that are still listed, stay unreadable in any case.
type goneInstances struct {
	mu       sync.Mutex
	believed bool     // something else was said of an instance
	held     []string // IDs that count nowhere, if they are believed
	again    []string // IDs that are never believed
}

// add takes one that is gone. It returns those that are to be removed now.
func (g *goneInstances) add(id string, again bool) (remove []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case again:
		g.again = append(g.again, id)
	case g.believed:
		return []string{id}
	default:
		g.held = append(g.held, id)
	}
	return nil
}

// believe says that not all are gone. It returns those that are to be removed now.
func (g *goneInstances) believe() (remove []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	remove, g.held, g.believed = g.held, nil, true
	return remove
}

// unbelieved returns those that are gone for no good reason.
func (g *goneInstances) unbelieved() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append(g.held, g.again...)
}
