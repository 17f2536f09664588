# Everything is built from source by Go alone; the tools land in bin/. They are built with the
# flags of the exporter, so that what they share with it is compiled once.

VERSION  ?= $(patsubst v%,%,$(shell git describe --tags --always --dirty 2>/dev/null || echo unknown))
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
# The date of the commit, so that two builds of one commit are the same.
DATE     ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

PKG     := github.com/prometheus/common/version
LDFLAGS := -s -w -X $(PKG).Version=$(VERSION) -X $(PKG).Revision=$(REVISION) -X $(PKG).Branch=$(BRANCH) -X $(PKG).BuildDate=$(DATE)

GOLANGCI_LINT := bin/golangci-lint-v2.15.0
GOFUMPT       := bin/gofumpt-v0.12.0
GORELEASER    := bin/goreleaser-v2.15.1
GO_LICENSES   := bin/go-licenses-v1.6.0
GOVULNCHECK   := bin/govulncheck-v1.8.0

# Inputs for each target: few, for each change; a weekly job and whoever touches a parser
# try more. A time instead of a number sometimes ends in "context deadline exceeded".
FUZZTIME ?= 10000x

# What builds the image; podman does as well.
DOCKER ?= docker
IMAGE  ?= huaweicloud_tag_exporter

.PHONY: help build image tools test check lint format fuzz bench golden release snapshot notes licenses vulncheck clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the exporter into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/huaweicloud_tag_exporter .

image: ## Build the container image
	$(DOCKER) build --build-arg VERSION='$(VERSION)' --build-arg REVISION='$(REVISION)' \
		--build-arg BRANCH='$(BRANCH)' --build-arg DATE='$(DATE)' -t '$(IMAGE)' .

tools: $(GOLANGCI_LINT) $(GOFUMPT) bin/prometheus bin/promtool bin/alertmanager bin/amtool ## Build what check needs beside Go

# For the race detector, the official SDK's clients take long to compile and large
# fleets and accounts take long to read.
test: bin/prometheus bin/promtool bin/alertmanager bin/amtool ## Run the tests with the race detector
	go test -race -timeout 15m $$(go list ./... | grep -v /internal/sdk$$)
	go test -run 'TestSDK|TestLarge' ./internal/sdk ./internal/tagapi ./collector

check: lint test fuzz ## Everything that must pass: lint, tests, fuzzing

lint: $(GOLANGCI_LINT) $(GOFUMPT) ## Vet, lint and check the format
	go vet ./...
	go mod verify
	go mod tidy -diff
	@test -z "$$($(GOFUMPT) -l .)" || { echo "make format would change:"; $(GOFUMPT) -l .; exit 1; }
	$(GOLANGCI_LINT) run ./...

format: $(GOFUMPT) ## Format the code
	$(GOFUMPT) -w .

# go test takes one fuzz target at a time; two of them run side by side.
fuzz: ## Try FUZZTIME inputs on each fuzz target
	@grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z0-9]*' . | sed 's|/[^/]*:func | |' | \
		xargs -P 2 -n 2 sh -c 'echo "fuzz $$1 in $$0"; \
			go test -run "^$$" -fuzz "^$$1\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 "$$0" || exit 255'

# The ratios of a benchmark are of one run, so that they hold on any machine.
bench: ## Run the benchmarks and print what they measured as a table
	@echo '| benchmark | measured |' && echo '| --- | --- |'
	@{ go test -run '^$$' -bench . -benchtime 10x ./collector ./internal/tagapi && \
		go test -run '^$$' -bench Memory -benchtime 1x ./internal/e2e && \
		go test -run '^$$' -bench . ./internal/policy; } | awk '/^(FAIL|panic)/ { bad = 1; print } \
		/^Benchmark/ { line = ""; for (i = 3; i < NF; i += 2) if ($$(i+1) !~ /^(ns|B|allocs)\/op$$/) line = line ", " $$i " " $$(i+1); \
			if (line == "") line = ", " $$3 " " $$4; print "| " substr($$1, 10) " | " substr(line, 3) " |" } END { exit bad }'

golden: ## Write the golden files anew
	go test ./internal/config ./internal/docs ./internal/e2e ./internal/kubernetes -update

release: $(GORELEASER) ## Build a release of the tag that is checked out into dist/
	$(GORELEASER) release --clean

snapshot: $(GORELEASER) ## Build the same of any commit, for trying
	$(GORELEASER) release --clean --snapshot

notes: ## Print what the changelog says of VERSION
	@awk -v version='$(VERSION)' '/^## / { its = $$2 == version; next } its { print; found = 1 } END { exit !found }' CHANGELOG.md

# The licences of everything in the binary, Go's own too, for the archives and packages.
licenses: $(GO_LICENSES)
	rm -rf bin/licenses
	$(GO_LICENSES) check . --ignore huaweicloud_tag_exporter --allowed_licenses Apache-2.0,BSD-2-Clause,BSD-3-Clause,MIT
	$(GO_LICENSES) save . --ignore huaweicloud_tag_exporter --save_path bin/licenses
	install -D -m 644 "$$(go env GOROOT)/LICENSE" bin/licenses/go.dev/LICENSE
	chmod -R u=rwX,go=rX bin/licenses # whatever the umask: packages keep it

vulncheck: $(GOVULNCHECK) ## Look for known vulnerabilities (VULNDB=file://… for a copy of the database)
	$(GOVULNCHECK) $(if $(VULNDB),-db $(VULNDB)) ./...

clean: ## Remove what was built
	rm -rf bin dist

bin/prometheus bin/promtool: internal/tools/go.mod
	cd internal/tools && CGO_ENABLED=0 go build -trimpath -tags remove_all_sd,netgo -o $(CURDIR)/$@.new github.com/prometheus/prometheus/cmd/$(@F)
	mv $@.new $@

bin/alertmanager bin/amtool:
	CGO_ENABLED=0 GOBIN=$(CURDIR)/bin go install -trimpath github.com/prometheus/alertmanager/cmd/$(@F)@v0.31.1

$(GOLANGCI_LINT):
	CGO_ENABLED=0 GOBIN=$(CURDIR)/bin go install -trimpath github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv bin/golangci-lint $@

$(GOFUMPT):
	CGO_ENABLED=0 GOBIN=$(CURDIR)/bin go install -trimpath mvdan.cc/gofumpt@v0.12.0
	mv bin/gofumpt $@

$(GORELEASER):
	GOBIN=$(CURDIR)/bin go install github.com/goreleaser/goreleaser/v2@v2.15.1
	mv bin/goreleaser $@

$(GO_LICENSES):
	GOBIN=$(CURDIR)/bin go install github.com/google/go-licenses@v1.6.0
	mv bin/go-licenses $@

$(GOVULNCHECK):
	GOBIN=$(CURDIR)/bin go install golang.org/x/vuln/cmd/govulncheck@v1.8.0
	mv bin/govulncheck $@

# An SBOM names the hash of the program that wrote it, which must not depend on the machine.
bin/cyclonedx-gomod: internal/release/tools/go.mod
	cd internal/release/tools && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o $(CURDIR)/$@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
