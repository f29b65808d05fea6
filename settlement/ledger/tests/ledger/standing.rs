//! Where members stand under version 4 of the rules: admitted and activated, suspended, closed; keys that are shown to be
//! held, and the last persons who may decide.
use crate::support::check;

#[test]
fn a_member_is_admitted_activated_and_pays() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        admit D EUR
        pay A D EUR 1 -> creditor_suspended
        fund D EUR 5                              # the agent may fund it before
        pay D A EUR 1 -> key_not_active
        propose P cap D EUR 1 by D.1 -> key_not_active
        suspend D -> action_invalid               # it is activated, not reinstated
        reinstate D -> action_invalid
        member D taking -> action_invalid
        member D suspended -> action_invalid
        member D active ; tells D 0
        member D active -> action_invalid
        pay A D EUR 4 -> settled
        pay D B EUR 9 -> settled
        ",
    );
}

#[test]
fn a_key_that_nobody_is_shown_to_hold_is_not_taken() {
    check(
        "
        ledger rules 4
        open A B EUR
        propose P1 admit unproven D EUR end by OP.1 -> possession_invalid
        admit unproven A EUR end -> possession_invalid
        admit A EUR end -> participant_exists
        admit D GBP end -> currency_not_open
        prove for B A.6 by A -> possession_invalid
        prove A.6 like B.1 by A -> possession_invalid
        prove for B A.1 by A -> possession_invalid
        prove A.1 by A -> key_invalid
        prove B.6 by A -> role_missing
        prove A.6 by A
        fund A EUR 5
        pay A B EUR 1 key 6 -> settled
        revoke A.6 by A
        pay A B EUR 1 key 6 -> key_not_active
        ",
    );
}

/// What nobody is shown to hold is not offered any more; what was proposed while it was stays good.
#[test]
fn keys_that_nobody_shows_are_offered_no_more() {
    check(
        "
        ledger rules 3
        open A B EUR
        propose P grant A.6 by OP.1 -> proposed
        rules 4
        propose P1 register D EUR end by OP.1 -> action_invalid
        propose P2 grant A.7 by OP.1 -> action_invalid
        approve P by OP.2 -> executed ; tells A 0
        fund A EUR 1
        pay A B EUR 1 key 6 -> settled
        ",
    );
}

#[test]
fn before_the_fourth_version_there_are_no_members() {
    check(
        "
        ledger rules 3
        open A B EUR
        propose P1 admit D EUR end by OP.1 -> action_invalid
        propose P2 admit unproven D EUR end by OP.1 -> action_invalid
        propose P3 prove A.6 by A.1 -> action_invalid
        propose P4 member A suspended by OP.1 -> action_invalid
        propose P5 roles A 5 by OP.1 -> action_invalid
        propose P6 register D EUR roles 33 end by OP.1 -> action_invalid
        revoke OP.3
        revoke OP.5
        revoke OP.2                               # nobody is left who could decide
        ",
    );
}

#[test]
fn a_suspended_member_is_paid_or_not_as_its_suspension_says() {
    check(
        "
        ledger rules 4
        open A B EUR
        fund A EUR 10
        fund B EUR 10
        pay A B EUR 20 id 1 -> queued 1
        member A taking ; tells A 0
        pay A B EUR 1 -> debtor_suspended
        pay B A EUR 4 -> settled
        fund A EUR 6                              # enough, but nothing leaves
        balance A EUR 20 queued 1
        member A suspended
        pay B A EUR 1 -> creditor_suspended
        member A taking
        member A active ; effects 1 settled
        suspend A
        pay B A EUR 1 -> creditor_suspended
        member A taking
        pay B A EUR 1 -> settled
        suspend A
        reinstate A
        pay A B EUR 1 -> settled
        member A suspended ref '' -> reference_invalid
        member #9 suspended -> participant_unknown
        member A suspended by A -> role_missing
        ",
    );
}

/// What waits for a creditor is judged by where it stands when its turn comes.
#[test]
fn what_waits_for_a_member_that_is_paid_still_settles() {
    check(
        "
        ledger rules 4
        open A B C EUR
        pay A B EUR 5 id 1 -> queued 1
        pay A C EUR 5 id 2 -> queued 2
        member B taking
        member C suspended
        fund A EUR 5 ; effects 1 settled 2 creditor_suspended
        ",
    );
}

#[test]
fn a_member_is_closed_when_nothing_of_it_is_left() {
    check(
        "
        ledger rules 4
        open A B C EUR JPY
        fund A EUR 10
        fund B EUR 10
        member A closed -> action_invalid         # it is suspended first
        member A taking
        member A closed -> member_not_empty       # a balance
        member A active
        pay A B EUR 10 -> settled
        pay A B EUR 3 id 1 -> queued 1
        member A taking
        member A closed -> member_not_empty       # it owes
        member A active
        cancel A B EUR 3 of 1 id k -> executed ; effects 1 cancelled
        pay C A JPY 3 id 2 -> queued 1
        member A taking
        member A closed -> member_not_empty       # it is owed
        cancel C A JPY 3 of 2 id l -> executed ; effects 2 cancelled
        member A closed
        pay B A EUR 1 -> creditor_closed
        pay A B EUR 1 -> key_not_active
        member A active -> creditor_closed
        member A closed -> creditor_closed
        reinstate A -> creditor_closed
        fund A EUR 5 -> creditor_closed
        account A JPY 5 -> creditor_closed
        prove A.6 -> creditor_closed
        roles A 1 -> creditor_closed
        fee EUR 1 A flat 5 -> creditor_closed
        currency USD A -> creditor_closed
        admit A EUR end -> participant_exists
        ",
    );
}

#[test]
fn what_is_set_aside_asked_or_collected_keeps_a_member_from_being_closed() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund B EUR 20
        conditional B A EUR 4 id c condition SECRET expires 60s -> set_aside ; effects c set_aside@A
        member A taking
        member A closed -> member_not_empty       # a condition may be met still
        tick 60s ; effects c expired
        pay B A EUR 5 id 1 -> settled
        member A active
        pay A C EUR 5 -> settled
        cancel B A EUR 5 of 1 id q -> cancellation_pending ; effects q cancellation_pending@A
        member A taking
        member A closed -> member_not_empty       # a question is open
        member A active
        resolve B A EUR 5 of q decline by A -> executed ; effects q cancellation_refused@B,A
        fee EUR 1 A flat 1
        member A taking
        member A closed -> member_not_empty       # it collects fees
        fee EUR 1 C flat 1
        member A closed
        ",
    );
}

#[test]
fn a_trade_or_a_quote_keeps_a_member_from_being_closed() {
    check(
        "
        ledger rules 4
        open A B P EUR USD
        pvp A B USD 110 EUR 100 value 0d id a -> unmatched ; effects a alleged@B
        member B taking
        member B closed -> member_not_empty       # it is alleged a trade
        member A taking
        member A closed -> member_not_empty
        exposure P EUR USD 1000
        quote P EUR 500 USD expires 60s tiers 500:109:111 id q -> executed
        member P suspended
        member P closed -> member_not_empty       # a quote lives
        at 60s
        member P closed
        ",
    );
}

#[test]
fn an_agent_is_not_closed_and_does_not_lose_its_role() {
    check(
        "
        ledger rules 4
        open A B EUR
        member AG taking
        member AG closed -> member_not_empty
        roles AG 1 -> member_not_empty
        roles AG 3
        roles AG2 1 ; tells AG2 0
        roles #9 1 -> participant_unknown
        roles A 1 by A -> role_missing
        ",
    );
}

#[test]
fn the_last_two_persons_who_decide_are_not_revoked() {
    check(
        "
        ledger rules 4
        open A B EUR
        revoke OP.3                               # person 1 has another
        revoke OP.5 by OP.1                       # so far person 5
        revoke OP.2 by OP.1 -> key_last
        propose P revoke OP.1 by OP.1 -> key_last
        roles OP 1 -> key_last
        roles OP 5
        member OP taking
        member OP closed -> key_last
        prove OP.6 person 6
        revoke OP.2
        ",
    );
}

/// Two proposals that are good one by one: judged again when they are approved.
#[test]
fn the_last_persons_are_counted_when_it_is_approved_too() {
    check(
        "
        ledger rules 4
        open A B EUR
        revoke OP.3
        propose P1 revoke OP.5 by OP.1 -> proposed
        propose P2 revoke OP.2 by OP.1 -> proposed
        approve P1 by OP.2 -> executed ; tells nobody 0
        approve P2 by OP.2 -> key_last
        revoke A.1 by A                           # who operates nothing may lock itself out
        ",
    );
}

#[test]
fn another_operator_is_enough() {
    check(
        "
        ledger rules 4
        open A B EUR
        admit D EUR roles 5 end
        revoke OP.3
        revoke OP.5
        revoke OP.2 by OP.1 -> key_last           # it is not active yet
        member D active
        revoke OP.2 by OP.1
        cap A EUR 5 by D
        revoke D.5 by D
        revoke D.3 by D
        revoke D.2 by D -> key_last
        ",
    );
}

#[test]
fn who_is_to_approve_a_payment_is_not_closed_before_and_not_named_afterwards() {
    check(
        "
        ledger rules 4
        open A B X EUR
        fund A EUR 10
        conditional A B EUR 5 id c approver X expires 30d -> set_aside ; effects c set_aside=0@B,X
        member X suspended
        member X closed -> member_not_empty
        release A B EUR 5 of c by X -> executed ; effects c settled
        member X closed
        conditional A B EUR 5 id d approver X expires 30d -> approver_unknown
        ",
    );
}
