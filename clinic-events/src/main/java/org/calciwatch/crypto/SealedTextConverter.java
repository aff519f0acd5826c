package org.calciwatch.crypto;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** Seals and opens the attributes of the type {@link SealedText}. */
@Converter(autoApply = true)
@Immutable // else Hibernate would seal every value it reads once more, to have a copy to compare with
@ApplicationScoped
public class SealedTextConverter implements AttributeConverter<SealedText, byte[]> {

    private final Vault vault;

    SealedTextConverter(Vault vault) {
        this.vault = vault;
    }

    @Override
    public byte @Nullable [] convertToDatabaseColumn(@Nullable SealedText text) {
        return switch (text) {
            case null -> null;
            case SealedText.Written written -> vault.seal(written.context(), written.text());
            case SealedText.Stored stored -> stored.sealed();
        };
    }

    @Override
    public @Nullable SealedText convertToEntityAttribute(byte @Nullable [] sealed) {
        return sealed == null ? null : new SealedText.Stored(vault, sealed);
    }
}
