"""Messages between a node and headquarters, read from Protocol/sync.md alone.

Every vector is decoded, judged by the tables of the page, encoded again, and each hash and MAC in
it is computed anew. Nothing of the program is used.
"""
import zlib

from canonical import (
    Decoder, Refused, a_hash, an_array, an_id, ascending, decode, encode, mac, need, plain, same,
    sha, whole,
)

# The fixed inputs of the vectors: vectors/README.md.
REALM = bytes(range(0x00, 0x10))
SESSION = bytes(range(0x30, 0x40))
DEVICE_KEY = bytes(range(0x40, 0x60))
STAMP_KEY = bytes(range(0x60, 0x80))
ZEROS = bytes(16)
DEVICE = 3

ID_MAX, NUMBER_MAX, SEQUENCE_MAX = (1 << 53) - 1, (1 << 21) - 1, (1 << 32) - 1
DEFLATED_MAX, INFLATED_MAX, ENROL_MAX = 16 << 20, 64 << 20, 64 << 10
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


# Pieces. Each takes a value and raises Refused where it is not what the page says.

def unsigned(most=(1 << 63) - 1):
    return lambda value: whole(value, 0, most, "an unsigned integer")


def integer(value):
    whole(value, -(1 << 63), (1 << 63) - 1, "an integer")


def octets(size=None):
    def check(value):
        need(isinstance(value, bytes), "no byte string")
        need(size is None or len(value) == size, f"not {size} bytes")
    return check


def text(value):
    need(isinstance(value, str), "no text")


def boolean(value):
    need(isinstance(value, bool), "neither true nor false")


def anything(_):
    pass


def nullable(check):
    return lambda value: None if value is None else check(value)


def row(*checks):
    def check(value):
        for each, item in zip(checks, an_array(value, len(checks), "a row")):
            each(item)
    return check


def many(check, least=0, most=None):
    def check_all(value):
        an_array(value, None, "a list")
        need(len(value) >= least and (most is None or len(value) <= most), "too few or too many")
        for item in value:
            check(item)
    return check_all


def ordered(check, what):
    def check_all(value):
        check(value)
        ascending(value, what)
    return check_all


def record(required, optional=None):
    """A map with unsigned keys; a key that is not known is passed over."""
    optional = optional or {}

    def check(value):
        need(isinstance(value, dict), "a body is a map")
        for key, each in required.items():
            need(key in value, f"key {key} is missing")
            each(value[key])
        for key, each in optional.items():
            if key in value:
                each(value[key])
    return check


id_, number, sequence = unsigned(ID_MAX), unsigned(NUMBER_MAX), unsigned(SEQUENCE_MAX)
digest, nonce, incarnation = octets(32), octets(16), octets(16)
end = row(sequence, digest)
point = row(unsigned(), digest)
cursor = row(unsigned(), digest, digest)
place = row(id_, unsigned(65_535))
told = many(row(number, sequence, digest))
own = many(row(number, sequence))


def audience(value):
    kind, one = an_array(value, 2, "audience")
    whole(kind, 0, 5, "audience class")
    whole(one, 0 if kind < 2 else 1, 0 if kind < 2 else ID_MAX, "audience id")


audiences = ordered(many(audience), "audiences")
chain = row(number, incarnation, sequence, digest, nullable(end))
batch = row(id_, number, incarnation, sequence, sequence, digest, digest, digest, many(octets(), 1))
personal = row(id_, unsigned(65_535), octets(16), anything)
stamped = row(nullable(digest), octets(16), octets())
claim = row(number, incarnation, end, nullable(digest), nonce)
ack = row(number, incarnation, end, end, end, digest)
seal = row(number, octets(16))
question = row(unsigned(5), id_, id_, id_, unsigned(64))
sums = row(unsigned(5), id_, id_, id_, unsigned(), octets(16))


def verdict(value):
    need(isinstance(value, list) and len(value) in (2, 4), "a verdict is misshapen")
    number(value[0])
    unsigned(5)(value[1])
    if len(value) == 4:
        incarnation(value[2])
        end(value[3])


PUSH = record(
    {1: many(batch), 2: many(personal), 3: many(stamped)},
    {4: cursor, 5: integer, 6: claim, 7: unsigned(8), 8: told, 9: number, 10: point, 11: seal},
)
PUSHED = record(
    {1: many(ack), 2: many(place, most=1000), 5: point, 6: integer},
    {3: number, 4: many(number), 7: many(row(number, unsigned(6))), 8: boolean, 9: unsigned(),
     10: unsigned(), 11: unsigned(), 12: seal},
)
PULLED = record(
    {1: point, 2: many(stamped), 3: many(personal), 4: audiences, 5: boolean, 6: boolean,
     8: point, 9: integer, 10: many(ack)},
    {7: unsigned(), 11: many(sums), 12: many(id_), 13: many(stamped), 14: seal},
)
FILE_HEADER = record(
    {1: id_, 2: unsigned(2), 3: cursor, 4: audiences, 5: number, 6: integer, 7: told, 8: own},
    {9: point, 10: point, 11: seal},
)
FILE_SECTION = record({1: cursor, 2: octets()}, {3: point})
SEALED = record({1: octets(), 2: digest, 3: octets(16)})

BODIES = {
    1: record({1: text, 2: nonce, 3: text}),
    2: record({1: octets(16), 2: id_, 3: many(number, 1), 4: nonce, 5: row(nonce, octets(32)),
               6: point, 7: unsigned(), 8: id_, 9: text, 10: number}),
    3: record({1: many(chain, most=1024), 2: number, 4: integer, 5: octets(16),
               6: many(row(number, many(end, most=64)), most=64),
               7: ordered(many(point, most=64), "kept points"), 8: number},
              {3: cursor, 9: point, 10: seal}),
    4: record({1: octets(16), 2: many(verdict), 3: point, 4: integer, 5: many(nullable(sequence)),
               6: boolean, 8: boolean, 9: told, 10: number, 11: boolean},
              {7: point, 12: seal, 13: boolean}),
    5: PUSH, 6: PUSHED,
    7: record({1: cursor, 2: audiences, 3: unsigned(INFLATED_MAX), 4: own,
               5: many(place, most=1000)}, {6: point, 7: digest,
                                        8: many(question, most=64), 9: many(id_, most=1024)}),
    8: PULLED,
    9: record({1: unsigned(), 2: text, 3: unsigned(86_400)}, {4: point}),
    10: record({1: audiences, 2: unsigned(), 3: unsigned()}),
    11: record({1: unsigned(), 2: digest, 3: audiences, 4: unsigned(), 5: unsigned(), 6: own,
                7: octets(), 8: boolean}),
    12: record({1: unsigned(), 2: id_, 3: integer}),
    13: record({1: id_, 2: integer}),
    20: SEALED, 21: PUSH, 22: PUSHED, 23: SEALED,
}


# What a message carries besides its shape.

def chain_start(realm, number_, incarnation_):
    return sha(encode(["tributary", 1, realm, number_, incarnation_]))


def own_head(data):
    """Replica, first and last sequence of a commit; its body is judged with the commits."""
    decoder = Decoder(data)
    need(decoder.head() == (4, 9), "no commit")
    _, replica, first = (decoder.item() for _ in range(3))
    for _ in range(5):
        decoder.item()
    major, count = decoder.head()
    need(major == 4 and count >= 1, "no change")
    return replica, first, first + count - 1


def check_batch(value, key):
    device, replica, incarnation_, first, last, before, head, own_mac, commits = value
    if first == 1:
        same(before, chain_start(REALM, replica, incarnation_), "the hash before the first commit")
    expected, digest_ = first, before
    for commit in commits:
        found, begins, ends = own_head(commit)
        same([found, begins], [replica, expected], "number and sequence of a commit in a batch")
        digest_, expected = sha(digest_ + commit), ends + 1
    same(expected - 1, last, "last sequence of a batch")
    same(digest_, head, "head hash of a batch")
    signed = ["batch", 1, REALM, device, replica, incarnation_, first, last, before, head]
    same(own_mac, mac(key, encode(signed)), "MAC of a batch")


def check_ack(value, device, key):
    replica, incarnation_, durable, projected, protected, own_mac = value
    signed = ["ack", 1, REALM, device, replica, incarnation_, durable, projected, protected]
    same(own_mac, mac(key, encode(signed)), "MAC of an acknowledgement")


def check_stamps(values):
    last = None
    for before, stamp, commit in values:
        before = last if before is None else before
        need(before is not None, "the first commit has no hash before it")
        replica, first, _ = own_head(commit)
        last = sha(before + commit)
        signed = ["stamp", 1, replica * (1 << 32) + first, last]
        same(stamp, mac(STAMP_KEY, encode(signed))[:16], "stamp")


def check_seal(point_, seal_):
    if seal_ is None:
        return
    epoch, found = seal_
    signed = ["order", 1, epoch, *point_]
    same(found, mac(STAMP_KEY, encode(signed))[:16], "seal")


# Where a message carries an order, and where the seal on it.
SEALS = {3: (9, 10), 4: (3, 12), 5: (10, 11), 6: (5, 12), 8: (8, 14)}


def check_personal(values, commits):
    """A record is taken only if it yields the hash in flag 5 of its commit."""
    marks = {}
    for data in commits:
        decoder = Decoder(data)
        decoder.head()
        _, replica, first, _, _, _, _, flags = (decoder.item() for _ in range(8))
        marks[replica * (1 << 32) + first] = flags.get(5, [])
    for commit, index, salt, value in values:
        an_id(commit, "commit of a personal record")
        if commit in marks:
            same(sha(salt + encode(value)), marks[commit][index][1], "hash of a personal record")


def check_inside(kind, body):
    """The MACs, chains and seals that a body holds."""
    if kind in SEALS:
        at, seal_at = SEALS[kind]
        check_seal(body.get(at), body.get(seal_at))
    if kind == 8:
        check_stamps(body.get(13, []))
    if kind in (5, 21):
        for one in body[1]:
            check_batch(one, DEVICE_KEY)
        check_stamps(body[3])
        check_personal(body[2], [c for one in body[1] for c in one[8]] + [s[2] for s in body[3]])
    if kind in (6, 22):
        for one in body[1]:
            check_ack(one, DEVICE, DEVICE_KEY)
    if kind == 8:
        check_stamps(body[2])
        check_personal(body[3], [one[2] for one in body[2]])
        for one in body[10]:
            check_ack(one, DEVICE, DEVICE_KEY)
    if kind in (20, 23):
        signed = ["file", 1, body[3], DEVICE, sha(body[1])]
        same(body[2], mac(DEVICE_KEY, encode(signed)), "seal of a file's section")
        inner = decode(body[1])
        same(encode(inner), body[1], "what is sealed, encoded again")
        (FILE_HEADER if kind == 20 else FILE_SECTION)(inner)
        if kind == 23:
            pulled = decode(inner[2])
            PULLED(pulled)
            check_inside(8, pulled)


def read_message(data):
    """Section 1: `["tributary", 1, nonce, type, body]`; nesting is counted from the body."""
    decoder = Decoder(data)
    need(decoder.head() == (4, 5), "no array of five")
    magic, version, nonce_, kind, body = (decoder.item() for _ in range(5))
    need(decoder.at == len(data), "bytes are left over")
    same(encode([magic, version, nonce_, kind, body]), data, "encoded again")
    need(magic == "tributary", "no message of this protocol")
    need(version == 1, "another version of the protocol")
    nonce(nonce_)
    need(kind in BODIES, "a type that is not known")
    BODIES[kind](body)
    check_inside(kind, body)
    return nonce_, kind, body


def check_message(data, twin):
    nonce_, kind, body = read_message(data)
    same([kind, nonce_.hex(), plain(body)], [twin["message"], twin["nonce"], twin["body"]], "body")
    newer = dict(body)
    newer[99] = "a key that nobody knows"
    BODIES[kind](newer)


def check_derived(data, twin):
    array = decode(data)
    same(plain(array), twin["input"], "decoded")
    label = array[0]
    if label == "order":
        found = {"seal": mac(bytes.fromhex(twin["key"]), data)[:16]}
    elif label in ("session", "stale session"):
        found = {"session": mac(bytes.fromhex(twin["key"]), data)[:16]}
    elif label in ("audiences", "number"):
        found = {"hash": sha(data)}
    elif label == "device":
        key = mac(bytes.fromhex(twin["key"]), data)
        found = {"device_key": key}
    else:
        raise AssertionError(f"the page knows no {label}")
    for name, value in found.items():
        same(value.hex(), twin[name], name)


# Exchanges: what goes over HTTP, with every field.

def inflate(data, most):
    need(len(data) <= DEFLATED_MAX, "over the limit as sent")
    stream = zlib.decompressobj()
    out = stream.decompress(data, most + 1)
    need(len(out) <= most, "over the limit inflated")
    need(stream.eof and not stream.unused_data, "a stream that is cut, or something after it")
    return out


def once(fields, name):
    """Names in any case; a field of the protocol stands exactly once."""
    found = [value for field, value in fields if field.lower() == name.lower()]
    need(len(found) == 1, f"{name} stands {len(found)} times")
    return found[0]


def hexadecimal(value, count):
    need(len(value) == 2 * count, "so many digits it has not")
    return bytes.fromhex(value)


def check_exchange(data, twin):
    """One request and its answer: `[method, target, fields, body, status, fields, body]`."""
    exchange = decode(data)
    same(plain(exchange), twin["decoded"], "decoded")
    method, target, fields, sent, status, answer_fields, answer_sent = exchange
    key = bytes.fromhex(twin["key"])
    enrols = target == "/sync/v1/enrol"
    need(method == "POST" and target.startswith("/sync/v1/"), "an address the page does not have")
    same(once(fields, "Content-Type"), "application/tributary", "Content-Type")
    nonce_ = hexadecimal(once(fields, "Tributary-Nonce"), 16)
    device, session = 0, ZEROS
    if not enrols:
        device = int(once(fields, "Tributary-Device"))
        session = hexadecimal(once(fields, "Tributary-Session"), 16)
    realm = ZEROS if enrols else REALM
    signed = ["request", 1, realm, device, session, nonce_, method, target, sha(sent)]
    request_mac = mac(key, encode(signed))
    same(once(fields, "Tributary-MAC"), request_mac.hex(), "request MAC")
    inside, kind, body = read_message(inflate(sent, ENROL_MAX if enrols else INFLATED_MAX))
    same(inside, nonce_, "the nonce of message and field")
    same(target, "/sync/v1/" + {1: "enrol", 3: "hello", 5: "push", 7: "pull"}[kind], "address")
    if kind == 3:
        same(session, ZEROS, "the session of a hello")
    signed = ["answer", 1, request_mac, status, sha(answer_sent)]
    same(once(answer_fields, "Tributary-MAC"), mac(key, encode(signed)).hex(), "answer MAC")
    inside, answer_kind, answer = read_message(inflate(answer_sent, INFLATED_MAX))
    same(inside, nonce_, "the nonce of the answer")
    if status == 200:
        same(answer_kind, kind + 1, "the type of the answer")
    else:
        same([answer_kind, STATUS[answer[1]]], [9, status], "the status of a refusal")
    if answer_kind == 2:
        check_enrolled(body, answer, twin)
    if answer_kind == 4:
        signed = ["session", 1, device, body[2], body[5]]
        same(answer[1], mac(STAMP_KEY, encode(signed))[:16], "the session after")


STATUS = {1: 400, 2: 401, 3: 403, 4: 409, 5: 409, 6: 413, 7: 503, 8: 503, 9: 403, 10: 403,
          11: 404, 12: 501, 13: 400}


def read_code(typed):
    """Section 3: five characters of name and 26 of the secret."""
    letters = "".join(typed.split()).replace("-", "").upper()
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    need(len(letters) == 31 and all(one in ALPHABET for one in letters), "no code")
    bits = 0
    for one in letters[5:]:
        bits = bits << 5 | ALPHABET.index(one)
    need(bits & 3 == 0, "the bits after the last byte are not zero")
    return letters[:5], (bits >> 2).to_bytes(16, "big")


def check_enrolled(asked, answer, twin):
    name, secret = read_code(twin["code"])
    same([name, secret.hex()], [asked[1], twin["key"]], "name and secret of the code")
    signed = ["device", 1, answer[1], answer[2], answer[4], asked[2]]
    key = mac(secret, encode(signed))
    same(key.hex(), twin["device_key"], "device key")
    wrap_nonce, wrapped = answer[5]
    pad = mac(key, encode(["wrap", "pepper", wrap_nonce]))
    same(bytes(a ^ b for a, b in zip(wrapped, pad)).hex(), twin["pepper"], "pepper")


def check_hostile(data, twin):
    """A message that breaks one rule: no reader takes it."""
    try:
        read_message(data)
    except Refused:
        return
    raise AssertionError(f"was taken, although: {twin['reason']}")


CHECKS = {
    "message": check_message, "derived": check_derived, "exchange": check_exchange,
    "refused message": check_hostile,
}
