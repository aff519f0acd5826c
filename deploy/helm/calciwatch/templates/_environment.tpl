{{/* A service's settings that are no secrets, as a map. Called with (list . "intake"). */}}
{{- define "calciwatch.settings" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $values := $root.Values -}}
{{- $own := get $values.services $service -}}
{{- $port := get (get (include "calciwatch.services" $root | fromYaml) $service) "port" -}}
QUARKUS_HTTP_HOST: 0.0.0.0
QUARKUS_HTTP_PORT: {{ $port | quote }}
QUARKUS_SHUTDOWN_TIMEOUT: {{ $values.rollout.shutdownSeconds }}s
QUARKUS_DATASOURCE_JDBC_URL: {{ include "calciwatch.jdbcUrl" (list $values.postgresql $own.database.name) | quote }}
QUARKUS_DATASOURCE_USERNAME: {{ $own.database.username | quote }}
QUARKUS_FLYWAY_USERNAME: {{ $own.database.owner | quote }}
CALCIWATCH_KEYSET_FILE: /etc/calciwatch/keyset/{{ $own.keyset.key }}
# A change of a Secret reaches the pods one after the other, within two minutes; after that the file is read within 10 s,
# and transactions that began earlier are over within 60 s.
CALCIWATCH_KEYSET_SETTLING: 4m
{{ include "calciwatch.kafkaSettings" (list $values.kafka $own.kafkaUser) }}
QUARKUS_OIDC_AUTH_SERVER_URL: {{ $values.oidc.issuer | quote }}
QUARKUS_OIDC_TOKEN_AUDIENCE: {{ $values.oidc.audience | quote }}
QUARKUS_OIDC_ROLES_ROLE_CLAIM_PATH: {{ $values.oidc.roleClaim | quote }}
CALCIWATCH_IDENTITY_PATIENT_CLAIM: {{ $values.oidc.patientClaim | quote }}
CALCIWATCH_IDENTITY_ORIGIN: {{ printf "https://%s" (urlParse $values.oidc.issuer).host | quote }}
{{- with $values.ingress.trustedProxies }}
QUARKUS_HTTP_PROXY_PROXY_ADDRESS_FORWARDING: "true"
QUARKUS_HTTP_PROXY_ENABLE_FORWARDED_HOST: "true"
QUARKUS_HTTP_PROXY_TRUSTED_PROXIES: {{ join "," . | quote }}
{{- end }}
{{- if ne $service "assessment" }}
CALCIWATCH_ASSESSMENT_URL: {{ include "calciwatch.address" (list $root "assessment") }}
CALCIWATCH_NOTIFICATION_URL: {{ include "calciwatch.address" (list $root "notification") }}
CALCIWATCH_CLINIC_NAME: {{ $values.clinic.name | quote }}
CALCIWATCH_CLINIC_COLOUR: {{ $values.clinic.colour | quote }}
{{- with $values.clinic.phone }}
CALCIWATCH_CLINIC_PHONE: {{ . | quote }}
{{- end }}
{{- if $values.clinic.logo.configMap }}
CALCIWATCH_CLINIC_LOGO: /etc/calciwatch/logo/{{ $values.clinic.logo.key }}
{{- end }}
{{- end }}
{{- if eq $service "intake" }}
CALCIWATCH_EMERGENCY_NUMBER: {{ $values.clinic.emergencyNumber | quote }}
CALCIWATCH_EDUCATION_RELEASE: {{ $values.clinic.educationRelease }}
{{- with $values.clinic.id }}
CALCIWATCH_CLINIC_ID: {{ . | quote }}
{{- end }}
{{- end }}
{{- if eq $service "notification" }}
{{ include "calciwatch.notificationSettings" $root }}
{{- end }}
{{- end }}

{{- define "calciwatch.notificationSettings" -}}
{{- $mail := .Values.mail -}}
CALCIWATCH_PORTAL_URL: {{ include "calciwatch.address" (list . "intake") }}
# Between pods of one namespace, which the NetworkPolicy closes to others.
CALCIWATCH_PLAIN_HTTP_HOSTS: {{ include "calciwatch.name" (list . "intake") }},{{ include "calciwatch.name" (list . "assessment") }},{{ include "calciwatch.name" (list . "notification") }}
CALCIWATCH_INBOX_URL: https://{{ .Values.hosts.inbox }}
CALCIWATCH_CLINICIANS: {{ join "," $mail.clinicians | quote }}
CALCIWATCH_LEADS: {{ join "," $mail.leads | quote }}
CALCIWATCH_MAIL_FROM: {{ $mail.from | quote }}
CALCIWATCH_MAIL_MESSAGE_ID_DOMAIN: {{ $mail.messageIdDomain | quote }}
CALCIWATCH_MAIL_DETAIL: {{ $mail.detail }}
{{- if $mail.templates.configMap }}
CALCIWATCH_MAIL_TEMPLATES: /etc/calciwatch/mail-templates
{{- end }}
CALCIWATCH_MAIL_SMTP_HOST: {{ $mail.smtp.host | quote }}
CALCIWATCH_MAIL_SMTP_PORT: {{ $mail.smtp.port | quote }}
CALCIWATCH_MAIL_SMTP_SECURITY: {{ $mail.smtp.security }}
{{- if $mail.smtp.ca.secret }}
CALCIWATCH_MAIL_SMTP_TRUSTED_CERTIFICATES: /etc/calciwatch/smtp-ca/{{ $mail.smtp.ca.key }}
{{- end }}
{{- with $mail.bounces }}
{{- if .address }}
CALCIWATCH_MAIL_BOUNCES_ADDRESS: {{ .address | quote }}
{{- end }}
{{- if .host }}
CALCIWATCH_MAIL_BOUNCES_IMAP_HOST: {{ .host | quote }}
CALCIWATCH_MAIL_BOUNCES_IMAP_PORT: {{ .port | quote }}
CALCIWATCH_MAIL_BOUNCES_IMAP_SECURITY: {{ .security }}
CALCIWATCH_MAIL_BOUNCES_IMAP_FOLDER: {{ .folder | quote }}
{{- if .ca.secret }}
CALCIWATCH_MAIL_BOUNCES_IMAP_TRUSTED_CERTIFICATES: /etc/calciwatch/imap-ca/{{ .ca.key }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $webhook := .Values.webhooks }}
CALCIWATCH_WEBHOOKS_{{ upper $name }}_URL: {{ $webhook.url | quote }}
{{- end }}
{{- end }}

{{/* Without an authority of its own, the driver is told to use those that Java knows; it would look for a file. */}}
{{- define "calciwatch.jdbcUrl" -}}
{{- $server := index . 0 -}}
jdbc:postgresql://{{ $server.host }}:{{ $server.port }}/{{ index . 1 }}?sslmode={{ $server.sslMode }}
{{- if $server.ca.secret -}}
&sslrootcert=/etc/calciwatch/postgresql-ca/{{ $server.ca.key }}
{{- else if hasPrefix "verify-" $server.sslMode -}}
&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory
{{- end -}}
{{- end }}

{{- define "calciwatch.kafkaSettings" -}}
{{- $kafka := index . 0 -}}
KAFKA_BOOTSTRAP_SERVERS: {{ join "," $kafka.bootstrapServers | quote }}
KAFKA_SECURITY_PROTOCOL: {{ $kafka.securityProtocol }}
{{- if hasPrefix "SASL" $kafka.securityProtocol }}
KAFKA_SASL_MECHANISM: {{ $kafka.saslMechanism }}
{{- end }}
{{- if eq $kafka.securityProtocol "SSL" }}
KAFKA_SSL_KEYSTORE_TYPE: PKCS12
KAFKA_SSL_KEYSTORE_LOCATION: /etc/calciwatch/kafka-user/{{ (index . 1).keystoreKey }}
{{- end }}
{{- if and (hasSuffix "SSL" $kafka.securityProtocol) $kafka.ca.secret }}
KAFKA_SSL_TRUSTSTORE_TYPE: PEM
KAFKA_SSL_TRUSTSTORE_LOCATION: /etc/calciwatch/kafka-ca/{{ $kafka.ca.key }}
{{- end }}
{{- end }}

{{/* A service's settings that are secrets: name of the setting, name of the Secret, key. Called with (list . "intake"). */}}
{{- define "calciwatch.secrets" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $values := $root.Values -}}
{{- $own := get $values.services $service -}}
{{- $user := $own.kafkaUser -}}
QUARKUS_DATASOURCE_PASSWORD: {name: {{ $own.database.secret.name | quote }}, key: {{ $own.database.secret.passwordKey | quote }}}
QUARKUS_FLYWAY_PASSWORD: {name: {{ $own.database.secret.name | quote }}, key: {{ $own.database.secret.ownerPasswordKey | quote }}}
{{- if hasPrefix "SASL" $values.kafka.securityProtocol }}
KAFKA_SASL_JAAS_CONFIG: {name: {{ $user.name | quote }}, key: {{ $user.jaasKey | quote }}}
{{- else if eq $values.kafka.securityProtocol "SSL" }}
KAFKA_SSL_KEYSTORE_PASSWORD: {name: {{ $user.name | quote }}, key: {{ $user.keystorePasswordKey | quote }}}
{{- end }}
{{- if ne $service "assessment" }}
CALCIWATCH_OIDC_PORTAL_SECRET: {name: {{ $values.oidc.clientSecret.name | quote }}, key: {{ $values.oidc.clientSecret.key | quote }}}
{{- end }}
{{- if eq $service "notification" }}
{{- with $values.mail.smtp.login }}
{{- if .secret }}
CALCIWATCH_MAIL_SMTP_USERNAME: {name: {{ .secret | quote }}, key: {{ .usernameKey | quote }}}
CALCIWATCH_MAIL_SMTP_PASSWORD: {name: {{ .secret | quote }}, key: {{ .passwordKey | quote }}}
{{- end }}
{{- end }}
{{- with $values.mail.bounces }}
{{- if and .host .login.secret }}
CALCIWATCH_MAIL_BOUNCES_IMAP_USERNAME: {name: {{ .login.secret | quote }}, key: {{ .login.usernameKey | quote }}}
CALCIWATCH_MAIL_BOUNCES_IMAP_PASSWORD: {name: {{ .login.secret | quote }}, key: {{ .login.passwordKey | quote }}}
{{- end }}
{{- end }}
{{- range $name, $webhook := $values.webhooks }}
CALCIWATCH_WEBHOOKS_{{ upper $name }}_SECRET: {name: {{ $webhook.secret | quote }}, key: {{ $webhook.key | default "secret" | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{/* Directories below /etc/calciwatch that a service reads: kind of the source, its name, keys. */}}
{{- define "calciwatch.files" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $values := $root.Values -}}
{{- $own := get $values.services $service -}}
keyset: {secret: {{ $own.keyset.name | quote }}, keys: [{{ $own.keyset.key | quote }}]}
{{- with $values.postgresql.ca }}
{{- if .secret }}
postgresql-ca: {secret: {{ .secret | quote }}, keys: [{{ .key | quote }}]}
{{- end }}
{{- end }}
{{- if and (hasSuffix "SSL" $values.kafka.securityProtocol) $values.kafka.ca.secret }}
kafka-ca: {secret: {{ $values.kafka.ca.secret | quote }}, keys: [{{ $values.kafka.ca.key | quote }}]}
{{- end }}
{{- if eq $values.kafka.securityProtocol "SSL" }}
kafka-user: {secret: {{ $own.kafkaUser.name | quote }}, keys: [{{ $own.kafkaUser.keystoreKey | quote }}]}
{{- end }}
{{- if and (ne $service "assessment") $values.clinic.logo.configMap }}
logo: {configMap: {{ $values.clinic.logo.configMap | quote }}, keys: [{{ $values.clinic.logo.key | quote }}]}
{{- end }}
{{- if eq $service "notification" }}
{{- with $values.mail.templates.configMap }}
mail-templates: {configMap: {{ . | quote }}}
{{- end }}
{{- with $values.mail.smtp.ca }}
{{- if .secret }}
smtp-ca: {secret: {{ .secret | quote }}, keys: [{{ .key | quote }}]}
{{- end }}
{{- end }}
{{- if and $values.mail.bounces.host $values.mail.bounces.ca.secret }}
imap-ca: {secret: {{ $values.mail.bounces.ca.secret | quote }}, keys: [{{ $values.mail.bounces.ca.key | quote }}]}
{{- end }}
{{- end }}
{{- end }}
