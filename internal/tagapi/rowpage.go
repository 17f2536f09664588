package tagapi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
)

// rowPage is an answer to the call of a row.
type rowPage struct {
	row    *row
	listed bool // the list was there, empty or not
	items  []rowItem
	total  huaweicloud.Count
	given  bool // a total was there, be it a number or not
	marker huaweicloud.Text
	item   itemBeingRead
}

// rowItem is a resource as it is listed.
type rowItem struct {
	inventory.Resource
	enterprise huaweicloud.Text // the ID of its enterprise project; "": not given
	foreign    bool             // is listed, but not wanted
	unreadable bool             // the resource is there, its tags are not to be read
}

// UnmarshalJSONFrom reads what the row says where to find.
func (a *rowPage) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	wanted := make(members, 0, 3)
	wanted.add(a.row.items, a.readItems)
	if a.row.total != "" {
		wanted.add(a.row.total, func(d *jsontext.Decoder) error {
			a.given = true
			return a.total.UnmarshalJSONFrom(d)
		})
	}
	if a.row.pages.chained && !a.row.pages.lastID {
		wanted.add("page_info.next_marker", a.marker.UnmarshalJSONFrom)
	}
	return wanted.readFrom(d, skip)
}

// readItems reads the list, of which one item after the other is in item.
func (a *rowPage) readItems(d *jsontext.Decoder) error {
	a.items = nil
	switch d.PeekKind() {
	case '[':
	case '{':
		return errors.New("want an array")
	default:
		a.listed = d.PeekKind() != 'n'
		return readNothing(d, "want an array")
	}
	a.listed = true
	item, wanted := &a.item, a.itemMembers()
	a.items = make([]rowItem, 0, min(a.row.pages.size, 100))
	return readItems(d, func() error {
		*item = itemBeingRead{}
		if err := wanted.readFrom(d, item.skip); err != nil {
			return err
		}
		if item.id.Text == "" && a.row.noID {
			return nil
		}
		if err := a.row.checkItem(item); err != nil {
			return err
		}
		item.ID, item.Name = string(item.id.Text), string(cmp.Or(item.name.Text, item.orName.Text))
		item.enterprise = cmp.Or(item.enterprise, huaweicloud.Text(a.row.noEnterprise))
		item.foreign = a.row.where != "" && !a.row.wanted(string(item.where.Text))
		item.Tags = slices.DeleteFunc(item.Tags, func(t inventory.Tag) bool { return slices.Contains(a.row.system, t.Key) })
		a.items = append(a.items, item.rowItem)
		return nil
	})
}

// itemBeingRead is an item with what tells what it is.
type itemBeingRead struct {
	rowItem
	id, name, orName, where huaweicloud.Member
	undocumented            bool // it has arrays or objects that are not known
}

// skip reads a member that is not known.
func (i *itemBeingRead) skip(d *jsontext.Decoder) error {
	kind := d.PeekKind()
	i.undocumented = i.undocumented || kind == '{' || kind == '['
	return d.SkipValue()
}

// itemMembers returns what is wanted of each item.
func (a *rowPage) itemMembers() members {
	r, item := a.row, &a.item
	wanted := make(members, 0, 8)
	text := func(path string, into *huaweicloud.Member) {
		if path != "" {
			wanted.add(path, into.UnmarshalJSONFrom)
		}
	}
	text(r.idPath(), &item.id)
	text(r.namePath(), &item.name)
	text(r.orName, &item.orName)
	text(r.where, &item.where)
	wanted.add(r.tagsPath(), func(d *jsontext.Decoder) (err error) {
		item.Tags, err = r.tagShape().tags(d)
		if item.unreadable = errors.Is(err, errUnreadable); item.unreadable {
			return nil
		}
		return err
	})
	wanted.add(r.enterprisePath(), func(d *jsontext.Decoder) (err error) {
		if r.enterprise == inSystemTags {
			item.enterprise, err = readSystemTags(d)
			return err
		}
		if kind := d.PeekKind(); kind == '{' || kind == '[' { // all else is known all the same
			return d.SkipValue()
		}
		return item.enterprise.UnmarshalJSONFrom(d)
	})
	for _, name := range r.documented {
		wanted.add(name, skip)
	}
	return wanted
}

// checkItem refuses an item that is not as documented.
func (r *row) checkItem(item *itemBeingRead) error {
	switch {
	case item.id.Text == "" && (!r.emptyID || !item.id.Given):
		return errors.New("an item has no " + r.idPath())
	case r.where != "" && !item.where.Given:
		return errors.New("an item has no " + r.where)
	case r.documented != nil && item.Tags == nil && item.undocumented:
		return errors.New("a " + r.kind + " has no tags, but arrays or objects that are not documented")
	case r.inPath && !instanceID.MatchString(string(item.id.Text)):
		return fmt.Errorf("not an instance ID: %.80q", item.id.Text)
	}
	return nil
}

// resource returns it as a reading takes it.
func (i rowItem) resource(into *inventory.Reading) inventory.Resource {
	i.Enterprise = into.Enterprise(string(i.enterprise), "")
	return i.Resource
}

// Absent implements huaweicloud.Answer.
func (a *rowPage) Absent() bool { return !a.listed }

// Members implements huaweicloud.Answer.
func (a *rowPage) Members() []string {
	names := []string{a.row.items}
	if a.row.total != "" {
		name, _, _ := strings.Cut(a.row.total, ".")
		names = append(names, name)
	}
	return names
}

// Check refuses an answer without a list whose total is no number: a list that is left
// out is an empty one, but not if nothing else is as documented either.
func (a *rowPage) Check() error {
	if !a.listed && a.given && !a.total.Known {
		return errors.New("neither a list nor how many there are")
	}
	return nil
}

// next is the marker of the next page.
func (a *rowPage) next() string {
	if a.row.pages.lastID && len(a.items) > 0 {
		return a.items[len(a.items)-1].ID
	}
	return string(a.marker)
}
