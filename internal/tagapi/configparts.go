package tagapi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"huaweicloud_tag_exporter/internal/inventory"
)

var errNotListed = errors.New("not listed yet")

// parts derives the parts from what is known now. A listing from before notBefore is too
// old to be shown.
func (r *configRead) parts(notBefore time.Time) []inventory.Inventory {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.recorder.answered || r.recorder.off != nil {
		return nil
	}
	taggable, names := r.overall()
	made := make(map[inventory.Part]*inventory.Inventory)
	for p, known := range r.places {
		if !r.wants(p.kind) {
			continue
		}
		old := known.listing == nil || known.listing.readAt.Before(notBefore)
		if old && known.count > 0 {
			err := errNotListed
			if known.listing != nil {
				err = inventory.ErrTooOld
			}
			add(made, inventory.Inventory{
				Part: inventory.Part{Region: p.region, Service: known.service, ResourceType: known.resourceType}, Reach: inventory.All,
				AnyProject: true, Err: cmp.Or(known.err, err),
			})
		}
		if known.listing == nil || !taggable[p.kind] {
			continue
		}
		for _, project := range known.listing.projects {
			inv := inventory.Inventory{Reach: inventory.All, Part: inventory.Part{
				Project: names[project.id], ProjectID: project.id, Region: p.region, Service: known.service, ResourceType: known.resourceType,
			}}
			if old {
				inv.Err = cmp.Or(known.err, inventory.ErrTooOld)
			} else {
				inv.Whole, inv.Oldest = true, known.listing.readAt
				inv.Resources, inv.Unreadable = project.resources, project.untold
				if project.untold > 0 {
					inv.Err = fmt.Errorf("%d resources came without their tags", project.untold)
				}
			}
			add(made, inv)
		}
	}
	return sorted(made)
}

// overall returns what shows from all places together: the types whose resources can have
// tags, which are those of which Config gives the tags of a single one, anywhere; and what it
// calls the projects, by ID. The caller holds the lock.
func (r *rememberedConfig) overall() (taggable map[string]bool, names map[string]string) {
	taggable, names = make(map[string]bool), make(map[string]string)
	for p, known := range r.places {
		if known.listing == nil {
			continue
		}
		taggable[p.kind] = taggable[p.kind] || known.listing.tagged
		for _, project := range known.listing.projects {
			names[project.id] = max(names[project.id], project.name)
		}
	}
	return taggable, names
}

// add puts a part to those that are made. Config may divide into two types what series
// name one, and then the part is made of both.
func add(made map[inventory.Part]*inventory.Inventory, inv inventory.Inventory) {
	first := made[inv.Part]
	if first == nil {
		made[inv.Part] = &inv
		return
	}
	first.AnyProject = first.AnyProject || inv.AnyProject
	first.Err = cmp.Or(first.Err, inv.Err)
	first.Whole = first.Whole && inv.Whole
	first.Unreadable += inv.Unreadable
	if inv.Oldest.Before(first.Oldest) {
		first.Oldest = inv.Oldest
	}
	met := make(map[string]bool, len(first.Resources))
	for _, resource := range first.Resources {
		met[resource.ID] = true
	}
	first.Resources = slices.Clip(first.Resources) // it is shared: what is added goes into a copy
	for _, resource := range inv.Resources {
		if !met[resource.ID] {
			first.Resources = append(first.Resources, resource)
		}
	}
}

// sorted returns the parts in an order that stays.
func sorted(made map[inventory.Part]*inventory.Inventory) []inventory.Inventory {
	parts := make([]inventory.Inventory, 0, len(made))
	for _, inv := range made {
		parts = append(parts, *inv)
	}
	slices.SortFunc(parts, func(a, b inventory.Inventory) int {
		return cmp.Or(
			cmp.Compare(a.Service, b.Service), cmp.Compare(a.ResourceType, b.ResourceType),
			cmp.Compare(a.Region, b.Region), cmp.Compare(a.ProjectID, b.ProjectID),
		)
	})
	return parts
}
