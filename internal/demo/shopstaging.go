package demo

const shopStagingID = "8c1d27e95f0a4b36a7e40d92b6f3158e"

// shopStaging is where the shop is tried before customers see it.
func shopStaging() project {
	return project{
		id: shopStagingID, name: "shop-staging", region: "cn-north-4",
		instances: []instance{
			{"orders-rs-stg-01", replicaSet, epRetail, orders + "env=staging"},
			{"orders-rs-stg-02", replicaSet, epRetail, orders + "env=staging"},
			{"cart-rs-stg-01", replicaSet, epRetail, orders + "env=staging"},
			{"cart-rs-stg-02", replicaSet, epRetail, orders + "env=staging"},
			{"pay-rs-stg-01", replicaSet, epPayments, payments + "env=staging"},
			{"pay-rs-stg-02", replicaSet, epPayments, payments + "env=staging"},
			{"catalog-rs-stg-01", replicaSet, epRetail, catalog + "env=staging"},
			{"search-rs-stg-01", replicaSet, epRetail, search + "env=staging"},
			{"coupons-single-stg", single, epRetail, marketing + "env=test"}, // not a value we have
			{"sessions-single-stg", single, epDefault, platform + "env=staging"},
			{"ci-single-01", single, epDefault, platform + "env=dev"},
			{"ci-single-02", single, epDefault, platform + "env=dev note"},
			{"perf-test-rs-01", replicaSet, epDefault, platform + "env=dev"},
		},
		workspaces: []workspace{
			{"sales-dashboard-stg", epRetail, orders + "env=staging"},
			{"orders-realtime-stg", epRetail, orders + "env=staging"},
			{"payments-settlement-stg", epPayments, payments + "env=staging"},
			{"fraud-detection-stg", epPayments, payments + "env=staging"},
			{"catalog-enrichment-stg", epRetail, catalog + "env=staging"},
			{"price-optimizer-stg", epRetail, catalog + "env=staging"},
			{"search-ranking-stg", epRetail, search + "env=staging"},
			{"recommendations-stg", epRetail, search + "env=staging"},
			{"promo-banner-stg", epRetail, marketing + "env=staging"},
			{"ui-preview-01", epDefault, marketing + "env=dev"},
			{"ui-preview-02", epDefault, marketing + "env=dev"},
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
	}
}
