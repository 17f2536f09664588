// Package demo is the simulated Huawei Cloud of --demo: an online shop with three
// projects in two regions, with some 300 resources of all services, and the account of
// the company that runs it, with some 600 of all kinds. Their tags drift as people's tags
// do.
package demo

import (
	"cmp"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	services "huaweicloud_tag_exporter/internal/catalog"
	"huaweicloud_tag_exporter/internal/simulator"
)

// Demo is a simulated Huawei Cloud with a fleet that drifts, on loopback ports.
// All methods may be called at any time from any goroutine. Use Start.
type Demo struct {
	cloud *simulator.Cloud
	urls  map[string]string // by service; "" is of all that have none of their own
	stops []func()
	now   func() time.Time

	mu   sync.Mutex
	step int64 // of the fleet that the cloud has
}

// Start serves the cloud on free ports of the loopback address. The fleet is
// what it is at the time that now tells; nil means time.Now. Fleets of one time
// are equal, whichever process asks and whenever it started. Signatures and tokens
// are judged by the real clock, since clients sign by it.
func Start(now func() time.Time) (*Demo, error) {
	if now == nil {
		now = time.Now
	}
	cloud := simulator.New(simulator.Options{})
	d := &Demo{cloud: cloud, urls: make(map[string]string), now: now, step: stepOf(now())}
	for _, service := range append([]string{""}, sameAPIs...) {
		url, stop, err := cloud.ListenAs(service, "127.0.0.1:0")
		if err != nil {
			d.Close()
			return nil, fmt.Errorf("start the simulated cloud: %w", err)
		}
		d.urls[service], d.stops = url, append(d.stops, stop)
	}
	d.set()
	addIdentities(cloud)
	addWeather(cloud)
	for _, operation := range append([]string{
		simulator.OpListPoolTags, simulator.OpListInstances,
		simulator.OpListFabricWorkspaces, simulator.OpListFabricProjectTags,
		simulator.OpSummarizeAllResources, simulator.OpListAuthProjects, simulator.OpShowEffectivePolicies,
	}, simulator.ListedOperations()...) {
		cloud.OnCall(operation, func(int) { d.drift() })
	}
	return d, nil
}

// sameAPIs are services that have a method and path which another service has, too. In a
// real cloud their host names tell them apart; here, each has a port of its own.
var sameAPIs = []string{"rds", "gaussdb-opengauss", "dms", "css"}

// Close stops the servers and cuts their connections. Closing twice is fine.
func (d *Demo) Close() {
	d.cloud.Close()
	for _, stop := range d.stops {
		stop()
	}
}

// Cloud returns the cloud, with the fleet of now.
func (d *Demo) Cloud() *simulator.Cloud {
	d.drift()
	return d.cloud
}

// Config returns the exporter's configuration for the demo. It works as a file
// too, beside Documents and while the demo runs.
func (d *Demo) Config() []byte {
	var endpoints strings.Builder
	for _, service := range services.Names(services.Project) {
		fmt.Fprintf(&endpoints, "      %s: %s\n", service, cmp.Or(d.urls[service], d.urls[""]))
	}
	return []byte(strings.NewReplacer("{endpoints}\n", endpoints.String(), "{cloud}", d.urls[""]).Replace(configuration))
}

// Documents returns the Organizations tag policies that Config names, by file name.
func (d *Demo) Documents() map[string][]byte {
	return map[string][]byte{"tag-policy.json": []byte(tagPolicy)}
}

// ReadFile returns one of Documents.
func (d *Demo) ReadFile(name string) ([]byte, error) {
	content, ok := d.Documents()[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return content, nil
}

// drift brings the fleet up to date. It does so when something is listed, so that
// no goroutine is needed and the tags of listed instances are as old as the list.
// Each listing of a project fits in one page, so none is lost between two pages; that
// of the account begins with a summary, and is read again where it does not add up.
func (d *Demo) drift() {
	d.mu.Lock()
	defer d.mu.Unlock()
	// The time is read under the lock: else a late caller could turn it back.
	if step := stepOf(d.now()); step != d.step {
		d.step = step
		d.set()
	}
}

func (d *Demo) set() {
	account, projects := companyAt(d.step)
	for _, p := range append(projects, fleetAt(d.step)...) {
		d.cloud.SetProject(p)
	}
	d.cloud.SetAccount(account)
	d.cloud.SetAccount(simulator.Account{ID: groupID, Name: groupName, Role: simulator.ManagementAccount})
}

// addIdentities adds what Config logs in with, one kind per project, and those of the accounts.
func addIdentities(c *simulator.Cloud) {
	c.AddAccessKey(simulator.AccessKey{AK: "DEMOSHOPPROD00000001", SK: "demo-secret-key-of-shop-prod"})
	c.AddUser(simulator.User{Domain: "minghui-shop", Name: "tag-exporter", Password: "demo-password-of-shop-staging"})
	c.AddAccessKey(simulator.AccessKey{
		AK: "DEMOLAKEANALYTICS001", SK: "demo-secret-key-of-lake-analytics",
		SecurityToken: "demo-security-token-of-lake-analytics",
	})
	c.AddAccessKey(simulator.AccessKey{AK: "DEMOMINGHUI000000001", SK: "demo-secret-key-of-minghui", Account: minghuiID})
	c.AddAccessKey(simulator.AccessKey{AK: "DEMOMINGHUIGROUP0001", SK: "demo-secret-key-of-minghui-group", Account: groupID})
}

// addWeather makes answers take 10 to 60 ms, and throttles a few. Both go by the
// number of the call. Each throttling counts the calls of one project, so that a
// scrape's attempts do not depend on which project is asked first.
func addWeather(c *simulator.Cloud) {
	c.Inject(simulator.Fault{LatencyFunc: func(n int) time.Duration {
		return time.Duration(10+n*17%51) * time.Millisecond
	}})
	throttle := func(project, operation, policy string, every int) {
		c.Inject(simulator.Fault{
			Project: project, Operation: operation, Every: every,
			Answer: simulator.Instead(simulator.Throttled(policy, "")),
		})
	}
	throttle(shopProdID, simulator.OpListInstanceTags, simulator.PolicyUserPerMinute, 19)
	throttle(shopStagingID, simulator.OpListInstanceTags, simulator.PolicyUserPerMinute, 61)
	throttle(lakeAnalyticsID, simulator.OpListFabricWorkspaces, simulator.PolicyAPIPerMinute, 19)
}
