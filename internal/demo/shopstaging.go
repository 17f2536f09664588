package demo

const shopStagingID = "8c1d27e95f0a4b36a7e40d92b6f3158e"

// shopStaging is where the shop is tried before customers see it.
func shopStaging() []group {
	return []group{
		{"modelarts:pool", "ranking-stg-pool", 1, epRetail, searchTeam + "env=staging accelerator=ascend-310p"},
		{"modelarts:pool", "try-out-pool", 1, epDefault, platform + "env=dev accelerator=ascend-310p team"},

		{"dds:instance", "orders-rs-stg", 2, epRetail, ordersTeam + "env=staging"},
		{"dds:instance", "cart-rs-stg", 2, epRetail, ordersTeam + "env=staging"},
		{"dds:instance", "pay-rs-stg", 2, epPayments, paymentsTeam + "env=staging"},
		{"dds:instance", "catalog-rs-stg-01", 1, epRetail, catalogTeam + "env=staging"},
		{"dds:instance", "search-rs-stg-01", 1, epRetail, searchTeam + "env=staging"},
		{"dds:instance", "coupons-single-stg", 1, epRetail, marketingTeam + "env=test"}, // not a value we have
		{"dds:instance", "sessions-single-stg", 1, epDefault, platform + "env=staging"},
		{"dds:instance", "ci-single-01", 1, epDefault, platform + "env=dev"},
		{"dds:instance", "ci-single-02", 1, epDefault, platform + "env=dev note"},
		{"dds:instance", "perf-test-rs-01", 1, epDefault, platform + "env=dev"},

		{"fabric:workspace", "sales-dashboard-stg", 1, epRetail, ordersTeam + "env=staging"},
		{"fabric:workspace", "orders-realtime-stg", 1, epRetail, ordersTeam + "env=staging"},
		{"fabric:workspace", "payments-settlement-stg", 1, epPayments, paymentsTeam + "env=staging"},
		{"fabric:workspace", "fraud-detection-stg", 1, epPayments, paymentsTeam + "env=staging"},
		{"fabric:workspace", "catalog-enrichment-stg", 1, epRetail, catalogTeam + "env=staging"},
		{"fabric:workspace", "price-optimizer-stg", 1, epRetail, catalogTeam + "env=staging"},
		{"fabric:workspace", "search-ranking-stg", 1, epRetail, searchTeam + "env=staging"},
		{"fabric:workspace", "recommendations-stg", 1, epRetail, searchTeam + "env=staging"},
		{"fabric:workspace", "promo-banner-stg", 1, epRetail, marketingTeam + "env=staging"},
		{"fabric:workspace", "ui-preview", 2, epDefault, marketingTeam + "env=dev"},
		{"fabric:workspace", "load-generator", 1, epDefault, platform + "env=dev purpose="},
		{"fabric:workspace", "test-data-factory", 1, epDefault, platform + "env=dev"},
		{"fabric:workspace", "integration-tests", 1, epDefault, platform + "env=dev"},
		{"fabric:workspace", "sandbox-zhang-min", 1, "", ""},

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
