"""The demo: two circles of invented people on one machine, signed in with one click, and a
mailbox that shows every mail. Never on a public host, never on a database with anyone else in it."""
