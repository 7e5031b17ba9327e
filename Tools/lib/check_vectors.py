"""Reads every vector of Protocol/vectors from the prose of Protocol/ alone.

An independent reader: its own CBOR decoder, the standard library's SHA-256, HMAC and zlib, and
nothing of the program. It shows that a client can be written in another language.
Tools/check-vectors runs it.
Commits are read from commit.md here, messages from sync.md in messages.py.
"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True

from canonical import (
    Decoder, INT64, Refused, a_hash, an_array, an_id, ascending, decode, encode, mac, need, plain,
    same, sha, whole,
)
from bodies import again, check_credentials, check_day, check_ticket
from messages import CHECKS as MESSAGE_CHECKS  # noqa: E402


def check_flags(flags):
    """Section 2: the flags that this reader knows; others are kept."""
    need(isinstance(flags, dict), "flags are no map")
    if 1 in flags:
        replica, last, digest = an_array(flags[1], 3, "forked_from")
        whole(replica, 0, (1 << 21) - 1, "replica")
        whole(last, 0, (1 << 32) - 1, "last common sequence")
        a_hash(digest, "hash of the fork")
    if 2 in flags:
        a_hash(flags[2], "was")
    if 3 in flags:
        a_hash(flags[3], "blind", 16)
    if 4 in flags:
        index, count = an_array(flags[4], 2, "act")
        whole(count, 2, 16, "count of an act")
        whole(index, 0, count - 1, "index in an act")
    for mark in an_array(flags.get(5, []), None, "personal"):
        subject, digest = an_array(mark, 2, "personal mark")
        whole(subject, 0, (1 << 53) - 1, "subject")
        a_hash(digest, "personal hash")
    for blob in an_array(flags.get(6, []), None, "blobs"):
        a_hash(blob, "blob")
    ascending(flags.get(6, []), "blobs")
    for one in an_array(flags.get(7, []), None, "needs"):
        an_id(one, "need")
    ascending(flags.get(7, []), "needs")


def read_commit(data):
    """Section 2. A body's nesting is counted from the body, so changes are read one by one."""
    decoder = Decoder(data)
    need(decoder.head() == (4, 9), "no array of nine")
    version, replica, first, clock, wall, author = (decoder.item() for _ in range(6))
    need(version == 1, "another format")
    whole(replica, 0, (1 << 21) - 1, "replica")
    whole(first, 1, (1 << 32) - 1, "first sequence")
    whole(clock, 0, (1 << 53) - 1, "clock")
    whole(wall, INT64[0], INT64[-1], "wall_ms")
    whole(author, 0, (1 << 53) - 1, "author")
    audiences = an_array(decoder.item(), None, "audiences")
    need(audiences, "no audience")
    for audience in audiences:
        kind, number = an_array(audience, 2, "audience")
        whole(kind, 0, 5, "audience class")
        whole(number, 0 if kind < 2 else 1, 0 if kind < 2 else (1 << 53) - 1, "audience id")
    ascending(audiences, "audiences")
    flags = decoder.item()
    check_flags(flags)
    major, count = decoder.head()
    need(major == 4 and count >= 1, "no change")
    whole(first + count - 1, 1, (1 << 32) - 1, "last sequence")
    changes = []
    for _ in range(count):
        need(decoder.head() == (4, 2), "a change is [kind, body]")
        kind = whole(decoder.item(), 0, 65535, "kind")
        changes.append([kind, decoder.item()])
    need(decoder.at == len(data), "bytes are left over")
    return [version, replica, first, clock, wall, author, audiences, flags, changes]


def check_commit(data, twin):
    commit = read_commit(data)
    realm, incarnation = bytes.fromhex(twin["realm"]), bytes.fromhex(twin["incarnation"])
    same(plain(commit), twin["decoded"], "decoded")
    same(encode(commit).hex(), twin["bytes"], "encoded again")
    same(commit[1], twin["replica"], "replica")
    start = sha(encode(["tributary", 1, realm, commit[1], incarnation]))
    same(start.hex(), twin["chain_start"], "chain start")
    if commit[2] == 1:
        same(start.hex(), twin["previous"], "the hash before the first commit")
    digest = sha(bytes.fromhex(twin["previous"]) + data)
    same(digest.hex(), twin["hash"], "hash")
    same(digest[:4].hex(), twin["paper_code"], "paper code")
    open_classes = {0, 3} & {audience[0] for audience in commit[6]}
    same(3 in commit[7], not open_classes, "blinded")
    if "kind" in twin:
        same(commit[8][0][0], twin["kind"], "kind")
    for record in twin.get("personal", []):
        value = bytes.fromhex(record["cbor"])
        same(plain(decode(value)), record["value"], "personal value")
        found = sha(bytes.fromhex(record["salt"]) + value)
        same(found.hex(), record["hash"], "personal hash")
        same(commit[7][5][record["index"]][1], found, "flag 5")
    if 1 in commit[7]:
        divergent = bytes.fromhex(twin["first_divergent"])
        fork = sha(encode(["fork", 1, realm, divergent]))[:16]
        same(fork.hex(), twin["incarnation"], "incarnation of a fork")
        same(commit[7][2], divergent, "was")
        same(start.hex(), twin["previous"], "the hash before a tail committed again")
    if "nets" in twin:
        check_ticket(*commit[8][0], twin)
        same(is_label(twin["label"]), True, "label")
    return commit


def check_story(folder):
    """The vectors day-…: a till's day as one chain, and its tail committed again under 912."""
    day, tail = {}, {}
    for file in sorted(folder.glob("day-*.cbor")):
        twin = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        row = (read_commit(file.read_bytes()), twin)
        (tail if "again" in twin else day)[file.stem] = row
    for chain in (day, tail):
        for (_, before), (_, twin) in zip(list(chain.values()), list(chain.values())[1:]):
            same(twin["previous"], before["hash"], "chain of the day")
    check_day([(commit, bytes.fromhex(twin["previous"])) for commit, twin in day.values()])
    for name, (commit, twin) in tail.items():
        old, was = day[twin["again"]]
        point = bytes.fromhex(was["previous"]) if 1 in commit[7] else None
        made = again(old, bytes.fromhex(was["hash"]), twin["common"], commit[1], point)
        same(made, commit, f"{name}: committed again")


def check_log(data, twin):
    label, version, realm = decode(data)
    same([label, version], ["log", 1], "label")
    digest, total = sha(data), 0
    same(digest.hex(), twin["log_hashes"][0], "start of the log")
    for commit, expected in zip(twin["commits"], twin["log_hashes"][1:], strict=True):
        digest = sha(digest + bytes.fromhex(commit))
        same(digest.hex(), expected, "log hash")
        total = (total + int(commit[:32], 16)) % (1 << 128)
    same(f"{total:032x}", twin["digest"], "digest")


def check_mac(data, twin):
    array = decode(data)
    same(plain(array), twin["decoded"], "decoded")
    found = mac(bytes.fromhex(twin["key"]), data)
    same((found[:16] if array[0] == "stamp" else found).hex(), twin["mac"], "MAC")


def check_wrap(data, twin):
    pad = mac(bytes.fromhex(twin["key"]), data)
    secret = bytes.fromhex(twin["secret"])
    same(bytes(a ^ b for a, b in zip(secret, pad)).hex(), twin["wrapped"], "wrapped")


def check_refused(data, twin):
    try:
        read_commit(data)
    except Refused:
        return
    raise AssertionError(f"was taken, although: {twin['reason']}")


def is_label(text):
    """Section 8."""
    groups = text.split("-")
    if len(groups) == 4 and [len(group) for group in groups[1:]] != [6, 5, 2]:
        return False
    joined = "".join(groups)
    if len(groups) not in (1, 4) or not joined.isascii() or not joined.isalnum():
        return False
    if len(joined) < 20 or joined.upper() != joined or not joined[-13:].isdigit():
        return False
    number = int("".join(str(int(character, 36)) for character in joined))
    return number % 97 == 1 and 2 <= int(joined[-2:]) <= 98


def check_labels(data, twin):
    good, bad = decode(data)
    same([good, bad], [twin["good"], twin["bad"]], "decoded")
    for label in good:
        same(is_label(label), True, label)
    for label in bad:
        same(is_label(label), False, label)


CHECKS = {
    "commit": check_commit, "log": check_log, "mac": check_mac, "wrap": check_wrap,
    "refused": check_refused, "labels": check_labels, "credentials": check_credentials,
    **MESSAGE_CHECKS,
}


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Protocol" / "vectors"
    counts, failed = {}, 0
    for file in sorted(folder.glob("*.cbor")):
        try:
            data = file.read_bytes()
            twin = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            same(data.hex(), twin["bytes"], "bytes")
            CHECKS[twin["type"]](data, twin)
            counts[twin["type"]] = counts.get(twin["type"], 0) + 1
        except Exception as error:  # each vector is judged, whatever became of the one before
            failed += 1
            print(f"{file.name}: {type(error).__name__}: {error}", file=sys.stderr)
    try:
        check_story(folder)
    except Exception as error:
        failed += 1
        print(f"day-*: {type(error).__name__}: {error}", file=sys.stderr)
    summary = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"vectors that agree: {summary or 'none'}; that do not: {failed}")
    return 1 if failed or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
