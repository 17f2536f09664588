package config

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"huaweicloud_tag_exporter/internal/catalog"
)

// eachKey visits the keys of a section and of those below it.
func eachKey(section reflect.Type, visit func(key string, f reflect.StructField)) {
	for _, f := range reflect.VisibleFields(section) {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		visit(key, f)
		inner := f.Type
		for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, inner.Kind()) {
			inner = inner.Elem()
		}
		if _, ok := inner.MethodByName("IsZero"); inner.Kind() == reflect.Struct && !ok { // a Secret has one
			eachKey(inner, visit)
		}
	}
}

// TestTags: a tag that is spelt wrong would check nothing.
func TestTags(t *testing.T) {
	keys := 0
	eachKey(reflect.TypeFor[file](), func(key string, f reflect.StructField) {
		keys++
		is, of := f.Tag.Get("is"), f.Tag.Get("of")
		if is != "" && !slices.Contains([]string{"name", "id", "endpoint", "file", "certificates", "expression", "id pattern", "type pattern"}, is) {
			t.Errorf("%s is %q", key, is)
		}
		for _, service := range strings.Fields(of) {
			if service != "several" && !slices.Contains(catalog.Names(catalog.Project), service) {
				t.Errorf("%s is of %q", key, of)
			}
		}
		for _, bound := range []string{"least", "most"} {
			if text, ok := f.Tag.Lookup(bound); ok {
				if _, err := strconv.Atoi(text); err != nil {
					t.Errorf("%s: %s %q", key, bound, text)
				}
			}
		}
		for _, tag := range strings.Split(strings.TrimSuffix(string(f.Tag), `"`), `" `) {
			name, _, _ := strings.Cut(tag, ":")
			if !slices.Contains([]string{"yaml", "need", "is", "least", "most", "of", "default", "or", "also", "inherit"}, name) {
				t.Errorf("%s has a tag %s", key, name)
			}
		}
	})
	if keys < 50 {
		t.Errorf("%d keys", keys)
	}
}

// TestChart holds the schema of the Helm chart's values to the keys of the file: the
// chart refuses other sections, and knows which values are no text.
func TestChart(t *testing.T) {
	content, err := os.ReadFile("../../deploy/helm/huaweicloud-tag-exporter/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type kinds map[string]struct{ Type any }
	var schema struct {
		Properties struct {
			Config struct{ Properties kinds }
		}
		Definitions struct {
			Written struct{ Properties kinds }
		}
	}
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	var sections []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[file]()) {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		sections = append(sections, key)
	}
	if got := slices.Sorted(maps.Keys(schema.Properties.Config.Properties)); !slices.Equal(got, slices.Sorted(slices.Values(sections))) {
		t.Errorf("the sections are %q, the chart has %q", sections, got)
	}
	want := map[string]any{"http2": "boolean", "prefer_server_cipher_suites": "boolean"} // of the web configuration
	eachKey(reflect.TypeFor[file](), func(key string, f reflect.StructField) {
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		kind := map[reflect.Kind]string{reflect.Int: "integer", reflect.Float64: "number", reflect.Bool: "boolean"}[inner.Kind()]
		if kind != "" && inner != reflect.TypeFor[time.Duration]() {
			want[key] = kind
		}
	})
	got := make(map[string]any)
	for key, value := range schema.Definitions.Written.Properties {
		got[key] = value.Type
	}
	if !maps.Equal(got, want) {
		t.Errorf("these are no text: %v; the chart has %v", want, got)
	}
}
