#!/usr/bin/env bash
# Run once by the image's entrypoint, when the cluster is made: one database per service with two roles, one that owns it
# and migrates, one that works with its rows; and Keycloak's, with one; and the role
# that takes backups. Nobody but these can connect.
set -euo pipefail

# Half of it would look like all of it when the container starts again.
trap '[ $? -eq 0 ] || rm -f "$PGDATA/PG_VERSION"' EXIT

# role NAME PASSWORD
role() {
    [[ $2 =~ ^[A-Za-z0-9_.-]+$ ]] || {
        echo "create-databases: the password of the role $1 needs one or more of A-Z a-z 0-9 _ . - and nothing else" >&2
        exit 1
    }
    echo "create role $1 login nosuperuser nocreatedb nocreaterole noreplication password '$2';"
}

{
    echo "revoke connect on database postgres from public;"
    role intake "$INTAKE_DATABASE_PASSWORD"
    role intake_owner "$INTAKE_OWNER_PASSWORD"
    role assessment "$ASSESSMENT_DATABASE_PASSWORD"
    role assessment_owner "$ASSESSMENT_OWNER_PASSWORD"
    role notification "$NOTIFICATION_DATABASE_PASSWORD"
    role notification_owner "$NOTIFICATION_OWNER_PASSWORD"
    role keycloak "$KEYCLOAK_DATABASE_PASSWORD"
    role backup "$BACKUP_DATABASE_PASSWORD"
    cat /calciwatch/backup-role.sql
    for database in intake assessment notification keycloak; do
        echo "create database $database encoding 'UTF8';"
    done
} | psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres

for database in intake assessment notification; do
    sed "s/{database}/$database/g; s/{owner}/${database}_owner/g" /calciwatch/hand-to-owner.sql |
        psql -v ON_ERROR_STOP=1 --username postgres --dbname "$database"
done
echo "revoke all on database keycloak from public; alter database keycloak owner to keycloak;" |
    psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres
