"""`make bench`: how fast Kring is, as ratios to a bare Django view in the same run.

`place` has private servers and one database a size, which `filling` fills once by COPY. `standing`
starts the processes as in production, `visiting` sends requests as signed-in members, `using` reads
what all processes spent, and `measuring` does that in turns, so that a busy moment hits everything
alike. `posting`, `moving` and `weighing` measure the digest, an archive and the pages' weight.
`budgets` judges, `reporting` and `drawing` tell. Nothing of it is part of the product.
"""
