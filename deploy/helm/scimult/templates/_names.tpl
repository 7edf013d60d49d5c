{{- define "scimult.labels" -}}
app.kubernetes.io/name: scimult
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
{{- end }}

{{- define "scimult.selector" -}}
app.kubernetes.io/name: scimult
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* What no container of the pod may do. */}}
{{- define "scimult.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: true
{{- end }}
