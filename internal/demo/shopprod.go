package demo

const shopProdID = "0549b4a43100d4f32f51c01c2fe4acdb"

// The teams of the shop, as servers and disks name them, and staging.
const (
	ordersTeam    = "owner=li.wei cost-center=CC-4410 "
	paymentsTeam  = "owner=chen.jing cost-center=CC-4420 "
	catalogTeam   = "owner=wang.fang cost-center=CC-4430 "
	searchTeam    = "owner=zhang.min cost-center=CC-4440 "
	marketingTeam = "owner=sun.qian cost-center=CC-4450 "
	platform      = "owner=platform-team cost-center=CC-4100 "
)

// The same, as those name them who also think of the business.
const (
	orders    = ordersTeam + "业务线=交易 BusinessUnit=Retail "
	payments  = paymentsTeam + "业务线=支付 负责人=陈静 BusinessUnit=Payments "
	catalog   = catalogTeam + "业务线=商品 BusinessUnit=Retail "
	search    = searchTeam + "业务线=搜索 "
	marketing = marketingTeam + "业务线=营销 "
)

// shopProd is what customers use.
func shopProd() []group {
	return []group{
		{"modelarts:pool", "ranking-pool", 2, epRetail, search + "env=prod accelerator=ascend-910b sla=gold purpose=inference"},
		{"modelarts:pool", "catalog-pool", 1, epRetail, catalogTeam + "业务线=商品 env=prod accelerator=ascend-910b sla=silver purpose=inference"},

		{"dds:instance", "orders-rs", 3, epRetail, orders + "env=prod DataClass=Internal backup=daily"},
		{"dds:instance", "orders-archive", 1, epRetail, orders + "env=prod backup"},
		{"dds:instance", "orders-replay-01", 1, epRetail, orders + "env=prod"},
		{"dds:instance", "cart-shard-01", 1, epRetail, orders + "env=prod"},
		{"dds:instance", "payments-rs", 2, epPayments, payments + "env=prod DataClass=Confidential-PCI backup=hourly"},
		{"dds:instance", "ledger-shard-01", 1, epPayments, payments + "env=prod DataClass=Confidential-PCI backup=hourly"},
		{"dds:instance", "refunds-rs-01", 1, epPayments, payments + "env=prod DataClass=Confidential-PCI"},
		{"dds:instance", "catalog-rs", 2, epRetail, catalog + "env=prod DataClass=Public"},
		{"dds:instance", "inventory-shard-01", 1, epRetail, catalog + "env=prod sla="},
		{"dds:instance", "legacy-catalog", 1, epDefault, "owner=wang.fang Env=prod cost-center=CC-4430"},
		{"dds:instance", "customers-rs-01", 1, epRetail, orders + "env=prod DataClass=Confidential-PII backup=hourly"},
		{"dds:instance", "sessions-rs-01", 1, epDefault, platform + "env=prod"},
		{"dds:instance", "search-suggest-rs-01", 1, epRetail, search + "env=prod"},
		{"dds:instance", "reviews-rs-01", 1, epRetail, catalog + "env=prod DataClass=Public"},
		{"dds:instance", "coupons-rs-01", 1, epRetail, "env=Prod cost-center=CC-4450 业务线=营销 dataclass=Public"}, // nobody's
		{"dds:instance", "flash-sale-shard", 2, epRetail, marketing + "env=prod campaign=双十一"},
		{"dds:instance", "audit-log-single", 1, epDefault, ""},

		{"fabric:workspace", "sales-dashboard", 1, epRetail, orders + "env=prod release=2026.7"},
		{"fabric:workspace", "orders-realtime", 1, epRetail, orders + "env=prod release=2026.7"},
		{"fabric:workspace", "orders-daily-report", 1, epRetail, orders + "env=prod"},
		{"fabric:workspace", "payments-reconciliation", 1, epPayments, payments + "env=prod DataClass=Confidential-PCI"},
		{"fabric:workspace", "payments-settlement", 1, epPayments, payments + "env=prod DataClass=Confidential-PCI"},
		{"fabric:workspace", "fraud-detection", 1, epPayments, payments + "env=prod DataClass=Confidential-PCI 风险等级=高"},
		{"fabric:workspace", "catalog-enrichment", 1, epRetail, catalog + "env=prod release=2026.7"},
		{"fabric:workspace", "price-optimizer", 1, epRetail, catalog + "env=prod"},
		{"fabric:workspace", "search-ranking", 1, epRetail, search + "env=prod release=2026.7"},
		{"fabric:workspace", "search-index-build", 1, epRetail, search + "env=prod release=2026.7"},
		{"fabric:workspace", "recommendations", 1, epRetail, search + "env=prod BusinessUnit=Retail"},
		{"fabric:workspace", "reviews-nlp", 1, epRetail, catalog + "env=prod pipeline=green"},
		{"fabric:workspace", "promo-banner", 1, epRetail, marketing + "env=prod"},
		{"fabric:workspace", "customer-segments", 1, epRetail, marketing + "env=prod DataClass=Confidential-PII"},
		{"fabric:workspace", "coupon-attribution", 1, epRetail, marketing + "env=prod temp=until-q3"}, // kept since then
		{"fabric:workspace", "warehouse-routing", 1, epRetail, "owner=zhou.kai cost-center=CC-4460 env=prod 业务线=物流"},
		{"fabric:workspace", "courier-eta", 1, epRetail, "owner=zhou.kai cost-center=CC-4460 env=prod 业务线=物流 release=2026.6"},
		{"fabric:workspace", "ops-metrics", 1, epDefault, platform + "env=prod"},
		{"fabric:workspace", "workspace-default", 1, "", ""},

		{"ecs:cloudservers", "storefront-vm", 4, epRetail, orders + "env=prod"},
		{"ecs:cloudservers", "orders-vm", 4, epRetail, orders + "env=prod"},
		{"ecs:cloudservers", "payments-vm", 3, epPayments, payments + "env=prod DataClass=Confidential-PCI"},
		{"ecs:cloudservers", "catalog-vm", 2, epRetail, catalog + "env=prod"},
		{"ecs:cloudservers", "search-vm", 3, epRetail, search + "env=prod"},
		{"ecs:cloudservers", "flash-sale-vm", 2, epRetail, marketing + "env=prod campaign=双十一"},
		{"ecs:cloudservers", "bastion-vm", 1, epDefault, platform + "env=prod"},
		{"ecs:cloudservers", "test-vm-do-not-delete", 1, epDefault, "temp=yes"},
		{"evs:volumes", "storefront-disk", 4, epRetail, ordersTeam + "env=prod"},
		{"evs:volumes", "orders-disk", 6, epRetail, ordersTeam + "env=prod"},
		{"evs:volumes", "payments-disk", 6, epPayments, paymentsTeam + "env=prod DataClass=Confidential-PCI"},
		{"evs:volumes", "search-disk", 5, epRetail, searchTeam + "env=prod"},
		{"evs:volumes", "catalog-disk", 2, epRetail, catalogTeam + "env=prod"},
		{"evs:volumes", "restored-disk", 2, epDefault, ""}, // of nobody knows which server
		{"bms:servers", "payments-hsm-host", 1, epPayments, "owner=chen.jing env=prod"},
		{"ims:images", "golden-image", 2, epDefault, "owner=platform-team"},
		{"ims:images", "before-migration-image", 1, epDefault, ""},
		{"cce:clusters", "storefront-cluster", 1, epRetail, "owner=li.wei env=prod"},
		{"cce:clusters", "payments-cluster", 1, epPayments, "owner=chen.jing env=prod"},
		{"cce:clusters", "tools-cluster", 1, epDefault, "owner=platform-team env=prod"},

		{"vpc:vpcs", "prod-vpc", 1, epDefault, "owner=platform-team"},
		{"vpc:vpcs", "payments-vpc", 1, epPayments, "owner=platform-team"},
		{"vpc:subnets", "prod-subnet", 3, epDefault, "owner=platform-team"},
		{"vpc:subnets", "payments-subnet", 2, epPayments, "owner=platform-team"},
		{"vpc:securitygroups", "default-group", 1, epDefault, ""},
		{"vpc:securitygroups", "storefront-group", 2, epRetail, "owner=platform-team"},
		{"vpc:securitygroups", "payments-group", 2, epPayments, "owner=platform-team"},
		{"vpc:publicips", "storefront-ip", 3, epRetail, "owner=platform-team"},
		{"vpc:publicips", "unused-ip", 1, epDefault, "Owner=zhou.kai env=prod"},
		{"elb:loadbalancers", "storefront-lb", 2, epRetail, "owner=li.wei"},
		{"elb:loadbalancers", "payments-lb", 1, epPayments, "owner=chen.jing"},
		{"elb:listeners", "storefront-https", 2, epRetail, "owner=li.wei"},
		{"elb:listeners", "payments-https", 1, epPayments, "owner=chen.jing"},
		{"nat:natgateways", "prod-nat", 1, epDefault, "owner=platform-team"},
		{"er:instances", "backbone-router", 1, epDefault, "owner=platform-team"},
		{"vpnaas:vpngateways", "warehouse-vpn", 1, epDefault, "owner=platform-team"},
		{"vpnaas:vpnconnections", "warehouse-line", 2, epDefault, "owner=platform-team"},

		{"cbr:vault", "servers-vault", 1, epDefault, "owner=platform-team"},
		{"cbr:vault", "payments-vault", 1, epPayments, "owner=chen.jing DataClass=Confidential-PCI"},
		{"sfsturbo:shares", "images-share", 1, epRetail, "owner=wang.fang env=prod DataClass=Public"},
		{"sfsturbo:shares", "invoices-share", 1, epRetail, "owner=li.wei env=prod DataClass=Confidential"}, // as it was called once
		{"rds:instances", "orders-mysql", 2, epRetail, orders + "env=prod DataClass=Internal"},
		{"rds:instances", "payments-postgres", 2, epPayments, payments + "env=prod DataClass=Confidential-PCI"},
		{"rds:instances", "wordpress-mysql", 1, epDefault, "env=production"},
		{"gaussdb:instance", "inventory-taurus", 1, epRetail, "owner=wang.fang env=prod"},
		{"gaussdb-opengauss:instances", "ledger-gauss", 1, epPayments, "owner=chen.jing env=prod DataClass=Confidential-PCI"},
		{"nosql:instances", "clicks-cassandra", 1, epRetail, "owner=sun.qian env=prod"},
		{"dcs:redis", "sessions-redis", 2, epRetail, "owner=li.wei env=prod"},
		{"dcs:redis", "cart-redis", 2, epRetail, "owner=li.wei env=prod"},
		{"dcs:memcached", "legacy-memcached", 1, epDefault, "owner=wang.fang env=prod"},
		{"dms:kafkas", "orders-kafka", 2, epRetail, "owner=li.wei env=prod"},
		{"dms:rabbitmqs", "mail-rabbit", 1, epRetail, "owner=sun.qian env=prod"},
		{"dms:rocketmqs", "payments-rocket", 1, epPayments, "owner=chen.jing env=prod"},
		{"dws:clusters", "sales-warehouse", 1, epRetail, "owner=li.wei env=prod DataClass=Internal"},
		{"css:clusters", "search-elastic", 2, epRetail, "owner=zhang.min env=prod"},
		{"mrs:mrs", "reports-hadoop", 1, epRetail, "owner=li.wei env=prod"},
		{"smn:topic", "alerts", 1, epDefault, "owner=platform-team"},
		{"smn:topic", "order-events", 2, epRetail, "owner=li.wei"},
	}
}
