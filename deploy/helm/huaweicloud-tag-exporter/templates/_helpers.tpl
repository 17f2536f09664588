{{- define "exporter.fullname" -}}
{{- $name := printf "%s-%s" .Release.Name .Chart.Name -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- $name = .Release.Name -}}
{{- end -}}
{{- $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "exporter.labels" -}}
{{ include "exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "exporter.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "exporter.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- /* What all endpoints of the ServiceMonitor have in common. */ -}}
{{- define "exporter.endpoint" -}}
interval: {{ .Values.serviceMonitor.interval }}
scrapeTimeout: {{ .Values.serviceMonitor.scrapeTimeout }}
{{- if .Values.web.config.tls_server_config }}
scheme: https
{{- end }}
{{- with .Values.serviceMonitor.basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.serviceMonitor.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The labels of a target that is about a project or an account, whose name is given. */ -}}
{{- define "exporter.whole" -}}
- targetLabel: instance
  replacement: {{ . | replace "$" "$$" | quote }}
# By this, a sharded Prometheus divides the targets; they share one address.
- targetLabel: __tmp_hash
  replacement: {{ . | replace "$" "$$" | quote }}
{{- end -}}

{{- /* How the kubelet asks for a path, given as `path`. It has no password and no certificate: where
the exporter wants one, it is enough that the port is open, which it is once the configuration has
been accepted. It does not verify the exporter's certificate. */ -}}
{{- define "exporter.probe" -}}
{{- $web := .Values.web.config -}}
{{- $tls := $web.tls_server_config | default dict -}}
{{- if or $web.basic_auth_users (hasPrefix "Require" ($tls.client_auth_type | default "")) -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
  {{- if $tls }}
  scheme: HTTPS
  {{- end }}
{{- end -}}
{{- end -}}

{{- /* "true" if credentials of a project or account come from the environment, which are empty ones.
The chart's own stay among the values, whether or not anything refers to them. */ -}}
{{- define "exporter.fromEnvironment" -}}
{{- $credentials := .Values.config.credentials | default dict -}}
{{- range concat (.Values.config.projects | default list) (.Values.config.accounts | default list) -}}
{{- if not (get $credentials (.credentials | default "default")) -}}true{{- end -}}
{{- end -}}
{{- end -}}
