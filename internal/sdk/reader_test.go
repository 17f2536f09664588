package sdk_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	httpclient "github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
)

func sdkClients(t *testing.T, url string) func(*httpclient.HcHttpClientBuilder) *httpclient.HcHttpClient {
	t.Helper()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	credential, err := basic.NewCredentialsBuilder().WithAk(testAK).WithSk(testSK).WithProjectId(testProject).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return func(builder *httpclient.HcHttpClientBuilder) *httpclient.HcHttpClient {
		client, err := builder.WithEndpoint(url).WithCredential(credential).
			WithHttpConfig(config.DefaultHttpConfig().WithHttpTransport(transport)).SafeBuild()
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
}

// read pages through the list as the documentation says, in each workspace where there are
// any, and returns resources by ID.
func (l sdkList) read(t *testing.T) map[string]resource {
	t.Helper()
	found, workspaces := make(map[string]resource), map[string]resource{"": {}}
	if strings.Contains(l.request, "{workspace}") {
		workspaces = sdkList{client: l.client, operation: "ListWorkspace", request: `{"limit":50,"offset":0}`, items: "workspaces", id: "id", name: "name"}.read(t)
	}
	for id := range workspaces {
		in := l
		in.request = strings.ReplaceAll(l.request, "{workspace}", id)
		in.readAll(t, found)
	}
	return found
}

func (l sdkList) readAll(t *testing.T, found map[string]resource) {
	t.Helper()
	method := reflect.ValueOf(l.client).MethodByName(l.operation)
	marker := "null"
	for page := 0; ; page++ {
		request := reflect.New(method.Type().In(0).Elem())
		text := strings.NewReplacer("{offset}", strconv.Itoa(page*sdkPage), "{first}", strconv.Itoa(page*sdkPage+1),
			"{page}", strconv.Itoa(page+1), "{marker}", marker).Replace(l.request)
		strict := json.NewDecoder(strings.NewReader(text))
		strict.DisallowUnknownFields() // the SDK has all parameters that the exporter gives
		if err := strict.Decode(request.Interface()); err != nil {
			t.Fatal(l.operation, err)
		}
		results := method.Call([]reflect.Value{request})
		if err, failed := results[1].Interface().(error); failed {
			t.Fatal(l.operation, err)
		}
		encoded, err := json.Marshal(results[0].Interface())
		var answer map[string]any
		if err == nil {
			err = json.Unmarshal(encoded, &answer)
		}
		if err != nil {
			t.Fatal(l.operation, err)
		}
		items, _ := answer[l.items].([]any)
		for _, item := range items {
			id, _ := at(item, l.id).(string)
			marker = strconv.Quote(id)
			if engine, _ := at(item, "engine").(string); strings.HasPrefix(l.kind, "dcs:") && l.kind != "dcs:"+strings.ToLower(engine) {
				continue // one call has both kinds
			}
			one := resource{tags: sdkTags(at(item, l.tags))}
			one.name, _ = at(item, l.name).(string)
			one.enterprise, _ = at(item, l.enterprise).(string)
			if l.kind == "ims:images" && one.enterprise == "" {
				one.enterprise = "0" // that of an image that names none
			}
			found[id] = one
		}
		if next, given := at(answer, "page_info.next_marker").(string); given {
			marker = strconv.Quote(next)
		}
		if len(items) < sdkPage || !strings.Contains(l.request, strconv.Itoa(sdkPage)) {
			return
		}
	}
}

// at returns what stands at a path; a dot in a name is "\.".
func at(value any, path string) any {
	for name := range strings.SplitSeq(strings.ReplaceAll(path, `\.`, "\x00"), ".") {
		members, _ := value.(map[string]any)
		value = members[strings.ReplaceAll(name, "\x00", ".")]
	}
	return value
}

// sdkTags reads tags in the forms that the SDK has for them.
func sdkTags(value any) map[string]string {
	tags := make(map[string]string)
	pair := func(text string) {
		key, value, _ := strings.Cut(text, "=")
		tags[key] = value
	}
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			if text, ok := one.(string); ok {
				pair(text)
			} else {
				key, _ := at(one, "key").(string)
				tags[key], _ = at(one, "value").(string)
			}
		}
	case map[string]any:
		for key, value := range value {
			tags[key], _ = value.(string)
		}
	case string:
		var objects []any
		if json.Unmarshal([]byte(value), &objects) == nil {
			return sdkTags(objects)
		}
		for text := range strings.SplitSeq(value, ",") {
			pair(text)
		}
	}
	for _, key := range []string{"", "__type_baremetal", "CCE-Cluster-ID", "CCE-Dynamic-Provisioning-Node"} { // are no tags
		delete(tags, key)
	}
	return tags
}
