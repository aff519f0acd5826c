package org.calciwatch.crypto;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Seals what patients answered, and all that was concluded from it, before it goes to the database: AES-256-GCM by Tink.
 * The context says what a value is and where it stands ({@link SealedColumn#context}); it is authenticated, so that a
 * sealed value is good for its own place only.
 */
@ApplicationScoped
public class Vault {

    private static final Logger LOG = Logger.getLogger(Vault.class);

    private final KeySource source;
    private final VaultCheck check;
    private volatile @Nullable Keys keys;
    private @Nullable String lastRead;
    private @Nullable String lastProblem;

    Vault(KeySource source, VaultCheck check) {
        this.source = source;
        this.check = check;
    }

    /** Seals a text. */
    public byte[] seal(String context, String plaintext) {
        return sealBytes(context, plaintext.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Opens a sealed text.
     *
     * @throws SealBroken when its key is missing, it was changed, or it was sealed under another context
     */
    public String open(String context, byte[] sealed) {
        return new String(openBytes(context, sealed), StandardCharsets.UTF_8);
    }

    /** Seals any bytes. */
    public byte[] sealBytes(String context, byte[] plaintext) {
        return keys().seal(context, plaintext);
    }

    /**
     * Opens sealed bytes.
     *
     * @throws SealBroken when their key is missing, they were changed, or sealed under another context
     */
    public byte[] openBytes(String context, byte[] sealed) {
        if (!keys().haveKeyOf(sealed)) {
            // Another instance may have read a new key some seconds earlier.
            refresh();
        }
        return keys().open(context, sealed);
    }

    /** The keys in use. */
    Keys keys() {
        return Objects.requireNonNull(keys, "The vault is used before it was opened");
    }

    /**
     * Reads the keys for the first time.
     *
     * @throws KeysUnusable when there are none, they cannot be read, or the database belongs to others
     */
    synchronized void load() throws KeysUnusable {
        var text = source.read();
        source.warnWhenOpenToOthers();
        keys = checked(text);
        lastRead = text;
        LOG.infof("Answers are sealed; keys: %s", keys);
    }

    /** Looks at the keys again. What cannot be used changes nothing, and is told once. */
    synchronized void refresh() {
        try {
            var text = source.read();
            if (text.equals(lastRead)) {
                return;
            }
            keys = checked(text);
            lastRead = text;
            lastProblem = null;
            LOG.infof("The keyset has changed; keys: %s", keys);
        } catch (KeysUnusable e) {
            if (!Objects.equals(e.getMessage(), lastProblem)) {
                LOG.errorf("The earlier keys stay in use (%s): %s", keys, e.getMessage());
            }
            lastProblem = e.getMessage();
        }
    }

    private Keys checked(String text) throws KeysUnusable {
        Keys read;
        try {
            read = Keys.parse(text);
        } catch (KeysUnusable e) {
            throw new KeysUnusable(source + " cannot be used: " + e.getMessage()
                    + ". Restore the one this database was made with; only a new database takes a new one.");
        }
        if (!check.belongsTo(read)) {
            throw new KeysUnusable(source + " (keys " + read + ") does not belong to this database. Give the keyset its"
                    + " data were sealed with.");
        }
        return read;
    }
}
