package demo

const lakeAnalyticsID = "f3a60b7d94c84e21b85d6c0e17a2934f"

// The teams of the data lake, as disks name them, and as all else does.
const (
	dataTeam = "owner=liu.yang cost-center=CC-5200 "
	data     = dataTeam + "业务线=数据 BusinessUnit=Data-Platform "
	biTeam   = "owner=he.xin cost-center=CC-5210 "
	bi       = biTeam + "业务线=数据 负责人=何欣 BusinessUnit=Data-BI "
	ml       = "owner=zhao.lei cost-center=CC-5300 业务线=算法 "
)

// lakeAnalytics is where the shop's data is looked at.
func lakeAnalytics() project {
	return project{
		id: lakeAnalyticsID, name: "lake-analytics", region: "cn-southwest-2",
		instances: []instance{
			{"etl-meta-rs-01", replicaSet, epData, data + "env=prod DataClass=Internal"},
			{"etl-meta-rs-02", replicaSet, epData, data + "env=prod DataClass=Internal"},
			{"clickstream-shard-01", sharding, epData, data + "env=prod DataClass=Confidential-PII retention=90d"},
			{"clickstream-shard-02", sharding, epData, data + "env=prod DataClass=Confidential-PII retention=90d"},
			{"feature-store-rs-01", replicaSet, epData, ml + "env=prod"},
			{"feature-store-rs-02", replicaSet, epData, ml + "env=prod"},
			{"model-registry-rs-01", replicaSet, epData, ml + "env=prod"},
			{"experiments-single", single, epData, ml + "env=dev"},
			{"bi-cache-rs-01", replicaSet, epData, bi + "env=prod"},
			{"bi-cache-rs-02", replicaSet, epData, bi + "env=prod"},
			{"lineage-rs-01", replicaSet, epData, data + "env=prod DataClass=Internal"},
			{"scheduler-rs-01", replicaSet, epData, data + "env=prod"},
			{"notebook-single-01", single, epDefault, "owner= env=dev cost-center=5300 业务线=算法 BusinessUnit=Data"},
		},
		// A ticket number is no tag: it has as many values as there are workspaces,
		// so that max_values_per_key folds the last of them.
		workspaces: []workspace{
			{"ods-orders", epData, data + "env=prod layer=ods ticket=DATA-1187"},
			{"ods-payments", epData, data + "env=prod layer=ods DataClass=Confidential-PCI ticket=DATA-1224"},
			{"ods-clickstream", epData, data + "env=prod layer=ods retention=90d ticket=DATA-1261"},
			{"ods-logistics", epData, data + "env=prod layer=ods ticket=DATA-1298"},
			{"dwd-orders", epData, data + "env=prod layer=dwd DataClass=Internal ticket=DATA-1335"},
			{"dwd-payments", epData, data + "env=prod layer=dwd DataClass=Confidential-PCI ticket=DATA-1372"},
			{"dwd-traffic", epData, data + "env=prod layer=dwd ticket=DATA-1409"},
			{"dws-sales", epData, data + "env=prod layer=dws DataClass=Internal ticket=DATA-1446"},
			{"dws-customers", epData, data + "env=prod layer=dws DataClass=Confidential-PII ticket=DATA-1483"},
			{"ads-board-report", epData, bi + "env=prod layer=ads DataClass=Confidential-Board"},
			{"ads-marketing", epData, bi + "env=prod layer=ads ticket=DATA-1520"},
			{"ads-supply-chain", epData, bi + "env=prod layer=ads ticket=DATA-1557"},
			{"bi-self-service", epData, bi + "env=prod"},
			{"bi-finance", epData, bi + "env=prod DataClass=Confidential-Finance"},
			{"bi-preview", epData, bi + "env=dev"},
			{"user-profile-features", epData, ml + "env=prod"},
			{"item-embeddings", epData, ml + "env=prod accelerator=ascend-910b"},
			{"demand-forecast", epData, ml + "env=prod"},
			{"returns-forecast", epData, ml + "env=prod BusinessUnit=Data-Science"},
			{"risk-scoring", epData, ml + "env=prod 风险等级=高"},
			{"churn-model", epData, ml + "env=dev"},
			{"pangu-finetune", epData, ml + "env=dev accelerator=ascend-910b"},
			{"image-tagging", epData, ml + "env=prod accelerator=ascend-310p"},
			{"customer-service-llm", epData, ml + "env=prod accelerator=ascend-910b"},
			{"ab-test-analysis", epData, ml + "env=prod"},
			{"data-quality", epData, data + "env=prod ticket=DATA-1594"},
			{"nightly-backfill-01", epData, data + "env=prod schedule=nightly"},
			{"nightly-backfill-02", epData, data + "env=prod schedule=nightly"},
			{"nightly-quality-check", epData, data + "env=prod schedule=nightly"},
			{"clickstream-sandbox", epData, data + "env=dev"},
			{"adhoc-liu-yang", epData, data + "env=dev"},
			{"adhoc-he-xin", epData, "Owner=he.xin env=dev Cost-Center=CC-5210 businessunit=Data-BI"},
			{"migration-2025", epDefault, data + "env= temp=true DataClass=Secret"}, // long over
			{"training-course", epDefault, "owner=hr-academy cost-center=CC-6100 env=dev"},
		},
		pools: []poolKey{
			{"owner", "zhao.lei liu.yang"},
			{"负责人", "赵磊"},
			{"env", "prod dev"},
			{"Env", "prod"},
			{"cost-center", "CC-5300 CC-5200 5300"},
			{"业务线", "算法 数据"},
			{"accelerator", "ascend-910b ascend-310p"},
			{"model", "pangu-7b qwen-14b bert-base-zh"},
			{"framework", "mindspore pytorch"},
			{"queue", "training batch"},
			{"priority", "high normal"},
			{"DataClass", "Internal Confidential-PII"},
			{"billing", "yearly on-demand"},
			{"idle-shutdown", ""},
		},
		groups: lakeAnalyticsGroups(),
	}
}

func lakeAnalyticsGroups() []group {
	return []group{
		{"modelarts:notebook", "features-notebook", 2, epData, ml + "env=dev"},
		{"modelarts:notebook", "zhao-lei-notebook", 1, epData, ""},
		{"modelarts:service", "recommendations-service", 1, epData, ml + "env=prod"},
		{"modelarts:service", "risk-service", 1, epData, ml + "env=prod"},
		{"ecs:cloudservers", "gateway-vm", 2, epData, data + "env=prod"},
		{"ecs:cloudservers", "bi-vm", 3, epData, bi + "env=prod"},
		{"evs:volumes", "gateway-disk", 2, epData, dataTeam + "env=prod"},
		{"evs:volumes", "bi-disk", 3, epData, biTeam + "env=prod"},
		{"bms:servers", "training-host", 2, epData, "owner=zhao.lei env=prod accelerator=ascend-910b"},
		{"cce:clusters", "training-cluster", 1, epData, "owner=zhao.lei env=prod"},
		{"vpc:vpcs", "lake-vpc", 1, epData, "owner=liu.yang"},
		{"vpc:publicips", "bi-ip", 1, epData, "owner=he.xin"},
		{"sfsturbo:shares", "datasets-share", 2, epData, "owner=zhao.lei env=prod"},
		{"rds:instances", "metadata-mysql", 1, epData, data + "env=prod DataClass=Internal"},
		{"dms:kafkas", "clickstream-kafka", 2, epData, "owner=liu.yang env=prod"},
		{"dws:clusters", "lake-warehouse", 2, epData, "owner=he.xin env=prod DataClass=Internal"},
		{"css:clusters", "logs-elastic", 1, epData, "owner=liu.yang env=prod cost-center=5200"},
		{"mrs:mrs", "lake-hadoop", 2, epData, "owner=liu.yang env=prod"},
	}
}
