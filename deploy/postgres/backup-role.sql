-- What the role that takes backups may do. It reads files, no tables: it sees nothing that is in them.
grant connect on database postgres to backup;
grant pg_read_all_settings to backup;
grant execute on function pg_backup_start(text, boolean) to backup;
grant execute on function pg_backup_stop(boolean) to backup;
grant execute on function pg_switch_wal() to backup;
