"""How an act says no."""


class Refused(Exception):
    """The act did not happen; the message is the sentence the member reads, already translated."""

    def __init__(self, sentence: str, *, field: str | None = None):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
