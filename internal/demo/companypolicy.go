package demo

import (
	"strings"
	"time"

	"huaweicloud_tag_exporter/internal/simulator"
)

// The management account of the organization that the company's account is in. Only its
// users may ask which policy is in force.
const (
	groupID   = "7e15f3d0a9b84c62b1d4f06a2c9e8d37"
	groupName = "minghui-group"
)

// departments are the values that the organization allows for a key of the company. While
// renamed holds, it wants the last one called otherwise, and then changes its mind.
const departments = `"门户", "会员", "仓储", "运输", "数据", `

func renamed() window { return window{2 * hour, 90, 150} }

// policyAt returns the tag policy that is in force for the company in a step. It has what
// the company's own file has not, so that both can be seen side by side.
func policyAt(step int64) simulator.EffectivePolicy {
	last, changed := `"人事"`, renamed().to
	if renamed().holds(step) {
		last, changed = `"人力资源"`, renamed().from
	}
	since := step - step%renamed().cycle + changed
	if since > step {
		since -= renamed().cycle
	}
	return simulator.EffectivePolicy{
		Content: strings.ReplaceAll(`{"tags":{"部门":{"tag_key":"部门","tag_value":[values],"enforced_for":["ecs:*"]},"应用":{"tag_key":"应用","tag_value":[]}}}`, "values", departments+last),
		Updated: time.Unix(since*int64(stepLength/time.Second), 0),
	}
}
