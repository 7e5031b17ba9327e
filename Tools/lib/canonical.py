"""Values, hashes and MACs as Protocol/commit.md sections 1, 3 and 6 describe them.

Shared by the readers of vectors; nothing of the program is used.
"""
import hashlib
import hmac

INT64 = range(-(1 << 63), 1 << 63)


class Refused(Exception):
    """The bytes break a rule of the format."""


def need(condition, sentence):
    if not condition:
        raise Refused(sentence)


def sha(data):
    return hashlib.sha256(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


class Decoder:
    """Section 1: deterministic CBOR without floats, tags and indefinite lengths."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(self.at + count <= len(self.data), "bytes are missing")
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        first = self.take(1)[0]
        major, low = first >> 5, first & 31
        if low < 24:
            return major, low
        need(major < 6, "a tag, a float or another simple value")
        need(low <= 27, "an indefinite or reserved length")
        size = 1 << (low - 24)
        value = int.from_bytes(self.take(size), "big")
        need(value >= (24 if size == 1 else 1 << (4 * size)), "not the shortest form")
        return major, value

    def item(self, depth=0):
        major, value = self.head()
        if major in (0, 1):
            number = value if major == 0 else -1 - value
            need(number in INT64, "an integer beyond 64 bits")
            return number
        if major == 2:
            return self.take(value)
        if major == 3:
            try:
                return self.take(value).decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("text that is not UTF-8") from None
        if major == 7:
            need(value in (20, 21, 22), "a float or another simple value")
            return {20: False, 21: True, 22: None}[value]
        need(major in (4, 5), "a tag")
        need(depth < 32, "nested too deeply")
        if major == 4:
            return [self.item(depth + 1) for _ in range(value)]
        return self.map(value, depth + 1)

    def map(self, count, depth):
        result, last = {}, -1
        for _ in range(count):
            major, key = self.head()
            need(major == 0 and key in INT64, "a key that is no unsigned integer")
            need(key > last, "keys not ascending")
            last = key
            result[key] = self.item(depth)
        return result


def decode(data):
    decoder = Decoder(data)
    value = decoder.item()
    need(decoder.at == len(data), "bytes are left over")
    return value


def encode(value):
    """The deterministic bytes of a value: what is decoded must come back byte for byte."""
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 1 << (8 * size):
                return bytes([major << 5 | extra]) + number.to_bytes(size, "big")
        raise ValueError(number)

    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    pairs = sorted(value.items())
    return head(5, len(pairs)) + b"".join(encode(key) + encode(item) for key, item in pairs)


def plain(value):
    """A value as the twins show it: bytes as hexadecimal digits, keys as text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def whole(value, low, high, what):
    need(type(value) is int and low <= value <= high, f"{what} out of range")
    return value


def a_hash(value, what, size=32):
    need(isinstance(value, bytes) and len(value) == size, f"{what} is not {size} bytes")


def ascending(values, what):
    need(all(one < other for one, other in zip(values, values[1:])), f"{what} not ascending")


def an_array(value, count, what):
    need(isinstance(value, list) and (count is None or len(value) == count), f"{what} misshapen")
    return value


def an_id(value, what):
    whole(value, 1, (1 << 53) - 1, what)
    need(value % (1 << 32) >= 1, f"{what} has no sequence")


def same(found, said, what):
    if found != said:
        raise AssertionError(f"{what}: computed {found!r}, the twin says {said!r}")
