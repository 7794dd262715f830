"""The digest: when it comes, what it holds for its reader, what became of it.

`moments` (pure) says when; `planning` makes the issues that are due and `wishes` keeps what a
member wants; `ceilings` (pure) says how much of a circle a mail may show. `window` says what is
new, `collecting` gathers it for a `reader`, `building` keeps it as `items`, and `settling` moves
the cursor. At the hand-over `today` and `lines` judge and order the items again, and `wording`
says them.
"""
