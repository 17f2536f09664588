package simulator

func storageServices() []*service {
	byTag := filtered("ListSharesByTag", "v1/*/sfs-turbo/resource_instances/action", inBodyAsText, 1000)
	byTag.item = `{"resource_id":{id},"resource_detail":"","resource_name":{name},"tags":{tags}}` // no object, as others have it
	return []*service{
		listed("evs:volumes", "EVS.5400", api{
			operation: "ListVolumes", path: "v2/*/cloudvolumes/detail", enterprise: "enterprise_project_id",
			pages: fromOffset, limit: 1000, most: 1000,
			answer: `{"count":{total},"volumes":{items},"volumes_links":[]}`,
			item: `{"id":{id},"name":{name},"status":"in-use","size":40,"attachments":[],"metadata":{"hw:passthrough":"true"},"multiattach":false,` +
				`"enterprise_project_id":{enterprise},"tags":{tags}}`,
			tags: tagMembers, refuses: refusedPastEnd("EVS.5400"),
		}),
		listed("cbr:vault", "BackupService.6301", api{
			operation: "ListVault", path: "v3/*/vaults", enterprise: "enterprise_project_id",
			pages: fromOffset, limit: 1000, most: 1000,
			answer: `{"count":{total},"vaults":{items}}`,
			item:   `{"id":{id},"name":{name},"resources":[],"billing":{"status":"available"},"enterprise_project_id":{enterprise},"tags":{tags}}`,
		}),
		listed("sfsturbo:shares", "SFS.TURBO.0001", api{
			operation: "ListShares", path: "v1/*/sfs-turbo/shares/detail",
			pages: fromOffset, limit: 1000, most: 2000,
			answer: `{"count":{total},"shares":{items}}`,
			item:   `{"id":{id},"name":{name},"status":"200","size":"500.00","enterprise_project_id":{enterprise},"tags":{tags}}`,
			given: func(q Quirks) Form {
				if q.Listed.SharesUntagged {
					return Absent
				}
				return Documented
			},
		}, byTag),
	}
}
