"""Which printed words are which part of the statutory form: by wording, never by position."""
