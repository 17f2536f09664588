package demo

const shopStagingID = "8c1d27e95f0a4b36a7e40d92b6f3158e"

// shopStaging is where the shop is tried before customers see it.
func shopStaging() project {
	return project{
		id: shopStagingID, name: "shop-staging", region: "cn-north-4",
		instances: []instance{
			{"orders-rs-stg-01", replicaSet, epRetail, ordersTeam + "env=staging"},
			{"orders-rs-stg-02", replicaSet, epRetail, ordersTeam + "env=staging"},
			{"cart-rs-stg-01", replicaSet, epRetail, ordersTeam + "env=staging"},
			{"cart-rs-stg-02", replicaSet, epRetail, ordersTeam + "env=staging"},
			{"pay-rs-stg-01", replicaSet, epPayments, paymentsTeam + "env=staging"},
			{"pay-rs-stg-02", replicaSet, epPayments, paymentsTeam + "env=staging"},
			{"catalog-rs-stg-01", replicaSet, epRetail, catalogTeam + "env=staging"},
			{"search-rs-stg-01", replicaSet, epRetail, searchTeam + "env=staging"},
			{"coupons-single-stg", single, epRetail, marketingTeam + "env=test"}, // not a value we have
			{"sessions-single-stg", single, epDefault, platform + "env=staging"},
			{"ci-single-01", single, epDefault, platform + "env=dev"},
			{"ci-single-02", single, epDefault, platform + "env=dev note"},
			{"perf-test-rs-01", replicaSet, epDefault, platform + "env=dev"},
		},
		workspaces: []workspace{
			{"sales-dashboard-stg", epRetail, ordersTeam + "env=staging"},
			{"orders-realtime-stg", epRetail, ordersTeam + "env=staging"},
			{"payments-settlement-stg", epPayments, paymentsTeam + "env=staging"},
			{"fraud-detection-stg", epPayments, paymentsTeam + "env=staging"},
			{"catalog-enrichment-stg", epRetail, catalogTeam + "env=staging"},
			{"price-optimizer-stg", epRetail, catalogTeam + "env=staging"},
			{"search-ranking-stg", epRetail, searchTeam + "env=staging"},
			{"recommendations-stg", epRetail, searchTeam + "env=staging"},
			{"promo-banner-stg", epRetail, marketingTeam + "env=staging"},
			{"ui-preview-01", epDefault, marketingTeam + "env=dev"},
			{"ui-preview-02", epDefault, marketingTeam + "env=dev"},
			{"load-generator", epDefault, platform + "env=dev purpose="},
			{"test-data-factory", epDefault, platform + "env=dev"},
			{"integration-tests", epDefault, platform + "env=dev"},
			{"sandbox-zhang-min", "", ""},
		},
		pools: []poolKey{
			{"owner", "zhang.min platform-team"},
			{"env", "staging dev"},
			{"cost-center", "CC-4440 CC-4100"},
			{"accelerator", "ascend-310p"},
			{"team", ""},
		},
		groups: shopStagingGroups(),
	}
}

func shopStagingGroups() []group {
	return []group{
		{"ecs:cloudservers", "storefront-stg-vm", 2, epRetail, ordersTeam + "env=staging"},
		{"ecs:cloudservers", "payments-stg-vm", 2, epPayments, paymentsTeam + "env=staging"},
		{"ecs:cloudservers", "ci-runner", 4, epDefault, platform + "env=dev"},
		{"ecs:cloudservers", "wang-fang-vm", 1, epDefault, "Owner=wang.fang"},
		{"evs:volumes", "storefront-stg-disk", 2, epRetail, ordersTeam + "env=staging"},
		{"evs:volumes", "payments-stg-disk", 2, epPayments, paymentsTeam + "env=staging"},
		{"evs:volumes", "ci-disk", 4, epDefault, platform + "env=dev"},
		{"evs:volumes", "pvc-disk", 3, epDefault, ""}, // claims of a cluster that tags nothing
		{"ims:images", "ci-image", 1, epDefault, "owner=platform-team"},
		{"cce:clusters", "staging-cluster", 1, epDefault, "owner=platform-team env=staging"},
		{"vpc:vpcs", "staging-vpc", 1, epDefault, "owner=platform-team"},
		{"vpc:subnets", "staging-subnet", 2, epDefault, "owner=platform-team"},
		{"vpc:securitygroups", "staging-group", 2, epDefault, "owner=platform-team"},
		{"vpc:publicips", "staging-ip", 1, epDefault, "owner=platform-team"},
		{"elb:loadbalancers", "staging-lb", 1, epDefault, "owner=platform-team"},
		{"elb:listeners", "staging-https", 1, epDefault, "owner=platform-team"},
		{"nat:natgateways", "staging-nat", 1, epDefault, "owner=platform-team"},
		{"rds:instances", "orders-mysql-stg", 1, epRetail, ordersTeam + "env=staging"},
		{"rds:instances", "payments-postgres-stg", 1, epPayments, paymentsTeam + "env=staging"},
		{"dcs:redis", "sessions-redis-stg", 1, epRetail, "owner=li.wei env=staging"},
		{"dms:kafkas", "orders-kafka-stg", 1, epRetail, "owner=li.wei env=staging"},
		{"css:clusters", "search-elastic-stg", 1, epRetail, "owner=zhang.min env=staging"},
		{"smn:topic", "alerts-stg", 1, epDefault, "owner=platform-team"},
	}
}
