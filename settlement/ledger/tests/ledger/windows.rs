//! Netting windows: collected, closed, paid in, settled all at once, or failed whole (section 33).
use crate::support::check;

/// A, B and C owe each other 70, 50 and 40: A pays 30 net, B gets 20, C 10.
pub const OPENING: &str = "
    ledger rules 4
    open A B C EUR USD
    fund A EUR 100
    window EUR close 100s by 200s ends 300s id W
    obligation A B EUR 70 of W id 1 -> collected
    obligation B C EUR 50 of W id 2 -> collected
    obligation C A EUR 40 of W id 3 -> collected
";

const SETTLED: &str = "effects p executed 1 settled=70@A,B 2 settled=50@B,C 3 settled=40@C,A ; notices W settled ; tells nobody 0";

fn checks(rest: &str) {
    check(&format!("{OPENING}\n{rest}"));
}

#[test]
fn a_window_settles_net_at_its_close_when_net_debts_are_paid_in() {
    checks(&format!(
        "
        payin A EUR 30 of W id p -> set_aside
        balance A EUR 100 reserved 30
        balance B EUR 0
        at 100s-1ns
        tick
        at 100s
        tick ; {SETTLED}
        balance A EUR 70
        balance B EUR 20
        balance C EUR 10
        waiting 0
        "
    ));
}

#[test]
fn a_closed_window_settles_with_the_entry_after_the_pay_in_that_was_missing() {
    checks(
        "
        at 100s
        tick
        payin A EUR 29 of W id q -> set_aside
        tick
        payin A EUR 1 of W id p -> set_aside
        tick ; effects q executed p executed 1 settled=70@A,B 2 settled=50@B,C 3 settled=40@C,A ; notices W settled ; tells nobody 0
        balance A EUR 70
        "
    );
}

#[test]
fn what_is_paid_in_beyond_the_net_debt_is_free_again() {
    checks(
        "
        pay A B EUR 1 -> settled
        payin A EUR 90 of W id p -> set_aside
        pay A C EUR 10 id w -> queued 1
        at 100s
        tick ; effects p executed 1 settled 2 settled 3 settled w settled ; notices W settled ; tells nobody 0
        balance A EUR 59
        balance B EUR 21
        balance C EUR 20
        ",
    );
}

#[test]
fn one_account_never_covers_two_windows_with_the_same_money() {
    checks(&format!(
        "
        window EUR close 100s by 200s ends 300s id V
        obligation A C EUR 80 of V id 4 -> collected
        payin A EUR 30 of W id p -> set_aside
        payin A EUR 80 of V id q -> insufficient_liquidity
        payin A EUR 70 of V id r -> set_aside
        pay A C EUR 1 sor -> insufficient_liquidity
        at 100s
        tick ; {SETTLED}
        balance A EUR 70 reserved 70
        at 200s
        tick ; notices V pay_in_missed ; tells A 10
        at 300s
        tick ; effects r given_back 4 queued ; notices V insufficient_liquidity ; tells nobody 0
        balance A EUR 70 queued 1 value 80
        balance C EUR 10
        "
    ));
}

#[test]
fn positions_are_not_counted_again_after_settlement() {
    checks(&format!(
        "
        payin A EUR 30 of W id p -> set_aside
        at 100s
        tick ; {SETTLED}
        at 200s
        tick
        at 300s
        tick
        payin A EUR 1 of W -> window_invalid
        obligation A B EUR 1 of W -> window_invalid
        window EUR close 400s by 500s ends 600s id W2
        obligation A B EUR 10 of W2 id 5 -> collected
        payin A EUR 10 of W2 id p2 -> set_aside
        at 400s
        tick ; effects p2 executed 5 settled=10@A,B ; notices W2 settled ; tells nobody 0
        balance A EUR 60
        balance B EUR 30
        balance C EUR 10
        "
    ));
}

#[test]
fn the_largest_participant_fails_to_pay_in_and_all_is_as_before_and_queues_in_order() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund B EUR 50
        window EUR close 100s by 200s ends 300s id W
        obligation B C EUR 30 of W id 1 -> collected
        obligation A B EUR 900 of W id 2 -> collected
        obligation B A EUR 40 of W id 3 -> collected
        obligation A C EUR 100 of W id 4 -> collected
        obligation C A EUR 20 of W id 5 -> collected
        payin B EUR 50 of W id p -> set_aside
        at 100s
        tick
        at 200s
        tick ; notices W pay_in_missed ; tells A 940
        at 300s
        tick ; effects p given_back 1 settled=30@B,C 2 queued 3 queued 4 queued 5 settled=20@C,A ; notices W insufficient_liquidity ; tells nobody 0
        balance A EUR 20 queued 2 value 1000
        balance B EUR 20 queued 1 value 40
        balance C EUR 10
        fund A EUR 980 ; effects 2 settled 4 settled 3 settled
        balance A EUR 40
        balance B EUR 880
        balance C EUR 110
        waiting 0
        ",
    );
}

#[test]
fn what_is_missing_after_grace_is_drawn_from_cap_and_line_as_far_as_it_goes() {
    let lends = |worth: u32| {
        format!(
            "
            payin A EUR 20 of W id p -> set_aside
            defund A EUR 80 id d
            cap A EUR 4
            collateral A EUR BOND {worth} 0
            credit A EUR 1000
            at 200s
            tick ; notices W pay_in_missed ; tells A 10
            at 300s
            "
        )
    };
    checks(&format!(
        "{}
        tick ; {SETTLED}
        balance A EUR 70 cap 4 reserved 80
        ",
        lends(6)
    ));
    checks(&format!(
        "{}
        tick ; effects p given_back 1 queued 2 queued 3 queued ; notices W insufficient_liquidity ; tells nobody 0
        balance A EUR 100 cap 4 reserved 80 queued 1 value 70
        ",
        lends(5)
    ));
}

#[test]
fn who_is_under_risk_tests_draws_nothing() {
    checks(
        "
        valuation EUR EUR 1 0 0
        cap A EUR 1000
        tests A 0
        at 200s
        tick ; notices W pay_in_missed ; tells A 30
        at 300s
        tick ; effects 1 settled 2 settled 3 settled ; notices W insufficient_liquidity ; tells nobody 0
        balance A EUR 70 cap 1000
        balance B EUR 20
        ",
    );
}

#[test]
fn a_cancelled_window_gives_back_and_ends_what_it_collected() {
    checks(
        "
        payin A EUR 30 of W id p -> set_aside
        cancel A B EUR 70 of 1 -> executed ; effects 1 cancelled
        drop_window V -> window_invalid
        drop_window W ; effects p given_back 2 cancelled 3 cancelled ; notices W cancelled ; tells nobody 0
        balance A EUR 100
        waiting 0
        obligation A B EUR 1 of W -> window_invalid
        drop_window W -> window_invalid
        ",
    );
}

#[test]
fn a_window_cannot_be_cancelled_after_its_close_nor_what_it_collected() {
    checks(
        "
        at 100s
        drop_window W -> window_invalid
        cancel A B EUR 70 of 1 -> not_waiting
        obligation A B EUR 1 of W -> rejected_cut_off
        amend A EUR of 1 urgent -> not_waiting
        hold A 1 -> not_held
        balance A EUR 100
        ",
    );
}

#[test]
fn nothing_is_consumed_while_it_is_collected_and_windows_stand_beside_limits() {
    checks(
        "
        limit A B EUR 5 -> executed
        reserve A EUR 90 urgent -> executed
        obligation A B EUR 80 of W id 4 -> collected
        pay A B EUR 5 -> settled
        payin A EUR 95 of W id p -> set_aside
        payin A EUR 1 of W -> insufficient_liquidity
        fund A EUR 15
        payin A EUR 15 of W id q -> set_aside
        at 100s
        tick ; effects p executed q executed 1 settled 2 settled 3 settled 4 settled ; notices W settled ; tells nobody 0
        balance A EUR 0
        balance B EUR 105
        fund A EUR 100
        pay A B EUR 1 sor -> limit_exceeded
        ",
    );
}

#[test]
fn records_of_windows_are_judged_rule_by_rule() {
    checks(
        "
        payin A EUR 0 of W -> amount_zero
        payin A EUR 1 of W by B -> not_authorised
        payin A EUR 1 of V -> window_invalid
        payin A USD 1 of W -> window_invalid
        payin A EUR 1 -> malformed
        payin A EUR 1 of W high -> priority_unknown
        payin A EUR 1 of W expires 99s -> malformed
        payin A EUR 101 of W -> insufficient_liquidity
        obligation A B EUR 0 of W -> amount_zero
        obligation A A EUR 1 of W -> same_party
        obligation A B EUR 1 of W by B -> not_authorised
        obligation A B USD 1 of W -> window_invalid
        obligation A B EUR 1 -> malformed
        obligation A B EUR 1 of W expires 99s -> malformed
        obligation A B EUR 1 of W sor -> flags_unknown
        obligation A B EUR 1 of W from 99s -> extension_invalid
        obligation A B EUR 1 of W uetr U high charges shared -> collected
        obligation A B EUR 1 of W uetr U -> duplicate_suspected
        obligation A B EUR 1 of W uetr U duplicate -> collected
        suspend B
        obligation A B EUR 1 of W -> creditor_suspended
        obligation B A EUR 1 of W -> debtor_suspended
        payin B EUR 1 of W -> debtor_suspended
        ",
    );
}

#[test]
fn windows_are_opened_in_order_and_in_currencies_that_are_open() {
    check(
        "
        ledger rules 4
        open A B EUR USD
        at 50s
        window EUR close 50s by 60s ends 70s -> window_invalid
        window EUR close 100s by 100s ends 300s -> window_invalid
        window EUR close 100s by 200s ends 199s -> window_invalid
        window EUR,JPY close 100s by 200s ends 300s -> currency_not_open
        window EUR close 100s by 200s ends 300s id W
        day USD open 0d
        day USD closed 0d
        window EUR,USD close 100s by 200s ends 300s -> window_invalid
        propose P window EUR close 100s by 200s ends 300s by A.1 -> role_missing
        ",
    );
}

#[test]
fn a_schedule_bounds_the_windows_of_its_day() {
    check(
        "
        ledger rules 4
        open A B EUR
        schedule EUR 0d 100s 500s 600s 1000s
        at 100s
        tick
        window EUR close 700s by 800s ends 1001s -> window_invalid
        window EUR close 700s by 800s ends 1000s id W
        obligation A B EUR 5 of W id 1 -> collected
        at 500s
        obligation A B EUR 5 of W id 2 -> rejected_cut_off
        obligation A B EUR 5 of W id 3 interbank -> collected
        at 600s
        obligation A B EUR 5 of W id 4 interbank -> rejected_cut_off
        fund A EUR 10
        payin A EUR 10 of W id p -> set_aside
        at 700s
        tick ; effects p executed 1 settled 3 settled ; notices W settled ; tells nobody 0
        ",
    );
}

#[test]
fn when_a_currency_closes_its_windows_fail_whole_before_it_does() {
    check(
        "
        ledger rules 4
        open A B C EUR USD
        fund A USD 5
        fund A EUR 9
        day EUR open 0d
        window EUR,USD close 100s by 200s ends 300s id W
        obligation A B EUR 70 of W id 1 -> collected
        obligation A B USD 5 of W id 2 -> collected
        obligation A C USD 6 of W id 3 -> collected
        payin A EUR 8 of W id p -> set_aside
        day EUR closed 0d id D ; effects p given_back 1 rejected_close 2 settled=5@A,B 3 queued ; notices W rejected_close
        balance A EUR 9
        balance A USD 0 queued 1 value 6
        ",
    );
}

#[test]
fn who_is_suspended_or_held_keeps_a_window_from_settling() {
    checks(
        "
        payin A EUR 30 of W id p -> set_aside
        hold_party C
        at 100s
        tick
        at 200s
        tick
        unhold_party C
        at 300s
        tick ; effects p executed 1 settled 2 settled 3 settled ; notices W settled ; tells nobody 0
        ",
    );
    checks(
        "
        payin A EUR 30 of W id p -> set_aside
        suspend C
        at 300s
        tick ; effects p given_back 1 settled 2 creditor_suspended 3 queued ; notices W insufficient_liquidity ; tells nobody 0
        balance A EUR 30
        balance B EUR 70
        ",
    );
}

#[test]
fn several_instants_may_have_come_at_once_and_each_does_what_it_does() {
    checks(
        "
        at 300s
        tick ; effects 1 settled 2 settled 3 settled ; notices W pay_in_missed W settled ; tells nobody 0
        balance A EUR 70
        balance B EUR 20
        ",
    );
}

#[test]
fn fees_accrue_for_what_settles_and_for_pay_ins_that_served() {
    check(
        "
        ledger rules 4
        open A B C EUR
        day EUR open 0d
        fund A EUR 100
        fee EUR 15 C flat 2
        fee EUR 16 C flat 1
        window EUR close 100s by 200s ends 300s id W
        obligation A B EUR 10 of W id 1 -> collected
        payin A EUR 10 of W id p -> set_aside
        at 100s
        tick ; effects p executed 1 settled ; notices W settled ; tells nobody 0
        day EUR closed 0d ; fees A C 3
        balance A EUR 87
        ",
    );
}

#[test]
fn under_earlier_rules_there_are_no_windows() {
    check(
        "
        ledger rules 3
        open A B EUR
        window EUR close 100s by 200s ends 300s id W -> action_invalid
        drop_window W -> action_invalid
        obligation A B EUR 1 of W -> kind_unknown
        payin A EUR 1 of W -> kind_unknown
        ",
    );
}

#[test]
fn a_member_with_obligations_or_pay_ins_is_not_closed() {
    check(
        "
        ledger rules 4
        open A B EUR
        window EUR close 100s by 200s ends 300s id W
        obligation A B EUR 1 of W id 1 -> collected
        suspend B
        member B closed -> member_not_empty
        ",
    );
}

#[test]
fn a_confirmed_default_fails_the_windows_that_the_member_is_in_and_no_other() {
    check(
        "
        ledger rules 4
        open A B C EUR
        fund A EUR 50
        fund B EUR 50
        window EUR close 1d by 2d ends 3d id W
        window EUR close 1d by 2d ends 3d id V
        obligation A B EUR 7 of W id owes -> collected
        obligation B A EUR 5 of W id gets -> collected
        obligation B C EUR 9 of W id others -> collected
        obligation B C EUR 4 of V id apart -> collected
        payin A EUR 6 of W id paid -> set_aside
        declare A
        confirm_default A ; effects paid given_back owes defaulted gets creditor_suspended others settled ; notices W insufficient_liquidity
        balance A EUR 50
        balance B EUR 41
        at 1d
        payin B EUR 4 of V id last -> set_aside
        tick 86500s ; effects last executed apart settled ; notices V settled
        balance C EUR 13
        ",
    );
}
