-- The address of a webhook is a secret: whoever knows it may post to it. It is sealed; `address` shows its host.
ALTER TABLE contacts ADD COLUMN sealed TEXT;
