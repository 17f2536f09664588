package tagapi

import (
	"net/http/httptest"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/huaweicloud"
	"huaweicloud_tag_exporter/internal/inventory"
	"huaweicloud_tag_exporter/internal/simulator"
)

// nobody observes the attempts of a session.
type nobody struct{}

func (nobody) Observe(huaweicloud.Attempt) {}

// Deleted instances are forgotten, or those of years would fill the memory.
func TestInstancesForgotten(t *testing.T) {
	const id, ak, sk = "5f3c9a7e21d84b60a1c2d3e4f5061728", "SIMACCESSKEY0001", "sim-secret-key-0001"
	cloud := simulator.New(simulator.Options{})
	defer cloud.Close()
	cloud.AddAccessKey(simulator.AccessKey{AK: ak, SK: sk})
	web := httptest.NewServer(cloud)
	defer web.Close()
	client, err := huaweicloud.NewClient(huaweicloud.ClientConfig{UserAgent: "test/1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	service, err := client.Service(
		huaweicloud.ProjectConfig{Name: "shop", Region: "cn-north-4", ID: id, Credential: huaweicloud.CredentialConfig{
			Name: "default", AccessKey: huaweicloud.NewSecret(ak), SecretKey: huaweicloud.NewSecret(sk),
		}},
		huaweicloud.ServiceConfig{Name: "dds", Endpoint: web.URL, Limits: huaweicloud.Limits{RequestTimeout: time.Minute, MaxConcurrency: 4}})
	if err != nil {
		t.Fatal(err)
	}
	reader := dds().New(Settings{}, nil).(*instancesReader)
	for _, fleet := range [][]int{{0, 1, 2}, {1, 2, 3, 4}, {}} {
		project := simulator.Project{ID: id, Region: "cn-north-4"}
		for _, n := range fleet {
			project.Instances = append(project.Instances, simulator.Instance{ID: simulator.InstanceID(n)})
		}
		cloud.SetProject(project)
		session, err := service.Session(t.Context(), nobody{})
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.Read(t.Context(), session, inventory.NewReading(inventory.Part{ResourceType: "instance"}, inventory.All, inventory.NewFilter(nil))); err != nil {
			t.Fatal(err)
		}
		if len(reader.known) != len(fleet) {
			t.Errorf("%d instances are remembered of %d", len(reader.known), len(fleet))
		}
	}
	if refusals := cloud.Refusals(); len(refusals) > 0 {
		t.Errorf("the cloud refused requests: %q", refusals)
	}
}
