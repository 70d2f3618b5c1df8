"""Properties: consistent tables pass, one changed cell fails exactly the sums it stands in."""

from check_samples import (
    APPLICANTS,
    ARITHMETIC,
    BLOCKS,
    RULES,
    by_rule,
    consistent,
    failed,
    leaves,
    report,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.check import check_report, suggest
from etl.report import Outcome, State

FLOWS = ("received_new", "carried_in", "carried_out")
VARIANTS = tuple(RULES.variants())
small = st.integers(0, 40)


@st.composite
def tables(draw):
    variant = draw(st.sampled_from(VARIANTS))
    rows = st.sampled_from(leaves(variant))
    results = {c: draw(st.dictionaries(rows, small, max_size=4)) for c in APPLICANTS}
    flows = {c: (draw(st.integers(0, 9)), draw(st.integers(0, 9))) for c in APPLICANTS}
    disputes = {b: draw(st.tuples(*[st.integers(0, 9)] * 4)) for b in BLOCKS}
    return variant, consistent(variant, results, flows, disputes)


def expected_failures(key: str) -> set[tuple[str, str]]:
    """The sums a cell stands in, written down independently of relations.yml."""
    table, row, column = key.split(".")
    if table == "t4":
        return {("T4-SUM", row)}
    found = {("T3-ROW", row)}
    if row in FLOWS:
        return found | {("T3-FLOW", column)}
    if row == "handled_total":
        return found | {("T3-FLOW", column), ("T3-SUM", column)}
    return found | {("T3-SUM", column)}


def cells_of(variant):
    return [*RULES.cells("t3", variant), *RULES.cells("t4", variant)]


@given(tables())
@settings(max_examples=100, deadline=None)
def test_a_consistent_table_passes_everything(drawn):
    variant, values = drawn
    findings = check_report(report(variant, values))
    outcomes = {f.outcome for f in findings if f.rule in ARITHMETIC}
    assert outcomes == {Outcome.PASS}
    columns, rows = len(APPLICANTS) + 1, len(RULES.rows("t3", variant))
    counted = [len(by_rule(findings, rule)) for rule in ARITHMETIC]
    assert counted == [columns, columns, rows, len(BLOCKS)]


@given(tables(), st.data())
@settings(max_examples=200, deadline=None)
def test_one_changed_cell_fails_exactly_its_sums(drawn, data):
    variant, values = drawn
    key = data.draw(st.sampled_from(cells_of(variant)))
    change = data.draw(st.integers(1, 99))
    changed = {**values, key: values[key] + change}
    findings = check_report(report(variant, changed))
    assert failed(findings, *ARITHMETIC) == expected_failures(key)
    for finding in findings:
        if finding.outcome is Outcome.FAIL and finding.rule in ARITHMETIC:
            assert abs(finding.left - finding.right) == change
            assert key in finding.cells
            assert str(finding.left) in finding.message
            assert str(finding.right) in finding.message


@given(tables(), st.data())
@settings(max_examples=120, deadline=None)
def test_what_was_not_read_is_never_held_against_the_office(drawn, data):
    variant, values = drawn
    keys = data.draw(st.sets(st.sampled_from(cells_of(variant)), min_size=1, max_size=12))
    state = data.draw(st.sampled_from([State.ABSENT, State.UNREAD, State.TEXT]))
    holed = report(variant, {**values, **dict.fromkeys(keys, state)})
    findings = check_report(holed)
    assert failed(findings, *ARITHMETIC, "T3-CARRY", "T4-WITHIN") == set()
    touched = {f for key in keys for f in expected_failures(key)}
    unassessed = {
        (f.rule, f.subject)
        for f in findings
        if f.rule in ARITHMETIC and f.outcome is Outcome.NOT_ASSESSABLE
    }
    assert unassessed <= touched
    if holed.forms and any(holed.state(k) is State.NUMBER for k in RULES.cells("t3", variant)):
        assert unassessed == touched


@given(tables(), st.data())
@settings(max_examples=120, deadline=None)
def test_blank_zeros_never_fail_and_are_marked(drawn, data):
    variant, values = drawn
    zeros = [key for key in cells_of(variant) if values[key] == 0]
    blanks = set(data.draw(st.lists(st.sampled_from(zeros), min_size=1, max_size=60)))
    state = data.draw(st.sampled_from([State.BLANK, State.NOT_APPLICABLE]))
    findings = check_report(report(variant, {**values, **dict.fromkeys(blanks, state)}))
    assert failed(findings, *ARITHMETIC) == set()
    for finding in findings:
        if finding.rule in ARITHMETIC and finding.outcome is Outcome.PASS:
            assert finding.assumed == bool(blanks & set(finding.cells)), finding


@given(tables(), st.data())
@settings(max_examples=120, deadline=None)
def test_the_hints_include_undoing_the_change(drawn, data):
    variant, values = drawn
    key = data.draw(st.sampled_from(RULES.cells("t3", variant)))
    changed = report(variant, {**values, key: values[key] + data.draw(st.integers(1, 99))})
    before = dict(changed.cells)
    hints = suggest(changed)
    assert (key,) in [h.cells for h in hints if h.after == (values[key],)]
    for hint in hints:
        assert set(hint.mends) <= expected_failures(key)
        mended = {**{k: c.value for k, c in changed.cells.items() if c.value is not None}}
        mended |= dict(zip(hint.cells, hint.after, strict=True))
        left = failed(check_report(report(variant, mended)), *ARITHMETIC)
        assert left == expected_failures(key) - set(hint.mends)
    assert changed.cells == before, "a hint is never applied"
