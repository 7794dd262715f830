from members import links


def test_a_token_opens_what_it_was_made_for():
    assert links.read("application", links.token("application", 7, 2)) == (7, 2)


def test_a_token_of_another_purpose_opens_nothing():
    assert links.read("unsubscribe", links.token("application", 7)) is None


def test_a_changed_token_opens_nothing():
    good = links.token("application", 7)
    bad = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert links.read("application", bad) is None
    assert links.read("application", "é" * 35) is None


def test_an_ended_link_is_dead(db):
    link = links.draw("application")
    text = links.token_of(link)
    assert links.alive("application", text) == link
    links.end(link)
    assert links.alive("application", text) is None


def test_a_link_is_drawn_as_a_stranger(acting):
    with acting(None):
        assert links.draw("application").purpose == "application"
