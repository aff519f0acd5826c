#!/usr/bin/env bash
# What of the published image's entrypoint the compose file relies on: the first start makes the cluster and runs
# /docker-entrypoint-initdb.d/*.sh, here before the server is up; afterwards only the server starts.
set -euo pipefail
if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    # Under another name until all is done: half a cluster would look like one.
    fresh=$PGDATA.new
    rm -rf "$fresh"
    mkdir -p "$fresh"
    chmod 700 "$fresh"
    initdb --pgdata="$fresh" --username=postgres --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:?}") \
        --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 --locale-provider=builtin \
        --builtin-locale=C.UTF-8 --locale=C
    echo 'host all all all scram-sha-256' >>"$fresh/pg_hba.conf"
    for script in /docker-entrypoint-initdb.d/*.sh; do
        [ ! -f "$script" ] || PGDATA=$fresh bash "$script"
    done
    mv "$fresh" "$PGDATA"
fi
exec "$@" ${PGDATA:+-D "$PGDATA"} -c listen_addresses='*' -c unix_socket_directories=/tmp
