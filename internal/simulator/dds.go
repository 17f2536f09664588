package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const ddsCommunity = "DDS-Community" // the type of all instances here

// ddsInstance has all members that the page of DDS has as mandatory.
const ddsInstance = `{"remark":"","mode":{mode},"port":{port},"ssl":{ssl},` +
	`"datastore":{"type":"` + ddsCommunity + `","version":"4.4","patch_available":false,"whole_version":"4.4.26"},` +
	`"engine":"wiredTiger","db_user_name":"rwuser","pay_mode":"0","maintenance_window":"02:00-03:00",` +
	`"backup_strategy":{"start_time":"18:00-19:00","keep_days":7},"groups":[],"actions":[],"time_zone":"",` +
	`"security_group_id":"5a9c0000-1111-4222-8333-000000000001","disk_encryption_id":"",` +
	`"id":{id},"name":{name},"status":{status},"region":{region},"created":{created},"updated":{created},` +
	`"vpc_id":{vpc},"subnet_id":{subnet},"enterprise_project_id":{enterprise},"tags":{tags}}`

// byParameters narrows a list of DDS by its query. An empty parameter does not.
func byParameters(_ *Cloud, q *call) (func(in *Instance) bool, error) {
	name := q.query.Get("name")
	if name == "*" {
		return nil, errors.New("name is only a *")
	}
	part, fuzzy := strings.CutPrefix(name, "*")
	tags, err := parseTags(q.query.Get("tags"))
	if err != nil {
		return nil, err
	}
	id, mode, vpc, subnet, kind := q.query.Get("id"), q.query.Get("mode"), q.query.Get("vpc_id"), q.query.Get("subnet_id"), q.query.Get("datastore_type")
	if name+id+mode+vpc+subnet+kind == "" && tags == nil {
		return nil, nil
	}
	lets := func(wanted, value string) bool { return wanted == "" || wanted == value }
	return func(in *Instance) bool {
		return lets(id, in.ID) && lets(mode, in.Mode) && lets(vpc, in.VPCID) && lets(subnet, in.SubnetID) && lets(kind, ddsCommunity) &&
			(lets(name, in.Name) || fuzzy && strings.Contains(in.Name, part)) &&
			!slices.ContainsFunc(tags, func(t filterTag) bool { return !carriesTag(in.Tags, t) })
	}, nil
}

// parseTags reads k1=v1,k2=v2, at most 20 pairs, each key once.
func parseTags(text string) ([]filterTag, error) {
	if text == "" {
		return nil, nil
	}
	var tags []filterTag
	for pair := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, fmt.Errorf("tags %q", text)
		}
		if slices.ContainsFunc(tags, func(t filterTag) bool { return *t.Key == key }) {
			return nil, fmt.Errorf("tags: key %q is given twice", key)
		}
		tags = append(tags, filterTag{Key: &key, Values: []string{value}})
	}
	if len(tags) > 20 {
		return nil, fmt.Errorf("%d tags, more than 20", len(tags))
	}
	return tags, nil
}
