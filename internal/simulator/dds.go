package simulator

import (
	"cmp"
	"slices"
)

const (
	ddsTimeForm  = "2006-01-02T15:04:05-0700"
	ddsCommunity = "DDS-Community" // the type of all instances here
)

// prepareDatabase says of an instance what its project left open.
func prepareDatabase(in Instance, q Quirks) Instance {
	in.Mode = cmp.Or(in.Mode, "ReplicaSet")
	in.Status = cmp.Or(in.Status, "normal")
	in.EnterpriseProjectID = cmp.Or(in.EnterpriseProjectID, "0")
	if q.SystemTags {
		in.Tags = append(slices.Clip(in.Tags), T("_sys_enterprise_project_id", in.EnterpriseProjectID))
	}
	return in
}

// appendDDSInstance appends an item with all members that its page has as mandatory.
func appendDDSInstance(b []byte, in Instance, region string, q Quirks) []byte {
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
