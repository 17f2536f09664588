package demo

import (
	"slices"
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// stepLength is how long a fleet stays as it is.
const stepLength = 30 * time.Second

// stepOf counts steps from 1970, so that cycles begin on the clock's full quarters
// and hours.
func stepOf(t time.Time) int64 { return t.Unix() / int64(stepLength/time.Second) }

// Cycles, in steps. All are parts of a day, after which everything begins anew.
const (
	quarter = 30
	hour    = 4 * quarter
	day     = 24 * hour
)

// window says in which steps of a cycle a change holds: from the first on, up to
// but without the last. A window whose last is before its first goes on into the
// next cycle.
type window struct{ cycle, from, to int64 }

func (w window) holds(step int64) bool {
	at := step % w.cycle
	if w.from < w.to {
		return w.from <= at && at < w.to
	}
	return w.from <= at || at < w.to
}

// change is what happens to a resource while its window holds. Its edits are words:
// "-key" takes a tag away, "-*" all of them, anything else sets a tag as the
// tables write it; "absent" alone says that the resource does not exist.
type change struct {
	when                     window
	project, resource, edits string
}

const absent = "absent"

// changes is the drift. In each quarter of an hour, things go wrong one after the
// other and are mended from its middle on, so that something happens in each step.
func changes() []change {
	return []change{
		{window{quarter, 1, 17}, "shop-prod", "orders-rs-03", "-owner"},
		{window{quarter, 2, 16}, "lake-analytics", "clickstream-sandbox", "-*"},
		{window{quarter, 3, 22}, "shop-staging", "cart-rs-stg-02", "env=Staging"},
		{window{quarter, 4, 18}, "shop-prod", "promo-banner", "temp=yes"},
		{window{quarter, 21, 5}, "shop-prod", "orders-replay-01", absent}, // is created
		{window{quarter, 6, 19}, "lake-analytics", "user-profile-features", "-cost-center Cost-Center=CC-5300"},
		{window{quarter, 7, 26}, "lake-analytics", "etl-meta-rs-02", "-env Env=prod"},
		{window{quarter, 8, 20}, "shop-prod", "search-ranking", "release=2026.8-rc1"}, // a value nobody has seen
		{window{quarter, 9, 25}, "shop-prod", "payments-rs-02", "cost-center=4420"},
		{window{quarter, 24, 10}, "lake-analytics", "adhoc-liu-yang", absent},
		{window{quarter, 11, 23}, "lake-analytics", "adhoc-liu-yang", "-*"}, // is tagged late
		{window{quarter, 12, 28}, "lake-analytics", "returns-forecast", "BusinessUnit=Analytics"},
		{window{quarter, 13, 29}, "shop-staging", "ui-preview-02", "-owner Owner=sun.qian businessunit=Retail"},
		{window{quarter, 14, 27}, "lake-analytics", "dwd-orders", "DataClass=Secret"},

		{window{quarter, 20, 3}, "shop-prod", "flash-sale-vm-02", absent}, // is scaled out
		{window{quarter, 4, 19}, "shop-prod", "storefront-vm-04", "-env"},
		{window{quarter, 5, 21}, "shop-prod", "orders-disk-06", "-*"},
		{window{quarter, 6, 23}, "shop-prod", "search-elastic-02", "-owner"},
		{window{quarter, 8, 20}, "shop-staging", "ci-runner-04", "-owner -env"},
		{window{quarter, 9, 22}, "lake-analytics", "lake-hadoop-02", "businessunit=Data-Platform"},
		{window{quarter, 10, 24}, "lake-analytics", "bi-disk-03", "env=production"},
		{window{hour, 45, 85}, "shop-prod", "sessions-redis-02", "-*"},
		{window{hour, 50, 90}, "shop-staging", "ci-disk-04", "-*"},
		{window{hour, 60, 110}, "shop-prod", "orders-mysql-02", "-owner Owner=li.wei"},

		{window{hour, 35, 95}, "shop-prod", "catalog-rs-02", "owner=huang.tao 负责人=黄涛"}, // changes hands
		{window{hour, 40, 64}, "lake-analytics", "feature-store-rs-01", "-*"},
		{window{hour, 66, 100}, "shop-staging", "pay-rs-stg-02", "temp=load-test"},
		{window{hour, 101, 118}, "lake-analytics", "risk-scoring", "dataclass=Internal"},
		{window{2 * hour, 150, 30}, "shop-prod", "flash-sale-shard-02", absent}, // the sale ends
		{window{2 * hour, 60, 180}, "shop-prod", "reviews-nlp", "pipeline=blue"},
		{window{6 * hour, 200, 500}, "shop-staging", "perf-test-rs-01", absent},

		{window{quarter, 5, 20}, "lake-analytics", "notebook-pool", "env=Dev"},
		{window{quarter, 10, 24}, "shop-prod", "ranking-pool-02", "cost-center=cc4440"},
		{window{quarter, 15, 0}, "lake-analytics", "notebook-pool", "model=pangu-38b"},
		{window{hour, 30, 75}, "shop-staging", "try-out-pool", "temp=benchmark"},
		{window{2 * hour, 45, 200}, "lake-analytics", "notebook-pool", "queue=urgent"},

		// From 01:00 to 05:00 in China, which is 17:00 to 21:00 UTC.
		{window{day, 21 * hour, 17 * hour}, "lake-analytics", "nightly-backfill-01", absent},
		{window{day, 21 * hour, 17*hour + 4}, "lake-analytics", "nightly-backfill-02", absent},
		{window{day, 20 * hour, 18 * hour}, "lake-analytics", "nightly-quality-check", absent},
		{window{day, 9*hour + 110, 10*hour + 38}, "shop-prod", "ledger-shard-01", "-owner"},

		// Resources of the account, which follow from a hash.
		{window{quarter, 1, 15}, minghuiName, "portal-eip-06", "-owner"},
		{window{quarter, 8, 24}, minghuiName, "warehouse-vm-01", "env=Prod"},
		{window{quarter, 18, 3}, minghuiName, "loyalty-vm-88", absent},
		{window{hour, 20, 80}, minghuiName, "overseas-lb-02", "-cost-center Kostenstelle=7300"},
		{window{hour, 50, 110}, minghuiName, "core-rds-25", "temp=bis-März"},
		{window{2 * hour, 30, 150}, minghuiName, "erp-vm-117", "-*"},
	}
}

// edits are the changes that hold in one project in one step.
type edits []change

func editsAt(project string, step int64) edits {
	return slices.DeleteFunc(changes(), func(c change) bool { return c.project != project || !c.when.holds(step) })
}

// apply returns a resource's tags, and whether it exists.
func (e edits) apply(resource, text string) ([]simulator.Tag, bool) {
	tags := parseTags(text)
	for _, c := range e {
		if c.resource != resource {
			continue
		}
		if c.edits == absent {
			return nil, false
		}
		for word := range strings.FieldsSeq(c.edits) {
			tags = edit(tags, word)
		}
	}
	return tags, true
}

// edit changes the tags by one word.
func edit(tags []simulator.Tag, word string) []simulator.Tag {
	if word == "-*" {
		return nil
	}
	if key, removed := strings.CutPrefix(word, "-"); removed {
		return slices.DeleteFunc(tags, func(t simulator.Tag) bool { return t.Key == key })
	}
	tag := parseTag(word)
	if i := slices.IndexFunc(tags, func(t simulator.Tag) bool { return t.Key == tag.Key }); i >= 0 {
		tags[i] = tag
		return tags
	}
	return append(tags, tag)
}
