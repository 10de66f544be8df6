"""How many requests a server is given at once."""

from udfs.endpoint.pressure import Pressure


def test_the_limit_climbs_to_the_most_and_is_halved_once_a_moment() -> None:
    pressure = Pressure(20, first=4)
    for n in range(30):
        pressure.answered(now=n, seconds=1.0, tokens=100)
    assert pressure.limit == 20
    for _ in range(5):  # what was in flight together is one sign
        pressure.put_off(now=40.0, seconds=0.1)
    assert pressure.limit == 10
    pressure.put_off(now=41.0, seconds=0.1)
    assert (pressure.limit, pressure.least) == (5, 4)
    for n in range(5):
        pressure.answered(now=50 + n, seconds=1.0, tokens=100)
    assert 5.9 < pressure.limit < 6.1  # one more in a round of answers, not twice as many


def test_the_limit_never_falls_below_one() -> None:
    pressure = Pressure(2)
    for n in range(10):
        pressure.put_off(now=n, seconds=0.1)
    assert pressure.limit == 1


def test_answers_that_grow_far_slower_cut_the_limit_and_short_ones_do_not() -> None:
    pressure = Pressure(64, first=64)
    for n in range(20):
        pressure.answered(now=n, seconds=6.0, tokens=600)
    assert pressure.limit == 64
    for n in range(60):
        pressure.answered(now=100 + 10 * n, seconds=90.0, tokens=600)
    assert pressure.limit < 40
    quick = Pressure(64, first=64)
    for n in range(100):
        quick.answered(now=n, seconds=0.001 if n < 50 else 0.5, tokens=1)
    assert quick.limit == 64
