"""Backup and restore: database and files in one file that only the holder of a key can read.

`sheaf` says what lies in that file and in which order, `keys` who opens it, `database` what
PostgreSQL is asked; `making`, `reading` and `returning` are the three things one does with it.
Whatever stands in the way is a Trouble: one sentence for the operator.
"""
