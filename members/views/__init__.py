"""Pages about one's own account: one file a subject. Door, form, one act, answer."""
