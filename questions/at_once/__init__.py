"""Letters at once: about one question, to one member, at most one a day.

`kinds` says which there are; `posting` writes them in the transaction of the act that causes them.
At the hand-over `leaving` lets a letter go or puts it off (`hours`, pure, says until when), `news`
finds what is still to be told and was not `told` before, and `saying` puts it into words. `wishes`
keeps what a member wants of them. Whatever does not go at once stands in the digest.
"""
