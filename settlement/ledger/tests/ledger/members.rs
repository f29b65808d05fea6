//! Participants, accounts, currencies and standing: what operators change while the ledger runs.
use crate::support::check;

#[test]
fn a_bank_that_registers_is_paid_and_pays_at_once() {
    check(
        "
        open A B EUR JPY
        fund A EUR 10
        pay A #5 EUR 1 -> creditor_unknown
        register D EUR JPY
        pay A D EUR 4 -> settled
        pay D B EUR 3 show -> settled left 1
        pay D B JPY 3 id 1 -> queued 1
        fund D JPY 3 ; effects 1 settled
        ",
    );
}

#[test]
fn a_registration_takes_effect_whole_or_not_at_all() {
    check(
        "
        open A B EUR
        register A EUR -> participant_exists
        register D EUR USD -> currency_not_open
        register D EUR 1 -> currency_unknown
        register D EUR EUR -> account_exists
        register D EUR none -> key_invalid
        register D EUR same -> key_invalid
        register D EUR
        fund D EUR 1
        balance D EUR 1
        ",
    );
}

/// Four eyes count persons: a key that two persons held would be one pair of eyes.
#[test]
fn one_key_is_not_registered_for_two_persons() {
    check(
        "
        open A B EUR
        register D EUR twin -> key_invalid
        grant A.9 person 9 like A.1 -> key_invalid
        ",
    );
}

#[test]
fn two_proposals_for_one_name_register_it_once() {
    check(
        "
        open A B EUR
        propose P1 register D EUR end by OP.1 -> proposed
        propose P2 register D EUR end by OP.1 -> proposed
        approve P2 by OP.2 -> executed ; tells nobody 0
        approve P1 by OP.2 -> participant_exists
        ",
    );
}

#[test]
fn an_account_opens_once_with_its_cap() {
    check(
        "
        open A B EUR
        currency USD AG2
        pay A B USD 1 -> debtor_unknown
        account A USD 5
        balance A USD 0 cap 5
        pay A B USD 1 -> creditor_unknown
        account B USD 0
        pay A B USD 5 -> settled
        account A USD 9 -> account_exists
        account A GBP 9 -> currency_not_open
        account A 1 9 -> currency_unknown
        account #9 USD 9 -> participant_unknown
        balance A USD -5 cap 5
        ",
    );
}

#[test]
fn a_currency_opens_once_and_its_agent_alone_funds_it() {
    check(
        "
        open A B EUR
        pay A B USD 1 -> currency_not_open
        currency USD #9 -> participant_unknown
        currency 1 AG -> currency_unknown
        currency 963 AG -> currency_unknown      # XTS, for tests: without minor units
        currency USD AG2
        currency USD AG -> account_exists
        currency EUR AG2 -> account_exists
        account A USD 0
        fund A USD 5 by AG -> role_missing
        fund A EUR 5 by AG2 -> role_missing
        fund A USD 5 by AG2
        balance A USD 5
        ",
    );
}

#[test]
fn an_account_opened_for_a_suspended_bank_is_suspended() {
    check(
        "
        open A B EUR
        currency USD AG
        account B USD 0
        suspend A
        account A USD 5
        pay A B USD 1 -> debtor_suspended
        reinstate A
        pay A B USD 1 -> settled
        ",
    );
}

#[test]
fn a_suspended_bank_neither_pays_nor_is_paid() {
    check(
        "
        open A B C EUR JPY
        fund A EUR 10
        suspend A ; tells A 0
        pay A B EUR 1 id 1 -> debtor_suspended
        pay B A EUR 1 -> creditor_suspended
        pay A B JPY 1 -> debtor_suspended
        fund A EUR 5                             # money that came in the RTGS is still booked
        balance A EUR 15
        reinstate A
        again 1 -> debtor_suspended replayed
        pay A B EUR 15 -> settled
        ",
    );
}

#[test]
fn the_queue_of_a_suspended_bank_stands_still_until_it_is_reinstated() {
    check(
        "
        open A B C EUR
        fund B EUR 2
        pay A C EUR 10 id 1 -> queued 1
        pay A C EUR 1 id 2 expires 60s -> queued 2
        suspend A
        fund A EUR 20
        tick 60s ; effects 2 expired
        balance A EUR 20 queued 1
        reinstate A ; effects 1 settled
        balance A EUR 10
        ",
    );
}

#[test]
fn what_waits_for_a_suspended_creditor_is_rejected_when_it_comes_up() {
    check(
        "
        open A B C EUR
        pay A B EUR 5 id 1 -> queued 1
        pay A C EUR 5 id 2 -> queued 2
        pay A B EUR 5 id 3 -> queued 3
        suspend C
        balance A EUR 0 queued 3
        fund A EUR 5 ; effects 1 settled 2 creditor_suspended
        fund A EUR 5 ; effects 3 settled
        again 2 -> creditor_suspended replayed
        ",
    );
}

#[test]
fn a_bank_changes_its_own_keys_and_no_others() {
    check(
        "
        open A B EUR
        fund A EUR 10
        pay A B EUR 1 key 6 id 1 -> key_not_active
        grant A.6 person 6 by A
        pay A B EUR 1 key 6 -> settled
        again 1 key 6 -> key_not_active replayed
        grant B.6 by A -> role_missing
        revoke B.1 by A -> role_missing
        revoke A.6 by A
        pay A B EUR 1 key 6 -> key_not_active
        grant A.6 by A -> key_invalid             # an id is never used again
        grant A.7 like A.6 by A -> key_invalid    # nor is a key
        revoke A.6 by A -> key_invalid
        revoke A.99 by A -> key_invalid
        grant B.6 ; tells B 0
        revoke B.6
        revoke #9.1 -> participant_unknown
        grant #9.1 -> participant_unknown
        ",
    );
}

#[test]
fn who_proposes_what_is_one_table() {
    // Action, who may, everybody else may not. A bank may change its own keys.
    let table = [
        ("register N EUR end", "OP"),
        ("account A JPY 1", "OP"),
        ("cap A EUR 1", "OP"),
        ("grant A.9", "OP A"),
        ("revoke A.4", "OP A"),
        ("suspend A", "OP"),
        ("currency USD AG2", "OP"),
        ("fund A EUR 1", "AG"),
        ("defund A EUR 1", "AG"),
        ("confirm D ref X", "AG"),
        ("release D", "AG"),
    ];
    let mut script = String::from(
        "
        open A B EUR
        currency JPY AG
        fund A EUR 5
        defund A EUR 2 id D
        ",
    );
    for (row, (action, allowed)) in table.iter().enumerate() {
        for who in ["OP", "AG", "AG2", "A", "B"] {
            let may = allowed.split(' ').any(|name| name == who);
            // An agent of another currency has the role, but no defunding of its own under that id.
            let agent = who == "AG2" && matches!(*action, "confirm D ref X" | "release D");
            let told = if may {
                "proposed"
            } else if agent {
                "defund_unknown"
            } else {
                "role_missing"
            };
            script += &format!("propose P{row}{who} {action} by {who}.1 -> {told}\n");
        }
    }
    check(&script);
}

#[test]
fn a_member_with_collateral_or_a_credit_limit_is_not_empty() {
    check(
        "
        ledger rules 4
        open A B EUR
        member A suspended
        collateral A EUR BOND 100 0
        member A closed -> member_not_empty
        collateral A EUR BOND 0 0
        credit A EUR 5
        member A closed -> member_not_empty
        credit A EUR 0
        member A closed
        collateral A EUR BOND 100 0 -> creditor_closed
        credit A EUR 5 -> creditor_closed
        ",
    );
}
