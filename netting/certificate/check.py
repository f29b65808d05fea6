#!/usr/bin/env python3
"""Checks a netting certificate as netting/CERTIFICATE.md describes it, sharing nothing with the Rust code.

    python3 netting/certificate/check.py netting.json

Exit codes: 0 it holds, 1 it does not.
"""
import hashlib
import json
import sys

CLASSES = ["urgent", "high", "normal"]
DISCIPLINES = ["fifo", "bypass"]


def once(pairs):
    fields = dict(pairs)
    assert len(fields) == len(pairs), "a field stands there twice"
    return fields


def number(value):
    return (value % (1 << 128)).to_bytes(16, "little")


def numbers(values):
    values = list(values)
    return number(len(values)) + b"".join(number(value) for value in values)


def sha256(data):
    return hashlib.sha256(data).digest()


def fits(value):
    assert -(1 << 127) <= value < 1 << 127, "bound: a number outside -2^127 to 2^127 - 1"
    return value


def check(text):
    file = json.loads(text, object_pairs_hook=once)
    assert (file["format"], file["version"]) == ("causeway/netting-certificate", 1), "format and version"
    accounts, items = file["accounts"], file["items"]
    participants = {name: at for at, name in enumerate(file["participants"])}
    currencies = {currency["code"]: at for at, currency in enumerate(file["currencies"])}
    weights = [currency["weight"] for currency in file["currencies"]]
    account = {(held["participant"], held["currency"]): at for at, held in enumerate(accounts)}
    before, after, limit, multiplier = (
        [int(held[field]) for held in accounts] for field in ("before", "after", "limit", "multiplier")
    )
    assert all(0 <= y < 1 << 64 for y in multiplier), "a multiplier outside 0 to 2^64 - 1"
    # Of each item the rows as (debtor, creditor, amount, class, value), accounts by number.
    legs = [
        [
            (
                account[row["debtor"], row["currency"]],
                account[row["creditor"], row["currency"]],
                int(row["amount"]),
                CLASSES.index(row["priority"]),
                int(row["amount"]) * weights[currencies[row["currency"]]],
            )
            for row in item["rows"]
        ]
        for item in items
    ]
    chosen = [at for at, item in enumerate(items) if item["settles"]]
    others = 2**128 - 1
    rooms = {
        (
            account[sender["participant"], sender["currency"]],
            others if sender["against"] is None else participants[sender["against"]],
        ): int(sender["room"])
        for sender in file["sender_limits"]
    }

    case = b"causeway/netting-case/v1\0" + number(len(accounts))
    for at, held in enumerate(accounts):
        owner = participants[held["participant"]], currencies[held["currency"]]
        for value in (*owner, before[at], limit[at], held["bypass"]):
            case += number(value)
    case += numbers(weights) + number(len(rooms))
    case += b"".join(number(value) for key in sorted(rooms) for value in (*key, rooms[key]))
    parts = [case, number(0), number(len(items))]
    for rows in legs:
        parts.append(number(len(rows)))
        parts.extend(number(value) for row in rows for value in row[:4])
    inputs = sha256(b"".join(parts))
    assert inputs.hex() == file["inputs"], "inputs"

    names = b"causeway/netting-names/v1\0"
    ids = [row["id"] for item in items for row in item["rows"]]
    for listed in (file["participants"], list(currencies), ids):
        encoded = [name.encode() for name in listed]
        names += number(len(encoded)) + b"".join(number(len(name)) + name for name in encoded)
    names = sha256(names)
    assert names.hex() == file["names"], "names"

    assert all(held["discipline"] == "fifo" or held["bypass"] for held in accounts), "discipline"
    left, pays = list(before), set()
    used, bound_by = dict.fromkeys(rooms, 0), set()

    def towards(own, other):
        """The sender limit of one account that counts what moves between it and another."""
        holder = participants[accounts[other]["participant"]]
        return next((key for key in ((own, holder), (own, others)) if key in rooms), None)

    for debtor, creditor, amount, priority, _ in (row for at in chosen for row in legs[at]):
        left[debtor] -= amount
        left[creditor] += amount
        pays.add(debtor)
        sent, got = towards(debtor, creditor), towards(creditor, debtor)
        if sent and CLASSES[priority] == "normal":
            used[sent] += amount
            bound_by.add(sent)
        if got:
            used[got] -= amount
    assert left == after, "after"
    assert all(after[at] >= -limit[at] for at in pays), "an account overspends"
    assert all(used[key] <= rooms[key] for key in bound_by), "a sender limit is exceeded"

    queues = [[[], [], []] for _ in accounts]
    for at, rows in enumerate(legs):
        for debtor in {row[0] for row in rows}:
            queues[debtor][min(row[3] for row in rows if row[0] == debtor)].append(items[at]["settles"])
    for held, queue in zip(accounts, queues):
        if held["discipline"] == "fifo":
            settles = sum(queue, [])
        else:
            # What passes within a class is as good as sorted.
            settles = sum((sorted(one, reverse=True) for one in queue), [])
        assert settles == sorted(settles, reverse=True), "order"

    value = sum(row[4] for at in chosen for row in legs[at])
    assert value == int(file["value"]), "value"
    scaled = 0
    for y, held, more in zip(multiplier, before, limit):
        scaled = fits(scaled + fits(y * max(0, held + more)))
    for rows in legs:
        gain = 0
        for row in rows:
            gain = fits(gain + fits((row[4] << 16) + row[2] * (multiplier[row[1]] - multiplier[row[0]])))
        scaled = fits(scaled + max(0, gain))
    bound = scaled >> 16
    assert (scaled, bound) == (int(file["bound"]["scaled"]), int(file["bound"]["value"])), "bound"
    assert value <= bound, "above the bound"
    assert file["quality"] == (value * 1_000_000 // bound if bound else 1_000_000), "quality"

    result = b"causeway/netting-certificate/v1\0" + inputs
    result += numbers(DISCIPLINES.index(held["discipline"]) for held in accounts)
    result += numbers(chosen) + numbers(before) + numbers(after) + number(value)
    result += numbers(multiplier) + number(scaled) + number(file["quality"])
    seal = b"causeway/netting-certificate-file/v1\0" + sha256(result) + names
    if "log" in file:
        log = file["log"]
        seal += number(1) + number(int(log["entry"])) + bytes.fromhex(log["digest"])
    else:
        seal += number(0)
    assert sha256(seal).hex() == file["seal"], "seal"
    return f"holds: {len(chosen)} of {len(items)} items settle, {value} of at most {bound}"


if __name__ == "__main__":
    try:
        with open(sys.argv[1], encoding="utf-8") as opened:
            print(check(opened.read()))
    except (AssertionError, KeyError, ValueError, TypeError, IndexError) as error:
        sys.exit(f"does not hold: {error!r}")
