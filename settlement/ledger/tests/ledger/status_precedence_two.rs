//! The same under version 2 of the rules: a row for each status of each kind, which breaks its rule and, as far as one
//! record can, those after it.
use causeway_message::Status;

use crate::support::check;
use crate::support::status;

/// Runs the rows behind an opening. They stand in the order of the statuses, which is that in which rules are judged.
fn rows(opening: &str, rows: &[(&str, &str)]) {
    let place = |name: &str| Status::ALL.iter().position(|other| *other == status(name));
    let told: Vec<_> = rows.iter().map(|(name, _)| place(name)).collect();
    assert!(told.is_sorted(), "the rows are out of order");
    let lines = rows.iter().map(|(name, record)| format!("{record} -> {name}\n"));
    check(&format!("{opening}\n{}", lines.collect::<String>()));
}

/// JPY is at cut-off, S and T are suspended, OP has no accounts, nobody is #77, 1 is no currency, USD is not open.
const OPENING: &str = "
    ledger rules 2 queue 3
    open A B S T X EUR JPY
    day JPY open 0d
    fund B JPY 50
    fund A EUR 100
    pay A B EUR 5 id used uetr dup -> settled
    pay B A JPY 5 id back -> settled
    pay B A JPY 5 id asked -> settled
    conditional B A JPY 5 id held condition K expires 9h uetr dup -> set_aside ; effects held set_aside
    cancel B A JPY 5 of asked id q -> cancellation_pending ; effects q cancellation_pending
    pay A B EUR 5000 id waits -> queued 1
    day JPY cut_off 0d
    suspend S
    suspend T
";

#[test]
fn a_payment_gets_the_first_status_of_the_rules_it_breaks() {
    let late = "value 1d expires -1s uetr dup sor";
    let form = format!("{late} extension 2 x till 50s");
    let flags = format!("{form} priority 3 flags 32768");
    let batch = "key 5 until -1s number 99";
    rows(
        OPENING,
        &[
            (
                "id_reused",
                &format!("pay B B 1 0 by A {flags} counter 1 kind 99 reserved 1 id used {batch}"),
            ),
            (
                "key_not_active",
                &format!("pay B B 1 0 by A {flags} counter 1 kind 99 reserved 1 {batch}"),
            ),
            (
                "batch_too_late",
                &format!("pay B B 1 0 by A {flags} counter 1 kind 99 until -1s number 99"),
            ),
            (
                "session_disorder",
                &format!("pay B B 1 0 by A {flags} counter 1 kind 99 number 99"),
            ),
            (
                "malformed",
                &format!("pay B B 1 0 {flags} counter 1 kind 99 reserved 1 by A"),
            ),
            ("malformed", &format!("pay B B 1 0 {flags} of x by A")),
            ("flags_unknown", &format!("pay B B 1 0 {flags} by A")),
            ("priority_unknown", &format!("pay B B 1 0 {form} priority 3 by A")),
            ("extension_invalid", &format!("pay B B 1 0 {form} by A")),
            (
                "time_invalid",
                &format!("pay B B 1 0 {late} from 60s till 50s by A"),
            ),
            ("not_authorised", &format!("pay B B 1 0 {late} by A")),
            ("amount_zero", &format!("pay A A 1 0 {late}")),
            ("same_party", &format!("pay A A 1 5000 {late}")),
            ("currency_unknown", &format!("pay A #77 1 5000 {late}")),
            ("currency_not_open", &format!("pay A #77 USD 5000 {late}")),
            ("debtor_unknown", &format!("pay OP #77 JPY 5000 {late}")),
            ("creditor_unknown", &format!("pay S #77 JPY 5000 {late}")),
            ("debtor_suspended", &format!("pay S T JPY 5000 {late}")),
            ("creditor_suspended", &format!("pay A T JPY 5000 {late}")),
            ("rejected_cut_off", &format!("pay A B JPY 5000 {late}")),
            ("value_date_closed", &format!("pay A B EUR 5000 {late}")),
            ("expired", "pay A B EUR 5000 expires -1s uetr dup sor"),
            ("duplicate_suspected", "pay A B EUR 5000 uetr dup sor"),
            ("insufficient_liquidity", "pay A B EUR 5000 sor"),
            ("queue_full", "pay A B EUR 5000"),
        ],
    );
}

#[test]
fn a_conditional_payment_gets_the_first_status_of_the_rules_it_breaks() {
    let late = "value 1d expires -1s sor";
    rows(
        OPENING,
        &[
            (
                "malformed",
                "conditional B B 1 0 by A linked priority 3 from 9s of x",
            ),
            (
                "flags_unknown",
                "conditional B B 1 0 by A linked priority 3 from 9s",
            ),
            ("priority_unknown", "conditional B B 1 0 by A priority 3 from 9s"),
            ("extension_invalid", "conditional B B 1 0 by A from 9s"),
            ("condition_invalid", "conditional B B 1 0 by A"),
            (
                "not_authorised",
                &format!("conditional B B 1 0 approver A by A {late}"),
            ),
            ("amount_zero", &format!("conditional A A 1 0 approver A {late}")),
            ("same_party", &format!("conditional A A 1 5000 approver A {late}")),
            (
                "creditor_unknown",
                &format!("conditional S #77 JPY 5000 approver #77 {late}"),
            ),
            (
                "approver_unknown",
                &format!("conditional S T JPY 5000 approver #77 {late}"),
            ),
            (
                "debtor_suspended",
                &format!("conditional S T JPY 5000 approver X {late}"),
            ),
            (
                "creditor_suspended",
                &format!("conditional A T JPY 5000 approver X {late}"),
            ),
            (
                "rejected_cut_off",
                &format!("conditional A B JPY 5000 approver X {late}"),
            ),
            (
                "value_date_closed",
                &format!("conditional A B EUR 5000 approver X {late}"),
            ),
            ("expired", "conditional A B EUR 5000 approver X expires -1s sor"),
            (
                "insufficient_liquidity",
                "conditional A B EUR 5000 approver X expires 60s sor",
            ),
            ("queue_full", "conditional A B EUR 5000 approver X expires 60s"),
        ],
    );
}

#[test]
fn a_return_gets_the_first_status_of_the_rules_it_breaks() {
    let late = "value 1d expires -1s sor";
    rows(
        OPENING,
        &[
            (
                "malformed",
                &format!("return B B 1 0 by A partial from 9s {late}"),
            ),
            (
                "flags_unknown",
                &format!("return B B 1 0 of x by A partial from 9s {late}"),
            ),
            (
                "extension_invalid",
                &format!("return B B 1 0 of x by A from 9s {late}"),
            ),
            ("not_authorised", &format!("return B B 1 0 of x by A {late}")),
            ("amount_zero", &format!("return B B 1 0 of x {late}")),
            ("same_party", &format!("return B B 1 5 of x {late}")),
            ("creditor_suspended", &format!("return B T JPY 5 of x {late}")),
            ("original_unknown", &format!("return A B JPY 5000 of x {late}")),
            (
                "original_mismatch",
                &format!("return X B JPY 5000 of back {late}"),
            ),
            ("return_exceeds", &format!("return A B JPY 5000 of back {late}")),
            ("rejected_cut_off", &format!("return A B JPY 5 of back {late}")),
            ("value_date_closed", &format!("return B A EUR 5 of used {late}")),
            ("expired", "return B A EUR 5 of used expires -1s sor"),
        ],
    );
}

#[test]
fn a_release_gets_the_first_status_of_the_rules_it_breaks() {
    rows(
        OPENING,
        &[
            (
                "malformed",
                "release B B 1 0 of held by X sor high ref R value 1d",
            ),
            ("flags_unknown", "release B B 1 0 of held by X sor high ref R"),
            ("priority_unknown", "release B B 1 0 of held by X high ref R"),
            ("extension_invalid", "release B B 1 0 of held by X ref R"),
            ("amount_zero", "release B B 1 0 of held by X"),
            ("same_party", "release B B 1 6 of held by X"),
            ("currency_unknown", "release B #77 1 6 of held by X"),
            ("creditor_unknown", "release B #77 JPY 6 of held by X"),
        ],
    );
    // These are judged in another order than their numbers': what it is about is looked at first.
    check(&format!(
        "{OPENING}
        release B A JPY 6 of x by X -> original_unknown
        release B X EUR 6 of waits by X -> original_unknown
        release B X JPY 6 of back by X -> not_waiting
        release B X JPY 6 of held by X preimage L -> not_authorised
        release B X JPY 6 of held by B -> not_authorised
        release B X JPY 6 of held by B preimage L -> original_mismatch
        release B A JPY 6 of held by A preimage L -> condition_unmet
        release B A JPY 6 of held by A preimage K -> return_exceeds
        day JPY closed 0d
        release B A JPY 6 of held by A preimage K -> return_exceeds
        release B A JPY 5 of held by A preimage K -> rejected_cut_off
        "
    ));
}

#[test]
fn a_cancellation_and_its_answer_get_the_first_status_of_the_rules_they_break() {
    rows(
        OPENING,
        &[
            ("malformed", "cancel B B 1 0 of x by A sor high ref R value 1d"),
            (
                "flags_unknown",
                "cancel B B 1 0 of x by A sor high ref R expires -1s",
            ),
            (
                "priority_unknown",
                "cancel B B 1 0 of x by A high ref R expires -1s",
            ),
            ("extension_invalid", "cancel B B 1 0 of x by A ref R expires -1s"),
            ("not_authorised", "cancel B B 1 0 of x by A expires -1s"),
            ("amount_zero", "cancel B B 1 0 of x expires -1s"),
            ("same_party", "cancel B B 1 6 of x expires -1s"),
            ("creditor_unknown", "cancel B #77 JPY 6 of x expires -1s"),
            ("original_unknown", "cancel B X JPY 6 of x expires -1s"),
            ("original_mismatch", "cancel B X JPY 6 of asked expires -1s"),
            ("not_waiting", "cancel B A JPY 5 of held expires -1s"),
            ("expired", "cancel B A JPY 5 of asked expires -1s"),
            ("duplicate_suspected", "cancel B A JPY 5 of asked"),
            ("queue_full", "cancel B A JPY 5 of back"),
        ],
    );
    rows(
        OPENING,
        &[
            ("malformed", "resolve B B 1 0 of x by A sor high ref R value 1d"),
            ("flags_unknown", "resolve B B 1 0 of x by A sor high ref R"),
            ("priority_unknown", "resolve B B 1 0 of x by A high ref R"),
            ("extension_invalid", "resolve B B 1 0 of x by A ref R"),
            ("not_authorised", "resolve B B 1 0 of x by A"),
            ("amount_zero", "resolve B B 1 0 of x"),
            ("same_party", "resolve B B 1 6 of x"),
            ("debtor_unknown", "resolve OP A JPY 6 of x"),
            ("original_unknown", "resolve B A JPY 6 of x"),
            ("original_mismatch", "resolve B A JPY 6 of q"),
        ],
    );
}

#[test]
fn a_record_of_a_chain_gets_the_first_status_of_the_rules_it_breaks() {
    let rows = [
        (
            "malformed",
            "pay B B 1 0 high counter 1 flags 32768 extension 9 x",
        ),
        ("flags_unknown", "pay B B 1 0 high flags 32768 extension 9 x"),
        ("extension_invalid", "pay B B 1 0 high extension 9 x"),
        ("chain_invalid", "pay B B 1 0 high from 60s till 50s"),
        ("not_authorised", "pay B B 1 0"),
        ("amount_zero", "pay A A 1 0"),
        ("duplicate_suspected", "pay A B EUR 5000 uetr dup"),
    ];
    let mut script = String::from(OPENING);
    for (name, record) in rows {
        script += &format!("batch A {{\npay A B EUR 1 linked -> chain_failed\n{record} -> {name}\n}}\n");
    }
    check(&script);
}

#[test]
fn an_action_gets_the_first_status_of_the_rules_it_breaks() {
    check(&format!(
        "{OPENING}
        hold #77 x ref '' by A.1 -> role_missing
        hold #77 x ref '' -> participant_unknown
        hold A x ref '' -> reference_invalid
        hold A x -> not_held
        unhold #77 x by A.1 -> role_missing
        unhold #77 x -> participant_unknown
        unhold A x -> not_held
        hold_party #77 ref '' by A.1 -> role_missing
        hold_party #77 ref '' -> participant_unknown
        unhold_party A ref '' -> reference_invalid
        unhold_party A -> not_held
        fee 1 99 #77 by A.1 -> role_missing
        fee 1 99 #77 -> currency_unknown
        fee USD 99 #77 -> currency_not_open
        fee EUR 99 #77 -> fee_invalid
        day 1 closed 9d by A.1 -> role_missing
        day 1 closed 9d -> currency_unknown
        day USD closed 9d -> currency_not_open
        day JPY open 9d -> day_invalid
        "
    ));
}
