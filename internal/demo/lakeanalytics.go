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
func lakeAnalytics() []group {
	return []group{
		{"dds:instance", "etl-meta-rs", 2, epData, data + "env=prod DataClass=Internal"},
		{"dds:instance", "clickstream-shard", 2, epData, data + "env=prod DataClass=Confidential-PII retention=90d"},
		{"dds:instance", "feature-store-rs", 2, epData, ml + "env=prod"},
		{"dds:instance", "model-registry-rs-01", 1, epData, ml + "env=prod"},
		{"dds:instance", "experiments-single", 1, epData, ml + "env=dev"},
		{"dds:instance", "bi-cache-rs", 2, epData, bi + "env=prod"},
		{"dds:instance", "lineage-rs-01", 1, epData, data + "env=prod DataClass=Internal"},
		{"dds:instance", "scheduler-rs-01", 1, epData, data + "env=prod"},
		{"dds:instance", "notebook-single-01", 1, epDefault, "owner= env=dev cost-center=5300 业务线=算法 BusinessUnit=Data"},

		// A ticket number is no tag: it has as many values as there are workspaces,
		// so that max_values_per_key folds the last of them.
		{"fabric:workspace", "ods-orders", 1, epData, data + "env=prod layer=ods ticket=DATA-1187"},
		{"fabric:workspace", "ods-payments", 1, epData, data + "env=prod layer=ods DataClass=Confidential-PCI ticket=DATA-1224"},
		{"fabric:workspace", "ods-clickstream", 1, epData, data + "env=prod layer=ods retention=90d ticket=DATA-1261"},
		{"fabric:workspace", "ods-logistics", 1, epData, data + "env=prod layer=ods ticket=DATA-1298"},
		{"fabric:workspace", "dwd-orders", 1, epData, data + "env=prod layer=dwd DataClass=Internal ticket=DATA-1335"},
		{"fabric:workspace", "dwd-payments", 1, epData, data + "env=prod layer=dwd DataClass=Confidential-PCI ticket=DATA-1372"},
		{"fabric:workspace", "dwd-traffic", 1, epData, data + "env=prod layer=dwd ticket=DATA-1409"},
		{"fabric:workspace", "dws-sales", 1, epData, data + "env=prod layer=dws DataClass=Internal ticket=DATA-1446"},
		{"fabric:workspace", "dws-customers", 1, epData, data + "env=prod layer=dws DataClass=Confidential-PII ticket=DATA-1483"},
		{"fabric:workspace", "ads-board-report", 1, epData, bi + "env=prod layer=ads DataClass=Confidential-Board"},
		{"fabric:workspace", "ads-marketing", 1, epData, bi + "env=prod layer=ads ticket=DATA-1520"},
		{"fabric:workspace", "ads-supply-chain", 1, epData, bi + "env=prod layer=ads ticket=DATA-1557"},
		{"fabric:workspace", "bi-self-service", 1, epData, bi + "env=prod"},
		{"fabric:workspace", "bi-finance", 1, epData, bi + "env=prod DataClass=Confidential-Finance"},
		{"fabric:workspace", "bi-preview", 1, epData, bi + "env=dev"},
		{"fabric:workspace", "user-profile-features", 1, epData, ml + "env=prod"},
		{"fabric:workspace", "item-embeddings", 1, epData, ml + "env=prod accelerator=ascend-910b"},
		{"fabric:workspace", "demand-forecast", 1, epData, ml + "env=prod"},
		{"fabric:workspace", "returns-forecast", 1, epData, ml + "env=prod BusinessUnit=Data-Science"},
		{"fabric:workspace", "risk-scoring", 1, epData, ml + "env=prod 风险等级=高"},
		{"fabric:workspace", "churn-model", 1, epData, ml + "env=dev"},
		{"fabric:workspace", "pangu-finetune", 1, epData, ml + "env=dev accelerator=ascend-910b"},
		{"fabric:workspace", "image-tagging", 1, epData, ml + "env=prod accelerator=ascend-310p"},
		{"fabric:workspace", "customer-service-llm", 1, epData, ml + "env=prod accelerator=ascend-910b"},
		{"fabric:workspace", "ab-test-analysis", 1, epData, ml + "env=prod"},
		{"fabric:workspace", "data-quality", 1, epData, data + "env=prod ticket=DATA-1594"},
		{"fabric:workspace", "nightly-backfill", 2, epData, data + "env=prod schedule=nightly"},
		{"fabric:workspace", "nightly-quality-check", 1, epData, data + "env=prod schedule=nightly"},
		{"fabric:workspace", "clickstream-sandbox", 1, epData, data + "env=dev"},
		{"fabric:workspace", "adhoc-liu-yang", 1, epData, data + "env=dev"},
		{"fabric:workspace", "adhoc-he-xin", 1, epData, "Owner=he.xin env=dev Cost-Center=CC-5210 businessunit=Data-BI"},
		{"fabric:workspace", "migration-2025", 1, epDefault, data + "env= temp=true DataClass=Secret"}, // long over
		{"fabric:workspace", "training-course", 1, epDefault, "owner=hr-academy cost-center=CC-6100 env=dev"},

		{"modelarts:pool", "pangu-pool", 1, epData, ml + "负责人=赵磊 env=prod accelerator=ascend-910b model=pangu-7b framework=mindspore priority=high billing=yearly"},
		{"modelarts:pool", "qwen-pool", 1, epData, "owner=zhao.lei Env=prod cost-center=5300 业务线=算法 accelerator=ascend-910b model=qwen-14b framework=pytorch queue=training DataClass=Internal"},
		{"modelarts:pool", "bert-pool", 1, epData, dataTeam + "业务线=数据 env=dev accelerator=ascend-310p model=bert-base-zh queue=batch DataClass=Confidential-PII"},
		{"modelarts:pool", "notebook-pool", 1, epData, ml + "env=dev priority=normal billing=on-demand idle-shutdown"},
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
