#!/usr/bin/env bash
# A stranger's check with the two programs and nothing else: a ledger, a node, money under four eyes, two adapters,
# one payment from A to B with its document, status report and receipts; then three hops of one payment, and the
# fixtures with several transactions.
#
# Usage: stranger.sh DIRECTORY    (where `causeway` and `causeway-adapter` are, such as target/release)
set -euo pipefail

bin=$(cd "${1:?usage: stranger.sh DIRECTORY}" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Programs take configuration from CAUSEWAY_*: nothing of the caller's may change what is checked.
for name in $(compgen -e CAUSEWAY_ || true); do unset "$name"; done

work=$(mktemp -d)
node=
on_exit() {
    local status=$?
    trap - EXIT INT TERM HUP
    stop_node
    if ((status != 0)); then
        echo "stranger.sh: failed; the node said:" >&2
        cat "$work"/*/node.log >&2 2>/dev/null || true
    fi
    rm -rf -- "$work"
    exit "$status"
}
trap on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "stranger.sh: $1" >&2
    exit 1
}

# expect TEXT FILE: the file holds the text.
expect() {
    grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "\"$1\" is missing"; }
}

# exits CODE COMMAND…: the command ends with that code.
exits() {
    local wanted=$1 status=0
    shift
    "$@" || status=$?
    ((status == wanted)) || fail "exit code $status instead of $wanted: $*"
}

# json KEY FILE: the first text under a key.
json() {
    sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1
}

# start_node DIRECTORY [GENESIS]: makes a ledger there and starts its node.
start_node() {
    local port=$((20000 + RANDOM % 20000)) tries=0
    ledger=$1
    "$bin/causeway" init --dir "$ledger" ${2:+--genesis "$2"} \
        --listen "127.0.0.1:$port" --metrics "127.0.0.1:$((port + 1))" >"$work/init.txt"
    "$bin/causeway" node --json --config "$ledger/node.toml" >"$ledger/ready" 2>"$ledger/node.log" &
    node=$!
    until grep -q ready "$ledger/ready"; do
        kill -0 "$node" 2>/dev/null || fail "the node ended"
        ((++tries < 300)) || fail "the node does not get ready"
        sleep 0.1
    done
}

stop_node() {
    if [[ -n $node ]]; then
        kill -TERM "$node" 2>/dev/null || true
        wait "$node" 2>/dev/null || true
        node=
    fi
}

# control VERB BANK PERSON ARGUMENTS…
control() {
    local verb=$1 config="$ledger/banks/$2/bank.toml" person=$3
    shift 3
    "$bin/causeway" control "$verb" --config "$config" --person "$person" --json "$@"
}

send() {
    local bank=$1
    shift
    "$bin/causeway-adapter" send --config "$ledger/banks/$bank/bank.toml" "$@"
}

listen() {
    "$bin/causeway-adapter" listen --config "$ledger/banks/$1/bank.toml" --once --json
}

# message FROM TO ID FILE: the example between two other banks.
message() {
    sed -e "s/ALFADEFF/FROM/g; s/BETAFRPP/$2/g; s/FROM/$1/g; s/ALFA-20260302-000001/$3/" "$example" >"$4"
}

example=$here/../examples/pacs008.xml
uetr=5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33

echo "== a ledger, a node, and money for ALFADEFF under four eyes"
start_node "$work/first"
control propose ECB-TARGET 1 fund --participant ALFADEFF --currency EUR --amount 5000.00 --reference RTGS-1 \
    >"$work/proposed.json"
digest=$(json digest "$work/proposed.json")
exits 1 control approve ECB-TARGET 1 "$digest" >"$work/same.json" 2>&1
control approve ECB-TARGET 2 "$digest" >"$work/approved.json"

echo "== one payment from ALFADEFF to BETAFRPP"
send ALFADEFF --out "$work/out" "$example" 2>"$work/send.txt"
report=$(echo "$work"/out/*.xml)
expect '<TxSts>ACSC</TxSts>' "$report"
expect "<OrgnlUETR>$uetr</OrgnlUETR>" "$report"
listen BETAFRPP >"$work/listen.json"
[[ $(wc -l <"$work/listen.json") == 1 ]] || fail "one credit is expected"
for text in '"debtor":"ALFADEFF"' '"amount_text":"1250.00"' '"currency":"EUR"' "$uetr" ALFA-20260302-000001; do
    expect "$text" "$work/listen.json"
done
cmp "$(json document "$work/listen.json")" "$example" || fail "the document is another"

echo "== receipts on both sides hold with the log's key and with no other"
"$bin/causeway" init --dir "$work/other" --listen 127.0.0.1:7 --metrics 127.0.0.1:8 >/dev/null
for receipt in "$ledger"/banks/{ALFADEFF,BETAFRPP}/store/receipts/*.receipt; do
    exits 0 "$bin/causeway" verify receipt "$receipt" --key "@$ledger/log.key" >"$work/verify.txt"
    exits 1 "$bin/causeway" verify receipt "$receipt" --key "@$work/other/log.key" >"$work/verify.txt" 2>&1
done

echo "== the same message again is not paid again"
send ALFADEFF --json "$example" >"$work/again.json" 2>/dev/null
expect '"replayed": true' "$work/again.json"
listen BETAFRPP >"$work/nothing.json"
[[ ! -s $work/nothing.json ]] || fail "nothing new is expected"

echo "== two more hops of the same payment are two more settlements"
message BETAFRPP GAMMGB2L HOP-2 "$work/hop2.xml"
message GAMMGB2L DELTUS33 HOP-3 "$work/hop3.xml"
send BETAFRPP --json "$work/hop2.xml" >"$work/hop2.json"
send GAMMGB2L --json "$work/hop3.xml" >"$work/hop3.json"
for bank in GAMMGB2L DELTUS33; do
    listen "$bank" >"$work/$bank.json"
    expect "$uetr" "$work/$bank.json"
    expect '"amount":125000' "$work/$bank.json"
done
expect '"replayed": false' "$work/hop3.json"
stop_node

echo "== messages of several transactions to several creditors"
genesis=$work/genesis.toml
control='{ person = 1, rights = ["control"] }, { person = 2, rights = ["control"] }'
{
    printf 'kind = "genesis"\nname = "stranger"\nid_capacity = 100000\nqueue_capacity = 1000\ncurrencies = [\n'
    printf '  { code = "%s", agent = "AGENT" },\n' EUR JPY KWD CLF USD BHD
    printf ']\n[[nodes]]\nname = "node-1.causeway"\n'
    printf '[[participants]]\nname = "OPERATOR"\nroles = ["operator"]\nkeys = [%s]\n' "$control"
    printf '[[participants]]\nname = "AGENT"\nroles = ["settlement_agent"]\nkeys = [%s]\n' "$control"
    for bank in ALFADEFF HUBBCHZZ BETAFRPP GAMMJPJT DELTKWKW EPSICLRM; do
        printf '[[participants]]\nname = "%s"\nroles = ["participant"]\n' "$bank"
        printf 'keys = [{ person = 1, rights = ["instruct", "control"] }]\naccounts = [\n'
        printf '  { currency = "%s", cap = "9000000" },\n' EUR JPY KWD CLF USD BHD
        printf ']\n'
    done
} >"$genesis"
start_node "$work/second" "$genesis"
sed 's|<InstdAgt><FinInstnId><BICFI>HUBBCHZZ</BICFI></FinInstnId></InstdAgt>||' \
    "$here/fixtures/pacs008_five_currencies.xml" >"$work/five.xml"
sed 's|GAMMJPJT|ALFADEFF|' "$here/fixtures/pacs009_prefixed_wrapped.xml" >"$work/three.xml"
send ALFADEFF --json "$work/five.xml" "$work/three.xml" >"$work/several.json"
[[ $(grep -c '"status": "settled"' "$work/several.json") == 8 ]] || fail "eight settlements are expected"
# amounts BANK CURRENCY: sum of the credits in minor units.
amounts() {
    local sum=0 one
    # The charges that go with it are no part of it.
    for one in $(sed -n "s/\"charges\":\[[^]]*\]//; s/.*\"currency\":\"$2\",\"amount\":\([0-9]*\),.*/\1/p" "$work/$1.json"); do
        ((sum += one))
    done
    echo "$sum"
}
for bank in HUBBCHZZ BETAFRPP GAMMJPJT DELTKWKW EPSICLRM; do
    listen "$bank" >"$work/$bank.json"
done
for line in 'BETAFRPP EUR 135000' 'GAMMJPJT JPY 480000' 'DELTKWKW KWD 1000125' 'EPSICLRM CLF 20001' \
    'HUBBCHZZ USD 250000050' 'HUBBCHZZ JPY 1000001' 'DELTKWKW BHD 125'; do
    read -r bank currency amount <<<"$line"
    [[ $(amounts "$bank" "$currency") == "$amount" ]] || fail "$bank: $currency $(amounts "$bank" "$currency")"
done
# No creditor sees the payments of another.
if grep -lqs GAMMJPJT "$ledger"/banks/{DELTKWKW,EPSICLRM}/store/documents/*.xml; then
    fail "a creditor sees another's payment"
fi
stop_node
echo "== a stranger is satisfied"
