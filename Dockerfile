# check=error=true

# The builder runs on the machine's own platform and compiles for the wanted one.
# GO_IMAGE may name a mirror, or this tag with its digest.
ARG GO_IMAGE=golang:1.26.8-bookworm

# What the program says about itself. `make image` fills it in from git, which is
# not part of the build context.
ARG VERSION=unknown
ARG REVISION=unknown
ARG BRANCH=unknown
# The label of it has to be a time.
ARG DATE=1970-01-01T00:00:00Z

FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS builder
WORKDIR /src
ARG GOPROXY
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
ARG REVISION
ARG BRANCH
ARG DATE
# Static, as the Makefile has it; with the time zones in it, since the image has
# no other ones.
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH GOFLAGS=-tags=timetzdata make build
# The licences ask to go where the binary goes: those of each module in it, and Go's.
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go list -deps \
        -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}' . > modules && \
    sort -u modules | while read -r path dir; do \
        cd "$dir" && find . -type f -regextype egrep ! -name '*.go' \
            -iregex '.*/(licen[sc]e|copying|notice|third-party)[^/]*' \
            -exec install -D -m 644 {} "/src/licenses/$path/{}" ';' || exit; \
    done && \
    install -D -m 644 "$(go env GOROOT)/LICENSE" licenses/go.dev/LICENSE
RUN echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' > passwd && \
    echo 'nonroot:x:65532:' > group

FROM scratch
ARG VERSION
ARG REVISION
ARG DATE
LABEL org.opencontainers.image.title="huaweicloud_tag_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the tags of Huawei Cloud resources" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$DATE"
COPY --from=builder /src/passwd /src/group /etc/
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=builder /src/LICENSE /
COPY --from=builder /src/licenses /licenses
COPY --from=builder /src/bin/huaweicloud_tag_exporter /bin/
# Here the default of --config.file is looked for.
WORKDIR /etc/huaweicloud_tag_exporter
# By number: so Kubernetes can tell that it is not root.
USER 65532:65532
EXPOSE 10240
ENTRYPOINT ["/bin/huaweicloud_tag_exporter"]
