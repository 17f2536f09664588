package simulator

import (
	"cmp"
	"slices"
)

const (
	databaseTimeForm = "2006-01-02T15:04:05-0700"
	ddsCommunity     = "DDS-Community" // the type of all instances here
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

// appendDDSInstance adds the other members that the page of DDS has as mandatory.
func appendDDSInstance(b []byte, in Instance, region string, q Quirks) []byte {
	b = appendTextMember(b, "remark", "")
	b = appendTextMember(b, "mode", in.Mode)
	if q.DDSPageScalars {
		b = append(b, `,"port":8635,"ssl":"1"`...)
	} else {
		b = append(b, `,"port":"8635","ssl":1`...)
	}
	b = append(b, `,"datastore":{"type":"`+ddsCommunity+`","version":"4.4","patch_available":false,"whole_version":"4.4.26"}`...)
	b = append(b, `,"engine":"wiredTiger","db_user_name":"rwuser","pay_mode":"0","maintenance_window":"02:00-03:00"`...)
	b = append(b, `,"backup_strategy":{"start_time":"18:00-19:00","keep_days":7},"groups":[],"actions":[],"time_zone":""`...)
	b = append(b, `,"security_group_id":"5a9c0000-1111-4222-8333-000000000001","disk_encryption_id":""`...)
	return appendInstance(b, in, region, q)
}

// appendInstance appends what items have in lists of all services of the database
// family.
func appendInstance(b []byte, in Instance, region string, q Quirks) []byte {
	created := in.Created.UTC().Format(databaseTimeForm)
	b = appendTextMember(b, "id", in.ID)
	b = appendTextMember(b, "name", in.Name)
	b = appendTextMember(b, "status", in.Status)
	b = appendTextMember(b, "region", region)
	b = appendTextMember(b, "created", created)
	b = appendTextMember(b, "updated", created)
	b = appendTextMember(b, "vpc_id", in.VPCID)
	b = appendTextMember(b, "subnet_id", in.SubnetID)
	b = appendTextMember(b, "enterprise_project_id", in.EnterpriseProjectID)
	switch q.InstanceListTags {
	case ListTagsAbsent:
		return b
	case ListTagsNull:
		return append(appendMember(b, "tags"), "null"...)
	default:
		return appendTags(b, "tags", in.Tags, q)
	}
}
