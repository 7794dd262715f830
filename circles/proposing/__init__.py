"""Founding a circle, before the stewards see it: a member writes it, others agree to found it too.

`starting_points` what a charter and a question form may begin with · `drafts` writing it and laying
it before the stewards · `cofounders` asking others, and their answer · `doors` who sees what ·
`letters` what is mailed about it. What follows, `circles/founding.py` does.
"""
