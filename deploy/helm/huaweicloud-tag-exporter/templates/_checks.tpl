{{- /* What the schema cannot say: values that are right by themselves and cannot work together. */ -}}
{{- define "exporter.checks" -}}
{{- range .Values.extraArgs -}}
{{- if regexMatch "^--(no-)?web[.](listen-address|telemetry-path|systemd-socket)(=|$)" . -}}
{{- fail (printf "extraArgs: %s would move the metrics away from the probes, the Service and the ServiceMonitor, which expect them at /metrics on port 10240. service.port is the Service's" .) -}}
{{- else if regexMatch "^--web[.]config[.]file(=|$)" . -}}
{{- fail (printf "extraArgs: of %s the probes and the ServiceMonitor would know nothing. Set web.config" .) -}}
{{- else if regexMatch "^--(config[.]check|version|help.*|completion.*)(=|$)" . -}}
{{- fail (printf "extraArgs: with %s the exporter ends at once, and the pod starts again and again" .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.env -}}
{{- if regexMatch "^HUAWEICLOUD_TAG_EXPORTER_(WEB_(LISTEN_ADDRESS|TELEMETRY_PATH|SYSTEMD_SOCKET|CONFIG_FILE)|CONFIG_CHECK|VERSION|HELP.*|COMPLETION.*)$" .name -}}
{{- fail (printf "env: %s is the variable of a flag that extraArgs refuses, for the same reason" .name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.serviceMonitor -}}
{{- $interval := include "exporter.milliseconds" .interval | atoi -}}
{{- $timeout := include "exporter.milliseconds" .scrapeTimeout | atoi -}}
{{- if or (eq $timeout 0) (lt $interval $timeout) -}}
{{- fail (printf "serviceMonitor: scrapeTimeout must be above 0 and at most the interval: %s, and the interval is %s" .scrapeTimeout .interval) -}}
{{- end -}}
{{- end -}}
{{- if .Values.serviceMonitor.enabled -}}
{{- if and .Values.web.config.basic_auth_users (not .Values.serviceMonitor.basicAuth) -}}
{{- fail "serviceMonitor.basicAuth must name the Secret with a user of web.config.basic_auth_users: without it, Prometheus is refused (401)" -}}
{{- end -}}
{{- if and .Values.web.config.tls_server_config (not .Values.serviceMonitor.tlsConfig) -}}
{{- fail "serviceMonitor.tlsConfig must say how Prometheus verifies the certificate of web.config.tls_server_config, such as {ca: {secret: {name: …, key: ca.crt}}, serverName: …}: it connects to the pod's address, for which no certificate is" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* A duration of Prometheus in milliseconds. */ -}}
{{- define "exporter.milliseconds" -}}
{{- $factors := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+(ms|[smhdwy])" . -1 -}}
{{- $unit := regexFind "[a-z]+" . -}}
{{- $sum = add $sum (mul (trimSuffix $unit . | atoi) (get $factors $unit)) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}
