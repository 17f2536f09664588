package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.yml", "credentials: {default: {token: t-0123456789}}\nprojects: [{region: cn-north-4, project_id: p1}]\n")
	bad := file("bad.yml", "credentials: {default: {token: t-0123456789}}\nprojects:\n  - region: cn-north-4\n    colour: red\n")
	for name, test := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string // each must contain it
	}{
		"unknown flag":              {[]string{"--colour"}, 1, "", "unknown long flag '--colour'"},
		"path without slash":        {[]string{"--web.telemetry-path=metrics"}, 1, "", "must begin with a slash"},
		"negative offset":           {[]string{"--scrape.timeout-offset=-1s"}, 1, "", "--scrape.timeout-offset must not be negative"},
		"no time":                   {[]string{"--scrape.default-timeout=0s"}, 1, "", "--scrape.default-timeout must be positive"},
		"path of another page":      {[]string{"--demo", "--web.telemetry-path=/config"}, 1, "", "/config"},
		"check a good file":         {[]string{"--config.check", "--config.file", good}, 0, "good.yml is valid", ""},
		"check a bad file":          {[]string{"--config.check", "--config.file", bad}, 1, "", "bad.yml:4: projects[0].colour: unknown key"},
		"check the demo":            {[]string{"--config.check", "--demo"}, 0, "needs no configuration", ""},
		"check without a file":      {[]string{"--config.check", "--config.file", dir + "/none.yml"}, 1, "", "there is no configuration file"},
		"serve a bad file":          {[]string{"--config.file", bad}, 1, "", `bad.yml:3: projects[0].project_id`},
		"json log":                  {[]string{"--config.file", dir + "/none.yml", "--log.format=json"}, 1, "", `{"err":"there is no configuration file`},
		"audit without a file":      {[]string{"audit", "--config.file", dir + "/none.yml"}, 1, "", "there is no configuration file"},
		"audit in unknown format":   {[]string{"audit", "--format=xml"}, 1, "", "enum value must be one of table,json,csv"},
		"audit of the demo":         {[]string{"audit", "--demo"}, 2, "shop-prod: ", ""},
		"listen on a wrong address": {[]string{"--demo", "--web.listen-address=256.0.0.1:1"}, 1, "", "256.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("stdout:\n%s\nstderr:\n%s", stdout.String(), stderr.String())
			}
			if strings.Contains(stdout.String()+stderr.String(), "0123456789") {
				t.Error("a secret was printed")
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("HUAWEICLOUD_TAG_EXPORTER_WEB_TELEMETRY_PATH", "metrics")
	var stdout, stderr bytes.Buffer
	if code := run(nil, &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "must begin with a slash") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}
