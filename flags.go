package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"huaweicloud_tag_exporter/internal/audit"
	"huaweicloud_tag_exporter/internal/server"
)

// flags are the settings of the command line.
type flags struct {
	configFile  string
	demo        bool
	configCheck bool
	command     string // serveCommand or auditCommand
	format      string // of the audit
	baseline    string // file of an earlier audit; "": none
	responsible []string
	logLevel    string
	logFormat   string
	web         *web.FlagConfig
	options     server.Options
}

func parse(args []string, stdout, stderr io.Writer) (*flags, error) {
	f := new(flags)
	app := kingpin.New(server.Name, "Exports the tags of Huawei Cloud resources to Prometheus.")
	app.DefaultEnvars().UsageWriter(stdout).ErrorWriter(stderr).HelpFlag.Short('h')
	app.Version(version.Print(server.Name))
	app.Flag("config.file", "Configuration file.").Default(server.Name + ".yml").StringVar(&f.configFile)
	app.Flag("demo", "Ignore the configuration file; export a simulated Huawei Cloud that runs on a loopback port. Needs no account, network or file.").BoolVar(&f.demo)
	app.Flag("config.check", "Validate the configuration, and the policy it names, and exit.").BoolVar(&f.configCheck)
	f.web = kingpinflag.AddFlags(app, ":10240")
	app.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").StringVar(&f.options.TelemetryPath)
	app.Flag("web.enable-lifecycle", "Allow POST /-/reload.").BoolVar(&f.options.EnableLifecycle)
	app.Flag("web.enable-pprof", "Serve /debug/pprof/.").BoolVar(&f.options.EnablePprof)
	app.Flag("scrape.timeout-offset", "Taken off the scraper's timeout for the answer's way back; at most half of it is taken.").Default("500ms").DurationVar(&f.options.TimeoutOffset)
	app.Flag("scrape.default-timeout", "Time for a scrape whose scraper names no timeout.").Default("30s").DurationVar(&f.options.DefaultTimeout)
	app.Flag("log.level", "Log messages of this level and above.").Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Format of log messages.").Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")
	app.Command(serveCommand, "Serve metrics (the default).").Default()
	auditing := app.Command(auditCommand, "Read everything once, print what breaks the tagging policy, and exit 0: compliant, 2: violations, 1: something could not be read.")
	auditing.Flag("format", "Format of the output: table, json, csv or markdown.").Default("table").EnumVar(&f.format, audit.Formats()...)
	auditing.Flag("baseline", "JSON of an earlier audit: the violations that it has are known, and do not count for the exit code.").StringVar(&f.baseline)
	auditing.Flag("responsible", "Only what they are responsible for, by their names as policy.responsible finds them. Repeatable.").StringsVar(&f.responsible)
	named := nameFlags(app.Model().Flags, app.GetFlag)
	nameFlags(auditing.Model().Flags, auditing.GetFlag)
	if err := switchWithValue(args, named); err != nil {
		return f, err
	}
	var err error
	f.command, err = app.Parse(args)
	switch {
	case err != nil:
	case !strings.HasPrefix(f.options.TelemetryPath, "/"):
		err = fmt.Errorf("%s must begin with a slash: %q", named["web.telemetry-path"], f.options.TelemetryPath)
	case f.options.TimeoutOffset < 0:
		err = fmt.Errorf("%s must not be negative: %s", named["scrape.timeout-offset"], f.options.TimeoutOffset)
	case f.options.DefaultTimeout <= 0:
		err = fmt.Errorf("%s must be positive: %s", named["scrape.default-timeout"], f.options.DefaultTimeout)
	}
	return f, err
}

// namedFlag puts the name of its flag, or of the environment variable that stands
// for it, before errors about its value. Without it, kingpin says that a unit is
// missing, and not where.
type namedFlag struct {
	kingpin.Value
	name  string
	typed bool // on the command line
}

// nameFlags wraps the values of flags, and returns them by the flags' names. Help
// quotes defaults by the kind of the value, so it is told what it would have shown.
func nameFlags(flags []*kingpin.FlagModel, get func(name string) *kingpin.FlagClause) map[string]*namedFlag {
	named := make(map[string]*namedFlag)
	for _, flag := range flags {
		n := &namedFlag{Value: flag.Value, name: flag.Name}
		get(flag.Name).PlaceHolder(flag.FormatPlaceHolder()).IsSetByUser(&n.typed).SetValue(n)
		named[flag.Name] = n
	}
	return named
}

// String implements fmt.Stringer.
func (n *namedFlag) String() string {
	if n.typed {
		return "--" + n.name
	}
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(server.Name + "_" + n.name))
}

// Set implements kingpin.Value.
func (n *namedFlag) Set(text string) error {
	if err := n.Value.Set(text); err != nil {
		return fmt.Errorf("%s: %w", n, err)
	}
	return nil
}

// IsBoolFlag tells kingpin that the flag takes no value.
func (n *namedFlag) IsBoolFlag() bool {
	v, ok := n.Value.(interface{ IsBoolFlag() bool })
	return ok && v.IsBoolFlag()
}

// IsCumulative tells kingpin that the flag may be repeated.
func (n *namedFlag) IsCumulative() bool {
	v, ok := n.Value.(interface{ IsCumulative() bool })
	return ok && v.IsCumulative()
}

// switchWithValue finds --demo=maybe: kingpin takes the value of a flag that has
// none for a command.
func switchWithValue(args []string, flags map[string]*namedFlag) error {
	for _, arg := range args {
		name, value, given := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if flag := flags[strings.TrimPrefix(name, "no-")]; given && flag != nil && flag.IsBoolFlag() {
			return fmt.Errorf("--%s takes no value: %q; write --%s or --no-%s", name, value, flag.name, flag.name)
		}
	}
	return nil
}
