package org.calciwatch.crypto;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The keys of one database, a Tink keyset of AES-256-GCM keys: the primary key seals, all of them open. Immutable; every
 * change makes another one.
 *
 * <p>A sealed value begins with {@link #MARK} and the four bytes of its key's id, big-endian (Tink's own prefix).
 */
final class Keys {

    /** First byte of every sealed value. */
    static final byte MARK = 1;

    /** What stands before the ciphertext: the mark and the key's id. */
    static final int PREFIX_LENGTH = 1 + Integer.BYTES;

    private static final AesGcmParameters KIND = PredefinedAeadParameters.AES256_GCM;

    static {
        try {
            AeadConfig.register();
        } catch (GeneralSecurityException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final KeysetHandle keyset;
    private final Aead aead;

    private Keys(KeysetHandle keyset) throws GeneralSecurityException {
        this.keyset = keyset;
        this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
    }

    /** One new key. */
    static Keys generate() {
        return build(KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.generateEntryFromParameters(KIND)
                        .withRandomId()
                        .makePrimary()));
    }

    /** @throws KeysUnusable when the text is no keyset, has no primary key, or keys of another kind */
    static Keys parse(String json) throws KeysUnusable {
        KeysetHandle keyset;
        try {
            keyset = TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException | RuntimeException e) {
            // Without the cause: a parser may quote what it read.
            throw new KeysUnusable("it is not a keyset in Tink's JSON format");
        }
        for (int i = 0; i < keyset.size(); i++) {
            if (!kindOf(keyset, i)) {
                throw new KeysUnusable("it holds a key that is not AES-256-GCM with Tink's prefix");
            }
        }
        try {
            if (keyset.getPrimary().getStatus() != KeyStatus.ENABLED) {
                throw new KeysUnusable("its primary key is not enabled");
            }
            return new Keys(keyset);
        } catch (GeneralSecurityException | IllegalStateException e) {
            throw new KeysUnusable("it has no primary key that can be used");
        }
    }

    private static boolean kindOf(KeysetHandle keyset, int index) {
        try {
            return keyset.getAt(index).getKey().getParameters().equals(KIND);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** With one more key, which opens but does not seal yet. */
    Keys add() {
        return build(KeysetHandle.newBuilder(keyset)
                .addEntry(KeysetHandle.generateEntryFromParameters(KIND).withRandomId()));
    }

    /** With the key that was added last as the primary one. */
    Keys promote() {
        var builder = KeysetHandle.newBuilder(keyset);
        builder.getAt(builder.size() - 1).makePrimary();
        return build(builder);
    }

    /** With the primary key only. */
    Keys prune() {
        var builder = KeysetHandle.newBuilder(keyset);
        for (int i = builder.size() - 1; i >= 0; i--) {
            if (!builder.getAt(i).isPrimary()) {
                builder.deleteAt(i);
            }
        }
        return build(builder);
    }

    private static Keys build(KeysetHandle.Builder builder) {
        try {
            return new Keys(builder.build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM is not available in this Java", e);
        }
    }

    /** Tink's JSON format, with the secret keys. */
    String json() {
        try {
            return TinkJsonProtoKeysetFormat.serializeKeyset(keyset, InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    int primary() {
        return keyset.getPrimary().getId();
    }

    /** The ids of all keys that open, in the order in which they were added. */
    List<Integer> ids() {
        return IntStream.range(0, keyset.size())
                .mapToObj(keyset::getAt)
                .filter(entry -> entry.getStatus() == KeyStatus.ENABLED)
                .map(KeysetHandle.Entry::getId)
                .toList();
    }

    /** What every value sealed from now on begins with. */
    byte[] primaryPrefix() {
        return ByteBuffer.allocate(PREFIX_LENGTH).put(MARK).putInt(primary()).array();
    }

    /** Whether the key that sealed this value is among these. */
    boolean haveKeyOf(byte[] sealed) {
        return sealed.length > PREFIX_LENGTH
                && sealed[0] == MARK
                && ids().contains(ByteBuffer.wrap(sealed).getInt(1));
    }

    byte[] seal(String context, byte[] plaintext) {
        try {
            return aead.encrypt(plaintext, context.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The value " + context + " cannot be sealed", e);
        }
    }

    /** @throws SealBroken when the key is missing or the value is not what was sealed under this context */
    byte[] open(String context, byte[] sealed) {
        if (!haveKeyOf(sealed)) {
            throw new SealBroken(
                    context,
                    sealed.length > PREFIX_LENGTH && sealed[0] == MARK
                            ? "its key " + name(ByteBuffer.wrap(sealed).getInt(1)) + " is not in the keyset"
                            : "it is not sealed");
        }
        try {
            return aead.decrypt(sealed, context.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new SealBroken(context, "it was changed, or belongs elsewhere");
        }
    }

    /** A key's id as people read it. */
    static String name(int id) {
        return HexFormat.of().toHexDigits(id);
    }

    /** The ids, never the keys. */
    @Override
    public String toString() {
        return ids().stream()
                .map(id -> name(id) + (id == primary() ? " (primary)" : ""))
                .collect(Collectors.joining(", "));
    }
}
