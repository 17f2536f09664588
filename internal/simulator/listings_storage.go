package simulator

func storageServices() []*service {
	shares := listed("sfsturbo:shares", "SFS.TURBO.0001", listing{
		operation: "ListShares", path: "v1/*/sfs-turbo/shares/detail",
		pages: fromOffset, limit: 1000, most: 2000,
		answer:    `{"count":{total},"shares":{items}}`,
		item:      `{"id":{id},"name":{name},"status":"200","size":"500.00","enterprise_project_id":{enterprise},"tags":{tags}}`,
		keepsTags: func(q Quirks) bool { return q.Listed.SharesUntagged },
	})
	shares.item = func(b []byte, in Instance, _ string, q Quirks) []byte {
		b = appendTextMember(b, "resource_id", in.ID)
		b = appendTextMember(b, "resource_detail", "") // not an object, as others have it
		b = appendTextMember(b, "resource_name", in.Name)
		return appendTags(b, "tags", in.Tags, q)
	}
	shares.apis = append(shares.apis, filtered("ListSharesByTag", "v1/*/sfs-turbo/resource_instances/action", "resources", 1000, true))
	return []*service{
		listed("evs:volumes", "EVS.5400", listing{
			operation: "ListVolumes", path: "v2/*/cloudvolumes/detail", enterprise: "enterprise_project_id",
			pages: fromOffset, limit: 1000, most: 1000,
			answer: `{"count":{total},"volumes":{items},"volumes_links":[]}`,
			item: `{"id":{id},"name":{name},"status":"in-use","size":40,"attachments":[],"metadata":{"hw:passthrough":"true"},"multiattach":false,` +
				`"enterprise_project_id":{enterprise},"tags":{tags}}`,
			tags: tagMembers, refuses: refusedPastEnd("EVS.5400"),
		}),
		listed("cbr:vault", "BackupService.6301", listing{
			operation: "ListVault", path: "v3/*/vaults", enterprise: "enterprise_project_id",
			pages: fromOffset, limit: 1000, most: 1000,
			answer: `{"count":{total},"vaults":{items}}`,
			item:   `{"id":{id},"name":{name},"resources":[],"billing":{"status":"available"},"enterprise_project_id":{enterprise},"tags":{tags}}`,
		}),
		shares,
	}
}
