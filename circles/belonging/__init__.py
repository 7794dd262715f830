"""Belonging: how a membership goes on, changes and ends. Being admitted is told in the rooms of
admission.

`moves` who moves it where · `leaving` pause, come back, leave · `sanctions` suspend, remove ·
`verifying` the two dated facts of a year · `roles` member, vetter, admin · `calendar` what the house
does when its moment has come · `doors` who may see what of it · `letters` what is told by mail.
"""
