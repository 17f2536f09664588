package huaweicloud

// Some services to call, and their names in hosts.
const (
	ModelArts = "modelarts"
	DDS       = "dds"
	Fabric    = "fabric"
)
