-- The words of mail servers may quote a mail or an address; from here on their codes are kept only.
UPDATE delivery_attempt SET detail = coalesce(substring(detail FROM '^accepted for \d+ of \d+'), 'not kept');
