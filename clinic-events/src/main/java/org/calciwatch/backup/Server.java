package org.calciwatch.backup;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Properties;

/** A session with the running PostgreSQL. Closing it during a backup ends the backup without a trace on the server. */
final class Server implements AutoCloseable {

    /** What the server says of a backup that has ended. The label goes into the backup as a file of its own. */
    record Ended(String label, String stopLsn, String stopWal, Instant at) {}

    private interface Reading<T> {
        T of(ResultSet row) throws SQLException;
    }

    private final Connection connection;

    private Server(Connection connection) {
        this.connection = connection;
    }

    static Server connect(BackupSettings settings) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", settings.username());
        properties.setProperty("password", settings.password());
        properties.setProperty("ApplicationName", "calciwatch-backup");
        properties.setProperty("connectTimeout", "10");
        // Longer than the checkpoint with which a backup begins.
        properties.setProperty("socketTimeout", "900");
        // Nothing is said while the files are copied.
        properties.setProperty("tcpKeepAlive", "true");
        return new Server(DriverManager.getConnection(settings.jdbcUrl(), properties));
    }

    Path dataDirectory() throws SQLException {
        return Path.of(text("show data_directory"));
    }

    boolean archives() throws SQLException {
        return !text("show archive_mode").equals("off");
    }

    String version() throws SQLException {
        return text("show server_version");
    }

    String systemIdentifier() throws SQLException {
        return text("select system_identifier::text from pg_control_system()");
    }

    long walSegmentBytes() throws SQLException {
        return Long.parseLong(text("select setting from pg_settings where name = 'wal_segment_size'"));
    }

    int timeline() throws SQLException {
        return Integer.parseInt(text("select pg_walfile_name(pg_current_wal_lsn())"), 0, 8, 16);
    }

    /** From here on files may be copied, until {@link #endBackup}. Does not wait for the next checkpoint but makes one. */
    void startBackup() throws SQLException {
        text("select pg_backup_start('calciwatch', fast => true)");
    }

    /** Does not wait for the archive: who asks has to see for himself that it is the right one. */
    Ended endBackup() throws SQLException {
        return read(
                "select labelfile, lsn::text, pg_walfile_name(lsn - 1), clock_timestamp()"
                        + " from pg_backup_stop(wait_for_archive => false)",
                row -> new Ended(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getObject(4, OffsetDateTime.class).toInstant()));
    }

    /** Ends the WAL file in use, so that it is archived; the name of the last one that holds anything. */
    String switchWal() throws SQLException {
        return text("select pg_walfile_name(pg_switch_wal() - 1)");
    }

    /** True when the last file it had to archive could not be. */
    boolean failsToArchive() throws SQLException {
        return Boolean.parseBoolean(text("""
                select (coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false))::text
                from pg_stat_archiver"""));
    }

    /** What the server knows about the archive, for a message. */
    String archiverState() throws SQLException {
        return text("""
                select case when last_failed_time > coalesce(last_archived_time, '-infinity')
                            then 'its archive_command failed last at ' || last_failed_time || ', for ' || last_failed_wal
                                 || '; its log says why'
                            else 'it archived last at ' || coalesce(last_archived_time::text, 'no time yet')
                                 || '; its archive_command seems to lead to another directory'
                       end
                from pg_stat_archiver""");
    }

    private String text(String query) throws SQLException {
        return read(query, row -> row.getString(1));
    }

    private <T> T read(String query, Reading<T> reading) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            rows.next();
            return reading.of(rows);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
