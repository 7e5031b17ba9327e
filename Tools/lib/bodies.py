"""Tickets, seals, a tail committed again, and credentials, from Protocol/bodies.md.

Where ids stand in bodies is read from changes.cddl; decision 0002 says what becomes of them.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import pathlib
import re

from canonical import decode, plain, same

PROTOCOL = pathlib.Path(__file__).resolve().parents[2] / "Protocol"
SALES = {522: 1, 523: -1, 524: -1}
# The ids of the two pieces that changes.cddl gives a name.
PIECES = {"line": (0, 1, 4), "payment": (0,)}


def rounded(numerator, denominator):
    """Half away from zero."""
    whole, rest = divmod(abs(numerator), denominator)
    whole += 2 * rest >= denominator
    return whole if numerator >= 0 else -whole


def split(amount, weights):
    """Each its share rounded down; what is left to the largest remainders, the lower index first."""
    if amount == 0:
        return [0] * len(weights)
    total = sum(weights)
    parts = [amount * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(amount * weights[at] % total), at))
    for at in order[:amount - sum(parts)]:
        parts[at] += 1
    return parts


def lines_of(body):
    """(rate, quantity, gross, discount, amount) of each line, with what is left out."""
    for line in body[9]:
        price, rate = line[2], line[3]
        quantity = line[6] if len(line) > 6 else 1000
        discount = line[7] if len(line) > 7 else 0
        gross = rounded(price * quantity, 100_000)
        amount = line[8] if len(line) > 8 else gross - discount
        yield rate, quantity, gross, discount, amount


def nets_of(body):
    amounts = [line[4] for line in lines_of(body)]
    shares = split(body.get(12, 0), amounts)
    return [amount - share for amount, share in zip(amounts, shares)]


def paid(body):
    """(tender, role, amount, tendered) of each payment."""
    for payment in body.get(10, []):
        amount = payment[2] if len(payment) > 2 else sum(nets_of(body))
        yield payment[0], payment[1], amount, payment[3] if len(payment) > 3 else 0


def check_ticket(kind, body, twin):
    lines, nets, sign = list(lines_of(body)), nets_of(body), SALES[kind]
    if kind == 522:
        before = [line[2] - line[3] for line in lines]
        shares = split(body.get(11, 0), before)
        same([line[4] for line in lines], [a - b for a, b in zip(before, shares)], "amounts")
    same(nets, twin["nets"], "nets")
    same(sum(nets), twin["total"], "total")
    payments = list(paid(body))
    same(sum(row[2] for row in payments), twin["total"], "payments")
    same(sum(row[3] - row[2] for row in payments if row[3]), twin["change"], "change")
    taxes, rates = [0] * len(lines), []
    books = [[1, role, sign * amount, tender, 0] for tender, role, amount, _ in payments]
    for rate in sorted({line[0] for line in lines}):
        at = [place for place, line in enumerate(lines) if line[0] == rate]
        gross = sum(nets[place] for place in at)
        tax = rounded(gross * rate, 1_000_000 + rate)
        rates.append([rate, gross, tax])
        for place, part in zip(at, split(tax, [nets[place] for place in at])):
            taxes[place] = part
        role = 50 if body.get(4, 1) == 1 else 52
        books += [[2, 40, sign * (gross - tax), 0, rate], [2, role, sign * tax, 0, rate]]
    same(rates, twin["rates"], "rates")
    same(taxes, twin["taxes"], "taxes of the lines")
    same([row for row in books if row[2]], twin["books"], "books")


def check_return(body, sale, done):
    """Section 5: what came back before and with it never adds up to more than the line."""
    nets = nets_of(sale)
    sold_lines = list(lines_of(sale))
    for (number, sold), line in zip(body[20], lines_of(body)):
        _, quantity, _, discount, amount = line
        same(sold, sold_lines[number][1], "sold")
        before, after = done.get(number, 0), done.get(number, 0) + quantity
        for whole, part in ((nets[number], amount), (sold_lines[number][3], discount)):
            share = rounded(whole * after, sold) - rounded(whole * before, sold)
            same(part, share, "share of a return")
        done[number] = after


def check_day(commits):
    """A chain from the opening to the seal: returns against their sales, and the statement."""
    bodies, tenders, done, numbers, cash = {}, {}, {}, [], 0
    for commit, previous in commits:
        number, first = commit[1], commit[2]
        for place, (kind, body) in enumerate(commit[8]):
            bodies[number << 32 | first + place] = body
            if kind == 523:
                check_return(body, bodies[body[16]], done.setdefault(body[16], {}))
            if kind == 524:
                sale = {key: body[key] for key in body if key not in (16, 21)}
                same(sale, bodies[body[16]], "a void repeats its sale")
            for tender, role, amount, _ in paid(body) if kind in SALES else ():
                tenders[tender] = tenders.get(tender, 0) + SALES[kind] * amount
                cash += SALES[kind] * amount if role == 1 else 0
            if kind in (522, 523):
                numbers.append((body[7], body[8]))
            if kind == 514:
                same(body[7], bodies[body[6]].get(8, 0) + cash, "expected")
            if kind == 515:
                stated = [body[8], body[9], body[10], body[11], body[12]]
                first_one, last_one = numbers[0], numbers[-1]
                same(
                    stated,
                    [first_one[0], last_one[0], first_one[1], last_one[1], len(numbers)],
                    "numbers of the seal",
                )
                totals = [[key, tenders[key]] for key in sorted(tenders) if tenders[key]]
                same(body[13], totals, "totals of the seal")
                same(body[14], previous, "head of the seal")


def types():
    """For each kind the types of its keys, as changes.cddl has them."""
    table, kind = {}, None
    for line in (PROTOCOL / "changes.cddl").read_text(encoding="utf-8").splitlines():
        if head := re.match(r"; (\d+):(\d+) ", line):
            kind = int(head[1]) * 256 + int(head[2])
            table[kind] = {}
        elif field := re.match(r"\s+(?:\? )?(\d+): (.*), ; ", line):
            table[kind][int(field[1])] = field[2].removesuffix(" / null")
    return table


def moved(value, kind, rewrite):
    """A value of one type of changes.cddl, its ids rewritten."""
    kind = kind.split(": ")[-1] if not kind.startswith("[") else kind
    if kind == "id":
        return rewrite(value)
    if kind in PIECES:
        return [rewrite(part) if at in PIECES[kind] else part for at, part in enumerate(value)]
    if many := re.fullmatch(r"\[\d*[*+] ?(.*)\]", kind):
        return [moved(part, many[1], rewrite) for part in value]
    if kind.startswith("["):
        return [moved(part, one, rewrite) for part, one in zip(value, kind[1:-1].split(", "))]
    return value


def again(old, digest, common, number, previous):
    """Decision 0002: a commit of a tail under a new number; `previous` is the common hash."""
    last = old[2] + len(old[8]) - 1

    def rewrite(one):
        inside = one >> 32 == old[1] and common < one & 0xFFFF_FFFF <= last
        return number << 32 | one & 0xFFFF_FFFF if inside else one

    table = types()
    flags = {key: value for key, value in old[7].items() if key != 1} | {2: digest}
    if previous:
        flags[1] = [old[1], common, previous]
    changes = [
        [kind, {key: moved(value, table[kind].get(key, "any"), rewrite)
                for key, value in body.items()}]
        for kind, body in old[8]
    ]
    audiences = sorted([one[0], rewrite(one[1])] for one in old[6])
    return [*old[:1], number, *old[2:5], rewrite(old[5]), audiences, flags, changes]


def crypted(phrase, setting):
    """crypt(3); None where this machine's library has no yescrypt."""
    name = ctypes.util.find_library("crypt")
    if not name:
        return None
    crypt = ctypes.CDLL(name).crypt
    crypt.restype = ctypes.c_char_p
    made = crypt(phrase, setting)
    return made if made and made.startswith(b"$y$") else None


def check_credentials(data, twin):
    """Section 7: a PIN is hashed over its HMAC under the branch's pepper."""
    array = decode(data)
    same(plain(array), twin["decoded"], "decoded")
    password, kept, pin, pin_kept = (text.encode() for text in array)
    secret = hmac.new(bytes.fromhex(twin["pepper"]), pin, hashlib.sha256).hexdigest()
    same(secret, twin["pin_secret"], "secret of the PIN")
    for phrase, made in ((password, kept), (secret.encode(), pin_kept)):
        found = crypted(phrase, made)
        if found is not None:
            same(found, made, "yescrypt")
