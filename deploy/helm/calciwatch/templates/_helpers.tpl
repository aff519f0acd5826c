{{/* What is fixed about each service: its port, and the topic by whose waiting events it is scaled. */}}
{{- define "calciwatch.services" -}}
intake: {port: 8081, topic: assessment-completed}
assessment: {port: 8082, topic: questionnaire-submitted}
notification: {port: 8083, topic: assessment-completed}
{{- end }}

{{/* Name of a service's objects; a name has at most 63 characters. Called with (list . "intake"). */}}
{{- define "calciwatch.name" -}}
{{- $root := index . 0 -}}
{{- printf "%s-%s" ($root.Release.Name | trunc 50 | trimSuffix "-") (index . 1) -}}
{{- end }}

{{/* What tells the pods of a release, and with (list . "intake") those of a service, from all others. */}}
{{- define "calciwatch.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- with index . 1 }}
app.kubernetes.io/component: {{ . }}-service
{{- end }}
{{- end }}

{{- define "calciwatch.labels" -}}
{{- $root := index . 0 -}}
{{ include "calciwatch.selector" . }}
app.kubernetes.io/version: {{ $root.Values.image.tag | default $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/* Address of a service for the others. */}}
{{- define "calciwatch.address" -}}
{{- $service := index . 1 -}}
http://{{ include "calciwatch.name" . }}:{{ get (get (include "calciwatch.services" (index . 0) | fromYaml) $service) "port" }}
{{- end }}

{{/* The port of an https address. */}}
{{- define "calciwatch.httpsPort" -}}
{{- regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default "443" -}}
{{- end }}
