-- Whether a field of long texts is in use is asked without reading all values.
CREATE INDEX field_values_long ON field_values (field) WHERE long_text IS NOT NULL;
