//! What the first version of the rules refuses, and how the second comes into force (section 22).
use crate::support::check;

/// Records of the second version, with the status that each gets under the first.
const RECORDS: &str = "
    conditional A B EUR 1 approver B expires 60s -> kind_unknown
    release A B EUR 1 of x -> kind_unknown
    return A B EUR 1 of x -> kind_unknown
    cancel A B EUR 1 of x -> kind_unknown
    resolve B A EUR 1 of x -> kind_unknown
    amend A EUR of x high -> kind_unknown
    limit A B EUR 1 -> kind_unknown
    reserve A EUR 1 high -> kind_unknown
    discipline A EUR bypass -> kind_unknown
    pay A B EUR 1 kind 11 -> kind_unknown
    pay A B EUR 1 linked -> flags_unknown
    pay A B EUR 1 duplicate -> flags_unknown
    pay A B EUR 1 partial -> flags_unknown
    pay A B EUR 1 front -> flags_unknown
    pay A B EUR 1 back -> flags_unknown
    pay A B EUR 1 decline -> flags_unknown
    pay A B EUR 1 bypass -> flags_unknown
    pay A B EUR 1 high -> priority_unknown
    pay A B EUR 1 urgent -> priority_unknown
    pay A B EUR 1 from 60s -> extension_invalid
    pay A B EUR 1 till 60s -> extension_invalid
    pay A B EUR 1 condition K -> extension_invalid
    pay A B EUR 1 approver B -> extension_invalid
    pay A B EUR 1 preimage K -> extension_invalid
    pay A B EUR 1 charges shared -> extension_invalid
    pay A B EUR 1 reason R -> extension_invalid
    pay A B EUR 1 of x -> malformed
    hold A x -> action_invalid
    unhold A x -> action_invalid
    hold_party A -> action_invalid
    unhold_party A -> action_invalid
    fee EUR 1 A flat 1 -> action_invalid
    day EUR open 0d -> action_invalid
    register R roles 8 end -> action_invalid
    register S roles 16 end -> action_invalid
    register T roles 17 end -> action_invalid
";

#[test]
fn under_the_first_version_all_of_the_second_is_refused() {
    check(&format!(
        "
        open A B EUR
        fund A EUR 100
        {RECORDS}
        pay A B EUR 1 -> settled
        "
    ));
}

#[test]
fn an_entry_brings_the_second_version_into_force() {
    check(
        "
        open A B EUR
        fund A EUR 100
        pay A B EUR 200 id 1 -> queued 1
        pay A B EUR 1 high id h -> priority_unknown
        limit A B EUR 50 id l -> kind_unknown
        rules 2
        again h -> priority_unknown replayed
        again l -> kind_unknown replayed
        limit A B EUR 50 -> executed
        pay A B EUR 1 high -> settled
        pay A B EUR 60 urgent linked -> chain_invalid
        amend A EUR of 1 urgent -> executed
        hold A 1 ; effects 1 pending
        register R roles 8 end
        register S roles 16 end
        unhold A 1 by S.1 ; effects 1 queued
        day EUR open 0d
        ",
    );
}

#[test]
fn a_version_never_goes_back_and_one_that_is_not_known_is_the_last_known() {
    check(
        "
        open A B EUR
        rules 1
        limit A B EUR 50 -> kind_unknown
        rules 9
        limit A B EUR 50 -> executed
        rules 1
        limit A B EUR 50 -> executed
        rules 0
        limit A B EUR 50 -> executed
        ",
    );
}

#[test]
fn an_action_proposed_under_the_first_version_is_not_approved_under_the_second() {
    check(
        "
        open A B EUR
        propose P day EUR open 0d by OP.1 -> action_invalid
        rules 2
        approve P by OP.2 -> proposal_unknown
        day EUR open 0d
        ",
    );
}
