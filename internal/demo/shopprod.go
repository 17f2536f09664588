package demo

const shopProdID = "0549b4a43100d4f32f51c01c2fe4acdb"

// The teams of the shop, as their resources name them.
const (
	orders    = "owner=li.wei cost-center=CC-4410 业务线=交易 BusinessUnit=Retail "
	payments  = "owner=chen.jing cost-center=CC-4420 业务线=支付 负责人=陈静 BusinessUnit=Payments "
	catalog   = "owner=wang.fang cost-center=CC-4430 业务线=商品 BusinessUnit=Retail "
	search    = "owner=zhang.min cost-center=CC-4440 业务线=搜索 "
	marketing = "owner=sun.qian cost-center=CC-4450 业务线=营销 "
	platform  = "owner=platform-team cost-center=CC-4100 "
)

// shopProd is what customers use.
func shopProd() project {
	return project{
		id: shopProdID, name: "shop-prod", region: "cn-north-4",
		instances: []instance{
			{"orders-rs-01", replicaSet, epRetail, orders + "env=prod DataClass=Internal backup=daily"},
			{"orders-rs-02", replicaSet, epRetail, orders + "env=prod DataClass=Internal backup=daily"},
			{"orders-rs-03", replicaSet, epRetail, orders + "env=prod DataClass=Internal backup=daily"},
			{"orders-archive", single, epRetail, orders + "env=prod backup"},
			{"orders-replay-01", replicaSet, epRetail, orders + "env=prod"},
			{"cart-shard-01", sharding, epRetail, orders + "env=prod"},
			{"payments-rs-01", replicaSet, epPayments, payments + "env=prod DataClass=Confidential-PCI backup=hourly"},
			{"payments-rs-02", replicaSet, epPayments, payments + "env=prod DataClass=Confidential-PCI backup=hourly"},
			{"ledger-shard-01", sharding, epPayments, payments + "env=prod DataClass=Confidential-PCI backup=hourly"},
			{"refunds-rs-01", replicaSet, epPayments, payments + "env=prod DataClass=Confidential-PCI"},
			{"catalog-rs-01", replicaSet, epRetail, catalog + "env=prod DataClass=Public"},
			{"catalog-rs-02", replicaSet, epRetail, catalog + "env=prod DataClass=Public"},
			{"inventory-shard-01", sharding, epRetail, catalog + "env=prod sla="},
			{"legacy-catalog", single, epDefault, "owner=wang.fang Env=prod cost-center=CC-4430"},
			{"customers-rs-01", replicaSet, epRetail, orders + "env=prod DataClass=Confidential-PII backup=hourly"},
			{"sessions-rs-01", replicaSet, epDefault, platform + "env=prod"},
			{"search-suggest-rs-01", replicaSet, epRetail, search + "env=prod"},
			{"reviews-rs-01", replicaSet, epRetail, catalog + "env=prod DataClass=Public"},
			{"coupons-rs-01", replicaSet, epRetail, "env=Prod cost-center=CC-4450 业务线=营销 dataclass=Public"}, // nobody's
			{"flash-sale-shard-01", sharding, epRetail, marketing + "env=prod campaign=双十一"},
			{"flash-sale-shard-02", sharding, epRetail, marketing + "env=prod campaign=双十一"},
			{"audit-log-single", single, epDefault, ""},
		},
		workspaces: []workspace{
			{"sales-dashboard", epRetail, orders + "env=prod release=2026.7"},
			{"orders-realtime", epRetail, orders + "env=prod release=2026.7"},
			{"orders-daily-report", epRetail, orders + "env=prod"},
			{"payments-reconciliation", epPayments, payments + "env=prod DataClass=Confidential-PCI"},
			{"payments-settlement", epPayments, payments + "env=prod DataClass=Confidential-PCI"},
			{"fraud-detection", epPayments, payments + "env=prod DataClass=Confidential-PCI 风险等级=高"},
			{"catalog-enrichment", epRetail, catalog + "env=prod release=2026.7"},
			{"price-optimizer", epRetail, catalog + "env=prod"},
			{"search-ranking", epRetail, search + "env=prod release=2026.7"},
			{"search-index-build", epRetail, search + "env=prod release=2026.7"},
			{"recommendations", epRetail, search + "env=prod BusinessUnit=Retail"},
			{"reviews-nlp", epRetail, catalog + "env=prod pipeline=green"},
			{"promo-banner", epRetail, marketing + "env=prod"},
			{"customer-segments", epRetail, marketing + "env=prod DataClass=Confidential-PII"},
			{"coupon-attribution", epRetail, marketing + "env=prod temp=until-q3"}, // kept since then
			{"warehouse-routing", epRetail, "owner=zhou.kai cost-center=CC-4460 env=prod 业务线=物流"},
			{"courier-eta", epRetail, "owner=zhou.kai cost-center=CC-4460 env=prod 业务线=物流 release=2026.6"},
			{"ops-metrics", epDefault, platform + "env=prod"},
			{"workspace-default", "", ""},
		},
		pools: []poolKey{
			{"owner", "zhang.min wang.fang"},
			{"env", "prod"},
			{"cost-center", "CC-4430 CC-4440"},
			{"业务线", "搜索 商品"},
			{"accelerator", "ascend-910b"},
			{"sla", "gold silver"},
			{"purpose", "inference"},
		},
	}
}
