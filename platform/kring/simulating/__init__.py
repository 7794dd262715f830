"""A rehearsal of months of letters: the product's own worker code in processes that are killed, a
mail server that misbehaves, weeks that pass in seconds (`manage.py simulate_digests`).

`people` fill an empty database and `living` lets them act; `hands` are the worker processes and
the pens with which members write; `post` is the mail server, `faults` says what goes wrong when,
`course` lets time pass, and `judging` compares what was told with what should have been.

Time: everything in the product asks `django.utils.timezone.now`, so `clock` replaces that one
name, in the processes of a simulation alone. The product knows nothing of it.
"""
