package simulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// inventory is an account made ready to be served. Like a snapshot it never changes.
type inventory struct {
	account Account
	// lists are in the order of place: all resources, and those of each type, of each
	// region and of both.
	lists map[listKey][]*recorded
}

// listKey is what a list is narrowed to; empty fields are all.
type listKey struct{ kind, region string }

// recorded is a resource of an account with its JSON.
type recorded struct {
	*AccountResource
	place uint64 // in the order of all lists
	item  []byte
}

// kind is what the parameter type compares, and region what region_id does.
func (r *AccountResource) kind() string   { return r.Provider + "." + r.Type }
func (r *AccountResource) region() string { return cmp.Or(r.Region, globalRegion) }

func (r *AccountResource) epID() string { return cmp.Or(r.EnterpriseProjectID, "0") }

const globalRegion = "global"

// newInventory orders the resources by a hash of what makes them unique: no page
// tells in which order they come, so that no reader may rely on one, and a resource
// keeps its place when others come and go.
func (c *Cloud) newInventory(a Account) *inventory {
	all := make([]recorded, len(a.Resources))
	for i := range a.Resources {
		r := &a.Resources[i]
		hash := sha256.Sum256([]byte(strings.Join([]string{r.ID, r.kind(), r.region(), r.Project}, "\x00")))
		all[i] = recorded{AccountResource: r, place: binary.BigEndian.Uint64(hash[:]), item: appendRecorded(nil, r)}
	}
	slices.SortFunc(all, func(a, b recorded) int { return cmp.Compare(a.place, b.place) })
	s := &inventory{account: a, lists: make(map[listKey][]*recorded)}
	for i := range all {
		r := &all[i]
		if i > 0 && r.place == all[i-1].place {
			panic(fmt.Sprintf("simulator: %s %q of project %q in %s is given twice", r.kind(), r.ID, r.Project, r.region()))
		}
		kind := c.comparable(r.kind())
		for _, key := range []listKey{{}, {kind: kind}, {region: r.region()}, {kind, r.region()}} {
			s.lists[key] = append(s.lists[key], r)
		}
	}
	return s
}

// comparable is a type as filters compare it.
func (c *Cloud) comparable(kind string) string {
	if c.quirks.ExactTypes {
		return kind
	}
	return strings.ToLower(kind)
}

func appendRecorded(b []byte, r *AccountResource) []byte {
	name := r.EnterpriseProject
	if name == "" && r.epID() == "0" {
		name = "default"
	}
	b = fmt.Appendf(b, `{"id":%s,"name":%s,"provider":%s,"type":%s,"region_id":%s,"project_id":%s,"project_name":%s,"ep_id":%s,"ep_name":%s,`+
		`"checksum":"9f00aa","created":%s,"updated":%s,"provisioning_state":"Succeeded"`,
		text(r.ID), text(r.Name), text(r.Provider), text(r.Type), text(r.region()), text(r.Project), text(r.ProjectName), text(r.epID()), text(name),
		text(r.Created), text(r.Updated))
	if r.State != "" {
		b = appendTextMember(b, "state", r.State)
	}
	switch r.TagsMember {
	case Absent:
	case Null:
		b = append(appendMember(b, "tags"), "null"...)
	default:
		b = appendTagMembers(appendMember(b, "tags"), r.Tags)
	}
	b = append(appendMember(b, "properties"), cmp.Or(r.Properties, "{}")...)
	return closeObject(b)
}
