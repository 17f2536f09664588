package collector

import (
	"testing"
	"testing/synctest"
)

func TestCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany(t)
		c.wants("all is well", c.scrape(""),
			"acme/config ok", "acme/iam ok", "acme/cn-north-4/cn-north-4/dds ok", "acme/cn-north-4/cn-north-4/dds/instance=1",
			"acme/cn-north-4/cn-north-4/ecs ok", "acme/cn-north-4/cn-north-4/ecs/cloudservers=1", "acme/global/obs ok", "acme/global/obs/buckets=1",
		)
		t.Log(c.log.String())
	})
}
