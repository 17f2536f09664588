package demo

// The account of the company that runs the shop, which has an account of its own.
const (
	minghuiID   = "0a6c91e47bd2483f95c0e1d7f8a23b64"
	minghuiName = "minghui"
)

// kind is a type of resources as Huawei Cloud Config names it, and how many the
// company has.
type kind struct {
	name, short string // provider.type, and what names of resources have of it
	n           int
	care        int    // percent of them that are tagged as the company wants it; 0: they cannot be tagged
	global      bool   // they are of no region and project
	teams       string // who has such; "": all
}

const ddsKind = "dds.instances"

func kinds() []kind {
	return []kind{
		{"ecs.cloudservers", "vm", 124, 84, false, ""},
		{"evs.volumes", "disk", 112, 74, false, ""},
		{"ims.images", "image", 12, 50, false, "core"},
		{"vpc.vpcs", "net", 14, 80, false, "portal erp warehouse overseas core"},
		{"vpc.publicips", "eip", 40, 58, false, ""},
		{"vpc.securityGroups", "sg", 30, 66, false, "portal erp warehouse overseas core"},
		{"elb.loadbalancers", "lb", 18, 84, false, "portal loyalty overseas core"},
		{"nat.natGateways", "nat", 8, 80, false, "warehouse core"},
		{"sfsturbo.shares", "share", 6, 85, false, "erp"},
		{"cbr.vault", "vault", 12, 76, false, "erp core"},
		{"rds.instances", "rds", 26, 88, false, ""},
		{ddsKind, "dds", 14, 92, false, "portal loyalty warehouse insight"},
		{"gaussdb.instance", "gauss", 4, 100, false, "erp"},
		{"dcs.redis", "redis", 14, 90, false, "portal loyalty overseas"},
		{"css.clusters", "search", 5, 80, false, "portal"},
		{"mrs.mrs", "mrs", 3, 100, false, "insight"},
		{"cce.clusters", "k8s", 8, 94, false, "portal warehouse core"},
		{"cce.nodes", "node", 42, 86, false, "portal warehouse core"},
		{"dms.kafkas", "kafka", 5, 90, false, "transport insight"},
		{"fgs.functions", "fn", 28, 62, false, "portal transport"},
		{"smn.topic", "topic", 10, 60, false, "core"},
		{"kms.keys", "key", 20, 72, false, "payroll core"},
		{"obs.buckets", "bucket", 36, 70, true, ""},
		{"cdn.domains", "cdn", 9, 78, true, "portal overseas"},
		{"config.policyAssignments", "rule", 6, 0, true, "core"},
	}
}

// team is who has resources: in which project, what they are called, and the tags
// that they are meant to have.
type team struct {
	name, project, enterpriseProject string
	costCenter, owner, tags          string
	share                            int // of all resources, beside the others'
}

func teams() []team {
	return []team{
		{"portal", "cn-east-3", epRetail, "2100", "lin.yue", "部门=门户 BusinessUnit=Retail", 5},
		{"loyalty", "cn-east-3", epRetail, "2150", "gao.ming", "部门=会员 BusinessUnit=Retail", 2},
		{"erp", "cn-north-4_erp", epDefault, "1200", "erp-team", "应用=SAP DataClass=Internal", 4},
		{"warehouse", "cn-south-1", epRetail, "3300", "xu.bo", "部门=仓储", 4},
		{"transport", "cn-south-1", epRetail, "3310", "deng.li", "部门=运输", 2},
		{"payroll", "cn-north-4_erp", epPayments, "1210", "ma.hong", "部门=人事 DataClass=Confidential-HR", 1},
		{"overseas", "ap-southeast-1", epRetail, "7300", "jürgen.müller", "Länder=DE-AT-CH BusinessUnit=Retail", 3},
		{"insight", "cn-north-4", epData, "5400", "tang.wei", "部门=数据 BusinessUnit=Data-Insight", 3},
		{"core", "cn-north-4", epDefault, "4000", "core-infra", "", 4},
	}
}

// habits are how people tag who do not care, as edits of the tags that were meant,
// with {cc}, {owner} and {team} for the team's.
func habits() []string {
	return []string{
		"-*", "-*", "-*", "-owner", "DataClass=secret", "-owner Owner={owner}", "-env Env=prod", "env=Prod", "env=production", "env=测试",
		"cost-center={cc}", "cost-center=cc{cc}", "-cost-center Cost-Center=CC-{cc}", "-cost-center CostCenter={cc}",
		"-cost-center Kostenstelle={cc}", "-cost-center 成本中心={cc}", "-owner Verantwortliche=Jörg-Weiß", "-owner 负责人={owner}",
		"temp=yes", "temp=bis-März", "-* name={team}", "owner= env=prod", "-BusinessUnit businessunit=Retail", "BusinessUnit=Handel",
		"-env", "-owner -env -cost-center Größe=groß",
	}
}

// companyProjects are what IAM lists of the account, with what Config does not list.
func companyProjects() []project {
	return []project{
		{name: "cn-north-4", region: "cn-north-4", groups: []group{
			{"modelarts:pool", "forecast-pool", 1, epData, "owner=tang.wei env=prod cost-center=CC-5400"},
			{"modelarts:pool", "try-out-pool", 1, epData, "owner=tang.wei env=dev cost-center=5400"},
		}},
		{name: "cn-north-4_erp", region: "cn-north-4"},
		{name: "cn-east-3", region: "cn-east-3", groups: []group{
			{"modelarts:pool", "portal-pool", 1, epRetail, "owner=lin.yue env=prod 部门=门户"},
			{"modelarts:pool", "loyalty-pool", 1, epRetail, "owner=gao.ming env=prod 部门=会员"},
		}},
		{name: "cn-south-1", region: "cn-south-1"},
		{name: "ap-southeast-1", region: "ap-southeast-1"},
		{name: "MOS"}, // which IAM lists beside regions
	}
}
