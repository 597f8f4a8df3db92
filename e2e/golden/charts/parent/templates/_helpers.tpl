{{- define "parent.name" -}}{{ .Release.Name }}{{- end -}}
