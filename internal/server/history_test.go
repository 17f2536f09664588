package server

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// history is what the services of one project have held, and when. Resources
// change one at a time; so whatever a reader sees of one, it held at some moment
// of the read, and the whole is one of few combinations.
type history struct {
	cloud   *simulator.Cloud
	project string

	mu        sync.Mutex
	random    *rand.Rand
	next      int                              // number of a new resource
	resources map[string]map[string][]*version // by service and resource; all pools of ModelArts are one
}

// version is what a resource was like for a while. The times are taken outside
// of the change, so that those of two versions overlap.
type version struct {
	from, until time.Time // zero: until now
	exists      bool
	tags        []simulator.Tag
	pools       []simulator.PoolTag
}

func (v *version) within(from, to time.Time) bool {
	return !v.from.After(to) && (v.until.IsZero() || !v.until.Before(from))
}

func newHistory(cloud *simulator.Cloud, project string, seed uint64) *history {
	h := &history{
		cloud: cloud, project: project, random: rand.New(rand.NewPCG(seed, 0)),
		resources: map[string]map[string][]*version{"dds": {}, "fabric": {}, "modelarts": {}},
	}
	begun := &version{from: time.Now(), exists: true}
	for range 6 {
		begun.pools = append(begun.pools, simulator.PoolTag{Key: h.word("key", 1000), Values: []string{h.word("value", 3), "x"}})
	}
	h.resources["modelarts"]["pools"] = []*version{begun}
	for service, n := range map[string]int{"dds": 8, "fabric": 4} {
		for range n {
			h.resources[service][h.newID()] = []*version{{from: time.Now(), exists: true, tags: h.tags()}}
		}
	}
	h.publish()
	return h
}

func (h *history) newID() string {
	h.next++
	return simulator.InstanceID(h.next)
}

func (h *history) word(stem string, n int) string { return fmt.Sprint(stem, h.random.IntN(n)) }

func (h *history) tags() []simulator.Tag {
	all := []simulator.Tag{simulator.T("env", h.word("env", 3)), simulator.T("owner", h.word("team", 3)), simulator.T(h.word("key", 3), "")}
	return all[h.random.IntN(len(all)+1):]
}

// change changes one resource, adds one or deletes one.
func (h *history) change() {
	h.mu.Lock()
	defer h.mu.Unlock()
	service := []string{"dds", "fabric", "modelarts"}[h.random.IntN(3)]
	of := h.resources[service]
	present := slices.Sorted(maps.Keys(of))
	present = slices.DeleteFunc(present, func(id string) bool { return !last(of[id]).exists })
	id := present[h.random.IntN(len(present))]
	changed := &version{from: time.Now(), exists: true}
	switch dice := h.random.IntN(4); {
	case service == "modelarts":
		changed.pools = slices.Clone(last(of[id]).pools)
		changed.pools[h.random.IntN(len(changed.pools))] = simulator.PoolTag{Key: h.word("key", 1000), Values: []string{h.word("value", 3)}}
	case dice == 0 && len(present) > 4:
		changed.exists = false
	case dice == 1 && len(present) < 10:
		id = h.newID()
		of[id] = []*version{{}} // did not exist before
		fallthrough
	default:
		changed.tags = h.tags()
	}
	before := last(of[id])
	of[id] = append(of[id], changed)
	h.publish()
	before.until = time.Now()
}

func last(versions []*version) *version { return versions[len(versions)-1] }

// publish gives the cloud the latest versions.
func (h *history) publish() {
	now := make(map[string]*version)
	for _, of := range h.resources {
		for id, versions := range of {
			now[id] = last(versions)
		}
	}
	h.cloud.SetProject(h.held(now))
}

// held returns the project that holds these versions.
func (h *history) held(versions map[string]*version) simulator.Project {
	p := simulator.Project{ID: h.project, Region: "cn-north-4"}
	for _, id := range slices.Sorted(maps.Keys(versions)) {
		switch v := versions[id]; {
		case !v.exists:
		case id == "pools":
			p.PoolTags = v.pools
		case h.resources["dds"][id] != nil:
			p.Instances = append(p.Instances, simulator.Instance{ID: id, Name: id, Tags: v.tags})
		default:
			p.Workspaces = append(p.Workspaces, simulator.Workspace{ID: id, Name: id, Tags: v.tags})
		}
	}
	return p
}

// truths calls f with all that a service may have looked like to a reader who
// listed it at from at the earliest, whose tags are older by at most maxAge, and
// who was done at to; until f returns false.
func (h *history) truths(service string, from, to time.Time, maxAge time.Duration, f func(simulator.Project) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	options := make(map[string][]*version)
	for id, versions := range h.resources[service] {
		listed := false
		for _, v := range versions {
			listed = listed || v.exists && v.within(from, to)
		}
		for _, v := range versions {
			if v.exists && listed && v.within(from.Add(-maxAge), to) || !v.exists && v.within(from, to) {
				options[id] = append(options[id], v)
			}
		}
	}
	h.combine(slices.Sorted(maps.Keys(options)), options, make(map[string]*version), f)
}

func (h *history) combine(ids []string, options map[string][]*version, chosen map[string]*version, f func(simulator.Project) bool) bool {
	if len(ids) == 0 {
		return f(h.held(chosen))
	}
	for _, v := range options[ids[0]] {
		chosen[ids[0]] = v
		if !h.combine(ids[1:], options, chosen, f) {
			return false
		}
	}
	return true
}

// lines returns the series of a service as they are exposed with success.
func lines(project, service string, p simulator.Project) string {
	cloud := simulator.New(simulator.Options{})
	cloud.SetProject(p)
	kind := map[string]string{"dds": "instance", "fabric": "workspace", "modelarts": "pool"}[service]
	var all []string
	add := func(name, key, value string, n int) {
		labels := fmt.Sprintf("cloud_service=%q", service)
		if key != "" {
			labels += fmt.Sprintf(",key=%q", key)
		}
		labels += fmt.Sprintf(`,project=%q,region="cn-north-4",resource_type=%q`, project, kind)
		if name == "info" || name == "tagged_resources" {
			labels += fmt.Sprintf(",value=%q", value)
		}
		all = append(all, fmt.Sprintf("huaweicloud_tag_%s{%s} %d", name, labels, n))
	}
	truth := cloud.TruthModelArts(p.ID, nil)
	if service != "modelarts" {
		if truth = cloud.TruthDDS(p.ID, nil); service == "fabric" {
			truth = cloud.TruthFabric(p.ID, nil)
		}
		owned := 0
		for _, n := range truth.Tagged["owner"] {
			owned += n
		}
		add("resources", "", "", truth.Resources)
		add("untagged_resources", "", "", truth.Untagged)
		add("unreadable_resources", "", "", 0)
		add("policy_noncompliant_resources", "", "", truth.Resources-owned)
	}
	add("keys", "", "", truth.Keys())
	for key, values := range truth.Values {
		add("key_values", key, "", len(values))
		for _, value := range values {
			if service == "modelarts" {
				add("info", key, value, 1)
			} else {
				add("tagged_resources", key, value, truth.Tagged[key][value])
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
