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
	var wanted members
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
	var item rowItem
	var name, orName, where huaweicloud.Member
	var wanted members
	text := func(path string, into *huaweicloud.Member) {
		if path != "" {
			wanted.add(path, into.UnmarshalJSONFrom)
		}
	}
	var id huaweicloud.Member
	text(a.row.idPath(), &id)
	text(a.row.namePath(), &name)
	text(a.row.orName, &orName)
	text(a.row.where, &where)
	wanted.add(a.row.tagsPath(), func(d *jsontext.Decoder) (err error) {
		item.Tags, err = a.row.tagShape().tags(d)
		if item.unreadable = errors.Is(err, errUnreadable); item.unreadable {
			return nil
		}
		return err
	})
	wanted.add(a.row.enterprisePath(), func(d *jsontext.Decoder) (err error) {
		if a.row.enterprise == inSystemTags {
			item.enterprise, err = readSystemTags(d)
			return err
		}
		if kind := d.PeekKind(); kind == '{' || kind == '[' { // all else is known all the same
			return d.SkipValue()
		}
		return item.enterprise.UnmarshalJSONFrom(d)
	})
	undocumented := false
	other := skip
	if a.row.documented != nil {
		for _, name := range a.row.documented {
			wanted.add(name, skip)
		}
		other = func(d *jsontext.Decoder) error {
			kind := d.PeekKind()
			undocumented = undocumented || kind == '{' || kind == '['
			return d.SkipValue()
		}
	}
	return readItems(d, func() error {
		item, undocumented = rowItem{}, false
		id, name, orName, where = huaweicloud.Member{}, huaweicloud.Member{}, huaweicloud.Member{}, huaweicloud.Member{}
		if err := wanted.readFrom(d, other); err != nil {
			return err
		}
		switch {
		case id.Text == "" && a.row.noID:
			return nil
		case id.Text == "":
			return errors.New("an item has no " + a.row.idPath())
		case a.row.where != "" && !where.Given:
			return errors.New("an item has no " + a.row.where)
		case item.Tags == nil && undocumented:
			return errors.New("a " + a.row.kind + " has no tags, but arrays or objects that are not documented")
		case a.row.inPath && !instanceID.MatchString(string(id.Text)):
			return fmt.Errorf("not an instance ID: %.80q", id.Text)
		}
		item.ID, item.Name = string(id.Text), string(name.Text)
		if item.Name == "" {
			item.Name = string(orName.Text)
		}
		item.enterprise = cmp.Or(item.enterprise, huaweicloud.Text(a.row.noEnterprise))
		item.foreign = a.row.where != "" && !a.row.wanted(string(where.Text))
		item.Tags = slices.DeleteFunc(item.Tags, func(t inventory.Tag) bool { return slices.Contains(a.row.system, t.Key) })
		a.items = append(a.items, item)
		return nil
	})
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
