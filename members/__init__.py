"""Who: account, profile, preferences, audit, letters and their delivery, due rows."""
