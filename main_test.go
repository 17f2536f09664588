package main

import (
	"bytes"
	stdlog "log" //nolint:depguard // to see that it is taken over
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
	worse := file("worse.yml", "colour: red\nshape: round\nprojects: []\n")
	mild := file("mild.yml", "credentials: {default: {token: t-0123456789}}\ncolour: red\nprojects: [{region: cn-north-4, project_id: p1}]\n")
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
		"logfmt log":                {[]string{"--config.file", dir + "/none.yml"}, 1, "", `level=error msg="cannot run" err="there is no configuration file`},
		"several errors":            {[]string{"--config.file", worse}, 1, "", `unknown key (known: credentials, defaults, projects, accounts, policy, tags, ca_file) (and 2 more, see --config.check)"`},
		"one error":                 {[]string{"--config.file", mild}, 1, "", `err="` + mild + `:2: colour: unknown key (known: credentials, defaults, projects, accounts, policy, tags, ca_file)"` + "\n"},
		"json log":                  {[]string{"--config.file", dir + "/none.yml", "--log.format=json"}, 1, "", `{"err":"there is no configuration file`},
		"audit without a file":      {[]string{"audit", "--config.file", dir + "/none.yml"}, 1, "", "there is no configuration file"},
		"audit in unknown format":   {[]string{"audit", "--format=xml"}, 1, "", "enum value must be one of table,json,csv,markdown"},
		"audit of the demo":         {[]string{"audit", "--demo"}, 2, "shop-prod: ", ""},
		"audit for a ticket":        {[]string{"audit", "--demo", "--format=markdown", "--responsible=liu.yang"}, 2, "| liu.yang | ", ""},
		"audit of a stranger":       {[]string{"audit", "--demo", "--responsible=nobody"}, 0, "shop-prod: 0 resources", `msg="nobody of this name is responsible for anything" responsible=nobody`},
		"audit of nobody":           {[]string{"audit", "--config.file", good, "--responsible=ana"}, 1, "", "--responsible needs policy.responsible"},
		"audit without a baseline":  {[]string{"audit", "--demo", "--baseline", dir + "/none.json"}, 1, "", "read the baseline: open "},
		"audit by a bad baseline":   {[]string{"audit", "--demo", "--baseline", bad}, 1, "", "bad.yml:1: not JSON: "},
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

// TestAuditIsQuiet: a pipeline that shows what is on stderr shows nothing where nothing
// went wrong.
func TestAuditIsQuiet(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"audit", "--demo", "--format=csv"}, &stdout, &stderr); code != 2 || stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr:\n%s", code, stderr.String())
	}
}

// TestLogOfLibraries: what net/http has to say is logged like everything else.
func TestLogOfLibraries(t *testing.T) {
	var stdout, stderr bytes.Buffer
	run([]string{"--config.file", filepath.Join(t.TempDir(), "none.yml")}, &stdout, &stderr)
	stderr.Reset()
	stdlog.Print("odd answer")
	if line := stderr.String(); !strings.HasPrefix(line, "ts=") || !strings.HasSuffix(line, ` level=warn msg="odd answer"`+"\n") {
		t.Errorf("logged: %s", line)
	}
}

// TestLibraryVariable: a setting that a library would ignore ends the program, and
// --config.check finds it.
func TestLibraryVariable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yml")
	if err := os.WriteFile(file, []byte("credentials: {default: {token: t}}\nprojects: [{region: cn-north-4, project_id: p1}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HTTPS_PROXY", "http://user:0123456789%zz@proxy.example.com")
	for _, args := range [][]string{{"--config.check"}, nil, {"audit"}} {
		var stdout, stderr bytes.Buffer
		code := run(append(args, "--config.file", file), &stdout, &stderr)
		if code != 1 || !strings.Contains(stderr.String(), "environment variable HTTPS_PROXY is not the address of a proxy") {
			t.Errorf("%q: exit code %d\n%s", args, code, stderr.String())
		}
		if strings.Contains(stderr.String(), "0123456789") {
			t.Errorf("%q: a secret was printed\n%s", args, stderr.String())
		}
	}
}

// TestWrongValue: the error names the flag, or the variable that stands for it.
func TestWrongValue(t *testing.T) {
	for _, test := range []struct {
		variable string // NAME=value
		args     []string
		want     string // in full, between the program's name and ", try --help"
	}{
		{"", []string{"--scrape.default-timeout=30"}, `--scrape.default-timeout: time: missing unit in duration "30"`},
		{"", []string{"--scrape.timeout-offset", "soon"}, `--scrape.timeout-offset: time: invalid duration "soon"`},
		{"", []string{"--log.level=loud"}, "--log.level: enum value must be one of debug,info,warn,error, got 'loud'"},
		{"", []string{"--log.format=xml"}, "--log.format: enum value must be one of logfmt,json, got 'xml'"},
		{"", []string{"audit", "--format=xml"}, "--format: enum value must be one of table,json,csv,markdown, got 'xml'"},
		{"SCRAPE_DEFAULT_TIMEOUT=30", nil, `HUAWEICLOUD_TAG_EXPORTER_SCRAPE_DEFAULT_TIMEOUT: time: missing unit in duration "30"`},
		{"SCRAPE_TIMEOUT_OFFSET=soon", nil, `HUAWEICLOUD_TAG_EXPORTER_SCRAPE_TIMEOUT_OFFSET: time: invalid duration "soon"`},
		{"DEMO=maybe", nil, `HUAWEICLOUD_TAG_EXPORTER_DEMO: strconv.ParseBool: parsing "maybe": invalid syntax`},
		{"WEB_ENABLE_LIFECYCLE=on", nil, `HUAWEICLOUD_TAG_EXPORTER_WEB_ENABLE_LIFECYCLE: strconv.ParseBool: parsing "on": invalid syntax`},
		{"WEB_SYSTEMD_SOCKET=on", nil, `HUAWEICLOUD_TAG_EXPORTER_WEB_SYSTEMD_SOCKET: strconv.ParseBool: parsing "on": invalid syntax`},
		{"LOG_LEVEL=loud", nil, "HUAWEICLOUD_TAG_EXPORTER_LOG_LEVEL: enum value must be one of debug,info,warn,error, got 'loud'"},
		{"FORMAT=xml", []string{"audit"}, "HUAWEICLOUD_TAG_EXPORTER_FORMAT: enum value must be one of table,json,csv,markdown, got 'xml'"},
		{"", []string{"--demo=maybe"}, `--demo takes no value: "maybe"; write --demo or --no-demo`},
		{"", []string{"--no-web.enable-pprof=1"}, `--no-web.enable-pprof takes no value: "1"; write --web.enable-pprof or --no-web.enable-pprof`},
		// The command line wins over the variable.
		{"SCRAPE_DEFAULT_TIMEOUT=30", []string{"--scrape.default-timeout=31"}, `--scrape.default-timeout: time: missing unit in duration "31"`},
		// What is no value at all is checked beside.
		{"WEB_TELEMETRY_PATH=metrics", nil, `HUAWEICLOUD_TAG_EXPORTER_WEB_TELEMETRY_PATH must begin with a slash: "metrics"`},
		{"SCRAPE_TIMEOUT_OFFSET=-1s", nil, "HUAWEICLOUD_TAG_EXPORTER_SCRAPE_TIMEOUT_OFFSET must not be negative: -1s"},
		{"SCRAPE_DEFAULT_TIMEOUT=0s", nil, "HUAWEICLOUD_TAG_EXPORTER_SCRAPE_DEFAULT_TIMEOUT must be positive: 0s"},
		{"SCRAPE_DEFAULT_TIMEOUT=0s", []string{"--scrape.default-timeout=-1s"}, "--scrape.default-timeout must be positive: -1s"},
	} {
		t.Run(test.variable+strings.Join(test.args, " "), func(t *testing.T) {
			if name, value, found := strings.Cut(test.variable, "="); found {
				t.Setenv("HUAWEICLOUD_TAG_EXPORTER_"+name, value)
			}
			var stdout, stderr bytes.Buffer
			code := run(test.args, &stdout, &stderr)
			want := "huaweicloud_tag_exporter: " + test.want + ", try --help\n"
			if code != 1 || stderr.String() != want {
				t.Errorf("exit code %d\ngot:  %swant: %s", code, stderr.String(), want)
			}
		})
	}
}
