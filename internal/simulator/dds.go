package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	ddsTimeForm  = "2006-01-02T15:04:05-0700"
	ddsCommunity = "DDS-Community" // the type of all instances here
)

// ddsError is an error of DDS, in the shape that the quirks choose.
func (c *Cloud) ddsError(status int, code, message string) Answer {
	if c.quirks.DDSExternalMessage {
		return ErrorE6(status, code, message)
	}
	return ErrorE1(status, code, message)
}

// listInstanceTags is GET /v3/{project_id}/instances/{instance_id}/tags: no query,
// no body, no paging.
// See https://support.huaweicloud.com/intl/en-us/api-dds/dds_api_0034.html.
func (c *Cloud) listInstanceTags(q *call) (Answer, error) {
	if err := c.checkQuery(q); err != nil {
		return Answer{}, err
	}
	if !instanceIDForm.MatchString(q.instance) {
		return Answer{}, c.badRequest(q, "instance id %q is malformed", q.instance)
	}
	in, found := q.data.byID[q.instance]
	switch {
	case !found && c.quirks.GoneBadRequest:
		return c.ddsError(http.StatusBadRequest, "DBS.280343", "The instance does not exist"), nil
	case !found:
		return c.ddsError(http.StatusNotFound, "DBS.280343", "The instance does not exist"), nil
	case c.quirks.UnreadyBadRequest && slices.Contains([]string{"creating", "createfail", "frozen"}, in.Status):
		return c.ddsError(http.StatusBadRequest, "DBS.280011", "The instance status does not allow this operation"), nil
	}
	return ok(in.tagsBody), nil
}

// listInstances is GET /v3/{project_id}/instances: query limit (1-100, default
// 100), offset (a record, default 0) and filters; newest creation first.
// See https://support.huaweicloud.com/eu/api-dds/dds_api_0077.html.
func (c *Cloud) listInstances(q *call) (Answer, error) {
	err := c.checkQuery(q, "limit", "offset", "id", "name", "mode", "datastore_type", "vpc_id", "subnet_id", "tags")
	if err != nil {
		return Answer{}, err
	}
	offset, limit, err := c.queryPage(q, number{fallback: 100, lowest: 1, highest: 100}, maxInt32)
	if err != nil {
		return Answer{}, err
	}
	filter, err := c.instanceFilter(q)
	if err != nil {
		return Answer{}, err
	}
	instances := q.data.instances
	if filter != nil {
		instances = nil
		for _, in := range q.data.instances {
			if filter(in) {
				instances = append(instances, in)
			}
		}
	}
	if offset > len(instances) && c.quirks.PastEndRefused {
		return c.ddsError(http.StatusBadRequest, "DBS.280001", "offset is past the end"), nil
	}
	from, to := page(len(instances), offset, limit)
	b := appendItems([]byte{'{'}, "instances", to-from, c.quirks.EmptyArrays, func(b []byte, i int) []byte {
		return append(b, instances[from+i].listItem...)
	})
	return ok(closeObject(appendTotal(b, len(instances), c.quirks.TotalCount))), nil
}

// instanceFilter returns nil where the request filters by nothing.
func (c *Cloud) instanceFilter(q *call) (func(*servedInstance) bool, error) {
	id, name, mode := q.query.Get("id"), q.query.Get("name"), q.query.Get("mode")
	store, vpc, subnet := q.query.Get("datastore_type"), q.query.Get("vpc_id"), q.query.Get("subnet_id")
	if q.query.Has("mode") && !slices.Contains([]string{"Sharding", "ReplicaSet", "Single"}, mode) {
		return nil, c.badRequest(q, "mode %q", mode)
	}
	if q.query.Has("datastore_type") && !slices.Contains([]string{ddsCommunity, "DDS-Enhanced"}, store) {
		return nil, c.badRequest(q, "datastore_type %q", store)
	}
	if name == "*" {
		return nil, c.badRequest(q, "name is only a *")
	}
	tags, err := c.queryTags(q)
	if err != nil {
		return nil, err
	}
	if id+name+mode+store+vpc+subnet == "" && len(tags) == 0 {
		return nil, nil
	}
	part, fuzzy := strings.CutPrefix(name, "*")
	return func(in *servedInstance) bool {
		named := name == "" || in.Name == name || fuzzy && strings.Contains(in.Name, part)
		return named &&
			(id == "" || in.ID == id) &&
			(mode == "" || in.Mode == mode) &&
			(store == "" || store == ddsCommunity) && // as all instances are
			(vpc == "" || in.VPCID == vpc) &&
			(subnet == "" || in.SubnetID == subnet) &&
			!slices.ContainsFunc(tags, func(t [2]string) bool { return !hasTag(in.Tags, t[0], t[1]) })
	}, nil
}

// queryTags reads tags=k1=v1,k2=v2, at most 20 pairs, each key once.
func (c *Cloud) queryTags(q *call) ([][2]string, error) {
	text := q.query.Get("tags")
	if text == "" {
		return nil, nil
	}
	var tags [][2]string
	for pair := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, c.badRequest(q, "tags %q", text)
		}
		if slices.ContainsFunc(tags, func(t [2]string) bool { return t[0] == key }) {
			return nil, c.badRequest(q, "tags: key %q is given twice", key)
		}
		tags = append(tags, [2]string{key, value})
	}
	if len(tags) > 20 {
		return nil, c.badRequest(q, "%d tags, more than 20", len(tags))
	}
	return tags, nil
}

func hasTag(tags []Tag, key, value string) bool {
	return slices.ContainsFunc(tags, func(t Tag) bool {
		return t.Key == key && textOf(t.Value) == value
	})
}

func textOf(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func appendInstance(b []byte, in Instance, region string, q Quirks) []byte {
	created := in.Created.UTC().Format(ddsTimeForm)
	b = appendTextMember(append(b, '{'), "id", in.ID)
	b = appendTextMember(b, "name", in.Name)
	b = appendTextMember(b, "remark", "")
	b = appendTextMember(b, "status", in.Status)
	b = appendTextMember(b, "mode", in.Mode)
	b = appendTextMember(b, "region", region)
	if q.DDSPageScalars {
		b = append(b, `,"port":8635,"ssl":"1"`...)
	} else {
		b = append(b, `,"port":"8635","ssl":1`...)
	}
	b = append(b, `,"datastore":{"type":"`+ddsCommunity+`","version":"4.4","patch_available":false,"whole_version":"4.4.26"}`...)
	b = append(b, `,"engine":"wiredTiger","db_user_name":"rwuser","pay_mode":"0","maintenance_window":"02:00-03:00"`...)
	b = append(b, `,"backup_strategy":{"start_time":"18:00-19:00","keep_days":7},"groups":[],"actions":[],"time_zone":""`...)
	b = appendTextMember(b, "created", created)
	b = appendTextMember(b, "updated", created)
	b = appendTextMember(b, "vpc_id", in.VPCID)
	b = appendTextMember(b, "subnet_id", in.SubnetID)
	b = append(b, `,"security_group_id":"5a9c0000-1111-4222-8333-000000000001","disk_encryption_id":""`...)
	b = appendTextMember(b, "enterprise_project_id", in.EnterpriseProjectID)
	switch q.InstanceListTags {
	case ListTagsAbsent:
	case ListTagsNull:
		b = append(appendMember(b, "tags"), "null"...)
	default:
		b = appendTags(b, "tags", in.Tags, q)
	}
	return closeObject(b)
}
