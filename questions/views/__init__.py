"""Pages about what is said: one file a page. Door, form, one act, answer."""
