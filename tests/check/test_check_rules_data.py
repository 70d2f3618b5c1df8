"""The rules as data: complete, consistent with the form, and loud about every fault."""

import json
import shutil

import pytest
import yaml
from check_samples import FORM, RULES, SHARED

from etl.check.engine import EVALUATORS
from etl.errors import DefinitionError
from etl.form import DATA
from etl.form.rules import Variant, read_rules

#: form.md section 7, in its order; NEG and T4-NOREL say what is deliberately not required.
FORM_MD = (
    *("T3-FLOW", "T3-SUM", "T3-ROW", "T3-INT", "T3-YEAR", "T3-OPEN", "T3-FEE", "T4-SUM", "T4-PEND"),
    *("T2-STOCK", "T2-WITHIN", "T2-RULEPOWER", "T2-UNIT", "T2-19ITEM", "T2-19STOCK"),
    *("S1-TOPICS", "S5-SUBST", "S6-FEE", "NARR-RECV", "NARR-DONE", "NARR-PCT", "NARR-T4"),
    *("AGG-LE", "DUP-TABLE"),
)


def test_every_relation_of_the_form_is_declared():
    assert [rule for rule in FORM_MD if rule not in RULES.by_id] == []


@pytest.mark.skipif(not SHARED.exists(), reason="domain files are not here")
def test_level_and_forms_agree_with_the_machine_copy():
    for relation in json.loads((SHARED / "domain" / "relations.json").read_text(encoding="utf-8")):
        rule = RULES.by_id[relation["id"]]
        assert (rule.level, rule.forms) == (relation["level"], relation["forms"]), rule.id
        across = "@" in json.dumps(relation) or "requires" in relation
        assert (rule.needs == "years") == across, rule.id


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_every_rule_can_be_explained_and_applied(rule):
    assert rule.zh and rule.en and rule.advice_zh.endswith("。") and rule.advice_en.endswith(".")
    assert rule.basis
    assert rule.needs or rule.kind in EVALUATORS or rule.kind == "duplicate"


def test_every_evaluator_is_used():
    assert set(EVALUATORS) == {r.kind for r in RULES.rules if not r.needs} - {"duplicate"}


def test_sums_cover_every_leaf_in_every_variant():
    leaves = {v: len(RULES.members("leaves", v)) for v in RULES.variants()}
    assert leaves == {Variant("2019"): 19, Variant("2021"): 21, Variant("2021", True): 19}
    undivided = RULES.cells("t3", Variant("2021", True))
    assert "t3.other.natural" in undivided
    assert not any(".other_" in key for key in undivided)
    assert len(RULES.cells("t3", Variant("2021"))) == len(FORM.cells_of("2021", "t3"))


def test_order_of_rows_is_the_forms():
    rows = RULES.rows("t3", Variant("2021", True))
    assert rows[-3:] == ("other", "handled_total", "carried_out")


def _copy(tmp_path):
    for name in ("relations.yml", "claims.yml"):
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


def _edit(folder, name, change):
    path = folder / name
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def _rule(data, rule_id):
    return next(r for r in data["rules"] if r["id"] == rule_id)


def test_a_copy_of_the_files_loads_to_the_same_rules(tmp_path):
    assert read_rules(_copy(tmp_path), FORM).rules == RULES.rules


def test_unknown_keys_are_rejected(tmp_path):
    folder = _copy(tmp_path)
    _edit(folder, "relations.yml", lambda d: _rule(d, "T3-FLOW").update(tolerence=1))
    with pytest.raises(DefinitionError, match="tolerence"):
        read_rules(folder, FORM)


def test_all_faults_are_reported_at_once(tmp_path):
    folder = _copy(tmp_path)

    def break_rules(data):
        _rule(data, "T3-FLOW")["left"] = ["t3.recieved_new.{column}"]
        _rule(data, "T3-SUM")["left"] = ["t3.{leafs}.{column}"]
        _rule(data, "T4-SUM")["right"] = []
        _rule(data, "T2-WITHIN")["rows"] = ["rulez"]
        _rule(data, "T4-WITHIN")["fallback_for"] = "T4-SUMS"
        _rule(data, "NARR-DONE")["claims"] = ["applications_done"]
        _rule(data, "S6-FEE")["section"] = "s7"
        data["rules"].append(_rule(data, "T3-ROW"))

    def break_claims(data):
        data["claims"][0]["compare"] = [["t3.received_new.totals"]]
        data["claims"][1]["patterns"] = ["答复(<n_app>"]
        data["claims"][2]["patterns"] = ["办理<number>"]

    _edit(folder, "relations.yml", break_rules)
    _edit(folder, "claims.yml", break_claims)
    with pytest.raises(DefinitionError) as caught:
        read_rules(folder, FORM)
    message = str(caught.value)
    for fault in (
        "T3-FLOW: 't3.recieved_new.{column}': 't3.recieved_new.natural' is no cell",
        "T3-SUM: 't3.{leafs}.{column}': 'leafs' is no group",
        "T4-SUM: kind equal needs 'right'",
        "T2-WITHIN: 'rulez' is not declared",
        "T4-WITHIN: 'T4-SUMS' is not declared",
        "NARR-DONE: 'applications_done' is not declared",
        "S6-FEE: 's7' is not declared",
        "T3-ROW: stands twice",
        "applications_received: 't3.received_new.totals'",
        "applications_handled: pattern '答复(<n_app>'",
        "applications_processed: pattern '办理<number>'",
        "applications_handled: is compared with cells but no rule names it",
    ):
        assert fault in message, fault


def test_a_group_must_name_existing_columns(tmp_path):
    folder = _copy(tmp_path)
    _edit(folder, "relations.yml", lambda d: d["groups"][5].update(columns=["naturals"]))
    with pytest.raises(DefinitionError, match="'naturals' is not declared in t3"):
        read_rules(folder, FORM)
