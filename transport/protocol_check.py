#!/usr/bin/env python3
"""A second implementation of the Causeway protocol, written from PROTOCOL.md and from nothing else.

    protocol_check.py check DIR                 verifies the vectors in DIR (settlement/message/vectors)
    protocol_check.py build --out FILE          builds a signed batch and writes it as hexadecimal text
                     [--seed HEX] [--ledger HEX] [--participant N] [--records N]

Needs Python 3.9 or newer and the package `cryptography`. Exit codes: 0 all checks passed, 1 a check failed,
2 wrong usage or unreadable files. Section numbers in comments are those of PROTOCOL.md.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Z = bytes(32)
SCHEMA, VERSION = 51717, 1
BLOCKS = {1: 160, 2: 160, 3: 8, 4: 104, 5: 8, 6: 56, 7: 8, 8: 24, 9: 24, 20: 8, 21: 16, 22: 24, 23: 40, 24: 24,
          25: 640, 26: 8, 27: 8, 28: 16, 29: 32, 30: 8, 31: 8, 32: 24, 33: 200, 34: 16, 35: 16, 36: 8, 37: 16,
          38: 32, 39: 24, 40: 8, 41: 16, 42: 32, 43: 104, 44: 16, 45: 24, 46: 8, 47: 16, 48: 16, 49: 24, 50: 8, 51: 16}
# Numbers of the actions, section 6.
ACTIONS = {name: number for number, name in enumerate(
    "register_participant open_account set_cap add_key revoke_key set_standing open_currency fund defund confirm_defund "
    "release_defund hold_payment end_hold hold_participant set_fee set_day set_valuation set_tests set_short_limit "
    "set_pay_in set_exposure set_reference schedule_days extend_day set_collateral set_credit admit_member "
    "add_member_key set_membership set_roles declare_default decide_default".split(), 1)}
ACTIONS |= {"open_window": 33, "cancel_window": 34}
WAITING = {*range(3, 9)}
KNOWN_STATUSES = {*range(1, 9), *range(10, 70), 71}


class Refused(Exception):
    """What does not hold."""


def holds(condition, what):
    if not condition:
        raise Refused(what)


# ---------------------------------------------------------------- 1 conventions

def tagged(tag, *parts):
    return hashlib.sha256(b"causeway/" + tag + b"/v1\0" + b"".join(parts)).digest()


def uint(data):
    return int.from_bytes(data, "little")


def u16(n):
    return n.to_bytes(2, "little")


def u32(n):
    return n.to_bytes(4, "little")


def u64(n):
    return n.to_bytes(8, "little")


P = 2**255 - 19
SMALL_ORDER = {0, 1, P - 1,
               uint(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
               uint(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))}


def signature_holds(public, message, signature):
    y = uint(public) & (2**255 - 1)
    if y >= P or y in SMALL_ORDER or uint(signature[:32]) & (2**255 - 1) in SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def public_of(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


# ---------------------------------------------------------------- 4 frames and messages

class Reader:
    """Takes bytes from the front and keeps the name of each part, so that a flip can be named."""

    def __init__(self, data):
        self.data, self.at, self.parts = data, 0, []

    def take(self, length, name):
        holds(self.at + length <= len(self.data), f"{name}: the bytes end early")
        self.parts.append((self.at, self.at + length, name))
        self.at += length
        return self.data[self.at - length:self.at]

    def number(self, length, name):
        return uint(self.take(length, name))

    def zeros(self, length, name):
        holds(self.take(length, name) == bytes(length), f"{name}: reserved bytes must be zero")

    def group(self, block, name):
        holds(self.number(2, name + ".blockLength") == block, f"{name}: blockLength")
        return self.number(2, name + ".count")

    def digests(self, name, limit=64):
        count = self.group(32, name)
        holds(count <= limit, f"{name}: too many")
        return [self.take(32, name) for _ in range(count)]

    def var(self, name, limit=6291456):
        length = self.number(4, name + ".length")
        holds(length <= limit, f"{name}: too long")
        return self.take(length, name)

    def end(self):
        holds(self.at == len(self.data), "bytes follow the end")


def message(data, template):
    r = Reader(data)
    holds(r.number(2, "header.blockLength") == BLOCKS[template], "blockLength")
    holds(r.number(2, "header.templateId") == template, "templateId")
    holds(r.number(2, "header.schemaId") == SCHEMA, "schemaId")
    holds(r.number(2, "header.version") == VERSION, "version")
    return r


def start(template):
    return struct.pack("<4H", BLOCKS[template], template, SCHEMA, VERSION)


def fields(data, layout):
    """Fields of a fixed structure: [(name, bytes)]; numbers up to eight bytes, else bytes."""
    out, at = {}, 0
    for name, length in layout:
        part = data[at:at + length]
        out[name] = uint(part) if length <= 8 else part
        at += length
    holds(at == len(data), "a structure has another length")
    return out


def take_fields(r, layout, prefix=""):
    return fields(b"".join(r.take(length, prefix + name) for name, length in layout), layout)


# ---------------------------------------------------------------- 5 records and batches

RECORD = [("instruction_id", 16), ("uetr", 16), ("related", 16), ("amount", 8), ("counter_amount", 8), ("debtor", 4),
          ("creditor", 4), ("currency", 2), ("counter_currency", 2), ("kind", 1), ("priority", 1), ("flags", 2),
          ("value_date", 2), ("reserved", 2), ("expires_at", 4), ("quote", 8), ("document_digest", 32)]
BLOCK = [("ledger", 32), ("participant", 4), ("key", 4), ("session", 8), ("number", 8), ("class", 1), ("reserved", 1),
         ("count", 2), ("not_after", 4), ("root", 32), ("signature", 64)]


def extensions_of(area, count):
    """Checks an extension area; for each record the parts that its leaf covers (5.2, 5.3)."""
    parts, sizes, last = [b""] * count, [0] * count, None
    r = Reader(area)
    while r.at < len(area):
        record, kind = r.number(2, "extension.record"), r.number(2, "extension.type")
        value = r.var("extension.value", 1024)
        holds(record < count, "extension of no record")
        holds(last is None or last < (record, kind), "extensions out of order")
        last = (record, kind)
        sizes[record] += 8 + len(value)
        holds(sizes[record] <= 1024, "extensions too long")
        parts[record] += u16(kind) + u32(len(value)) + value
    return parts


def record_leaf(record, covered=b""):
    return tagged(b"record", record, covered)


def signed_bytes(block):
    return b"causeway/batch/v1\0" + block[:96]


def input_digest(block):
    return tagged(b"input", block)


def check_block(block, kind, count):
    head = fields(block, BLOCK)
    holds(head["class"] == kind, "class")
    holds(head["reserved"] == 0, "reserved")
    holds(head["count"] == count >= 1, "count")
    holds(head["number"] >= 1, "number")
    return head


def read_batch(data):
    """(reader, block, leaves) of either class of batch."""
    template = uint(data[2:4])
    holds(template in (1, 2), "no batch")
    holds(len(data) <= 1572864, "too long")
    r = message(data, template)
    block = b"".join(r.take(length, "block." + name) for name, length in BLOCK)
    leaves = []
    if template == 1:
        count = r.group(128, "records")
        holds(count <= 8190, "too many records")
        records = [b"".join(r.take(n, "record." + name) for name, n in RECORD) for _ in range(count)]
        covered = extensions_of(r.var("extensions"), count)
        leaves = [record_leaf(*pair) for pair in zip(records, covered)]
    else:
        count = r.group(24, "records")
        holds(count <= 64, "too many records")
        for _ in range(count):
            entry = r.take(16, "control.instruction_id") + r.take(2, "control.kind") + r.take(6, "control.reserved")
            payload = r.var("control.payload", 4096)
            leaves.append(tagged(b"control", entry, u32(len(payload)), payload))
    r.end()
    check_block(block, template, count)
    return r, block, leaves


def verify_batch(data, ledger, public):
    _, block, leaves = read_batch(data)
    holds(block[:32] == ledger, "ledger")
    holds(signature_holds(public, signed_bytes(block), block[96:]), "signature")
    holds(wide_root(leaves) == block[64:96], "root")
    return block, leaves


def build_batch(seed, ledger, participant, count):
    records = []
    for i in range(count):
        tail = u16(i)
        records.append(b"\x71" * 14 + tail + b"\x72" * 14 + tail + bytes(16) + u64(100 + i) + bytes(8) + u32(participant)
                       + u32(participant + 1) + u16(978) + u16(0) + bytes([1, 0]) + u16(2) + u16(0) + u16(0) + u32(0)
                       + u64(0) + Z)
    reference = b"PYTHON/1"
    area = u16(count - 1) + u16(1) + u32(len(reference)) + reference
    covered = extensions_of(area, count)
    root = wide_root([record_leaf(*pair) for pair in zip(records, covered)])
    block = ledger + u32(participant) + u32(1) + u64(7) + u64(1) + bytes([1, 0]) + u16(count) + u32(850_000_000) + root
    block += Ed25519PrivateKey.from_private_bytes(seed).sign(b"causeway/batch/v1\0" + block)
    return start(1) + block + u16(128) + u16(count) + b"".join(records) + u32(len(area)) + area


# ---------------------------------------------------------------- 8 trees

def wide_root(leaves):
    if not leaves:
        return Z
    level = 0
    while True:
        leaves = [tagged(b"node", bytes([level]), *leaves[i:i + 16]) for i in range(0, len(leaves), 16)]
        level += 1
        if len(leaves) == 1:
            return leaves[0]


def wide_follow(leaf, index, count, siblings):
    holds(index < count, "wide path: index")
    rest, level = list(siblings), 0
    while True:
        width = min(16, count - (index - index % 16))
        holds(len(rest) >= width - 1, "wide path: too short")
        run, rest = rest[:width - 1], rest[width - 1:]
        run.insert(index % 16, leaf)
        leaf = tagged(b"node", bytes([level]), *run)
        index, count, level = index // 16, -(-count // 16), level + 1
        if count == 1:
            holds(not rest, "wide path: too long")
            return leaf


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mth(leaves):
    """RFC 6962 section 2.1, over leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha()
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\1", mth(leaves[:k]), mth(leaves[k:]))


def follow(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2: the root that an inclusion path leads to."""
    holds(index < size, "path: index")
    fn, sn = index, size - 1
    for p in path:
        holds(sn != 0, "path: too long")
        if fn & 1 or fn == sn:
            leaf = sha(b"\1", p, leaf)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            leaf = sha(b"\1", leaf, p)
        fn, sn = fn >> 1, sn >> 1
    holds(sn == 0, "path: too short")
    return leaf


def grew(old, old_root, size, root, path):
    """RFC 9162 section 2.1.4.2, for 0 < old < size."""
    path = list(path)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    holds(path, "consistency: empty")
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        holds(sn != 0, "consistency: too long")
        if fn & 1 or fn == sn:
            fr, sr = sha(b"\1", c, fr), sha(b"\1", c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha(b"\1", sr, c)
        fn, sn = fn >> 1, sn >> 1
    holds(sn == 0 and fr == old_root and sr == root, "consistency")


# ---------------------------------------------------------------- 9 what an entry causes, 10 the log

EVENT = [("kind", 1), ("role", 1), ("status", 2), ("body_len", 2), ("origin_ordinal", 2), ("origin_entry", 8),
         ("amount", 8), ("counter_amount", 8)]
EFFECTS = [("answers", 4), ("details", 4), ("groups", 4), ("reserved", 4), ("answers_root", 32), ("details_root", 32),
           ("groups_root", 32)]
HEADER = [("index", 8), ("term", 8), ("time", 8), ("leader", 4), ("len", 4), ("kind", 2), ("version", 2), ("crc32c", 4),
          ("payload_digest", 32), ("prev_hash", 32)]
LEAF = [("index", 8), ("time", 8), ("kind", 2), ("rules_version", 2), ("reserved", 4), ("input_digest", 32),
        ("effects_root", 32)]


def pack(layout, values):
    parts = []
    for name, length in layout:
        value = values.get(name, 0)
        parts.append(value.to_bytes(length, "little") if isinstance(value, int) else value)
    return b"".join(parts)


def events_of(run):
    out, at = [], 0
    while at < len(run):
        holds(at + 32 <= len(run), "event head")
        head = fields(run[at:at + 32], EVENT)
        end = at + 32 + head["body_len"]
        holds(head["body_len"] <= 4160 and end <= len(run), "event body")
        out.append((head, run[at + 32:end], run[at:end]))
        at = end
    return out


def events_root(run):
    events = [whole for _, _, whole in events_of(run)]
    chunks = [b"".join(events[i:i + 16]) for i in range(0, len(events), 16)]
    return len(events), [tagged(b"events", chunk) for chunk in chunks]


def group_digest(participant, count, entry, first, root):
    return tagged(b"group", u32(participant), u32(count), u64(entry), u64(first), root)


def answers_root(answers):
    return wide_root([tagged(b"answers", answers[i:i + 1024]) for i in range(0, len(answers), 1024)])


def details_root(details):
    return wide_root([tagged(b"detail", details[i:i + 64]) for i in range(0, len(details), 64)])


def groups_root(digests):
    return mth([sha(b"\0", d) for d in digests]) if digests else Z


def leaf_hash(leaf):
    return sha(b"\0", b"causeway/leaf/v1\0", leaf)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# ---------------------------------------------------------------- 11 checkpoints

def b64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refused(f"base64: {error}") from error
    holds(base64.b64encode(data).decode() == text, "base64 is not canonical")
    return data


def log_key(text):
    """(name, key hash, public key) of a pinned key."""
    name, key_hash, key = text.split("+", 2)
    key = b64(key)
    holds(len(key) == 33 and key[0] == 1, "log key")
    holds(sha(name.encode(), b"\n", key)[:4].hex() == key_hash, "hash of the log key")
    return name, bytes.fromhex(key_hash), key[1:]


def verify_checkpoint(note, ledger, key):
    """(size, head) of a note that the pinned key signed for this ledger."""
    try:
        text = note.decode()
    except UnicodeDecodeError as error:
        raise Refused("checkpoint: not UTF-8") from error
    holds(len(note) <= 4096 and text.endswith("\n"), "checkpoint: length or end")
    holds(all(c == "\n" or not (ord(c) < 32 or 127 <= ord(c) < 160) for c in text), "checkpoint: control character")
    holds("\n\n" in text, "checkpoint: no empty line")
    body, signatures = text.split("\n\n", 1)
    lines = body.split("\n")
    holds(len(lines) >= 3, "checkpoint: lines")
    holds(lines[0] == "causeway/" + ledger[:16].hex(), "checkpoint: origin")
    holds(lines[1].isascii() and lines[1].isdigit() and str(int(lines[1])) == lines[1], "checkpoint: size")
    head = b64(lines[2])
    holds(len(head) == 32, "checkpoint: head")
    name, key_hash, public = key
    for line in signatures[:-1].split("\n"):
        holds(line.startswith("\u2014 ") and line.count(" ") == 2, "checkpoint: signature line")
        found, signature = line[2:].split(" ")
        signature = b64(signature)
        if found == name and signature[:4] == key_hash and len(signature) == 68:
            if signature_holds(public, (body + "\n").encode(), signature[4:]):
                return int(lines[1]), head
    raise Refused("checkpoint: no signature of the pinned key")


def under(leaf, leaf_index, path, checkpoint, what):
    size, head = checkpoint
    holds(follow(leaf_hash(leaf), leaf_index, size, path) == head, what)


# ---------------------------------------------------------------- 12 answers, 13 the feed

ANSWERS = [("number", 8), ("index", 8), ("time", 8), ("kind", 2), ("rules_version", 2), ("groups", 4),
           ("groups_root", 32), ("input_digest", 32), ("leaf_index", 8)]


def verify_answers(data, number, block, key):
    r = message(data, 4)
    head = take_fields(r, ANSWERS)
    answers = r.take(8 * r.group(8, "answers"), "answers")
    details = r.take(64 * r.group(64, "details"), "details")
    path = r.digests("path")
    note = r.var("checkpoint", 4096)
    r.end()
    sent = fields(block, BLOCK)
    holds(head["number"] == number and head["input_digest"] == input_digest(block), "answers to another batch")
    holds(len(answers) == 8 * sent["count"], "number of answers")
    effects = tagged(b"effects", pack(EFFECTS, {
        "answers": len(answers) // 8, "details": len(details) // 64, "groups": head["groups"],
        "answers_root": answers_root(answers), "details_root": details_root(details),
        "groups_root": head["groups_root"]}))
    leaf = pack(LEAF, {**head, "effects_root": effects})
    under(leaf, head["leaf_index"], path, verify_checkpoint(note, sent["ledger"], key), "answers: leaf")
    return r, leaf, answers, details


def verify_feed(data, participant, ledger, key):
    r = message(data, 8)
    first, after = r.number(8, "first"), r.number(8, "next")
    r.zeros(8, "reserved")
    entries = []
    for _ in range(r.group(232, "entries")):
        leaf = b"".join(r.take(n, "leaf." + name) for name, n in LEAF)
        effects = b"".join(r.take(n, "effects." + name) for name, n in EFFECTS)
        place = take_fields(r, [("leaf_index", 8), ("first", 8), ("participant", 4), ("count", 4), ("group_index", 4)])
        r.zeros(4, "entry.reserved")
        entries.append((leaf, effects, place, r.digests("group_path"), r.digests("path"), r.var("events")))
    note = r.var("checkpoint", 4096)
    r.end()
    checkpoint = verify_checkpoint(note, ledger, key)
    expected, events = first, []
    for leaf, effects, place, group_path, path, run in entries:
        holds(place["participant"] == participant, "feed: another's")
        holds(place["first"] == expected, "feed: a gap")
        expected += place["count"]
        count, leaves = events_root(run)
        holds(count == place["count"], "feed: count")
        head, l = fields(effects, EFFECTS), fields(leaf, LEAF)
        digest = group_digest(participant, count, l["index"], place["first"], wide_root(leaves))
        root = follow(sha(b"\0", digest), place["group_index"], head["groups"], group_path)
        holds(root == head["groups_root"], "feed: group")
        holds(tagged(b"effects", effects) == l["effects_root"], "feed: effects")
        under(leaf, place["leaf_index"], path, checkpoint, "feed: leaf")
        events += [(l["index"], event) for event in events_of(run)]
    holds(expected == after, "feed: next")
    return r, events


# ---------------------------------------------------------------- 15 receipts

def verify_receipt(data, key):
    """The steps of section 15; (reader, what is proven)."""
    r = message(data, 25)
    form = r.number(2, "form")
    r.zeros(6, "reserved")
    parts = {}
    for name, layout in [("block", BLOCK), ("record", RECORD), ("origin", LEAF), ("origin_leaf_index", 8),
                         ("effects", EFFECTS), ("record_index", 4), ("record_count", 4), ("effect_index", 4),
                         ("effect_count", 4), ("cause", LEAF), ("cause_leaf_index", 8), ("group_participant", 4),
                         ("group_count", 4), ("group_first", 8), ("group_index", 4), ("position", 4)]:
        if isinstance(layout, int):
            parts[name] = r.number(layout, name)
        else:
            parts[name] = b"".join(r.take(n, f"{name}.{part}") for part, n in layout)
    record_path, origin_path = r.digests("record_path", 120), r.digests("origin_path")
    effect_path, cause_path, group_path = r.digests("effect_path", 120), r.digests("cause_path"), r.digests("group_path")
    extensions, chunk, note = r.var("extensions", 1024), r.var("chunk"), r.var("checkpoint", 4096)
    r.end()
    holds(form in (1, 2), "form")
    block, origin = fields(parts["block"], BLOCK), fields(parts["origin"], LEAF)
    effects, index = fields(parts["effects"], EFFECTS), parts["record_index"]
    checkpoint = verify_checkpoint(note, block["ledger"], key)
    # 3 record under the signed header
    holds(block["class"] == 1, "class")
    holds(parts["record_count"] == block["count"] and index < block["count"], "record count")
    covered = extensions_of(extensions, index + 1)
    holds(not any(covered[:index]), "extensions of another record")
    leaf = record_leaf(parts["record"], covered[index])
    holds(wide_follow(leaf, index, block["count"], record_path) == block["root"], "record")
    # 4 and 5 header in the log, own entry under the checkpoint
    holds(input_digest(parts["block"]) == origin["input_digest"] and origin["kind"] == 2, "input digest")
    holds(origin["reserved"] == 0 and effects["reserved"] == 0, "reserved")
    under(parts["origin"], parts["origin_leaf_index"], origin_path, checkpoint, "origin leaf")
    root = tagged(b"effects", parts["effects"])
    if form == 1:
        unused = ["cause_leaf_index", "group_participant", "group_count", "group_first", "group_index", "position"]
        holds(parts["cause"] == bytes(88) and not any(parts[name] for name in unused), "cause in form 1")
        holds(not cause_path and not group_path, "cause paths in form 1")
        holds(root == origin["effects_root"] and effects["answers"] == block["count"], "effects")
        holds(parts["effect_count"] == -(-effects["answers"] // 128), "effect count")
        holds(parts["effect_index"] == index // 128, "effect index")
        found = wide_follow(tagged(b"answers", chunk), parts["effect_index"], parts["effect_count"], effect_path)
        holds(found == effects["answers_root"], "answers")
        answer = chunk[index % 128 * 8:][:8]
        holds(len(answer) == 8 and not uint(answer[2:4]) & 1, "answer")
        status, cause = uint(answer[:2]), origin
        amount = uint(parts["record"][48:56]) if status == 1 else 0
    else:
        cause = fields(parts["cause"], LEAF)
        holds(cause["reserved"] == 0, "reserved")
        under(parts["cause"], parts["cause_leaf_index"], cause_path, checkpoint, "causing leaf")
        holds(root == cause["effects_root"], "effects")
        events = events_of(chunk)
        holds(parts["effect_count"] == -(-parts["group_count"] // 16), "effect count")
        found = wide_follow(tagged(b"events", chunk), parts["effect_index"], parts["effect_count"], effect_path)
        digest = group_digest(parts["group_participant"], parts["group_count"], cause["index"], parts["group_first"], found)
        found = follow(sha(b"\0", digest), parts["group_index"], effects["groups"], group_path)
        holds(found == effects["groups_root"], "group")
        holds(parts["position"] < min(16, len(events)), "position")
        head, body, _ = events[parts["position"]]
        holds(head["kind"] == 1 and body == parts["record"] + extensions, "event")
        holds(head["origin_entry"] == origin["index"] and head["origin_ordinal"] == index, "event of another record")
        status, amount = head["status"], head["amount"]
    holds(status in KNOWN_STATUSES and status not in WAITING, "not final")
    return r, {"ledger": block["ledger"].hex(), "submitter": block["participant"], "status": status, "amount": amount,
               "origin_entry": origin["index"], "origin_ordinal": index, "cause": cause["index"],
               "time": cause["time"], "tree_size": checkpoint[0], "deferred": cause["index"] != origin["index"]}


# ---------------------------------------------------------------- 4, 14, 16: the other messages

ONE = lambda name: ([(name, 8)], [], [])
KEY = ([("submitter", 4), ("reserved", 4), ("instructionId", 16)], [], [])
DAY = [("currency", 2), ("phase", 1), ("flags", 1), ("date", 2), ("step", 1), ("reserved", 1), ("open", 4),
       ("customerCutOff", 4), ("interbankCutOff", 4), ("close", 4)]
LINE = [("currency", 2), ("reserved", 2), ("queued", 4), ("balance", "i128"), ("reservedAmount", "i128"),
        ("queuedValue", "i128"), ("cap", 8)]
MEMBER = [("participant", 4), ("roles", 1), ("suspended", 1), ("reserved", 2)]
EXPLANATION = [("index", 8), ("status", 2), ("reason", 2), ("class", 1), ("phase", 1), ("currency", 2), ("ahead", 4),
               ("party", 4), ("until", 8), ("amount", 8), ("missing", "i128"), ("free", "i128"), ("balance", "i128"),
               ("setAside", "i128"), ("kept", "i128"), ("cap", 8), ("limit", 8), ("used", "i128"), ("obstacle", 16),
               ("obstacleReason", 2), ("reserved", 2), ("reserved2", 4), ("obstacleMissing", "i128"),
               ("missingCurrency", 2), ("reserved3", 2), ("reserved4", 4)]
QUEUED = [("instructionId", 16), ("uetr", 16), ("amount", 8), ("entry", 8), ("creditor", 4), ("position", 4),
          ("currency", 2), ("ordinal", 2), ("status", 2), ("class", 1), ("reserved", 1)]
ACCOUNT = [("currency", 2), ("phase", 1), ("flags", 1), ("date", 2), ("reserved", 2), ("balance", "i128"),
           ("setAside", "i128"), ("free", "i128"), ("cap", 8), ("multilateral", 8), ("multilateralUsed", "i128"),
           ("highSet", 8), ("highLeft", 8), ("urgentSet", 8), ("urgentLeft", 8), ("fees", 8), ("normalValue", "i128"),
           ("highValue", "i128"), ("urgentValue", "i128"), ("incomingValue", "i128"), ("normalCount", 4),
           ("highCount", 4), ("urgentCount", 4), ("incomingCount", 4)]
LIMIT = [("currency", 2), ("reserved", 2), ("participant", 4), ("amount", 8), ("used", "i128")]
HISTORY = [("record", 128), ("entry", 8), ("cause", 8), ("amount", 8), ("submitter", 4), ("ordinal", 2), ("status", 2),
           ("role", 1), ("reserved", 1), ("reserved2", 2), ("reserved3", 4)]
CREDIT = [("currency", 2), ("frozen", 1), ("reserved", 1), ("reserved2", 4), ("cap", 8), ("limit", 8), ("line", 8),
          ("collateral", "i128"), ("inUse", "i128")]
MOVED = [("entry", 8), ("time", 8), ("event", 8), ("amount", 8), ("origin", 8), ("id", 16), ("uetr", 16),
         ("counterparty", 4), ("ordinal", 2), ("side", 1), ("kind", 1), ("reserved", 16)]
ASSET = [("currency", 2), ("reserved", 2), ("haircut", 4), ("value", 8), ("counts", 8)]
STAKE_ACCOUNT = [("currency", 2), ("reserved", 2), ("reserved2", 4), ("balance", "i128"), ("setAside", "i128"),
                 ("line", 8), ("collateral", "i128"), ("fees", 8)]
STAKE_QUOTES = [("base", 2), ("counter", 2), ("quotes", 4), ("left", "i128"), ("net", "i128")]
STAKES = ("queuedOut queuedIn tradesPay tradesGet conditionalOut conditionalIn locksOut locksIn questionsOut "
          "questionsIn").split()
STAKE = [("counterparty", 4), ("currency", 2), ("reserved", 2), *((f"{stake}Count", 4) for stake in STAKES),
         *((stake, "i128") for stake in STAKES)]
WINDOW = [("windowId", 16), ("close", 4), ("payInBy", 4), ("ends", 4), *((f"currency{n}", 2) for n in range(1, 9)),
          ("stage", 1), ("reserved", 1), ("reserved2", 2), ("obligations", 4), ("payIns", 4)]
POSITION = [("window", 2), ("currency", 2), ("participant", 4), ("position", "i128"), ("paid", 8), ("missing", 8)]
GOVERNED = [("entry", 8), ("time", 8), ("id", 16), ("digest", 32), ("key", 4), ("person", 4), ("status", 2),
            ("ordinal", 2), ("what", 1), ("known", 1), ("reserved", 2)]
REACHED = [("entry", 8), ("time", 8), ("origin", 8), ("amount", 8), ("ordinal", 2), ("status", 2), ("reserved", 4)]
# Template: block, groups (name, block, data), data; names as in the SBE schema.
PLAIN = {
    3: ([("number", 8)], [("items", [("salt", 16)], ["text"])], []),
    5: ONE("session"),
    6: ([("ledger", 32), ("session", 8), ("lastNumber", 8), ("window", 4), ("reserved", 4)], [], []),
    7: ONE("fromNumber"),
    9: ([("code", 2), ("reserved", 2), ("retryAfterMs", 4), ("number", 8), ("expected", 8)], [], ["text"]),
    20: ONE("currency"),
    21: ([("index", 8), ("reserved", 8)], [("lines", LINE, [])], []),
    22: KEY,
    23: ([("status", 2), ("ordinal", 2), ("reserved", 4), ("entry", 8), ("cause", 8), ("index", 8), ("reserved2", 8)],
         [], []),
    24: KEY,
    26: ONE("oldSize"),
    27: ([("oldSize", 8)], [("path", [("digest", 32)], [])], ["checkpoint"]),
    28: ([("entry", 8), ("ordinal", 4), ("reserved", 4)], [], []),
    29: ([("salt", 16), ("reserved", 16)], [], ["text"]),
    30: ONE("first"),
    31: ([("next", 8)], [("lines", MEMBER, ["name"])], []),
    32: KEY,
    33: (EXPLANATION, [], []),
    34: ([("currency", 8), ("first", 8)], [], []),
    35: ([("index", 8), ("next", 8)], [("lines", QUEUED, [])], []),
    36: ONE("currency"),
    37: ([("index", 8), ("leftOut", 4), ("reserved", 4)], [("lines", ACCOUNT, []), ("limits", LIMIT, [])], []),
    38: ([("reference", 16), ("before", 8), ("participant", 4), ("reserved", 4)], [], []),
    39: ([("index", 8), ("next", 8), ("leftOut", 4), ("reserved", 4)], [("lines", HISTORY, [])], []),
    40: ONE("currency"),
    41: ([("index", 8), ("time", 8)], [("lines", DAY, [])], []),
    42: ([("currency", 2), ("date", 2), ("participant", 4), ("before", 8), ("beforeOrdinal", 4), ("book", 1),
          ("reserved", 1), ("reserved2", 2), ("told", 8)], [], []),
    43: ([("index", 8), ("next", 8), ("opening", "i128"), ("closing", "i128"), ("from", 8), ("to", 8), ("fromTime", 8),
          ("toTime", 8), ("told", 8), ("event", 8), ("nextOrdinal", 4), ("date", 2), ("reserved", 2)],
         [("lines", MOVED, [])], []),
    44: ([("participant", 4), ("reserved", 4), ("before", 8)], [], []),
    45: ([("index", 8), ("next", 8), ("participant", 4), ("reserved", 4)],
         [("records", GOVERNED, ["action"]), ("reached", REACHED, [])], []),
    46: ONE("currency"),
    47: ([("index", 8), ("reserved", 8)], [("lines", CREDIT, []), ("assets", ASSET, ["asset"])], []),
    48: ([("participant", 4), ("currency", 2), ("reserved", 2), ("first", 8)], [], []),
    49: ([("index", 8), ("next", 8), ("participant", 4), ("state", 1), ("reserved", 1), ("reserved2", 2)],
         [("accounts", STAKE_ACCOUNT, []), ("quotes", STAKE_QUOTES, []), ("lines", STAKE, [])], []),
    50: ONE("currency"),
    51: ([("index", 8), ("time", 8)], [("windows", WINDOW, []), ("positions", POSITION, [])], []),
}


def decode(r, block, groups, data):
    """A message, or an entry of a group, as a dictionary."""
    out = {}
    for name, length in block:
        if length == "i128":
            out[name] = {"low": r.number(8, name), "high": int.from_bytes(r.take(8, name), "little", signed=True)}
        else:
            part = r.take(length, name)
            out[name] = uint(part) if length <= 8 else part.hex()
    for name, fields_of, data_of in groups:
        length = sum(16 if n == "i128" else n for _, n in fields_of)
        out[name] = [decode(r, fields_of, [], data_of) for _ in range(r.group(length, name))]
    for name in data:
        out[name] = r.var(name).hex()
    return out


# ---------------------------------------------------------------- the vectors

class Checks:
    """Counts what was checked and keeps what failed."""

    def __init__(self, directory):
        self.directory, self.passed, self.failures = directory, 0, []

    def file(self, name):
        return json.loads((self.directory / f"{name}.json").read_text())

    def same(self, found, expected, what):
        if found == expected:
            self.passed += 1
        else:
            self.failures.append(f"{what}: found {found!r}, expected {expected!r}")

    def refused(self, what, verify, *args):
        try:
            verify(*args)
        except Refused:
            self.passed += 1
        else:
            self.failures.append(f"{what}: accepted")

    def every_flip(self, what, data, parts, verify):
        """Every byte is changed in turn; every field is named in what is printed when a change passes."""
        named = {}
        for begin, end, name in parts:
            for at in range(begin, end):
                named[at] = name
        self.same(sorted(named), list(range(len(data))), f"{what}: each byte is in a field")
        for at in range(len(data)):
            for mask in (0xFF, 1 << at % 8):
                other = bytearray(data)
                other[at] ^= mask
                self.refused(f"{what}: byte {at} ({named.get(at)}) ^ {mask:#x}", verify, bytes(other))


def check_batch(c, case, ledger, what):
    seed, public, frame = (bytes.fromhex(case[k]) for k in ("seed", "public_key", "frame"))
    c.same(public_of(seed), public, f"{what}: public key")
    block, leaves = verify_batch(frame, ledger, public)
    c.same(signed_bytes(block).hex(), case["signed_bytes"], f"{what}: signed bytes")
    c.same(input_digest(block).hex(), case["input_digest"], f"{what}: input digest")
    again = Ed25519PrivateKey.from_private_bytes(seed).sign(signed_bytes(block))
    c.same(again, block[96:], f"{what}: signature")
    head = fields(block, BLOCK)
    for name, value in case["block"].items():
        c.same(head[name].hex() if isinstance(head[name], bytes) else head[name], value, f"{what}: {name}")
    c.every_flip(what, frame, read_batch(frame)[0].parts, lambda data: verify_batch(data, ledger, public))
    c.refused(f"{what}: another key", verify_batch, frame, ledger, public_of(bytes(31) + b"\1"))
    c.refused(f"{what}: another ledger", verify_batch, frame, Z, public)
    return leaves


def check_records(c):
    file = c.file("record")
    for case in file["cases"]:
        c.same(record_leaf(bytes.fromhex(case["bytes"])).hex(), case["leaf"], f"record: {case['name']}")
    found = fields(bytes.fromhex(file["cases"][1]["bytes"]), RECORD)
    for name, value in file["fields_of_second"].items():
        c.same(found[name].hex() if isinstance(found[name], bytes) else found[name], value, f"record: {name}")
    file = c.file("extension")
    for case in file["cases"]:
        ordinal, value = case["ordinal"], bytes.fromhex(case["value"])
        area = u16(ordinal) + u16(case["type"]) + u32(len(value)) + value
        c.same(area.hex(), case["area"], "extension: area")
        leaf = record_leaf(bytes.fromhex(file["record"]), extensions_of(area, ordinal + 1)[ordinal])
        c.same(leaf.hex(), case["leaf"], "extension: leaf")


def check_plans(c):
    for case in c.file("plan")["cases"]:
        data, what = bytes.fromhex(case["bytes"]), f"plan {case['name']}"
        version, reserved, count, basis = struct.unpack_from("<HHIQ", data)
        c.same((version, reserved, count, basis), (1, 0, len(case["instructions"]), case["basis"]), f"{what}: head")
        c.same(len(data), 16 + 20 * count, f"{what}: length")
        keys = [struct.unpack_from("<I16s", data, 16 + 20 * at) for at in range(count)]
        told = [(one["submitter"], bytes.fromhex(one["id"])) for one in case["instructions"]]
        c.same(keys, told, f"{what}: instructions")
        c.same(keys, sorted(set(keys)), f"{what}: instructions rise")
        c.same(tagged(b"payload", data).hex(), case["payload_digest"], f"{what}: digest")


def check_batches(c, ledger):
    file = c.file("batch")
    leaves = check_batch(c, file["batch"], ledger, "batch")
    c.same([leaf.hex() for leaf in leaves], file["leaves"], "batch: leaves")
    file = c.file("control")
    for name in ("propose", "approve"):
        leaves = check_batch(c, file[name], ledger, name)
        c.same([leaf.hex() for leaf in leaves], file[name + "_leaves"], f"{name}: leaves")
    # The payload of the only record is what stands behind block, group header, entry and length.
    action, approved = (bytes.fromhex(file[name]["frame"])[8 + 160 + 4 + 24 + 4:] for name in ("propose", "approve"))
    digest = tagged(b"proposal", ledger, u32(file["proposer"]), bytes.fromhex(file["proposal_id"]), action)
    c.same(digest.hex(), file["proposal_digest"], "proposal digest")
    c.same(approved, digest, "approval: payload")
    for action in file["actions"]:
        c.same(uint(bytes.fromhex(action["bytes"])[:2]), ACTIONS.get(action["name"]), f"action {action['name']}")
    fund = bytes.fromhex(file["actions"][7]["bytes"])
    reference = b"RTGS-2026-000001"
    again = u16(8) + u32(2) + u16(978) + u64(10_000) + u32(len(reference)) + reference
    c.same(fund, again, "action fund")


def check_trees(c):
    file = c.file("tree")
    data = [sha(u64(i)) for i in range(300)]
    unhex = lambda digests: [bytes.fromhex(d) for d in digests]
    for case in file["wide"]:
        n, i = case["count"], case["index"]
        c.same(wide_root(data[:n]).hex(), case["root"], f"wide tree of {n}")
        c.same(wide_follow(data[i], i, n, unhex(case["siblings"])).hex(), case["root"], f"wide path in {n}")
    hashes = [sha(b"\0", d) for d in data]
    for case in file["rfc6962"]:
        n, i, old = case["count"], case["index"], case["old"]
        c.same(mth(hashes[:n]).hex(), case["root"], f"RFC 6962 tree of {n}")
        c.same(follow(hashes[i], i, n, unhex(case["path"])).hex(), case["root"], f"inclusion in {n}")
        c.same(mth(hashes[:old]).hex(), case["old_root"], f"older head of {n}")
        if 0 < old < n:
            grew(old, mth(hashes[:old]), n, mth(hashes[:n]), unhex(case["consistency"]))
            c.refused(f"consistency of {n}", grew, old, Z, n, mth(hashes[:n]), unhex(case["consistency"]))


def check_effects(c):
    file = {k: v for k, v in c.file("effects").items()}
    answers, details = bytes.fromhex(file["answers"]), bytes.fromhex(file["details"])
    chunks = [tagged(b"answers", answers[i:i + 1024]).hex() for i in range(0, len(answers), 1024)]
    c.same(chunks, file["answer_chunks"], "answer chunks")
    c.same(answers_root(answers).hex(), file["answers_root"], "answers root")
    c.same(details_root(details).hex(), file["details_root"], "details root")
    groups = [bytes.fromhex(d) for d in file["groups"]]
    c.same(groups_root(groups).hex(), file["groups_root"], "groups root")
    head = pack(EFFECTS, {"answers": len(answers) // 8, "details": len(details) // 64, "groups": len(groups),
                          "answers_root": answers_root(answers), "details_root": details_root(details),
                          "groups_root": groups_root(groups)})
    c.same(head.hex(), file["head"], "effects head")
    c.same(tagged(b"effects", head).hex(), file["root"], "effects root")
    for group in c.file("events")["groups"]:
        run, what = bytes.fromhex(group["events"]), f"group of {group['participant']} in {group['entry']}"
        count, leaves = events_root(run)
        c.same(count, group["count"], f"{what}: count")
        c.same([leaf.hex() for leaf in leaves], group["chunk_leaves"], f"{what}: chunks")
        c.same(wide_root(leaves).hex(), group["events_root"], f"{what}: root")
        digest = group_digest(group["participant"], count, group["entry"], group["first"], wide_root(leaves))
        c.same(digest.hex(), group["digest"], f"{what}: digest")


def check_log(c, ledger, key):
    """Chain, payloads and leaves; the tree over the leaves is that of the checkpoint."""
    entries, leaves = c.file("log")["entries"], c.file("leaf")["cases"]
    previous, hashes, blocks = ledger, [], {}
    for index, (entry, leaf) in enumerate(zip(entries, leaves), 1):
        header, payload = bytes.fromhex(entry["header"]), bytes.fromhex(entry["payload"])
        head, what = fields(header, HEADER), f"entry {index}"
        c.same((head["index"], head["len"], head["version"]), (index, len(payload), 1), what)
        c.same(head["crc32c"], crc32c(payload), f"{what}: crc32c")
        c.same(head["prev_hash"], previous, f"{what}: chain")
        previous = tagged(b"entry", header)
        c.same(previous.hex(), entry["hash"], f"{what}: hash")
        if head["kind"] in (2, 3):
            blocks[index] = payload[8:168]
            digest = input_digest(blocks[index])
        else:
            digest = tagged(b"payload", payload)
        c.same(head["payload_digest"], digest, f"{what}: payload digest")
        found = fields(bytes.fromhex(leaf["bytes"]), LEAF)
        for name, value in (("index", index), ("time", head["time"]), ("kind", head["kind"]), ("input_digest", digest)):
            c.same(found[name], value, f"leaf {index}: {name}")
        hashes.append(leaf_hash(bytes.fromhex(leaf["bytes"])))
        c.same(hashes[-1].hex(), leaf["hash"], f"leaf {index}: hash")
    roots = fields(bytes.fromhex(entries[-1]["payload"]), [("size", 8), ("root", 32)])
    c.same(roots["root"], mth(hashes[:roots["size"]]), "roots entry")
    size, head = verify_checkpoint(c.file("checkpoint")["note"].encode(), ledger, key)
    c.same((size, head), (len(hashes), mth(hashes)), "checkpoint over the leaves")
    return blocks


def check_checkpoint(c, ledger):
    file = c.file("checkpoint")
    note, key = file["note"].encode(), log_key(file["key"])
    c.same(public_of(bytes.fromhex(file["seed"])), key[2], "log key")
    size, head = verify_checkpoint(note, ledger, key)
    c.same((size, head.hex()), (file["size"], file["root"]), "checkpoint")
    c.every_flip("checkpoint", note, [(0, len(note), "note")], lambda data: verify_checkpoint(data, ledger, key))
    c.refused("checkpoint: another key", verify_checkpoint, note, ledger, log_key(file["other_key"]))
    c.refused("checkpoint: another ledger", verify_checkpoint, note, Z, key)
    return key


def check_messages(c, ledger, key, blocks):
    file = c.file("answers")
    data, number = bytes.fromhex(file["message"]), fields(blocks[4], BLOCK)["number"]
    r, leaf, answers, details = verify_answers(data, number, blocks[4], key)
    c.same(leaf_hash(leaf).hex(), file["leaf_hash"], "answers: leaf")
    for name in ("settled", "rejected", "queued"):
        case = file[name]
        status, _, position = struct.unpack("<HHI", answers[8 * case["ordinal"]:][:8])
        c.same(status, case["status"], f"answers: {name}")
        c.same(position, case.get("queue_position", 0), f"answers: {name}: queue position")
    c.same(int.from_bytes(details[16:32], "little", signed=True), file["settled"]["balance"], "answers: balance")
    c.every_flip("answers", data, r.parts, lambda other: verify_answers(other, number, blocks[4], key))
    for page in c.file("feed")["pages"]:
        data, participant = bytes.fromhex(page["message"]), page["participant"]
        r, events = verify_feed(data, participant, ledger, key)
        c.same(len(events) + 1, page["next"], f"feed of {participant}")
        if len(data) < 8_192:
            c.every_flip("feed", data, r.parts, lambda other: verify_feed(other, participant, ledger, key))
    file = c.file("refusal")
    for case in file["cases"]:
        r = message(bytes.fromhex(case["frame"]), 9)
        found = take_fields(r, [("code", 2), ("zero", 2), ("retry", 4), ("number", 8), ("expected", 8)])
        expected = {"code": case["code"], "zero": 0, "retry": file["retry_after_ms"], "number": file["number"],
                    "expected": file["expected"]}
        c.same((found, r.var("text").decode()), (expected, case["text"]), f"refusal {case['name']}")
        r.end()
    for case in c.file("messages")["cases"]:
        r = message(bytes.fromhex(case["message"]), case["id"])
        found = decode(r, *PLAIN[case["id"]])
        r.end()
        c.same(found, case["fields"], f"message {case['name']}")
    check_documents(c)


def check_documents(c):
    file = c.file("document")
    salt, text = bytes.fromhex(file["salt"]), bytes.fromhex(file["text"])
    c.same(tagged(b"document", salt, text).hex(), file["digest"], "document: digest")
    again = start(3) + u64(file["number"]) + u16(16) + u16(1) + salt + u32(len(text)) + text
    c.same(again.hex(), file["frame"], "document: message")


def check_receipts(c, key):
    for file in (c.file("receipt_immediate"), c.file("receipt_deferred")):
        c.same(log_key(file["key"]), key, "receipts: pinned key")
        for name, case in file["receipts"].items():
            data, what = bytes.fromhex(case["bytes"]), f"receipt {name}"
            r, proven = verify_receipt(data, key)
            for fact, value in proven.items():
                c.same(value, case[fact], f"{what}: {fact}")
            block = data[16:176]
            signed = signature_holds(bytes.fromhex(file["bank_key"]), signed_bytes(block), block[96:])
            c.same(signed, True, f"{what}: the bank's signature")
            c.every_flip(what, data, r.parts, lambda other: verify_receipt(other, key))
            c.refused(f"{what}: another key", verify_receipt, data, log_key(file["other_key"]))
            for length in range(0, len(data), 7):
                c.refused(f"{what}: cut at {length}", verify_receipt, data[:length], key)


def check(directory):
    c = Checks(directory)
    genesis = c.file("genesis")
    ledger = tagged(b"genesis", bytes.fromhex(genesis["bytes"]))
    c.same(ledger.hex(), genesis["ledger"], "ledger id")
    c.same("causeway/" + ledger[:16].hex(), genesis["origin"], "origin")
    steps = [lambda: check_records(c), lambda: check_batches(c, ledger), lambda: check_trees(c), lambda: check_effects(c), lambda: check_plans(c)]
    try:
        for step in steps:
            step()
        key = check_checkpoint(c, ledger)
        check_messages(c, ledger, key, check_log(c, ledger, key))
        check_receipts(c, key)
    except Refused as error:
        c.failures.append(f"refused what must be accepted: {error}")
    for failure in c.failures[:40]:
        print(f"failed: {failure}", file=sys.stderr)
    if c.failures:
        print(f"{len(c.failures)} of {c.passed + len(c.failures)} checks failed", file=sys.stderr)
        return 1
    print(f"{c.passed} checks passed")
    return 0


def main():
    parser = argparse.ArgumentParser(description="Checks the Causeway protocol independently of its implementation.")
    commands = parser.add_subparsers(dest="command", required=True)
    of_check = commands.add_parser("check", help="verify a directory of vectors")
    of_check.add_argument("directory", type=pathlib.Path)
    of_build = commands.add_parser("build", help="build a signed batch")
    of_build.add_argument("--out", type=pathlib.Path, required=True)
    of_build.add_argument("--seed", type=bytes.fromhex, default=b"\x42" * 32)
    of_build.add_argument("--ledger", type=bytes.fromhex, default=bytes(range(32)))
    of_build.add_argument("--participant", type=int, default=2)
    of_build.add_argument("--records", type=int, default=20)
    args = parser.parse_args()
    try:
        if args.command == "check":
            return check(args.directory)
        if len(args.seed) != 32 or len(args.ledger) != 32 or not 1 <= args.records <= 8190:
            parser.error("seed and ledger have 32 bytes, records are 1 to 8190")
        batch = build_batch(args.seed, args.ledger, args.participant, args.records)
        verify_batch(batch, args.ledger, public_of(args.seed))
        args.out.write_text(batch.hex() + "\n")
        print(f"wrote {args.out}: {args.records} records, {len(batch)} bytes")
        return 0
    except (OSError, json.JSONDecodeError, KeyError) as error:
        print(f"error: {error!r}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
