// Command huaweicloud_tag_exporter exports the tags of Huawei Cloud resources
// to Prometheus: how many resources carry which tag, how many carry none, and
// whether the tag APIs answer.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log" //nolint:depguard // to take it over
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	sloggokit "github.com/tjhop/slog-gokit"

	"huaweicloud_tag_exporter/internal/audit"
	"huaweicloud_tag_exporter/internal/config"
	"huaweicloud_tag_exporter/internal/demo"
	"huaweicloud_tag_exporter/internal/server"
)

const (
	serveCommand = "serve"
	auditCommand = "audit"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	f, err := parse(args, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %s, try --help\n", server.Name, err)
		return 1
	}
	if f.configCheck {
		return check(f, stdout, stderr)
	}
	logger := newLogger(f.logFormat, f.logLevel, stderr)
	stdlog.SetFlags(0) // net/http complains about odd servers there
	stdlog.SetOutput(log.NewStdlibAdapter(level.Warn(logger)))
	code := 0
	if f.command == auditCommand {
		code, err = runAudit(f, logger, stdout, stderr)
	} else {
		err = serve(f, logger)
	}
	if err != nil {
		_ = level.Error(logger).Log("msg", "cannot run", "err", firstLine(err))
		return 1
	}
	return code
}

func check(f *flags, stdout, stderr io.Writer) int {
	if f.demo { // which ignores the file
		fmt.Fprintln(stdout, "the demo needs no configuration")
		return 0
	}
	if _, err := config.Load(f.configFile); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintf(stdout, "%s is valid\n", f.configFile)
	return 0
}

// open loads the configuration, or starts the demo and loads its own.
func open(f *flags, logger log.Logger) (*server.Server, func(), error) {
	f.options.Logger = logger
	f.options.Version = version.Info()
	f.options.UserAgent = server.Name + "/" + cmp.Or(version.Version, "unknown")
	f.options.Load = func() (*config.Config, error) { return config.Load(f.configFile) }
	stopCloud := func() {}
	if f.demo {
		d, err := demo.Start(nil)
		if err != nil {
			return nil, nil, fmt.Errorf("start the simulated cloud: %w", err)
		}
		stopCloud = d.Close
		f.options.Load = func() (*config.Config, error) { return config.ParseWith("demo.yml", d.Config(), d.ReadFile) }
		_ = level.Info(logger).Log("msg", "simulating a Huawei Cloud")
	}
	s, err := server.New(f.options)
	if err != nil {
		stopCloud()
		return nil, nil, err
	}
	return s, func() { s.Close(); stopCloud() }, nil
}

func serve(f *flags, logger log.Logger) error {
	_ = level.Info(logger).Log("msg", "starting "+server.Name, "version", version.Info(), "build_context", version.BuildContext())
	// From here on, not only once it serves: by default, SIGHUP ends a program.
	reload, end := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	signal.Notify(end, syscall.SIGTERM, os.Interrupt)
	defer signal.Stop(reload)
	defer signal.Stop(end)
	s, closeAll, err := open(f, logger)
	if err != nil {
		return err
	}
	defer closeAll()
	routes, err := s.Routes()
	if err != nil {
		return err
	}
	httpServer := newHTTPServer(routes)
	stopped := make(chan error, 1)
	go func() {
		stopped <- web.ListenAndServe(httpServer, f.web, slogger(logger))
	}()
	for {
		select {
		case err := <-stopped:
			return err
		case <-reload:
			if err := s.Reload(); err != nil {
				_ = level.Error(logger).Log("msg", "reloading configuration failed", "err", err)
			}
		case <-end:
			signal.Stop(end) // a second one ends it at once
			_ = level.Info(logger).Log("msg", "stopping")
			stop(httpServer, logger)
			return nil
		}
	}
}

// runAudit prints an audit and returns its exit code. It logs only what goes
// wrong, and shows its progress to whoever watches.
func runAudit(f *flags, logger log.Logger, stdout, stderr io.Writer) (int, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	var baseline *audit.Baseline
	if f.baseline != "" {
		var err error
		if baseline, err = audit.ReadBaseline(f.baseline); err != nil {
			return 0, err
		}
	}
	s, closeAll, err := open(f, level.NewFilter(logger, level.AllowWarn()))
	if err != nil {
		return 0, err
	}
	defer closeAll()
	if len(f.responsible) > 0 && !s.NamesResponsible() {
		return 0, errors.New("--responsible needs policy.responsible in the configuration, which says who is")
	}
	var read atomic.Int64
	ended := func() {
		if n := read.Add(1); isTerminal(stderr) {
			fmt.Fprintf(stderr, "\rread %d services", n)
		}
	}
	reports := s.Audit(ctx, ended)
	if isTerminal(stderr) {
		fmt.Fprintln(stderr)
	}
	made := audit.New(reports, baseline, f.responsible...)
	for _, name := range made.Strangers {
		_ = level.Warn(logger).Log("msg", "nobody of this name is responsible for anything", "responsible", name)
	}
	if err := made.Write(stdout, f.format); err != nil {
		return 0, fmt.Errorf("write the audit: %w", err)
	}
	return made.ExitCode(), nil
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func newLogger(format, lowest string, w io.Writer) log.Logger {
	sync := log.NewSyncWriter(w)
	logger := log.NewLogfmtLogger(sync)
	if format == "json" {
		logger = log.NewJSONLogger(sync)
	}
	utc := func() time.Time { return time.Now().UTC() }
	logger = log.With(logger, "ts", log.TimestampFormat(utc, "2006-01-02T15:04:05.000Z07:00"))
	return level.NewFilter(logger, level.Allow(level.ParseDefault(lowest, level.InfoValue())))
}

// slogger is the logger for the web toolkit, which wants log/slog. Its records
// get our timestamp, so they leave theirs out.
func slogger(logger log.Logger) *slog.Logger {
	return slog.New(timeless{sloggokit.NewGoKitHandler(logger, nil)})
}

type timeless struct{ slog.Handler }

// Handle implements slog.Handler.
func (h timeless) Handle(ctx context.Context, r slog.Record) error {
	r.Time = time.Time{}
	return h.Handler.Handle(ctx, r)
}

// firstLine shortens the many errors that a configuration may have to the one
// that begins them.
func firstLine(err error) error {
	var all config.Errors
	if errors.As(err, &all) && len(all) > 1 {
		return fmt.Errorf("%w (and %d more, see --config.check)", all[0], len(all)-1)
	}
	return err
}
