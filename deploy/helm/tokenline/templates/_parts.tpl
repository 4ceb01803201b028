{{- define "tokenline.fullname" -}}
{{- if eq .Release.Name .Chart.Name -}}
{{ .Release.Name }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- /* What one release's pods have in common. */ -}}
{{- define "tokenline.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tokenline.labels" -}}
{{ include "tokenline.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- /* Of every pod: no root, no account of the cluster, and no variables that Kubernetes makes of the names
of Services: TOKENLINE_BRIDGE_PORT would be one of them, and is one of ours. */ -}}
{{- define "tokenline.pod" -}}
serviceAccountName: {{ include "tokenline.fullname" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
# 5 s until nobody sends anything here any more, 27 s for a request, and what the process does after it.
terminationGracePeriodSeconds: 60
{{- end -}}

{{- define "tokenline.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{- /* A stopping pod stays in the Service of some nodes for a moment: it goes on serving so long. */ -}}
{{- define "tokenline.lifecycle" -}}
lifecycle:
  preStop: { exec: { command: [sleep, '5'] } }
{{- end -}}

{{- /* Replicas on different nodes, and in different zones where that can be had. */ -}}
{{- define "tokenline.spread" -}}
{{- $labels := printf "%s\napp.kubernetes.io/component: %s" (include "tokenline.selector" .root) .role -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
{{- end -}}

{{- define "tokenline.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- /* Of everything that reads the configuration: which is all but the card process. */ -}}
{{- define "tokenline.environment" -}}
- { name: TOKENLINE_CONFIG, value: /etc/tokenline/tokenline.yaml }
# A directory that the process makes itself, for itself alone; the volume around it is the group's.
- { name: TOKENLINE_DATA, value: /run/tokenline/data }
- { name: TOKENLINE_INTERNAL_CREDENTIAL_FILE, value: /run/secrets/internal_credential }
- name: TOKENLINE_INTERNAL_URL
  value: {{ ternary "https" "http" (eq .Values.mode "live") }}://{{ include "tokenline.fullname" . }}-bridge-line:9443
{{- if eq .Values.mode "live" }}
- { name: TOKENLINE_INTERNAL_CA_FILE, value: /run/secrets/internal_ca }
{{- end }}
{{- range .Values.configurationSecrets }}
{{- if .variable }}
- { name: {{ .variable }}, value: /run/secrets/{{ .file }} }
{{- end }}
{{- end }}
{{- end -}}

{{- define "tokenline.secretSource" -}}
- secret:
    name: {{ .name }}
    items: [{ key: {{ .key }}, path: {{ .file }} }]
{{- end -}}

{{- /* The sources of /run/secrets that bridge and settings have in common. */ -}}
{{- define "tokenline.commonSecrets" -}}
{{ include "tokenline.secretSource" (merge (dict "file" "internal_credential") .Values.secrets.internalCredential) }}
{{- range .Values.configurationSecrets }}
{{ include "tokenline.secretSource" . }}
{{- end }}
{{- if eq .Values.mode "live" }}
{{ include "tokenline.secretSource" (merge (dict "file" "internal_ca") .Values.secrets.internalCa) }}
{{- end }}
{{- end -}}

{{- define "tokenline.certificateSource" -}}
- secret:
    name: {{ .name }}
    items:
      - { key: tls.crt, path: {{ .role }}_certificate }
      - { key: tls.key, path: {{ .role }}_key }
{{- end -}}

{{- define "tokenline.mounts" -}}
- { name: configuration, mountPath: /etc/tokenline, readOnly: true }
- { name: secrets, mountPath: /run/secrets, readOnly: true }
- { name: run, mountPath: /run/tokenline }
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{- /* In memory: nothing of them is on a disk, or is there when the pod is gone. */ -}}
{{- define "tokenline.volumes" -}}
- name: configuration
  configMap: { name: {{ include "tokenline.fullname" . }} }
- name: run
  emptyDir: { medium: Memory, sizeLimit: 64Mi }
- name: tmp
  emptyDir: { medium: Memory, sizeLimit: 64Mi }
{{- end -}}

{{- define "tokenline.probe" -}}
httpGet: { path: {{ .path }}, port: {{ .port }}, scheme: {{ ternary "HTTPS" "HTTP" .tls }} }
{{- end -}}

{{- define "tokenline.autoscaled" -}}
{{- if not .autoscaling.enabled }}
replicas: {{ .replicas }}
{{- end }}
{{- end -}}

{{- /* Pods of this release, by their roles, as peers of a NetworkPolicy. */ -}}
{{- define "tokenline.ours" -}}
{{- $selector := include "tokenline.selector" .root -}}
{{- range $index, $role := .roles }}
{{- if $index }}{{ "\n" }}{{ end -}}
- podSelector:
    matchLabels:
      {{- $selector | nindent 6 }}
      app.kubernetes.io/component: {{ $role }}
{{- end }}
{{- end -}}
