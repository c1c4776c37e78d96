"""What is asked for one generation, and the rules that an engine holds for that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steering import (
    BadBans,
    BadIntervention,
    BadVector,
    EngineRule,
    Intervention,
    UnknownSteering,
)
from steering.errors import NOT_HELD
from steering.held import Held
from steering.intervention import LONGEST_BAN, MOST_BANS, MOST_CHARACTERS
from tests.unit.steering.test_vector import vector

names = st.text("0123456789abcdef", min_size=1, max_size=8)
interventions = st.builds(
    Intervention,
    vectors=st.dictionaries(names, st.floats(0.01, 10)).map(lambda d: tuple(d.items())),
    bans=st.lists(names, unique=True).map(tuple),
    penalty=st.none() | st.floats(0, 100),
)


@given(interventions)
def test_it_comes_back_as_it_was_sent(sent: Intervention) -> None:
    back = Intervention.from_text(sent.as_text())
    assert back.fingerprint == sent.fingerprint
    assert (set(back.vectors), set(back.bans)) == (set(sent.vectors), set(sent.bans))


def test_the_order_does_not_matter_and_everything_else_does() -> None:
    one = Intervention((("a", 1.0), ("b", 2.0)), ("x", "y"))
    assert one.fingerprint == Intervention((("b", 2.0), ("a", 1.0)), ("y", "x")).fingerprint
    others = [
        Intervention((("a", 1.0),), ("x", "y")),
        Intervention((("a", 1.0), ("b", 2.5)), ("x", "y")),
        Intervention((("a", 1.0), ("b", 2.0)), ("x",)),
        Intervention((("a", 1.0), ("b", 2.0)), ("x", "y"), 5.0),
    ]
    assert len({each.fingerprint for each in (one, *others)}) == 5


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "[]",
        "{}",
        '{"vectors": [["a"]], "bans": [], "penalty": null}',
        '{"vectors": [["a", "x"]], "bans": [], "penalty": null}',
        '{"vectors": [["a", NaN]], "bans": [], "penalty": null}',
        '{"vectors": [["a", 0]], "bans": [], "penalty": null}',
        '{"vectors": [], "bans": [], "penalty": -1}',
        '{"vectors": [], "bans": [], "penalty": Infinity}',
        "[" * 100_000,
    ],
)
def test_one_that_cannot_be_read(text: object) -> None:
    with pytest.raises(BadIntervention):
        Intervention.from_text(text)


class TestRules:
    def test_a_rule_comes_back_as_it_was_sent(self) -> None:
        sent = EngineRule("fr_1", 2, (vector(),), ("Port Hale", "Ada"))
        back = EngineRule.from_json(sent.as_json())
        assert (back.id, back.version, back.bans) == ("fr_1", 2, ("Port Hale", "Ada"))
        assert back.bans_fingerprint == sent.bans_fingerprint
        assert [v.fingerprint for v in back.vectors] == [vector().fingerprint]

    def test_bans_are_named_by_what_is_in_them(self) -> None:
        one = EngineRule("fr_1", 1, bans=("a b", "c d"))
        assert one.bans_fingerprint == EngineRule("fr_2", 9, bans=("c d", "a b")).bans_fingerprint
        assert one.bans_fingerprint != EngineRule("fr_1", 1, bans=("a b",)).bans_fingerprint
        assert EngineRule("fr_1", 1).bans_fingerprint is None

    def test_too_many_or_too_long_strings(self) -> None:
        for bans in (("x y",) * (MOST_BANS + 1), ("x" * (LONGEST_BAN + 1),), (" ",)):
            with pytest.raises(BadBans, match=r"at most|characters"):
                EngineRule("fr_1", 1, bans=bans)

    def test_too_much_to_compile_at_once(self) -> None:
        longest = MOST_CHARACTERS // LONGEST_BAN
        EngineRule("fr_1", 1, bans=("x" * LONGEST_BAN,) * longest)
        with pytest.raises(BadBans, match=f"at most {MOST_CHARACTERS}"):
            EngineRule("fr_1", 1, bans=("x" * LONGEST_BAN,) * longest + ("y",))

    @pytest.mark.parametrize(
        "changed",
        [
            {"id": ""},
            {"id": None},
            {"version": "1"},
            {"vectors": {}},
            {"vectors": [{}]},
            {"bans": [1]},
        ],
    )
    def test_one_that_cannot_be_read(self, changed: dict[str, object]) -> None:
        with pytest.raises((BadVector, BadBans)):
            EngineRule.from_json(EngineRule("fr_1", 1).as_json() | changed)


class TestHeld:
    def test_what_is_held_is_known_by_content(self) -> None:
        held, rule = Held(), EngineRule("fr_1", 1, (vector(),), ("Port Hale",))
        held.put([rule])
        asked = Intervention(((vector().fingerprint, 1.0),), (rule.bans_fingerprint or "",))
        held.check(asked)
        assert held.bans(asked.bans[0]) == ("Port Hale",)
        assert held.vector(vector().fingerprint).fingerprint == vector().fingerprint

    def test_what_is_not_held_is_refused_in_words_that_the_gateway_knows(self) -> None:
        for asked in (Intervention((("x", 1.0),)), Intervention(bans=("x",))):
            with pytest.raises(UnknownSteering, match=NOT_HELD):
                Held().check(asked)
        for lookup in (Held().vector, Held().bans):
            with pytest.raises(UnknownSteering, match=NOT_HELD):
                lookup("x")

    def test_a_rule_that_was_replaced_or_dropped_is_refused_but_still_found(self) -> None:
        held, old, new = Held(), vector(), vector(alpha=1.0)
        held.put([EngineRule("fr_1", 1, (old,))])
        held.put([EngineRule("fr_1", 1, (new,))])
        with pytest.raises(UnknownSteering):
            held.check(Intervention(((old.fingerprint, 1.0),)))
        held.check(Intervention(((new.fingerprint, 1.0),)))
        # A request that was let in before runs with what it was let in with.
        assert held.vector(old.fingerprint).alpha == 1.5
        held.drop(list(held.rules))
        assert not held.rules
        assert held.vector(new.fingerprint).alpha == 1.0

    def test_what_two_rules_share_stays_until_both_are_gone(self) -> None:
        held = Held()
        held.put([EngineRule("fr_1", 1, (vector(),)), EngineRule("fr_2", 1, (vector(),))])
        held.drop(["fr_1", "fr_none"])
        held.check(Intervention(((vector().fingerprint, 1.0),)))
        held.drop(["fr_2"])
        with pytest.raises(UnknownSteering):
            held.check(Intervention(((vector().fingerprint, 1.0),)))

    def test_what_is_pushed_again_is_found_all_the_while(self) -> None:
        held, count = Held(), 5_000
        held.put(EngineRule(f"fr_{i}", 1, bans=(f"word {i}",)) for i in range(count))
        names = [str(rule.bans_fingerprint) for rule in held.rules.values()]
        held.change([], [], reset=True, last=False)
        for start in range(0, count - 1_000, 1_000):
            held.check(Intervention(bans=tuple(names)))
            ids = range(start, start + 1_000)
            again = [EngineRule(f"fr_{i}", 1, bans=(f"word {i}",)) for i in ids]
            held.change(again, [], reset=False, last=False)
        held.change([], [], reset=False, last=True)
        assert len(held.rules) == count - 1_000
        held.check(Intervention(bans=tuple(names[:-1_000])))
        with pytest.raises(UnknownSteering):
            held.check(Intervention(bans=(names[-1],)))

    def test_a_push_that_broke_off_is_old_to_the_next(self) -> None:
        held = Held()
        held.put([EngineRule("fr_1", 1), EngineRule("fr_2", 1)])
        held.change([EngineRule("fr_2", 2)], [], reset=True, last=False)
        held.change([EngineRule("fr_3", 1)], [], reset=True, last=False)
        held.change([], [], reset=False, last=True)
        assert list(held.rules) == ["fr_3"]
        held.change([], [], reset=False, last=True)
        assert list(held.rules) == ["fr_3"]

    @given(
        st.lists(
            st.tuples(
                st.dictionaries(st.sampled_from("abc"), st.sets(st.sampled_from("uvw"))),
                st.lists(st.sampled_from("abcd")),
                st.booleans(),
                st.booleans(),
            )
        )
    )
    def test_whatever_is_pushed_it_holds_what_its_rules_have(
        self, parts: list[tuple[dict[str, set[str]], list[str], bool, bool]]
    ) -> None:
        held, rules, old = Held(), dict[str, set[str]](), set[str]()
        seen = dict[str, EngineRule]()
        for put, drop, reset, last in parts:
            made = [EngineRule(name, 1, bans=tuple(bans)) for name, bans in put.items()]
            seen |= {str(rule.bans_fingerprint): rule for rule in made if rule.bans}
            held.change(made, drop, reset=reset, last=last)
            old = (set(rules) if reset else old) - put.keys() - set(drop)
            gone = {*drop, *(old if last else ())} - put.keys()
            old -= gone
            rules = {name: bans for name, bans in (rules | put).items() if name not in gone}
            assert {name: set(rule.bans) for name, rule in held.rules.items()} == rules
            for name, rule in seen.items():
                assert set(held.bans(name)) == set(rule.bans)
                if set(rule.bans) in rules.values():
                    held.check(Intervention(bans=(name,)))
                else:
                    with pytest.raises(UnknownSteering):
                        held.check(Intervention(bans=(name,)))
