package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestSecretsAreNotShown(t *testing.T) {
	t.Setenv("CONFIG_TEST_AK", "AKENV")
	t.Setenv("CONFIG_TEST_SK", "SuperSecretEnv")
	c, err := Parse("testdata/every.yml", []byte(every))
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c),
		fmt.Sprintf("%v", *c), fmt.Sprintf("%+v", *c), fmt.Sprintf("%#v", *c),
		string(c.YAML()),
	} {
		if strings.Contains(shown, "SuperSecret") {
			t.Errorf("a secret in %s", shown)
		}
	}
	if sk, err := c.Projects[1].Credential.SecretKey.Reveal(); sk != "SuperSecretEnv" || err != nil {
		t.Errorf("from the environment: got %q, %v", sk, err)
	}
	if sk, err := c.Projects[2].Credential.SecretKey.Reveal(); sk != "SuperSecretFile" || err != nil {
		t.Errorf("from a file: got %q, %v", sk, err)
	}
}

func TestYAML(t *testing.T) {
	t.Setenv("CONFIG_TEST_AK", "AKENV")
	t.Setenv("CONFIG_TEST_SK", "SuperSecretEnv")
	c, err := Parse("testdata/every.yml", []byte(every))
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/every.yaml.golden"
	got := c.YAML()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestYAMLIsAConfiguration reads back what is shown: the effective settings of
// effective settings are the same.
func TestYAMLIsAConfiguration(t *testing.T) {
	c := parse(t, strings.Replace(minimal, "p1}", `p1, services: {dds: {renew_after: 1m}, fabric: {selectors: [{key: "a: b", values: ["", "业务", "null", "1"]}]}}}`, 1)+
		"policy: {rules: [{key: owner, required: true}], max_violation_series: 0}\ntags: {exclude_keys: '', include_keys: 'a|b'}\n")
	again := parse(t, string(c.YAML()))
	if string(again.YAML()) != string(c.YAML()) {
		t.Errorf("got:\n%s\nwant:\n%s", again.YAML(), c.YAML())
	}
	if !reflect.DeepEqual(again.Projects, c.Projects) {
		t.Errorf("got  %+v\nwant %+v", again.Projects, c.Projects)
	}
}
