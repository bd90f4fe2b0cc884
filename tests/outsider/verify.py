#!/usr/bin/env python3
"""Checks a folder of files between kiosks and their county a second time, written from docs/files.md alone.

    python3 tests/outsider/verify.py --files DIR --keys FILE [--json]
    python3 tests/outsider/verify.py --many LIST

Python's standard library and nothing else; shares no line with the kiosk's program. --json prints what the files say, made from their
events alone. --many reads one folder a line (its keys.json beside it) and prints a verdict for each as JSON: for the tests, which ask
about hundreds. Ends 0 where every check that could be made holds (what could not be is told), 1 at the first lie, 2 where nothing was
checked. Rule numbers are those of docs/files.md.
"""

import base64
import contextlib
import datetime
import functools
import hashlib
import json
import os
import re
import sys
import unicodedata
import zlib


class Lie(Exception):
    """The first thing that is not as it should be, and where."""

    def __init__(self, check, place, what):
        super().__init__(f"{check}: {place}: {what}")
        self.check, self.place, self.what = check, place, what


@contextlib.contextmanager
def formed(place):
    """What is read here without being asked for its form first: where it has another one, that is a lie, too."""
    try:
        yield
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError) as error:
        raise Lie("form", place, f"{type(error).__name__}: {error}")


# ---- Ed25519 (RFC 8032, 5.1) ---------------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_of(data):
    """The point of 32 bytes in extended coordinates, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def twice(p):
    a, b = p[0] * p[0] % P, p[1] * p[1] % P
    c = 2 * p[2] * p[2] % P
    h = a + b
    e = h - (p[0] + p[1]) ** 2 % P
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def is_small(p):
    """Whether a point is of small order (rule F8): eight times it is the neutral one."""
    x, y, z, _ = twice(twice(twice(p)))
    return x % P == 0 and (y - z) % P == 0


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=1 << 16)
def is_signed(key, message, signature):
    """Whether `signature` (64 bytes) of `message` was made with the key of these 32 bytes."""
    a = point_of(key)
    if a is None or len(signature) != 64 or is_small(a):
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus = (P - a[0], a[1], 1, P - a[3])
    both = add(BASE, minus)
    sum_ = (0, 1, 1, 0)
    for bit in range(max(s.bit_length(), h.bit_length()) - 1, -1, -1):
        sum_ = twice(sum_)
        choice = (s >> bit & 1) | (h >> bit & 1) << 1
        if choice:
            sum_ = add(sum_, (BASE, minus, both)[choice - 1])
    inverse = pow(sum_[2], P - 2, P)
    x, y = sum_[0] * inverse % P, sum_[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# ---- Bytes ---------------------------------------------------------------------------------------------------------------------


def b64u(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64u(text, length=None):
    """The bytes of base64url in its one form, or None (rule F8)."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if b64u(data) == text and length in (None, len(data)) else None


def is_same(value, due):
    """True is 1 to Python, and to no other: what is compared is its bytes."""
    return canonical(value) == canonical(due)


def canonical(value):
    """Canonical JSON (rules F3 to F7). Raises ValueError on what has none."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise ValueError("not a whole number of 53 bits")
        return str(value)
    if isinstance(value, str):
        value.encode()
        if unicodedata.normalize("NFC", value) != value:
            raise ValueError("not NFC")
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    raise ValueError("not plain")


def value_of(text, place):
    try:
        value = json.loads(text)
        if canonical(value) == text:
            return value
    except (ValueError, RecursionError):
        pass
    raise Lie("canonical", place, "is not canonical JSON")


def need_file(directory, place):
    """Something else may lie under the name of a file: a folder, or what never ends."""
    path = os.path.join(directory, place)
    if not os.path.isfile(path):
        raise Lie("files", place, "is no file" if os.path.exists(path) else "is missing")
    return path


def names_in(directory, place):
    """What lies in a folder, by name; nothing where there is none."""
    path = os.path.join(directory, place)
    if os.path.exists(path) and not os.path.isdir(path):
        raise Lie("files", place, "is no folder")
    return sorted(os.listdir(path)) if os.path.exists(path) else []


class Lines:
    """Whole lines of a packed file (rules F1, F2). After the last one `sha256` is that of the unpacked bytes."""

    def __init__(self, directory, place, line_max, file_max):
        self.directory, self.place = directory, place
        self.line_max, self.file_max = line_max, file_max
        self.sha256 = None

    def __iter__(self):
        digest, rest, n, size = hashlib.sha256(), b"", 0, 0
        with open(need_file(self.directory, self.place), "rb") as packed:
            head = packed.read(10)
            if len(head) < 10 or head[:9] != bytes.fromhex("1f8b08000000000000") or head[9] not in (3, 10):
                raise Lie("files", self.place, "does not begin as gzip files of ours do")
            packed.seek(0)
            unpack = zlib.decompressobj(wbits=31)
            data = packed.read(65536)
            while data:
                try:
                    chunk = unpack.decompress(data, 65536)
                except zlib.error as error:
                    raise Lie("files", self.place, f"is no whole gzip file: {error}")
                data = unpack.unconsumed_tail
                if unpack.eof:
                    data = unpack.unused_data or packed.read(65536)
                    if data:
                        unpack = zlib.decompressobj(wbits=31)  # members follow one another (RFC 1952, 2.2)
                elif not data:
                    data = packed.read(65536)
                digest.update(chunk)
                size += len(chunk)
                if size > self.file_max:
                    raise Lie("files", self.place, "unpacks to more than a file may have")
                rest += chunk
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    n += 1
                    if len(line) > self.line_max:
                        raise Lie("files", f"{self.place}, line {n}", "is too long")
                    try:
                        yield n, line.decode(), f"{self.place}, line {n}"
                    except UnicodeDecodeError:
                        raise Lie("canonical", f"{self.place}, line {n}", "is not UTF-8")
                if len(rest) > self.line_max:
                    raise Lie("files", f"{self.place}, line {n + 1}", "is too long")
            if not unpack.eof:
                raise Lie("files", self.place, "is no whole gzip file")
        if rest:
            raise Lie("files", f"{self.place}, line {n + 1}", "has no end")
        self.sha256 = b64u(digest.digest())


MEBI = 1024 * 1024
UP_BOUNDS = (MEBI, 4096 * MEBI)
DOWN_BOUNDS = (64 * 1024, 1024 * MEBI)


class Tree:
    """RFC 6962, 2.1: heads of the whole subtrees side by side, the largest first."""

    def __init__(self):
        self.heads, self.size = [], 0

    def add(self, leaf):
        rest = self.size
        while rest & 1:
            leaf = hashlib.sha256(b"\1" + self.heads.pop() + leaf).digest()
            rest >>= 1
        self.heads.append(leaf)
        self.size += 1

    def root(self):
        if not self.heads:
            return hashlib.sha256(b"").digest()
        right = self.heads[-1]
        for left in self.heads[-2::-1]:
            right = hashlib.sha256(b"\1" + left + right).digest()
        return right


def continues(old_size, old_root, size, root, proof):
    """Whether the tree of `size` leaves begins with that of `old_size` (RFC 9162, 2.1.4.2)."""
    if old_size == size:
        return not proof and old_root == root
    if not 0 < old_size < size:
        return False
    proof = list(proof)
    if old_size & (old_size - 1) == 0:
        proof.insert(0, old_root)
    if not proof:
        return False
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr = hashlib.sha256(b"\1" + c + fr).digest()
            sr = hashlib.sha256(b"\1" + c + sr).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\1" + sr + c).digest()
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == root and sn == 0


# ---- Forms (section Y) ---------------------------------------------------------------------------------------------------------


def whole(least=-(2**53 - 1), most=2**53 - 1):
    return lambda value: type(value) is int and least <= value <= most


def text_of(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def bytes_of(length):
    return lambda value: unb64u(value, length) is not None


def is_text(value):
    return isinstance(value, str) and value != "" and all(unicodedata.category(c) != "Cc" for c in value)


def is_name(value):
    """Of a key of the committee (rule B1)."""
    return isinstance(value, str) and 0 < len(value) <= 100 and all(unicodedata.category(c)[0] in "LMN" or c in "\u0f0b._/-" for c in value)


def is_bool(value):
    return value is True or value is False


def is_date(value):
    with contextlib.suppress(ValueError):
        return text_of("[0-9]{4}-[0-9]{2}-[0-9]{2}")(value) and datetime.date.fromisoformat(value) is not None
    return False


ANY, N, ONE = whole(), whole(0), whole(1)
MS, MONEY, PRICE = whole(0, 8_640_000_000_000_000), whole(-(10**12), 10**12), whole(1, 10**8)
ID, COUNTY, HASH, INC = text_of("[A-Za-z0-9._-]{1,40}"), text_of("[0-9]{6}"), bytes_of(32), whole(1, 999_999_999)
STRING = lambda value: isinstance(value, str)
TEXT, MAYBE_TEXT, SMALL = is_text, (None, is_text), ("", is_text)
RESIDENT_ID = lambda value: text_of("[1-9][0-9]{0,15}")(value) and int(value) <= 2**53 - 1
ROOT_OF_LOG = {"note": lambda value: isinstance(value, str) and len(value) <= 4096, "proof": [HASH]}


class Part(dict):
    """Members that are read, of an object that may have others."""


def fits(value, form):
    """Whether a value has a form: of an object its members, `?` behind the name of one that may be absent."""
    if isinstance(form, dict):
        if not isinstance(value, dict) or (type(form) is dict and not set(value) <= {name.rstrip("?") for name in form}):
            return False
        return all(fits(value[name.rstrip("?")], of) if name.rstrip("?") in value else name.endswith("?") for name, of in form.items())
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(each, form[0]) for each in value)
    if isinstance(form, tuple):
        return any(fits(value, each) for each in form)
    return form(value) if callable(form) else type(value) is type(form) and value == form


def need_form(value, form, place):
    if not fits(value, form):
        raise Lie("form", place, f"has another form than section Y gives it: {json.dumps(value, ensure_ascii=False)[:200]}")


UP_HEADER = {
    "t": "H", "fmt": "civicpos-up-v1", "county": COUNTY, "store": ID, "kiosk": ID, "kioskKey": HASH, "inc": ONE, "fileSeq": ONE,
    "prevFileSha": ("", HASH), "fromSeq": ONE, "toSeq": ONE, "prevLeaf": HASH, "appliedDownSeq": N,
    "countyRoot": (None, {"size": ONE, "root": HASH}), "software": lambda value: isinstance(value, str) and 0 < len(value) <= 100, "cutAt": N,
}
COUNTER = {"t": "C", "a": ID, **dict.fromkeys("g b s v c u x w xs f".split(), N)}
DOWN_HEADER = {
    "t": "H", "fmt": "civicpos-down-v1", "county": COUNTY, "kiosk": ID, "inc?": INC, "incLeaf?": HASH, "downSeq": ONE,
    "prevDownSha": ("", HASH), "serverEpoch": ONE, "asOf": MS, "snapshot": is_bool, "ackThrough": (None, {"inc": ONE, "seq": ONE, "leaf": HASH}),
    "countyRoot?": ROOT_OF_LOG, "cosigned?": ROOT_OF_LOG, "newKeyFor?": HASH,
    "committee?": [{"name": is_name, "key": HASH, "word": STRING, "notice?": True}],
}
MATERIAL = {
    "id": ID, "zh": TEXT, "bo": MAYBE_TEXT, "picture": ID, "measuredBy": ("weight", "count"), "rate": {"points": PRICE, "per": ONE},
    "hazardous": is_bool, "minimum": ONE, "maximum": ONE, "dayCap": (None, PRICE), "active": is_bool,
}
RECYCLING = {
    "materials": [MATERIAL], "containers": [{"id": ID, "zh": TEXT, "bo": MAYBE_TEXT, "grams": ONE}], "creditStep": PRICE,
    "accountDayCap": (None, PRICE), "operatorDayCap": (None, PRICE), "kioskDayCap": (None, PRICE), "approvalAbove": N, "typeTwiceAbove": N,
    "sameBag": {"minutes": whole(0, 1440), "grams": N},
}
MONTH_DAY = text_of("(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
SCHEME = {
    "id": ID, "version": ONE, "zh": TEXT, "bo": MAYBE_TEXT, "pointValueFen": (None, whole(1, 10**6)), "pointsStep": PRICE,
    "cashRounding": {"unitFen": PRICE, "mode": ("down", "nearest")}, "saleCapPoints": (None, N), "dayCapPoints": (None, N),
    "accountKind": ("person", "household"), "redemptionWindow": (None, {"from": MONTH_DAY, "to": MONTH_DAY}),
    "groups": [{"id": ID, "zh": TEXT, "bo": MAYBE_TEXT, "mayRedeem": is_bool}],
    "roaming": {"saleCapPoints": N, "staleDays": whole(0, 366), "halfAfterDays": whole(0, 366), "kioskCapPoints": N},
    "recycling?": (None, RECYCLING), "settlement?": {"cycle": ("day", "month")},
    "labels?": [{"prefix": text_of("2[0-9]"), "embeds": ("grams", "fen"), "goodsDigits": whole(1, 9), "valueDigits": whole(1, 9)}],
    "budget?": {"zh": TEXT, "yearFen": MONEY, "usedFen": MONEY, "asOf": MS},
}
SHOP = {
    "county": COUNTY, "countyZh": TEXT, "countyBo": MAYBE_TEXT, "store": ID, "zh": TEXT, "bo": MAYBE_TEXT, "kiosk": ID, "isDemo?": is_bool,
    "merchantSharePermille?": whole(0, 1000),
}
RESIDENT = {
    "id": RESIDENT_ID, "accountId": ID, "name": TEXT, "group": ID, "village": TEXT, "language": ("zh", "bo", "en"),
    "tag": text_of("[A-Za-z0-9_-]{8,22}"), "active": is_bool,
}
OPERATOR = {"id": ID, "name": TEXT, "role": ("cashier", "staff", "owner"), "pinHash": text_of(r"scrypt\$[!-~]+"), "active": is_bool}
GOODS = {
    "id": ID, "zh": TEXT, "bo": MAYBE_TEXT, "size": SMALL, "codes": [text_of("[0-9A-Za-z-]{4,32}")], "initials": text_of("[a-z0-9]{0,80}"),
    "pinyin?": text_of("[a-z ]*"), "category": ID, "picture": ID, "soldBy?": ("piece", "weight"), "priceFen": (None, PRICE),
    "pricePoints": (None, PRICE), "settlementFen?": PRICE, "pointsAllowed": is_bool, "onSale": is_bool,
}
WORD = {"t": "SETTLEMENT", "inc?": INC, "number": whole(1, 10**9), "day": is_date, "reference": SMALL}
DOWN_LINES = {
    "SCHEME": {"t": "SCHEME", "scheme": SCHEME},
    "SHOP": {"t": "SHOP", "shop": SHOP},
    "KEY": {"t": "KEY", "kid": whole(0, 255), "use": ("card", "file"), "key": HASH, "active": is_bool},
    "OPERATOR": {"t": "OPERATOR", "operator": OPERATOR},
    "RESIDENT": {"t": "RESIDENT", "resident": RESIDENT},
    "GOODS": {"t": "GOODS", "goods": GOODS},
    "BAL": {"t": "BAL", "a": ID, "balance": N},
    "GRANT": {"t": "GRANT", "a": ID, "g": N, "v?": whole(1, 10**6)},
    "RETURN_REQ": {"t": "RETURN_REQ", "a": ID, "b": N},
    "ROAM": {"t": "ROAM", "a": ID, "c": N, "xs": N},
    "DENY": {"t": "DENY", "resident": RESIDENT_ID, "issue": whole(0, 255)},
    "SETTLEMENT": ({**WORD, "state": ("sent", "accepted"), "paidFen": None}, {**WORD, "state": "paid", "paidFen": MONEY}),
    "ADJUST": {"t": "ADJUST", "id": ID, "zh": TEXT, "fen": (whole(1, 10**12), whole(-(10**12), -1))},
}
NOTE = lambda value: isinstance(value, str) and len(value) <= 4096
OF_ROWS = {"rows": ONE, "sha256": HASH}
OF_SHOP = {"kiosk": ID, "merchant": ID, "points": ANY, "owedFen": ANY}
ENTRIES = {
    **{t: {"t": t, "note": NOTE} for t in ("CHECKPOINT", "FILE", "KEY")},
    "AWARDS": {"t": "AWARDS", "batch": ONE, "points": N, **OF_ROWS},
    "TAKEN_BACK": {"t": "TAKEN_BACK", "number": ONE, "batch": ONE, "points": ONE, **OF_ROWS},
    "CREDITS_TAKEN_BACK": {"t": "CREDITS_TAKEN_BACK", "number": ONE, "points": ONE, **OF_ROWS},
    "EXPIRED": {"t": "EXPIRED", "number": ONE, "through": is_date, "points": ONE, **OF_ROWS},
    "BEYOND_AWARDS": {"t": "BEYOND_AWARDS", "entries": N, "points": ANY, "serverEpoch": ONE},
    "SETTLEMENT": {"t": "SETTLEMENT", "number": ONE, "throughClosing": ONE, **OF_SHOP},
    "COUNTY_BATCH": {"t": "COUNTY_BATCH", "batch": ONE, **OF_SHOP},
}

EVENT = set("v county store kiosk inc seq id day at mono clk op res amt cmdHash prev kind body".split())
SOLD = Part({
    "goodsId": ID, "quantity": ONE, "pricedIn": ("yuan", "points"), "totalFen": N, "points": N, "pointsFen": N, "settlementFen?": N,
})
CASH, OTHER = Part({"kind": "cash", "fen": N, "tenderedFen": N, "changeFen": N}), Part({"kind": "other", "fen": N})
COUNTED = Part({"drawer": Part({"countedFen": ANY, "expectedFen": ANY, "differenceFen": ANY, "recountsFen": [ANY]})})
ACT = lambda value: isinstance(value, str) and value != ""
BODIES = {
    "START": Part({"kioskKey": HASH}),
    "DOWN_APPLIED": Part({"downSeq": ONE, "sha256": HASH, "asOf": N, "lines": N}),
    "OPERATOR_OUT": Part({"cause?": STRING}),
    "SHIFT_OPEN": Part({"floatFen": N, "drawerBeforeFen": ANY, "reason?": (None, STRING), "isDateConfirmed": is_bool}),
    "SALE": Part({
        "accountId": (None, ID), "lines": [SOLD], "totalFen": N, "payments": [(CASH, OTHER)], "roundingFen": ANY,
        "redemption": (None, Part({"fromRights": N, "fromRoaming": N, "worthFen": N})),
    }),
    "RETURNED": Part({
        "saleId": ACT, "accountId": (None, ID), "totalFen": N, "payments": [Part({"kind": ("cash", "other"), "fen": N})], "roundingFen": ANY,
        "lines": [Part({"n": N, "quantity": ONE, "totalFen": N, "pointsFen": N, "settlementFen": N, "points": N})],
        "redemption": (None, Part({"discount": N, "worthFen": N, "pointValueFen": (None, N), "toRights": N, "toRoaming": N})),
    }),
    "CREDIT": Part({"accountId": ID, "lines": [Part({"materialId": ID, "units": N, "points": N})]}),
    "CREDIT_REVERSED": Part({"creditId": ACT, "accountId": ID}),
    "APPROVED": Part({"isSelf": is_bool}),
    "CASH_MOVED": Part({"direction": ("in", "out"), "fen": ONE}),
    "SHIFT_CLOSED": COUNTED,
    "DAY_CLOSED": COUNTED,
    "RESTORED": Part({"fromInc": ONE, "throughSeq": ONE, "leaf": HASH}),
    "RIGHTS_RETURNED": Part({"accountId": ID, "asked": N, "downSeq": ONE}),
    "VOUCHER_IN": Part({"accountId": ID, "number": ONE, "text": STRING}),
    "KEY_ROTATED": Part({"oldKey": HASH, "newKey": HASH, "proof": STRING}),
    "NOTICE_TAKEN": (Part({"about": "committee", "name": STRING, "key": HASH}), Part({"about": "file", "downSeq": ONE, "sha256": HASH})),
}


def need_event(event, place):
    """Rule E1, and the form of what the rules read."""
    if set(event) != EVENT or type(event["mono"]) is not int or not isinstance(event["cmdHash"], str) or is_deep(event, 32):
        raise Lie("form", place, "has other members than an event, or is nested too deep")
    need_form(event["body"], BODIES.get(event["kind"], Part()), place)


def is_deep(value, most):
    if not isinstance(value, (dict, list)):
        return False
    return most == 0 or any(is_deep(each, most - 1) for each in (value.values() if isinstance(value, dict) else value))


# ---- Notes (rules N1 to N6) ----------------------------------------------------------------------------------------------------


def open_note(note, place, name, keys, check, who):
    """The text of a note that one of `keys` (32 bytes each) signed under `name`."""
    lie = Lie(check, place, f"is not signed by {who}")
    blank = note.rfind("\n\n")
    if len(note) > 16384 or blank < 0 or not note.endswith("\n"):
        raise lie
    text, signatures = note[: blank + 1], note[blank + 2 : -1].split("\n")
    if any(unicodedata.category(c) == "Cc" and c != "\n" for c in text) or len(signatures) > 100:
        raise lie
    is_held = False
    for line in signatures:
        match = re.fullmatch(r"— ([^ ]+) ([A-Za-z0-9+/]+={0,2})", line)
        if not match or re.search(r"[\s+\ufeff]", match[1]) or any(unicodedata.category(c) == "Cc" for c in match[1]):
            raise lie
        try:
            data = base64.b64decode(match[2], validate=True)
        except ValueError:
            raise lie
        if len(data) <= 4 or base64.b64encode(data).decode() != match[2]:
            raise lie
        if match[1] != name or is_held:
            continue
        for key in keys:
            if hashlib.sha256(name.encode() + b"\n\1" + key).digest()[:4] == data[:4]:
                if not is_signed(key, text.encode(), data[4:]):
                    raise lie
                is_held = True
    if not is_held:
        raise lie
    return text


def read_note(directory, place):
    with open(need_file(directory, place), "rb") as file:
        data = file.read(16385)
    if len(data) > 16384:
        raise Lie("files", place, "is too long for a note")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Lie("files", place, "is not UTF-8")


def file_note_of(note):
    """What a file note says, whoever signed it (rule N5): direction, county, kiosk, inc, number, hash, hash before. None: it is none."""
    number = "(?:0|[1-9][0-9]{0,15})"
    hash_ = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
    form = rf"civicpos-file-v1\n(down|up)\n([0-9]{{6}})\n([A-Za-z0-9._-]{{1,40}})\n({number})\n({number})\n({hash_})\n(-|{hash_})\n"
    match = re.fullmatch(form, note[: note.find("\n\n") + 1])
    return match.groups() if match and max(int(match[4]), int(match[5])) <= 2**53 - 1 else None


def check_file_note(text, place, check, expected):
    """Rule N5. Returns the hash of the file that the note speaks of."""
    lines = text.split("\n")
    want = ["civicpos-file-v1", *map(str, expected[:-1]), None, expected[-1] or "-", ""]
    if len(lines) != 9 or unb64u(lines[6], 32) is None or any(w is not None and w != g for w, g in zip(want, lines)):
        raise Lie(check, place, "is no note of this file after the one before it")
    return lines[6]


# ---- What an event does (rules P1 to P13) --------------------------------------------------------------------------------------

QUIET = """START DOWN_APPLIED OPERATOR_IN OPERATOR_OUT PIN_REFUSED LINE_REMOVED REFUSED DRAWER_OPENED REPRINTED APPROVED CLOCK_STEP
CREDIT_DISPUTED BAG_REMOVED SCALE_SET SCALE_CHECKED HANDED_OVER NO_SALE DRAWER_COUNTED REPORT_PRINTED VERIFIED BACKED_UP RESTORED KEY_ROTATED NOTICE_TAKEN""".split()


def need(condition, what):
    if not condition:
        raise ValueError(what)


def move(rows, source, target, commodity, amount, holder=""):
    """From one account to another; the other way where the amount is negative and the commodity money."""
    if amount < 0:
        need(commodity == "CNY", "points that move are not negative")
        source, target, amount = target, source, -amount
    if amount:
        rows.append((source, holder if source == "esc" else "", commodity, -amount))
        rows.append((target, holder if target == "esc" else "", commodity, amount))


def postings_of(event):
    body, amt, rows = event["body"], event["amt"], []
    kind = event["kind"]
    if kind == "SALE":
        lines, redemption = body["lines"], body["redemption"]
        move(rows, "cash/sales", "cash/county-receivable", "CNY", sum(line.get("settlementFen", 0) for line in lines))
        if redemption:
            need(body["accountId"] is not None, "points come from an account")
            need(redemption["fromRights"] + redemption["fromRoaming"] == amt, "rights and roaming make up the redemption")
            move(rows, "esc", "red", "PTS", redemption["fromRights"], body["accountId"])
            move(rows, "roam", "red", "PTS", redemption["fromRoaming"])
            move(rows, "cash/sales", "cash/county-receivable", "CNY", redemption["worthFen"])
        else:
            need(amt == 0, "without a redemption no points move")
        for payment in body["payments"]:
            is_cash = payment["kind"] == "cash"
            need(payment["fen"] >= 0, "a payment is not negative")
            need(not is_cash or payment["tenderedFen"] - payment["changeFen"] == payment["fen"], "tendered less change is what was paid")
            move(rows, "cash/sales", "cash/drawer" if is_cash else "cash/other-payments", "CNY", payment["fen"])
        move(rows, "cash/rounding", "cash/sales", "CNY", body["roundingFen"])
        paid = sum(payment["fen"] for payment in body["payments"]) + (redemption["worthFen"] if redemption else 0)
        need(paid == body["totalFen"] + body["roundingFen"], "what is paid is the price and its rounding")
        need(sum(line["points"] for line in lines) == amt, "the points of the lines sum to the redemption")
        need(sum(line["totalFen"] for line in lines) == body["totalFen"], "the lines sum to the total")
    elif kind == "RETURNED":
        lines, redemption = body["lines"], body["redemption"]
        move(rows, "cash/county-receivable", "cash/sales", "CNY", sum(line["settlementFen"] for line in lines))
        if redemption:
            need(body["accountId"] is not None, "points go back to an account")
            need(redemption["toRights"] + redemption["toRoaming"] == amt, "what goes back is rights and roaming")
            need(redemption["discount"] + sum(line["points"] for line in lines) == amt, "discount and points of the lines make it up")
            move(rows, "red", "esc", "PTS", redemption["toRights"], body["accountId"])
            move(rows, "red", "roam", "PTS", redemption["toRoaming"])
            move(rows, "cash/county-receivable", "cash/sales", "CNY", redemption["worthFen"])
        else:
            need(amt == 0, "without points paid none go back")
        for payment in body["payments"]:
            move(rows, "cash/drawer" if payment["kind"] == "cash" else "cash/other-payments", "cash/sales", "CNY", payment["fen"])
        move(rows, "cash/sales", "cash/rounding", "CNY", body["roundingFen"])
        worth = redemption["worthFen"] if redemption else 0
        need(sum(p["fen"] for p in body["payments"]) + worth == body["totalFen"] + body["roundingFen"], "the price and its rounding go back")
        need(sum(line["totalFen"] for line in lines) == body["totalFen"], "the lines sum to the total")
        need(sum(line["pointsFen"] for line in lines) == worth, "the lines sum to what the points were worth")
    elif kind == "SHIFT_OPEN":
        need(body["floatFen"] >= 0, "a float is not negative")
        source = "cash/over-short" if body.get("reason") is not None else "cash/owner"
        move(rows, source, "cash/drawer", "CNY", body["floatFen"] - body["drawerBeforeFen"])
    elif kind == "CREDIT":
        need(amt > 0 and sum(line["points"] for line in body["lines"]) == amt, "the points of the lines sum to the credit")
        move(rows, "recycling_issue", "esc", "PTS", amt, body["accountId"])
    elif kind == "CREDIT_REVERSED":
        move(rows, "esc", "recycling_issue", "PTS", amt, body["accountId"])
    elif kind == "CASH_MOVED":
        need(body["fen"] > 0, "cash that moves is some")
        move(rows, *(("cash/owner", "cash/drawer") if body["direction"] == "in" else ("cash/drawer", "cash/owner")), "CNY", body["fen"])
    elif kind in ("SHIFT_CLOSED", "DAY_CLOSED"):
        drawer = body["drawer"]
        need(drawer["countedFen"] - drawer["expectedFen"] == drawer["differenceFen"], "counted less expected is the difference")
        move(rows, "cash/over-short", "cash/drawer", "CNY", drawer["differenceFen"])
    elif kind == "SETTLED":
        adjusted = sum(each["fen"] for each in body["adjustments"])
        need(body["grossFen"] - body["shareFen"] + adjusted == body["owedFen"], "owed is the gross less the share, adjusted")
        move(rows, "cash/county-receivable", "cash/merchant-share", "CNY", body["shareFen"])
        move(rows, "cash/adjustments", "cash/county-receivable", "CNY", adjusted)
    elif kind == "RIGHTS_RETURNED":
        move(rows, "esc", "issuance", "PTS", amt, body["accountId"])
    elif kind == "VOUCHER_IN":
        move(rows, "issuance", "esc", "PTS", amt, body["accountId"])
    else:
        need(kind in QUIET, f"no kind of event: {kind}")
    return rows


def step_of(event):
    """Account and how far each of its counters moves (rule C2), or None."""
    body, amt, kind = event["body"], event["amt"], event["kind"]
    if kind == "CREDIT":
        return body["accountId"], {"c": amt}
    if kind == "CREDIT_REVERSED":
        return body["accountId"], {"u": amt}
    if kind == "RIGHTS_RETURNED":
        return body["accountId"], {"b": amt}
    if kind == "VOUCHER_IN":
        return body["accountId"], {"g": amt}
    if kind in ("SALE", "RETURNED") and body["redemption"] and body["accountId"] is not None:
        redemption = body["redemption"]
        if kind == "SALE":
            return body["accountId"], {"s": redemption["fromRights"], "x": redemption["fromRoaming"]}
        return body["accountId"], {"v": redemption["toRights"], "w": redemption["toRoaming"]}
    return None


# ---- What a period is summed up by (rules D1 to D9) ----------------------------------------------------------------------------

FIXED = [
    *(f"{what}.{name}" for what in ("sale", "return") for name in "count fen points worthFen cashFen otherFen roundingFen".split()),
    *"credit.count credit.points reversal.count reversal.points".split(),
    *"pointsGoods.points pointsGoods.fen pointsGoods.unpriced".split(),
    *(f"drawer.{name}Fen" for name in "float sale return in out overShort".split()),
]
EXCEPTIONS = {
    "RETURNED": "return",
    "CREDIT_REVERSED": "reversal",
    "CREDIT_DISPUTED": "dispute",
    "REPRINTED": "reprint",
    "NO_SALE": "noSale",
    "LINE_REMOVED": "lineRemoved",
    "BAG_REMOVED": "bagRemoved",
    "PIN_REFUSED": "pinRefused",
    "APPROVED": "approval",
    "REFUSED": "refused",
    "START": "restart",
    "CLOCK_STEP": "clockStep",
    "RESTORED": "restored",
}
DRAWERS = {
    "SHIFT_OPEN": "float",
    "SALE": "sale",
    "RETURNED": "return",
    "SHIFT_CLOSED": "overShort",
    "DAY_CLOSED": "overShort",
}


def point_value(sale):
    """Fen for a whole point in a sale, or None (rule D4)."""
    body = sale["body"]
    discount = sale["amt"] - sum(line["points"] for line in body["lines"] if line["pricedIn"] == "points")
    if not body["redemption"] or not discount:
        return None
    value, rest = divmod(body["redemption"]["worthFen"] * 100, discount)
    need(not rest, "a point is worth whole fen")
    return value


def figures_of(event, moved, acts):
    """What an event adds to which figure."""
    body, amt, kind, op = event["body"], event["amt"], event["kind"], event["op"] or ""
    yield f"kind/{kind}", 1
    if kind == "SALE":
        priced = [line for line in body["lines"] if line["pricedIn"] == "points"]
        worth = body["redemption"]["worthFen"] if body["redemption"] else 0
        required, cash = sum(line["points"] for line in priced), sum(p["fen"] for p in body["payments"] if p["kind"] == "cash")
        yield from (("sale.count", 1), ("sale.fen", body["totalFen"]), ("sale.points", amt), ("sale.worthFen", worth))
        yield from ((f"sale.{payment['kind']}Fen", payment["fen"]) for payment in body["payments"])
        yield "sale.roundingFen", body["roundingFen"]
        value = point_value(event)
        if value is not None:
            yield from ((f"redeemed/{value}/points", amt - required), (f"redeemed/{value}/fen", worth))
        yield from (("pointsGoods.points", required), ("pointsGoods.fen", sum(line.get("settlementFen", 0) for line in priced)))
        yield "pointsGoods.unpriced", sum(line["quantity"] for line in priced if "settlementFen" not in line)
        own = {"saleCount": 1, "saleFen": body["totalFen"], "salePoints": amt, "cashFen": cash}
        yield from ((f"operator/{op}/{name}", amount) for name, amount in own.items())
    elif kind == "RETURNED":
        redemption = body["redemption"]
        worth = redemption["worthFen"] if redemption else 0
        cash = sum(p["fen"] for p in body["payments"] if p["kind"] == "cash")
        yield from (("return.count", 1), ("return.fen", body["totalFen"]), ("return.points", amt), ("return.worthFen", worth))
        yield from ((f"return.{payment['kind']}Fen", payment["fen"]) for payment in body["payments"])
        yield "return.roundingFen", body["roundingFen"]
        if redemption and redemption["pointValueFen"] is not None:
            value = redemption["pointValueFen"]
            yield from ((f"redeemed/{value}/points", -redemption["discount"]), (f"redeemed/{value}/fen", -worth))
        yield "pointsGoods.points", -sum(line["points"] for line in body["lines"])
        yield "pointsGoods.fen", -sum(line["settlementFen"] for line in body["lines"])
        unpriced = [line["quantity"] for line in body["lines"] if line["points"] > 0 and line["settlementFen"] == 0]
        yield "pointsGoods.unpriced", -sum(unpriced)
        own = {"returnCount": 1, "returnFen": body["totalFen"], "cashFen": -cash}
        yield from ((f"operator/{op}/{name}", amount) for name, amount in own.items())
    elif kind == "CREDIT":
        yield from (("credit.count", 1), ("credit.points", amt))
        yield from ((f"operator/{op}/creditCount", 1), (f"operator/{op}/creditPoints", amt))
        yield from materials(body["lines"], 1)
    elif kind == "CREDIT_REVERSED":
        yield from (("reversal.count", 1), ("reversal.points", amt))
        yield from materials(acts[body["creditId"]]["body"]["lines"], -1)
    if kind in EXCEPTIONS:
        yield f"exception/{EXCEPTIONS[kind]}", 1
    if kind == "APPROVED" and body["isSelf"]:
        yield "exception/selfApproval", 1
    if kind == "CASH_MOVED" and body["direction"] == "out":
        yield "exception/cashOut", 1
    if kind == "SHIFT_OPEN":
        yield "exception/dateConfirmed", int(body["isDateConfirmed"])
        yield "exception/cashOut", int(body.get("reason") is None and body["floatFen"] < body["drawerBeforeFen"])
    if kind in ("SHIFT_CLOSED", "DAY_CLOSED"):
        yield "exception/recount", len(body["drawer"]["recountsFen"])
    if kind == "OPERATOR_OUT" and body.get("cause") == "idle":
        yield "exception/idleLock", 1
    yield from ((f"account/{account}/{commodity}", amount) for account, _, commodity, amount in moved)
    drawer = sum(amount for account, _, _, amount in moved if account == "cash/drawer")
    if kind == "CASH_MOVED":
        yield f"drawer.{body['direction']}Fen", drawer
    elif kind in DRAWERS:
        name = "overShort" if kind == "SHIFT_OPEN" and body.get("reason") is not None else DRAWERS[kind]
        yield f"drawer.{name}Fen", drawer


def materials(lines, sign):
    for line in lines:
        name = f"material/{line['materialId']}"
        yield from ((f"{name}/count", sign), (f"{name}/units", sign * line["units"]), (f"{name}/points", sign * line["points"]))


def rows_of(event, acts):
    """What an event adds to the rows of its day (rule D8): dimension, key, count, units, fen, points."""
    body, amt, op = event["body"], event["amt"], event["op"] or ""
    hour = f"{(event['at'] // 3_600_000 + 8) % 24:02}"
    what = {"SALE": "sale", "RETURNED": "return", "CREDIT": "credit", "CREDIT_REVERSED": "reversal"}.get(event["kind"])
    if what is None:
        return
    is_goods = what in ("sale", "return")
    own = (1, sum(line["quantity"] for line in body["lines"]), body["totalFen"], amt) if is_goods else (1, 0, 0, amt)
    yield ("day", what, *own)
    yield ("hour", f"{what}/{hour}", *own)
    yield ("operator", f"{what}/{op}", *own)
    if is_goods:
        sold = body["lines"] if what == "sale" else acts[body["saleId"]]["body"]["lines"]
        for i, line in enumerate(body["lines"]):
            goods = line["goodsId"] if what == "sale" else sold[line["n"]]["goodsId"]
            points = line["points"] if what == "return" or line["pricedIn"] == "points" else 0
            yield ("goods", f"{what}/{goods}", 1, line["quantity"], line["totalFen"], points)
        for payment in body["payments"]:
            yield ("payment", f"{what}/{payment['kind']}", 1, 0, payment["fen"], 0)
        if amt:
            yield ("payment", f"{what}/points", 1, 0, body["redemption"]["worthFen"], amt)
    else:
        for line in body["lines"] if what == "credit" else acts[body["creditId"]]["body"]["lines"]:
            yield ("material", f"{what}/{line['materialId']}", 1, line["units"], 0, line["points"])


class Rights:
    """What the county asked back and what vouchers brought (rules R1 to R6)."""

    def __init__(self):
        self.asked, self.asked_in = [], 0
        self.beyond, self.covered, self.granted_in = {}, {}, {}
        self.applied, self.restored_after = 0, None

    def grant(self, line, seq, place):
        """G after a GRANT: what it says and every voucher beyond its number."""
        account, covered = line["a"], line.get("v", 0)
        if covered < self.covered.get(account, 0):
            raise Lie("vouchers", place, f"the vouchers of {account} that were granted fell")
        beyond = {number: amount for number, amount in self.beyond.get(account, {}).items() if number > covered}
        self.beyond[account], self.covered[account], self.granted_in[account] = beyond, covered, seq
        granted = line["g"] + sum(beyond.values())
        if granted > 2**53 - 1:
            raise Lie("counters", place, f"the rights of {account} are beyond counting")
        return granted

    def ask(self, line, seq, place):
        if not self.asked:
            self.asked_in = seq
        if any(account == line["a"] for account, _ in self.asked):
            raise Lie("returned rights", place, f"asks rights of {line['a']} back twice")
        self.asked.append((line["a"], line["b"]))

    def take(self, event, place, fold, keys):
        body, amt, kind = event["body"], event["amt"], event["kind"]
        if self.asked and kind != "RIGHTS_RETURNED" and not (kind == "DOWN_APPLIED" and body["downSeq"] == self.asked_in):
            raise Lie("returned rights", place, f"stands where the answer for {self.asked[0][0]} was due")
        if kind == "DOWN_APPLIED":
            self.applied = body["downSeq"]
        elif kind == "RESTORED":
            self.restored_after = self.applied
        elif kind == "RIGHTS_RETURNED":
            due = self.asked.pop(0) if self.asked else None
            if (body["accountId"], body["asked"], body["downSeq"]) != (*(due or (None, None)), self.asked_in):
                raise Lie("returned rights", place, "is no answer to what the county's file asks for here")
            of = fold.counter(due[0])
            held = of["g"] - of["b"] + of["c"] - of["u"] - of["s"] + of["v"] + of["f"] + amt
            if amt != max(0, min(due[1] - (of["b"] - amt), held)):
                raise Lie("returned rights", place, f"gives back {amt}, and another part was due")
        elif kind == "VOUCHER_IN":
            self.take_voucher(event, place, keys)

    def take_voucher(self, event, place, keys):
        body = event["body"]
        account, number = body["accountId"], body["number"]
        match = re.fullmatch(
            r"(CV1\|([0-9]{6})\|([A-Za-z0-9._-]{1,40})\|([A-Za-z0-9._-]{1,40})\|([1-9][0-9]{0,6})\|([1-9][0-9]{0,15}))\|([A-Za-z0-9_-]{86})",
            body["text"],
        )
        signature = match and unb64u(match[7], 64)
        if not signature or not any(is_signed(key, b"civicpos-voucher-v1\n" + match[1].encode(), signature) for key in keys):
            raise Lie("vouchers", place, "takes a text that is no voucher signed by the county")
        said = match[2], match[3], match[4], int(match[5]), int(match[6])
        if said != (event["county"], event["kiosk"], account, number, event["amt"]):
            raise Lie("vouchers", place, "is not what its voucher says")
        beyond = self.beyond.setdefault(account, {})
        if number <= self.covered.get(account, 0) or number in beyond:
            raise Lie("vouchers", place, f"takes voucher {number} of {account} again, or after a file counted it")
        if self.restored_after is not None and self.granted_in.get(account, 0) <= self.restored_after:
            raise Lie("vouchers", place, f"takes a voucher of {account} before the county granted anew")
        beyond[number] = event["amt"]


class Fold:
    """Balances, counters and the open period."""

    def __init__(self, acts):
        self.acts = acts
        self.balances, self.counters, self.words = {}, {}, {}
        self.given, self.came = 0, 0  # Σ g + xs, Σ RIGHTS_RETURNED
        self.accounts, self.perpetual = {}, {}
        self.moved = []
        self.new_period()

    def new_period(self):
        self.figures, self.rows = {name: 0 for name in FIXED}, {}

    def post(self, rows, place):
        for commodity in ("PTS", "CNY"):
            if sum(amount for _, _, each, amount in rows if each == commodity):
                raise Lie("postings", place, f"does not sum to zero in {commodity}")
        for account, holder, commodity, amount in rows:
            name = f"{account} {holder} {commodity}"
            self.balances[name] = self.balances.get(name, 0) + amount
            if abs(self.balances[name]) > 2**53 - 1:
                raise Lie("postings", place, f"a balance of {account} is beyond counting")
            if account == "esc" and self.balances[name] < 0:
                raise Lie("balances", place, f"the rights of {holder} fall below zero")
        self.moved += rows

    def counter(self, account):
        return self.counters.get(account) or dict.fromkeys("g b s v c u x w xs f".split(), 0)

    def set(self, account, place, **change):
        before = self.counter(account)
        of = {**before, **change}
        rights = of["g"] - of["b"] + of["c"] - of["u"] - of["s"] + of["v"] + of["f"]
        unsettled = of["x"] - of["w"] - of["xs"] + of["f"]
        over = of["u"] > of["c"] or of["v"] + of["w"] > of["s"] + of["x"] or of["w"] > of["x"] or of["xs"] > of["x"]
        if rights < 0 or unsettled < 0 or over:
            raise Lie("counters", place, f"account {account} used more than it had, or more came back than went")
        self.counters[account] = of
        self.given += of["g"] + of["xs"] - before["g"] - before["xs"]
        if max(self.given, *of.values()) > 2**53 - 1:
            raise Lie("counters", place, "is beyond counting")

    def take(self, event, place):
        self.post(postings_of(event), place)
        if event["kind"] == "RESTORED":
            self.give_up(place)
        if event["kind"] == "RIGHTS_RETURNED":
            self.came += event["amt"]
            if self.came > 2**53 - 1:
                raise Lie("counters", place, "is beyond counting")
        step = step_of(event)
        if step:
            account, moves = step
            need(all(amount >= 0 for amount in moves.values()), "a counter falls")
            of = self.counter(account)
            self.set(account, place, **{name: of[name] + amount for name, amount in moves.items()})

    def give_up(self, place):
        """Rule P11."""
        for account in sorted(self.counters):
            rows, held = [], self.balances.get(f"esc {account} PTS", 0)
            move(rows, "esc", "issuance", "PTS", held, account)
            self.set(account, place, b=self.counter(account)["b"] + held)
            self.post(rows, place)

    def take_county(self, line, place, seq, rights):
        """Rules W3 to W5 and R1."""
        rows = []
        if line["t"] == "RETURN_REQ":
            rights.ask(line, seq, place)
        elif line["t"] == "GRANT":
            granted = rights.grant(line, seq, place)
            step = granted - self.counter(line["a"])["g"]
            if step < 0:
                raise Lie("counters", place, f"the rights granted to {line['a']} fell")
            self.set(line["a"], place, g=granted)
            move(rows, "issuance", "esc", "PTS", step, line["a"])
        elif line["t"] == "ROAM":
            of = self.counter(line["a"])
            step = line["xs"] - of["xs"]
            if step < 0:
                raise Lie("counters", place, f"what is settled of {line['a']} fell")
            if step:
                over = max(0, step - (of["x"] - of["w"] - of["xs"] + of["f"]))
                self.set(line["a"], place, xs=line["xs"], f=of["f"] + over)
                move(rows, "issuance", "roam", "PTS", step)
                move(rows, "roam", "esc", "PTS", over, line["a"])
        elif line["t"] == "SETTLEMENT":
            name = line.get("inc", 1), line["number"], line["state"]
            word = line["day"], line["paidFen"], line["reference"]
            before = self.words.get(name)
            if word != before:
                self.words[name] = word
                paid = (line["paidFen"] or 0) - ((before and before[1]) or 0)
                move(rows, "cash/county-receivable", "cash/county-paid", "CNY", paid)
        self.post(rows, place)

    def end_event(self, event):
        for name, amount in figures_of(event, self.moved, self.acts):
            self.figures[name] = self.figures.get(name, 0) + amount
        for dimension, key, *amounts in rows_of(event, self.acts):
            before = self.rows.get((dimension, key), (0, 0, 0, 0))
            self.rows[dimension, key] = tuple(a + b for a, b in zip(before, amounts))
        self.moved = []

    def report(self):
        figures = {name: amount for name, amount in self.figures.items() if amount or name in FIXED}
        moved = {name[8:]: amount for name, amount in figures.items() if name.startswith("account/")}
        accounts = {}
        for name in {*self.accounts, *moved}:
            opening = self.accounts.get(name, {"closing": 0})["closing"]
            accounts[name] = {"opening": opening, "closing": opening + moved.get(name, 0)}
        return figures, accounts

    def end_period(self):
        figures, self.accounts = self.report()
        kept = [name for name in FIXED if not name.startswith("drawer.")]
        self.perpetual = {name: self.perpetual.get(name, 0) + figures[name] for name in kept}
        rows = [
            dict(zip(("dimension", "key", "count", "units", "fen", "points"), (*name, *amounts)))
            for name, amounts in sorted(self.rows.items(), key=lambda item: " ".join(item[0]))
            if any(amounts)
        ]
        self.new_period()
        return figures, self.accounts, self.perpetual, rows


def share_of(amount, permille):
    """Thousandths to the nearest fen, half a fen away from zero (rule G4)."""
    share = (2 * abs(amount) * permille + 1000) // 2000
    return -share if amount < 0 else share


def paper_number(event, letter, counter):
    """What a paper is called (Q)."""
    inc = "" if event["inc"] == 1 else f".{event['inc']}"
    return f"{event['kiosk']}{inc}-{letter}{counter:06}"


def settlement_of(event, number, closings, scheme, adjustments):
    """Rules G2 to G5."""

    def redeemed(figures):
        by_value = {}
        for each in figures:
            for name, amount in each.items():
                match = re.fullmatch(r"redeemed/(\d+)/(points|fen)", name)
                if match:
                    of = by_value.setdefault(int(match[1]), {"points": 0, "fen": 0})
                    of[match[2]] += amount
        return [{"pointValueFen": value, **of} for value, of in sorted(by_value.items()) if of["points"] or of["fen"]]

    closings, adjustments = closings[:400], adjustments[:200]
    total = lambda name: sum(closing["figures"].get(name, 0) for closing in closings)
    by_value = redeemed([closing["figures"] for closing in closings])
    gross = sum(each["fen"] for each in by_value) + total("pointsGoods.fen")
    settled = [
        {
            "number": closing["number"],
            "day": closing["day"],
            **{
                unit: sum(each[unit] for each in redeemed([closing["figures"]])) + closing["figures"].get(f"pointsGoods.{unit}", 0)
                for unit in ("points", "fen")
            },
        }
        for closing in closings
    ]
    by_share = {}
    for closing, each in zip(closings, settled):
        by_share[closing["permille"]] = by_share.get(closing["permille"], 0) + each["fen"]
    shares = [{"permille": of, "grossFen": fen, "shareFen": share_of(fen, of)} for of, fen in by_share.items()]
    share = sum(each["shareFen"] for each in shares)
    return {
        "number": number,
        "settlementNumber": paper_number(event, "J", number),
        "closings": settled,
        "redeemed": by_value,
        "pointsGoods": {unit: total(f"pointsGoods.{unit}") for unit in ("points", "fen", "unpriced")},
        "grossFen": gross,
        "shares": shares,
        "shareFen": share,
        "adjustments": adjustments,
        "owedFen": gross - share + sum(each["fen"] for each in adjustments),
        "credited": {unit: total(f"credit.{unit}") - total(f"reversal.{unit}") for unit in ("count", "points")},
        "budget": scheme.get("budget"),
    }


# ---- The county's files to one kiosk (rules W1 to W9) --------------------------------------------------------------------------


class County:
    def __init__(self, walk):
        self.walk = walk
        self.keys, self.ever = {}, list(walk.keys["countyKeys"])
        self.scheme = self.shop = self.header = self.log = None
        self.committee, self.believed = [], []
        self.excused, self.notices = {}, []
        self.adjusted, self.seq, self.sha, self.applied, self.epoch = {}, 0, "", 0, 0
        self.shown = []  # what each file shows of the order in which the county took and gave (rules L8 to L14)

    def in_force(self):
        active = [key for key, is_active, _ in self.keys.values() if is_active]
        return [unb64u(key) for key in active or self.walk.keys["countyKeys"]]

    def folder_of(self, body, inc):
        """Rule S4."""
        aside = f"{self.walk.root}/superseded/{self.walk.kiosk}/{inc}"
        note = f"{aside}/{body['downSeq']:08}.note"
        said = file_note_of(read_note(self.walk.directory, note)) if os.path.exists(os.path.join(self.walk.directory, note)) else None
        return aside if said and said[5] == body["sha256"] else None

    def read(self, seq, fold, folder=None):
        walk = self.walk
        place = f"{folder or f'{walk.root}/down/{walk.kiosk}'}/{seq:08}.jsonl.gz"
        note_place = place.replace(".jsonl.gz", ".note")
        for each in (place, note_place):
            if not os.path.exists(os.path.join(walk.directory, each)):
                raise Lie("county files", each, "is missing")
        name = walk.keys["countyKeyName"]
        text = open_note(read_note(walk.directory, note_place), note_place, name, self.in_force(), "county files", "the county")
        inc = text.split("\n")[4] if text.count("\n") > 4 else ""
        sha = check_file_note(text, note_place, "county files", ("down", walk.county, walk.kiosk, inc, seq, self.sha))
        header = trailer = None
        count = granted = balance = 0
        accepted, batches = set(), []
        lines = Lines(walk.directory, place, *DOWN_BOUNDS)
        for n, text, here in lines:
            line = value_of(text, here)
            kind = line.get("t") if isinstance(line, dict) else None
            with formed(here):
                if header is None:
                    need_form(line, DOWN_HEADER, here)
                    header = line
                    self.check_header(header, seq, inc, here, sha)
                elif trailer is not None:
                    raise Lie("form", here, "stands after the trailer")
                elif kind == "T":
                    trailer = line
                else:
                    need_form(line, DOWN_LINES[kind], here)
                    count += 1
                    granted += line["g"] if kind == "GRANT" else 0
                    balance += line["balance"] if kind == "BAL" else 0
                    self.hear(line, seq, here)
                    if kind == "SETTLEMENT" and line["state"] != "sent":
                        accepted.add((line.get("inc", 1), line["number"]))
                    elif kind == "ADJUST" and re.fullmatch(r"county-batch-[1-9][0-9]{0,14}", line["id"]):
                        batches.append((int(line["id"][13:]), line["fen"]))
                    if fold:
                        fold.take_county(line, here, seq, walk.rights)
        if trailer is None:
            raise Lie("county files", place, "has no end")
        if not is_same(trailer, {"t": "T", "lines": count, "sumGranted": str(granted), "sumBalance": str(balance)}):
            raise Lie("county files", place, "does not add up to its trailer")
        if lines.sha256 != sha:
            raise Lie("county files", place, "is not what its note signs")
        if header["snapshot"]:
            self.keys = {kid: of for kid, of in self.keys.items() if of[2] == seq}
        self.seq, self.sha, self.header = seq, sha, header
        signatures = header["countyRoot"]["note"].partition("\n\n")[2].splitlines() if "countyRoot" in header else []
        self.shown.append(
            {
                "kiosk": walk.kiosk,
                "key": ("down", walk.kiosk, inc, str(seq), sha),
                "inc": header.get("inc", 1),
                "place": note_place,
                "epoch": header["serverEpoch"],
                "ack": header["ackThrough"],
                "root": self.log,
                "cosigned": any(not each.startswith(f"— civicpos/{walk.county}/log ") for each in signatures),
                "accepted": accepted,
                "batches": batches,
                "given": fold.given if fold else 0,
            }
        )
        return header, sha, count

    def check_header(self, header, seq, inc, place, sha):
        walk = self.walk
        if str(header.get("inc", 1)) != inc:
            raise Lie("county files", place, "is for another incarnation than its note says")
        want = {"t": "H", "fmt": "civicpos-down-v1", "county": walk.county, "kiosk": walk.kiosk, "downSeq": seq, "prevDownSha": self.sha}
        for name, value in want.items():
            if header.get(name) != value:
                raise Lie("county files", place, f"says {name} {header.get(name)}, not {value}")
        if self.header and (header["serverEpoch"] < self.header["serverEpoch"] or header["asOf"] < self.header["asOf"]):
            raise Lie("county files", place, "is older than the file before it")
        ack = header["ackThrough"]
        if ack is not None and walk.ends.get((ack["inc"], ack["seq"])) != ack["leaf"]:
            raise Lie("county files", place, f"acknowledges an event {ack['seq']} that ends no file here, or another one")
        if "countyRoot" in header:
            self.check_root(header["countyRoot"], place)
        elif self.log:
            raise Lie("county files", place, "brings no root of the county's log, and the ones before did")
        before = self.committee, self.believed
        try:
            self.check_committee(header, place)
        except Lie as lie:
            if sha not in self.excused:
                raise
            self.committee, self.believed = before
            self.notices.append(f"{self.excused[sha]}: {place} {lie.what}; taken without that, by a printed notice")

    def take_notice(self, body, place):
        """Rule B5."""
        if body["about"] == "file":
            self.excused[body["sha256"]] = place
            return
        need(body["about"] == "committee", "is a notice of nothing we know")
        waits = self.committee and not self.believed[-1] and self.committee[-1] == (body["name"], unb64u(body["key"], 32))
        if not waits:
            raise Lie("county log", place, "takes a key of the committee that waits for no notice")
        self.believed = [*self.believed[:-1], True]
        self.notices.append(f"{place}: the key {body['name']} of the committee was taken by a printed notice")

    def check_committee(self, header, place):
        """Rules B1 to B4."""
        said, known = header.get("committee", []), self.committee
        believed = list(self.believed)
        keys = [(each["name"], unb64u(each["key"], 32)) for each in said]
        if keys[: len(known)] != known or len({name for name, _ in keys}) != len(keys):
            raise Lie("county log", place, "names another committee than the files before")
        for i in range(len(known), len(keys)):
            name, key = keys[i]
            if i == 0:
                if said[0]["word"] != "" or "notice" in said[0] or key is None:
                    raise Lie("county log", place, "names a committee in no form of ours")
                believed.append(True)
                continue
            if "notice" in said[i]:
                if said[i]["word"] != "" or said[i]["notice"] is not True or key is None:
                    raise Lie("county log", place, "names a committee in no form of ours")
                believed.append(False)
                continue
            believed.append(believed[-1])
            text = open_note(said[i]["word"], place, keys[i - 1][0], [keys[i - 1][1]], "county log", "the committee before")
            if key is None or text != f"civicpos-committee-v1\n{self.walk.county}\n{name}\n{said[i]['key']}\n":
                raise Lie("county log", place, "names a committee that the one before it did not name")
        self.committee, self.believed = keys, believed
        if "countyRoot" in header:
            self.check_names(header["countyRoot"]["note"], place)
        if "cosigned" not in header:
            return
        note = header["cosigned"]["note"]
        self.check_names(note, place)
        if not keys:
            raise Lie("county log", place, "carries a signature of a committee that nobody named")
        open_note(note, place, keys[-1][0], [keys[-1][1]], "county log", "the committee")
        size, head = self.head_of(note, place)
        if not self.log or not continues(size, head, *self.log, [unb64u(each, 32) for each in header["cosigned"]["proof"]]):
            raise Lie("county log", place, "carries a root signed by the committee that its own does not continue")

    def check_names(self, note, place):
        """A signature under a name of the committee's holds (rule B3)."""
        for name, key in self.committee:
            if f"\n— {name} " in note:
                open_note(note, place, name, [key], "county log", "the committee")

    def check_root(self, root, place):
        size, head = self.head_of(root["note"], place)
        if self.log and not continues(*self.log, size, head, [unb64u(each, 32) for each in root["proof"]]):
            raise Lie("county log", place, "carries a root that does not continue the one before")
        self.log = size, head

    def head_of(self, note, place):
        """Size and root of a checkpoint of the county's log that the county signed."""
        origin = f"civicpos/{self.walk.county}/log"
        lines = open_note(note, place, origin, self.in_force(), "county log", "the county").split("\n")
        size = int(lines[1]) if len(lines) == 4 and lines[0] == origin and re.fullmatch(r"[1-9][0-9]{0,15}", lines[1]) else 2**53
        head = base64.b64decode(lines[2], validate=True) if size < 2**53 else b""
        if len(head) != 32 or base64.b64encode(head).decode() != lines[2]:
            raise Lie("county log", place, "carries no root of the county's log")
        return size, head

    def hear(self, line, seq, place):
        kind = line["t"]
        if kind == "SCHEME" and (self.scheme is None or line["scheme"]["version"] >= self.scheme["version"]):
            self.scheme = line["scheme"]
        elif kind == "SHOP":
            if line["shop"]["kiosk"] != self.walk.kiosk:
                raise Lie("county files", place, "is the shop of another kiosk")
            self.shop = line["shop"]
        elif kind == "KEY" and line["use"] == "file":
            self.keys[line["kid"]] = line["key"], line["active"], seq
            self.ever.append(line["key"])
        elif kind == "ADJUST":
            known = self.adjusted.setdefault(line["id"], (seq, line))
            if known[1]["fen"] != line["fen"]:
                raise Lie("county files", place, f"adjustment {line['id']} was of another amount")

    def apply(self, event, place, fold):
        body = event["body"]
        if body["downSeq"] != self.seq + 1:
            raise Lie("county files", place, f"applied file {body['downSeq']} where {self.seq + 1} was due")
        header, sha, count = self.read(body["downSeq"], fold, self.folder_of(body, event["inc"]))
        if not is_same([sha, header["asOf"], count], [body["sha256"], body["asOf"], body["lines"]]):
            raise Lie("county files", place, "does not say what the county's file says")
        if (header.get("inc", 1), header.get("incLeaf")) != (event["inc"], self.walk.restored):
            raise Lie("county files", place, "applied a file for another incarnation")
        self.applied, self.epoch = self.seq, self.header["serverEpoch"]

    def adjustments(self, settled):
        known = sorted(self.adjusted.items(), key=lambda item: (item[1][0], item[0]))
        return [{name: line[name] for name in ("id", "zh", "fen")} for id_, (_, line) in known if id_ not in settled]


# ---- One kiosk -----------------------------------------------------------------------------------------------------------------


RETURNED_LINE = ("n", "quantity", "totalFen", "pointsFen", "settlementFen", "points")


class Walk:
    """The chain of one incarnation, and of those it goes on from."""

    def __init__(self, directory, root, kiosk, keys, acts, ends):
        self.directory, self.root, self.kiosk, self.keys, self.acts = directory, root, kiosk, keys, acts
        self.county = keys["county"]
        self.signers = [unb64u(key, 32) for key in keys["kiosks"][kiosk]]
        self.signed_by = []  # keys one after the other, the last of what comes next (rule E11)
        self.ends, self.shas = ends, {}  # ends of files of all incarnations: one that was forgotten may be acknowledged
        self.tree, self.fold, self.word, self.rights = Tree(), Fold(acts), County(self), Rights()
        self.seq, self.leaf, self.at, self.inc = 0, b64u(bytes(32)), 0, 1
        self.days, self.settlements, self.open, self.settled = [], [], [], set()
        self.reversed, self.returned, self.from_seq = set(), {}, 1
        self.restored, self.restored_seq = None, 0
        self.file_seq, self.file_sha, self.answers, self.acked = 0, "", 0, None
        self.shown, self.base = [], None

    def place(self, inc, file_seq, suffix, part="up"):
        return f"{self.root}/{part}/{self.kiosk}/{inc}/{file_seq:08}{suffix}"

    def read_file(self, inc, file_seq, through):
        for suffix in (".jsonl.gz", ".checkpoint", ".note"):
            if not os.path.exists(os.path.join(self.directory, self.place(inc, file_seq, suffix))):
                raise Lie("files", self.place(inc, file_seq, suffix), "is missing")
        origin = f"civicpos/{self.county}/{self.kiosk}/{inc}"
        note = self.place(inc, file_seq, ".note")
        text = open_note(read_note(self.directory, note), note, origin, self.signers, "signatures", "the kiosk")
        sha = check_file_note(text, note, "files", ("up", self.county, self.kiosk, inc, file_seq, self.file_sha))
        place = self.place(inc, file_seq, ".jsonl.gz")
        lines = Lines(self.directory, place, *UP_BOUNDS)
        reader = iter(lines)
        n, text, here = next(reader, (0, "", ""))
        if not n:
            raise Lie("files", place, "is empty")
        header, header_at = value_of(text, here), here
        with formed(here):
            need_form(header, UP_HEADER, here)
            self.check_header(header, inc, file_seq, here)
            if not self.signed_by:
                self.signed_by.append(header["kioskKey"])
            key = unb64u(self.signed_by[-1], 32)
            self.signers = [key]
        open_note(read_note(self.directory, note), note, origin, self.signers, "signatures", "the kiosk")
        kinds, tags, touched, closings = {}, 0, set(), []
        while self.seq < min(header["toSeq"], through):
            n, text, here = next(reader, (0, "", ""))
            _, signature, below = next(reader, (0, "", ""))
            if not below:
                raise Lie("files", place, f"ends before event {header['toSeq']}")
            event = value_of(text, here)
            leaf = hashlib.sha256(b"\0" + text.encode()).digest()
            with formed(here):
                self.check_link(event, header, here)
            signature = unb64u(value_of(signature, below), 64)
            if signature is None:
                raise Lie("form", below, "is no signature")
            if not is_signed(key, signed_text(event, leaf).encode(), signature):
                raise Lie("signatures", here, "is not signed by the kiosk")
            if unb64u(self.signed_by[-1], 32) != key:
                raise Lie("keys", here, "stands in a file of the key that was given up")
            self.take(event, here)
            if event["kind"] == "KEY_ROTATED":
                with formed(here):
                    self.take_key(event, here)
            if event["kind"] == "RESTORED":
                self.restored, self.restored_seq = b64u(leaf), event["seq"]
            self.tree.add(leaf)
            self.seq, self.leaf, self.at, self.inc = event["seq"], b64u(leaf), event["at"], event["inc"]
            of = kinds.setdefault(event["kind"], {"count": 0, "amt": 0})
            of["count"], of["amt"] = of["count"] + 1, of["amt"] + event["amt"]
            if event["res"] is not None:
                tags += int.from_bytes(base64.urlsafe_b64decode(event["res"][:8]), "big")
            step = step_of(event)
            if step:
                touched.add(step[0])
            if event["kind"] == "DAY_CLOSED":
                body = event["body"]
                red = body["accounts"].get("red/PTS", {"opening": 0, "closing": 0})
                closings.append({"t": "Z", "number": body["number"], "day": event["day"], "seq": event["seq"], "red": red, **body["checkpoint"]})
        self.signers = [unb64u(self.signed_by[-1], 32)]
        if through < header["toSeq"]:
            return
        trailer, last = None, ""
        for n, text, here in reader:
            line = value_of(text, here)
            kind = line.get("t") if isinstance(line, dict) else None
            if trailer is not None:
                raise Lie("trailer", here, "stands after the trailer")
            if kind == "Z":
                if not closings or not is_same(line, closings.pop(0)):
                    raise Lie("days", here, "is not the closing that the events have next")
            elif kind == "C":
                need_form(line, COUNTER, here)
                account = line["a"]
                if account <= last:
                    raise Lie("counters", here, "is not in the order of the accounts")
                if line != {"t": "C", "a": account, **(self.fold.counters.get(account) or {})}:
                    raise Lie("counters", here, f"says other of {account} than the events make")
                last = account
                touched.discard(account)
            else:
                trailer = {
                    "t": "T",
                    "lines": n - 1,
                    "events": header["toSeq"] - header["fromSeq"] + 1,
                    "kinds": kinds,
                    "hashTotal": str(tags % 2**48),
                    "size": self.tree.size,
                    "root": b64u(self.tree.root()),
                    "headLeaf": self.leaf,
                }
                if not is_same(line, trailer) or closings or (touched and last):  # a file of a backlog has no counters (rule U9)
                    raise Lie("trailer", here, "says other than the lines before it make")
        if trailer is None:
            raise Lie("trailer", place, "has no trailer")
        word = self.word  # rule U5
        root = {"size": word.log[0], "root": b64u(word.log[1])} if word.log else None
        if header["appliedDownSeq"] != word.applied or not is_same(header["countyRoot"], root):
            raise Lie("files", header_at, "says that it had other of the county than the files that its events apply")
        if lines.sha256 != sha:
            raise Lie("files", place, "is not what its note signs")
        self.file_seq, self.file_sha = file_seq, sha
        self.ends[inc, self.seq] = self.leaf
        checkpoint = self.place(inc, file_seq, ".checkpoint")
        text = open_note(read_note(self.directory, checkpoint), checkpoint, origin, [key], "signatures", "the kiosk")
        if text != f"{origin}\n{self.tree.size}\n{base64.b64encode(self.tree.root()).decode()}\n":
            raise Lie("tree", checkpoint, "is another root than that of the events")

    def show(self, inc, number, settled, came):
        """What a file shows of the order in which the county took and gave (rules L8 to L14)."""
        self.shown.append(
            {
                "kiosk": self.kiosk,
                "key": ("up", self.kiosk, str(inc), str(number), self.file_sha),
                "inc": inc,
                "number": number,
                "place": self.place(inc, number, ".note"),
                "through": self.seq,
                "given": self.fold.given,
                "came": came,
                "epoch": self.word.epoch,
                "settled": [each["number"] for each in self.settlements[settled:]],
            }
        )

    def check_header(self, header, inc, file_seq, place):
        want = {
            "t": "H",
            "fmt": "civicpos-up-v1",
            "county": self.county,
            "kiosk": self.kiosk,
            "inc": inc,
            "fileSeq": file_seq,
            "prevFileSha": self.file_sha,
            "fromSeq": self.seq + 1,
            "prevLeaf": self.leaf,
        }
        for name, value in want.items():
            if not is_same(header.get(name), value):
                raise Lie("files", place, f"says {name} {header.get(name)}, not {value}")
        if type(header["toSeq"]) is not int or header["toSeq"] < header["fromSeq"]:
            raise Lie("files", place, "has no events")
        if header["kioskKey"] not in (self.signed_by[-1:] or self.keys["kiosks"][self.kiosk]):
            raise Lie("keys", place, "names a key that is not this kiosk's, or not here")

    def take_key(self, event, place):
        """Rule E11."""
        body = event["body"]
        new = unb64u(body["newKey"], 32)
        said = [event["county"], event["kiosk"], str(event["inc"]), str(event["seq"]), body["oldKey"], body["newKey"]]
        text = "".join(f"{line}\n" for line in ["civicpos-kiosk-key-v1", *said])
        if body["oldKey"] != self.signed_by[-1] or new is None or body["newKey"] in self.signed_by:
            raise Lie("keys", place, "gives up another key than the one in force, or for none that is new")
        if not is_signed(new, text.encode(), unb64u(body["proof"], 64) or b""):
            raise Lie("keys", place, "does not prove that the kiosk has its new key")
        self.signed_by.append(body["newKey"])

    def check_link(self, event, header, place):
        """Rules E1 to E9."""
        if not isinstance(event, dict) or not isinstance(event.get("body"), dict) or not isinstance(event.get("kind"), str):
            raise Lie("chain", place, "is no event")
        kind, body = event.get("kind"), event["body"]
        want = {
            "v": 1,
            "county": header["county"],
            "store": header["store"],
            "kiosk": header["kiosk"],
            "inc": self.inc + (kind == "RESTORED"),
            "seq": self.seq + 1,
            "prev": self.leaf,
        }
        for name, value in want.items():
            if not is_same(event.get(name), value):
                raise Lie("chain", place, f"says {name} {event.get(name)} where {value} is due")
        amt, at, res, op = event["amt"], event["at"], event["res"], event["op"]
        is_form = type(amt) is int and amt >= 0 and type(at) is int and abs(at) <= 8 * 10**15 and isinstance(event["id"], str)
        is_form = is_form and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", event["day"]) and (op is None or isinstance(op, str))
        if not is_form or (res is not None and not re.fullmatch(r"[A-Za-z0-9_-]{8,22}", res)):
            raise Lie("chain", place, "is no event")
        need_event(event, place)
        if event["clk"] != ("back" if at < self.at else "ok"):
            raise Lie("chain", place, "says otherwise of its clock")
        if self.seq == 0 and kind != "START":
            raise Lie("chain", place, "a book begins with START")
        if kind == "START" and body["kioskKey"] != header["kioskKey"]:
            raise Lie("chain", place, "started with another key")
        if kind == "RESTORED" and (body["fromInc"], body["throughSeq"], body["leaf"]) != (self.inc, self.seq, self.leaf):
            raise Lie("chain", place, "was put back after another event than the one before it")

    def take(self, event, place):
        kind = event["kind"]
        try:
            self.fold.take(event, place)
            if kind == "DOWN_APPLIED":
                self.word.apply(event, place, self.fold)
            elif kind == "NOTICE_TAKEN":
                self.word.take_notice(event["body"], place)
            elif kind == "CREDIT_REVERSED":
                self.take_reversal(event, place)
            elif kind == "RETURNED":
                self.take_return(event, place)
            elif kind == "REPORT_PRINTED":
                self.compare("days", place, event["body"], dict(zip(("figures", "accounts"), self.fold.report()), fromSeq=self.from_seq))
            self.rights.take(event, place, self.fold, self.word.in_force())
            self.fold.end_event(event)
            if kind == "DAY_CLOSED":
                self.take_closing(event, place)
            elif kind == "SETTLED":
                self.take_settlement(event, place)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError) as error:
            raise Lie("postings", place, f"{type(error).__name__}: {error}")

    def compare(self, check, place, body, expected):
        for name, value in expected.items():
            if name not in body or not is_same(body[name], value):
                raise Lie(check, place, f"has other {name} than its events make")

    def take_reversal(self, event, place):
        body = event["body"]
        credit = self.acts.get(body["creditId"])
        is_of = credit and credit["kind"] == "CREDIT" and self.restored_seq <= credit["seq"] < event["seq"]
        if not is_of or (credit["body"]["accountId"], credit["amt"], credit["res"]) != (body["accountId"], event["amt"], event["res"]):
            raise Lie("reversals", place, "takes back no credit of that account and amount")
        if body["creditId"] in self.reversed:
            raise Lie("reversals", place, "takes a credit back again")
        self.reversed.add(body["creditId"])

    def take_return(self, event, place):
        """Rule P10: no more comes back than was bought, and of each amount what should be back by now less what is back already."""
        body, lie = event["body"], Lie("returns", place, "gives back other than the share of the sale that the pieces are")
        sale = self.acts.get(body["saleId"])
        is_of = sale and sale["kind"] == "SALE" and self.restored_seq <= sale["seq"] < event["seq"] and self.word.scheme
        if not is_of or (sale["body"]["accountId"], sale["res"]) != (body["accountId"], event["res"]):
            raise Lie("returns", place, "gives back of no sale to that account")
        sold, now = sale["body"], [line["n"] for line in body["lines"]]
        if not now or now != sorted(set(now)):
            raise Lie("returns", place, "gives nothing back, or of a line twice")
        of = self.returned.setdefault(body["saleId"], {"lines": {}, "discount": 0, "roamed": 0, "money": 0})
        for line in body["lines"]:
            bought, sums = sold["lines"][line["n"]], of["lines"].setdefault(line["n"], {})
            for name in RETURNED_LINE[1:]:
                sums[name] = sums.get(name, 0) + line[name]
            share = lambda amount: amount * sums["quantity"] // bought["quantity"]
            due = {
                "totalFen": share(bought["totalFen"]),
                "pointsFen": share(bought["pointsFen"]),
                "settlementFen": share(bought.get("settlementFen", 0)),
                "points": share(bought["points"]) if bought["pricedIn"] == "points" else 0,
            }
            if set(line) != set(RETURNED_LINE) or sums["quantity"] > bought["quantity"] or any(sums[name] != amount for name, amount in due.items()):
                raise lie
        total, worth, points = (sum(line[name] for line in body["lines"]) for name in ("totalFen", "pointsFen", "points"))
        total_back, worth_back = (sum(sums[name] for sums in of["lines"].values()) for name in ("totalFen", "pointsFen"))
        value = point_value(sale)
        discount = (0 if value is None else worth_back * 100 // value) - of["discount"]
        money = self.money_back(sold, total_back - worth_back, of["money"])
        back, redemption = discount + points, sold["redemption"]
        due = None
        if redemption and (back or worth):
            counter = self.fold.counter(body["accountId"])  # as it stands after what goes back
            unsettled = counter["x"] - counter["w"] - counter["xs"] + counter["f"] + (body["redemption"] or {"toRoaming": 0})["toRoaming"]
            roamed = min(back, unsettled, redemption["fromRoaming"] - of["roamed"])
            due = {"discount": discount, "worthFen": worth, "pointValueFen": value, "toRights": back - roamed, "toRoaming": roamed}
            of["roamed"] += roamed
        said = body["redemption"] and due and {name: body["redemption"][name] for name in due}
        payments = [{"kind": sold["payments"][0]["kind"], "fen": money}] if money else []
        if event["amt"] != back or not is_same([said or body["redemption"], body["payments"]], [due, payments]):
            raise lie
        if (body["totalFen"], body["roundingFen"]) != (total, money + worth - total):
            raise lie
        of["discount"], of["money"] = of["discount"] + discount, of["money"] + money

    def money_back(self, sold, part, gone):
        """Of what was paid in money, once so much of what was to be paid so is back; cash in whole units until all is."""
        paid = sum(payment["fen"] for payment in sold["payments"])
        due = sold["totalFen"] - (sold["redemption"]["worthFen"] if sold["redemption"] else 0)
        if not (paid and due):
            return 0
        exact = paid * part // due
        unit = self.word.scheme["cashRounding"]["unitFen"] if sold["payments"][0]["kind"] == "cash" and part < due else 1
        return max(0, exact - exact % unit - gone)

    def take_closing(self, event, place):
        body, number = event["body"], len(self.days) + 1
        checkpoint = {"size": self.tree.size, "root": b64u(self.tree.root())}
        permille = (self.word.shop or {}).get("merchantSharePermille", 0)
        name = paper_number(event, "Z", number)
        expected = {"number": number, "closingNumber": name, "fromSeq": self.from_seq, "checkpoint": checkpoint, "sharePermille": permille}
        self.compare("days", place, body, expected)
        if self.days and event["day"] <= self.days[-1]["day"]:
            raise Lie("days", place, "closes a date after a later one")
        figures, accounts, perpetual, rows = self.fold.end_period()
        self.compare("days", place, body, {"figures": figures, "accounts": accounts, "perpetual": perpetual})
        day = {"number": number, "day": event["day"], "seq": event["seq"], "figures": figures, "rows": rows}
        self.days.append(day)
        self.open.append({**day, "permille": permille})
        self.from_seq = event["seq"] + 1

    def take_settlement(self, event, place):
        body, word = event["body"], self.word
        if not (self.open and word.scheme):
            raise Lie("settlements", place, "settles nothing")
        number = len(self.settlements) + 1
        made = settlement_of(event, number, self.open, word.scheme, word.adjustments(self.settled))
        self.compare("settlements", place, body, made)
        if set(body) != {*made, "printed"}:
            raise Lie("settlements", place, "has members that no settlement has")
        self.settlements.append(made)
        self.settled |= {each["id"] for each in body["adjustments"]}
        self.open = self.open[len(made["closings"]) :]

    def check_answers(self, inc):
        places = [self.place(inc, n, ".ack", "ack") for n in numbers_in(self.directory, f"{self.root}/ack/{self.kiosk}/{inc}", (".ack",))]
        places += [self.place(inc, n, ".ack") for n in self.shas]
        for place in places:
            if os.path.exists(os.path.join(self.directory, place)):
                self.check_answer(place, inc)

    def check_answer(self, place, inc):
        """Rules A1 to A5."""
        keys = [unb64u(key, 32) for key in self.word.ever]
        text = open_note(read_note(self.directory, place), place, self.keys["countyKeyName"], keys, "answers", "the county")
        lines = text.split("\n")
        if not is_answer(lines):
            raise Lie("answers", place, "is no answer")
        file_seq, sha, verdict, to_seq, leaf = lines[4:9]
        if lines[1:4] != [self.county, self.kiosk, str(inc)] or not place.endswith(f"/{int(file_seq):08}.ack"):
            raise Lie("answers", place, "is of another file")
        if self.shas.get(int(file_seq)) != sha:
            raise Lie("answers", place, "answers a file of that number with other bytes")
        if to_seq != "-":
            if self.ends.get((inc, int(to_seq))) != leaf:
                raise Lie("answers", place, "posts an event that is not the one in the files")
            if self.acked is None or int(to_seq) > self.acked["toSeq"]:
                self.acked = {"toSeq": int(to_seq), "headLeaf": leaf}
        self.answers += 1

    def read_rest(self):
        """What the county sent and nobody applied yet."""
        for seq in numbers_in(self.directory, f"{self.root}/down/{self.kiosk}", (".jsonl.gz", ".note"), whole=True):
            if seq > self.word.seq:
                self.word.read(seq, None)

    def report(self, inc):
        return {
            "kiosk": self.kiosk,
            "inc": inc,
            "files": self.file_seq,
            "events": self.seq,
            "root": b64u(self.tree.root()),
            "headLeaf": self.leaf,
            "appliedDownSeq": self.word.applied,
            "balances": {name: amount for name, amount in self.fold.balances.items() if amount},
            "counters": self.fold.counters,
            "days": self.days,
            "settlements": self.settlements,
            "answers": self.answers,
            "acked": self.acked,
        }


def is_answer(lines):
    """Rules A1 and A2."""
    if len(lines) != 13 or lines[0] != "civicpos-ack-v1" or lines[12] != "":
        return False
    county, kiosk, inc, file_seq, sha, verdict, to_seq, leaf, want, exceptions, detail = lines[1:12]
    is_number = lambda text: re.fullmatch(r"[1-9][0-9]{0,15}", text) is not None and int(text) <= 2**53 - 1
    is_posted = is_number(to_seq) and unb64u(leaf, 32) is not None
    return (
        COUNTY(county)
        and ID(kiosk)
        and is_number(inc)
        and is_number(file_seq)
        and unb64u(sha, 32) is not None
        and verdict in ("ACCEPTED", "DUPLICATE", "FORK", "GAP", "OUT_OF_BALANCE", "REJECTED")
        and (is_posted or (verdict not in ("ACCEPTED", "DUPLICATE") and (to_seq, leaf) == ("-", "-")))
        and (is_number(want) if verdict == "GAP" else want == "-")
        and (exceptions == "0" or is_number(exceptions))
        and re.fullmatch(r"[ -~]{1,300}", detail) is not None
    )


def signed_text(event, leaf):
    """Rule E7."""
    parts = ("CP1", event["county"], event["kiosk"], event["inc"], event["seq"], event["at"], event["res"] or "", event["amt"], b64u(leaf))
    return "|".join(map(str, (*parts, event["prev"][:8])))


def numbers_in(directory, place, suffixes, whole=False):
    found = set()
    for name in names_in(directory, place):
        if not re.fullmatch(r"[0-9]{8}", name[:8]) or name[8:] not in suffixes:
            raise Lie("files", f"{place}/{name}", "is no file of ours")
        found.add(int(name[:8]))
    for i, number in enumerate(sorted(found)):
        if whole and number != i + 1:
            raise Lie("files", f"{place}/{i + 1:08}", "is missing")
    return sorted(found)


UP_SUFFIXES = (".jsonl.gz", ".checkpoint", ".note", ".ack")


def named_acts(directory, root, kiosk, incs):
    """Sales and credits that returns and reversals name, by id; whether they are true is asked where the chain comes to them."""

    def events(*kinds):
        marks = [f'"kind":"{kind}"' for kind in kinds]
        for inc in incs:
            for name in names_in(directory, f"{root}/up/{kiosk}/{inc}"):
                if not name.endswith(".jsonl.gz"):
                    continue
                try:
                    for _, text, _ in Lines(directory, f"{root}/up/{kiosk}/{inc}/{name}", *UP_BOUNDS):
                        if any(mark in text for mark in marks):
                            event = json.loads(text)
                            if isinstance(event, dict) and isinstance(event.get("body"), dict):
                                yield event
                except (Lie, ValueError, RecursionError):
                    pass  # told when it is checked

    ids = [event["body"].get(name) for event in events("CREDIT_REVERSED", "RETURNED") for name in ("creditId", "saleId")]
    wanted, acts = {each for each in ids if isinstance(each, str)}, {}
    for event in events("SALE", "CREDIT") if wanted else ():
        if isinstance(event.get("id"), str) and event["id"] in wanted:
            acts.setdefault(event["id"], event)
    return acts


def beginning(directory, root, kiosk, inc):
    """The number of the first event in the files of an incarnation, and the incarnation whose files have the events before it."""
    place = f"{root}/up/{kiosk}/{inc}/00000001.jsonl.gz"
    if not os.path.exists(os.path.join(directory, place)):
        raise Lie("files", place, "is missing")
    header = None
    for _, text, here in Lines(directory, place, *UP_BOUNDS):
        line = value_of(text, here)
        if header is None:
            header = line
            if not isinstance(header, dict) or not isinstance(header.get("fromSeq"), int):
                raise Lie("form", here, "is no header")
            if header["fromSeq"] == 1:
                return 1, None
            continue
        with formed(here):
            return header["fromSeq"], line["body"]["fromInc"] if line["kind"] == "RESTORED" else line["inc"]
    raise Lie("files", place, "is empty" if header is None else "has no event")


def need_answered(directory, root, kiosk, incs):
    """What is answered is here: an incarnation that is gone whole would be missed by nothing else."""
    for name in names_in(directory, f"{root}/ack/{kiosk}"):
        if name not in incs:
            raise Lie("answers", f"{root}/ack/{kiosk}/{name}", "answers files that are not here")


def check_kiosk(directory, root, kiosk, keys):
    names = names_in(directory, f"{root}/up/{kiosk}")
    for name in names:
        if not re.fullmatch(r"[1-9][0-9]{0,8}", name):
            raise Lie("files", f"{root}/up/{kiosk}/{name}", "is no incarnation")
    incs, ends = sorted(map(int, names)), {}
    if not incs:  # it sent nothing yet
        walk = Walk(directory, root, kiosk, keys, {}, ends)
        walk.read_rest()
        need_answered(directory, root, kiosk, names)
        yield None, [], [], walk
    for inc in incs:
        walk = Walk(directory, root, kiosk, keys, named_acts(directory, root, kiosk, [each for each in incs if each <= inc]), ends)
        lineage, younger = [], inc
        first, older = beginning(directory, root, kiosk, inc)
        through = first - 1
        while through > 0:
            if not isinstance(older, int) or not 1 <= older < younger:
                raise Lie("chain", f"{root}/up/{kiosk}/{inc}/00000001.jsonl.gz, line 1", "goes on from nothing")
            lineage.insert(0, (older, through))
            younger = older
            first, older = beginning(directory, root, kiosk, younger)
            through = min(through, first - 1)
        walk.base = lineage[-1] if lineage else None
        for older, through in lineage:
            walk.file_seq, walk.file_sha = 0, ""
            for number in numbers_in(directory, f"{root}/up/{kiosk}/{older}", UP_SUFFIXES, whole=True):
                if walk.seq < through:
                    walk.read_file(older, number, through)
            if walk.seq < through:
                raise Lie("chain", f"{root}/up/{kiosk}/{older}", f"ends before event {through}, which the next incarnation has")
        walk.file_seq, walk.file_sha = 0, ""
        for number in numbers_in(directory, f"{root}/up/{kiosk}/{inc}", UP_SUFFIXES, whole=True):
            settled, came = len(walk.settlements), walk.fold.came
            walk.read_file(inc, number, 2**53)
            walk.shas[number] = walk.file_sha
            walk.show(inc, number, settled, walk.fold.came - came)
        walk.check_answers(inc)
        if inc == incs[-1]:
            walk.read_rest()
            need_answered(directory, root, kiosk, names)
        yield walk.report(inc), walk.signed_by, walk.word.notices, walk


def check_receipts(directory, root, keys, signed_by):
    path = os.path.join(directory, "receipts.txt")
    if not os.path.exists(path):
        return 0
    with open(need_file(directory, "receipts.txt"), "rb") as file:
        lines = file.read().split(b"\n")
    if lines.pop():
        raise Lie("receipts", f"receipts.txt, line {len(lines) + 1}", "has no end")
    leaves = {}
    if len(lines) > 100_000:
        raise Lie("receipts", "receipts.txt", "has more than 100,000 lines")
    form = rb"(CP1\|(\d{6})\|([\w.-]{1,40})\|(\d+)\|\d+\|\d+\|[\w-]*\|\d+\|([\w-]{43})\|[\w-]{8})\|([\w-]{86})"
    for i, line in enumerate(lines):
        place = f"receipts.txt, line {i + 1}"
        match = re.fullmatch(form, line)
        if not match:
            raise Lie("receipts", place, "is no code of a receipt")
        county, kiosk, inc, leaf, signature = (part.decode() for part in match.groups()[1:])
        signers = [unb64u(key, 32) for key in sorted(signed_by.get(kiosk, ()))]
        signature = unb64u(signature, 64)
        if county != keys["county"] or signature is None or not any(is_signed(key, match[1], signature) for key in signers):
            raise Lie("receipts", place, "is not signed by its kiosk")
        if (kiosk, inc) not in leaves:
            found = leaves[kiosk, inc] = set()
            for number in numbers_in(directory, f"{root}/up/{kiosk}/{inc}", UP_SUFFIXES):
                for _, text, _ in Lines(directory, f"{root}/up/{kiosk}/{inc}/{number:08}.jsonl.gz", *UP_BOUNDS):
                    found.add(b64u(hashlib.sha256(b"\0" + text.encode()).digest()))
        if leaf not in leaves[kiosk, inc]:
            raise Lie("receipts", place, "is of an event that the files do not hold")
    return len(lines)


# ---- The county's log (rules L1 to L14) ----------------------------------------------------------------------------------------


def verifier_text(name, key):
    return f"{name}+{hashlib.sha256(name.encode() + bytes([10, 1]) + key).digest()[:4].hex()}+{base64.b64encode(bytes([1]) + key).decode()}"


def downs_in_force(walks):
    """What the county's files show to the newest incarnation of each kiosk."""
    return [down for walk in {walk.kiosk: walk for walk in walks}.values() for down in walk.word.shown]


def check_one_log(carried):
    """Rule L8, also where no log lies beside the files: of one size there is one root, whichever kiosk was given it."""
    roots = {}
    for down in carried:
        size, root = down["root"]
        if roots.setdefault(size, root) != root:
            raise Lie("county log", down["place"], f"carries another root of {size} entries than a file before it")


class Log:
    def __init__(self, directory, root, keys, reports, walks, signed_by):
        self.directory, self.root, self.county, self.reports = directory, root, keys["county"], reports
        self.kiosk_keys = {kiosk: {*first, *signed_by.get(kiosk, ())} for kiosk, first in keys["kiosks"].items() if first}
        self.ups = [up for walk in walks for up in walk.shown]
        self.bases = {(walk.kiosk, walk.shown[0]["inc"]): walk.base for walk in walks if walk.shown}
        self.here = {up["key"] for up in self.ups}
        self.downs = downs_in_force(walks)
        self.carried = {down["root"][0] for down in self.downs if down["root"]}
        self.at, self.settled, self.batches, self.lists, self.beyond, self.root_at = {}, {}, {}, {}, None, {}
        self.said = []  # by which entry the county's book was of a later epoch than any before
        self.epochs = {}  # the newest that the log says before the last file of a number
        self.origin, self.keys_name = f"civicpos/{self.county}/log", keys["countyKeyName"]
        self.first = [unb64u(each, 32) for each in keys["countyKeys"]]
        self.trusted = list(self.first)
        self.tree, self.roots, self.files, self.held = Tree(), {}, {}, (0, b"")
        self.missing, self.signatures = {}, 0  # by kiosk: how many of its own files, and of the county's, are named and not here

    def check(self):
        names = names_in(self.directory, "log")
        for name in names:
            if not re.fullmatch(r"county\.pub|committee|[0-9]{15}\.(checkpoint|entries|[0-9a-f]{8}\.cosignature)", name):
                raise Lie("county log", f"log/{name}", "is no file of a log")
        public = read_note(self.directory, "log/county.pub")
        if public not in [verifier_text(self.origin, key) + "\n" for key in self.first]:
            raise Lie("county log", "log/county.pub", "is no key of this county")
        for number in sorted({name[:15] for name in names if name.endswith((".checkpoint", ".entries"))}):
            self.read_entries(f"log/{number}.entries")
            self.read_root(number)
        self.check_hashes()
        self.check_superseded()
        self.check_cosignatures([name for name in names if name.endswith(".cosignature")])

    def read_entries(self, place):
        """Rule L2."""
        if os.path.getsize(need_file(self.directory, place)) > 256 * MEBI:
            raise Lie("county log", place, "is too long")
        with open(os.path.join(self.directory, place), "rb") as file:
            for i, line in enumerate(file):
                here = f"{place}, line {i + 1}"
                if not line.endswith(b"\n"):
                    raise Lie("county log", here, "has no end")
                with formed(here):
                    self.take(line[:-1], here)

    def take(self, line, here):
        entry, n = value_of(line.decode(), here), self.tree.size
        need_form(entry, ENTRIES[entry["t"]], here)
        self.tree.add(hashlib.sha256(b"\0" + line).digest())
        if n + 1 in self.carried:
            self.root_at[n + 1] = self.tree.root()
        if entry["t"] == "KEY":
            self.follow(entry["note"], here)
        elif entry["t"] == "FILE":
            self.keep(entry["note"], n, here)
        elif entry["t"] == "SETTLEMENT":
            self.compare(entry, here)
            self.settled.setdefault((entry["kiosk"], entry["number"]), n)
        elif entry["t"] == "AWARDS":
            if entry["batch"] in self.lists:
                raise Lie("county log", here, "is of a list that was entered before")
            self.lists[entry["batch"]] = entry["points"]
        elif entry["t"] == "BEYOND_AWARDS":
            if entry["entries"] != n:
                raise Lie("county log", here, "says another number of entries than stand before it")
            self.beyond = entry["points"], entry["serverEpoch"]
            if entry["serverEpoch"] > (self.said[-1][1] if self.said else 1):
                self.said.append((n, entry["serverEpoch"]))
        elif entry["t"] == "COUNTY_BATCH":
            self.batches.setdefault((entry["batch"], entry["kiosk"], entry["owedFen"]), n)

    def follow(self, note, place):
        """Rules K5 and K6."""
        try:
            text = open_note(note, place, self.origin, self.trusted, "county log", "the county")
        except Lie:
            return  # nobody's word
        form = r"civicpos-key-v1\n([0-9]{6})\n([A-Za-z0-9._-]{1,40})\n(?:0|[1-9][0-9]{0,8})\n([A-Za-z0-9_-]{43})\n(begins|ends)\n"
        match = re.fullmatch(form, text)
        key = match and unb64u(match[3], 32)
        if not key or match[1] != self.county:
            return
        if match[2] != "file":
            if match[2] in self.kiosk_keys:
                self.kiosk_keys[match[2]].add(match[3])
        elif match[4] == "begins" and key not in self.trusted:
            self.trusted.append(key)
        elif match[4] == "ends" and key in self.trusted and len(self.trusted) > 1:
            self.trusted.remove(key)

    def keep(self, note, n, place):
        said = file_note_of(note)
        if not said:
            return
        direction, county, kiosk, inc, number, sha256, _ = said
        if direction == "up" and (direction, kiosk, inc, number, sha256) not in self.here and kiosk in self.kiosk_keys:
            keys = [unb64u(key, 32) for key in self.kiosk_keys[kiosk]]  # what is here was opened where it lies
            open_note(note, place, f"civicpos/{county}/{kiosk}/{inc}", keys, "county log", "its kiosk, and is of a file that is not here")
        self.files.setdefault((direction, kiosk, inc, number), set()).add(sha256)
        self.epochs[direction, kiosk, inc, number] = self.beyond[1] if self.beyond else 1
        self.at.setdefault((direction, kiosk, inc, number, sha256), n)

    def check_hashes(self):
        """Rule L4."""
        for (direction, kiosk, inc, number), hashes in self.files.items():
            here = []
            for folder in [f"up/{kiosk}/{inc}"] if direction == "up" else [f"down/{kiosk}", f"superseded/{kiosk}/{inc}"]:
                place = f"{self.root}/{folder}/{int(number):08}.note"
                if os.path.exists(os.path.join(self.directory, place)):
                    said = file_note_of(read_note(self.directory, place))
                    here += [(place, said[5])] if said and said[3] == inc else []
            if any(sha in hashes for _, sha in here):
                continue
            book = self.epochs[direction, kiosk, inc, number]
            for place, _ in here:  # of a book that was put back since: the file that had its number is lost
                if direction == "up" or self.header(place.replace(".note", ".jsonl.gz"))["serverEpoch"] <= book:
                    raise Lie("county log", place, "is another file than the log has of its number")
            if direction == "down":
                self.missing.setdefault(kiosk, [0, 0])[1] += 1
        for key in self.at:
            if key[0] == "up" and key not in self.here:
                self.missing.setdefault(key[1], [0, 0])[0] += 1

    def compare(self, entry, place):
        """Rule L5."""
        made = [each for report in self.reports if report["kiosk"] == entry["kiosk"] for each in report["settlements"]]
        owed = [each["owedFen"] for each in made if each["number"] == entry["number"]]
        if owed and entry["owedFen"] not in owed:
            raise Lie("county log", place, "says another amount than the settlement of that kiosk")

    def read_root(self, number):
        """Rules L2 and L3."""
        place = f"log/{number}.checkpoint"
        head, blank, note = read_note(self.directory, place).partition("\n\n")
        old, *hashes = head.split("\n")
        with formed(place):
            proof = [base64.b64decode(each, validate=True) for each in hashes]
        if not blank or old != f"old {self.held[0]}" or any(base64.b64encode(p).decode() != h for p, h in zip(proof, hashes)):
            raise Lie("county log", place, "does not follow the root before it")
        text, blank, signatures = note.partition("\n\n")
        lines = re.findall(r"[^\n]*\n|[^\n]+$", signatures)
        if not blank or not lines or len(set(lines)) != len(lines):
            raise Lie("county log", place, "is not signed by the county alone")
        for line in lines:
            said = open_note(f"{text}\n\n{line}", place, self.origin, self.trusted, "county log", "the county").split("\n")
        if len(said) != 4 or said[0] != self.origin or not re.fullmatch(r"[1-9][0-9]{0,15}", said[1]) or int(said[1]) != int(number):
            raise Lie("county log", place, "is no root of so many entries")
        size, root = int(said[1]), self.tree.root()
        if said[2] != base64.b64encode(root).decode() or self.tree.size != size:
            raise Lie("county log", place, "is not the root of the entries through it")
        if proof if not self.held[0] else not continues(*self.held, size, root, proof):
            raise Lie("county log", place, "does not go on from the root before it")
        self.held = size, root
        self.roots[number] = text

    def header(self, place):
        """Of a file down that perhaps no chain applied."""
        for _, text, here in Lines(self.directory, place, *DOWN_BOUNDS):
            header = value_of(text, here)
            need_form(header, DOWN_HEADER, here)
            return header
        raise Lie("county files", place, "is empty")

    def committee(self):
        told = {}
        for kiosk in names_in(self.directory, f"{self.root}/down"):
            for seq in numbers_in(self.directory, f"{self.root}/down/{kiosk}", (".jsonl.gz", ".note"))[-1:]:
                header = self.header(f"{self.root}/down/{kiosk}/{seq:08}.jsonl.gz")
                told.update({each["name"]: unb64u(each["key"], 32) for each in header.get("committee", [])})
        keys = dict(told)
        for name in names_in(self.directory, "log/committee"):
            place = f"log/committee/{name}"
            text = read_note(self.directory, place)
            match = re.fullmatch(r"([^\s+]{1,100})\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})\n", text)
            who, key = (match[1], base64.b64decode(match[2])[1:]) if match else ("", b"")
            if len(key) != 32 or verifier_text(who, key) + "\n" != text:
                raise Lie("county log", place, "is no key")
            if told.get(who, key) != key:
                raise Lie("county log", place, "is another key than the one of that name that kiosks were told")
            keys[who] = key
        return keys

    def check_cosignatures(self, names):
        """Rule L6."""
        keys, self.signatures = self.committee(), len(names)
        for name in names:
            place, line = f"log/{name}", read_note(self.directory, f"log/{name}")
            lie = Lie("county log", place, "is no signature of the committee under a root of this log")
            match = re.fullmatch(r"— ([^ \n]+) [^ \n]+\n", line)
            if name[:15] not in self.roots or not match or match[1] not in keys:
                raise lie
            key = keys[match[1]]
            open_note(f"{self.roots[name[:15]]}\n\n{line}", place, match[1], [key], "county log", "the committee")
            if not verifier_text(match[1], key).startswith(f"{match[1]}+{name.split('.')[1]}+"):
                raise lie

    def check_superseded(self):
        """Rule L7."""
        top = f"{self.root}/superseded"
        for kiosk in names_in(self.directory, top):
            for inc in names_in(self.directory, f"{top}/{kiosk}"):
                for name in names_in(self.directory, f"{top}/{kiosk}/{inc}"):
                    place = f"{top}/{kiosk}/{inc}/{name}"
                    if not re.fullmatch(r"[0-9]{8}\.(jsonl\.gz|note)", name):
                        raise Lie("files", place, "is no file of ours")
                    of = place.removesuffix(".note").removesuffix(".jsonl.gz")
                    note = read_note(self.directory, f"{of}.note")
                    text = open_note(note, f"{of}.note", self.keys_name, [*self.trusted, *self.first], "county files", "the county")
                    lines = text.split("\n")
                    if len(lines) != 9 or lines[:5] != ["civicpos-file-v1", "down", self.county, kiosk, inc] or lines[5] != str(int(name[:8])):
                        raise Lie("county files", f"{of}.note", "is no note of this file")
                    whole = Lines(self.directory, f"{of}.jsonl.gz", *DOWN_BOUNDS)
                    for _ in whole:
                        pass
                    if whole.sha256 != lines[6]:
                        raise Lie("county files", f"{of}.jsonl.gz", "is not what its note says")

    def need_before(self, what, at, after):
        """What has to be in the log before entry `at`, which is that of `after`."""
        if not self.at.get(what["key"], at) < at:
            raise Lie("county log", what["place"], f"is in no entry of the log before the one of {after}")

    def check_named(self):
        """Rules L8 to L13."""
        by_name = {(up["kiosk"], up["inc"], up["number"]): up for up in self.ups}
        by_end = {(up["kiosk"], up["inc"], up["through"]): up for up in self.ups}
        for down in self.downs:
            if down["root"] and self.root_at.get(down["root"][0], down["root"][1]) != down["root"][1]:
                raise Lie("county log", down["place"], "carries a root that this log does not have")
        for up in self.ups:
            before = by_name.get((up["kiosk"], up["inc"], up["number"] - 1))
            base = self.bases.get((up["kiosk"], up["inc"]))
            if up["number"] == 1 and base:
                older = [each for each in self.ups if each["kiosk"] == up["kiosk"] and each["inc"] == base[0] and each["through"] >= base[1]]
                before = older[0] if older else None
            if before and up["key"] in self.at:
                self.need_before(before, self.at[up["key"]], up["place"])
        for down in self.downs:
            acked = down["ack"] and by_end.get((down["kiosk"], down["ack"]["inc"], down["ack"]["seq"]))
            if acked and down["key"] in self.at:
                self.need_before(acked, self.at[down["key"]], down["place"])
        for down, after in zip(self.downs, self.downs[1:]):
            if down["kiosk"] == after["kiosk"] and down["root"] and after["key"] in self.at:
                self.need_before(down, self.at[after["key"]], after["place"])
        self.check_newest()
        self.check_settled()
        for down in self.downs:  # rule L14
            if down["root"] and any(n < down["root"][0] and epoch > down["epoch"] for n, epoch in self.said):
                raise Lie("county log", down["place"], "carries a root over an entry that says the book was of a later epoch")

    def check_newest(self):
        """Rule L12."""
        carried = sorted({(down["epoch"], down["root"][0]) for down in self.downs if down["root"]})
        for down in self.downs:
            if not down["root"] or down["cosigned"]:
                continue
            of = (down["epoch"], down["root"][0])
            following = next((size for epoch, size in carried if epoch == of[0] and size > of[1]), None)
            if following in self.root_at and not self.at.get(down["key"], following) < following:
                raise Lie("county log", down["place"], f"is in no entry of the log under the root of {following} entries, which came after it")

    def check_settled(self):
        """Rule L13."""
        made = {}
        for up in self.ups:
            for number in up["settled"]:
                made.setdefault((up["kiosk"], number), []).append(up)
        for name, at in self.settled.items():
            if name in made and not any(self.at.get(up["key"], at) < at for up in made[name]):
                raise Lie("county log", made[name][0]["place"], "is in no entry of the log before the one of its settlement")
        epoch = max((down["epoch"] for down in self.downs), default=0)
        for down in self.downs:
            at = self.at.get(down["key"])
            if at is None or down["epoch"] != epoch:
                continue
            for inc, number in sorted(down["accepted"]):
                name = down["kiosk"], number
                if any(up["inc"] == inc for up in made.get(name, [])) and not self.settled.get(name, at) < at:
                    raise Lie("county log", down["place"], f"speaks of settlement {number}, which is in no entry of the log before it")
            for batch, fen in down["batches"]:
                if not self.batches.get((batch, down["kiosk"], fen), at) < at:
                    raise Lie("county log", down["place"], f"pays batch {batch} of the county, which is in no entry of the log before it")

    def check_awards(self):
        """Rule L14. Returns it in a sentence, and why it cannot be told; none: it was."""
        beyond, epoch = self.beyond or (0, 1)
        given = {}
        for up in self.ups:
            if up["key"] in self.at:
                given[up["kiosk"]] = up, given.get(up["kiosk"], (None, 0))[1] + up["came"]
        unheard = sorted(kiosk for kiosk, (last, _) in given.items() if epoch > 1 and last["epoch"] < epoch)
        given = sum(last["given"] - came for last, came in given.values())
        before = {}
        for down in self.downs:
            if not down["root"] and down["key"] not in self.at:
                before[down["kiosk"]] = max(before.get(down["kiosk"], 0), down["given"])
        before = sum(before.values())
        awarded = sum(self.lists.values())
        unknown = []
        if not self.beyond:
            unknown.append("the log does not say what the county gave out beyond its lists")
        silent = sorted(kiosk for kiosk, (up, _) in self.missing.items() if up)
        if silent:
            unknown.append(f"files of {listed(silent)} that the log names are not here")
        unknown += [f"{kiosk} had taken no file since the county's book was put back" for kiosk in unheard]
        sources = [f"{points_text(awarded)} awarded"]
        if beyond:
            sources.append(f"{points_text(beyond)} given out beyond that, less what came home of what was taken back")
        if before:
            sources.append(f"{points_text(before)} given before there was a log")
        text = f"{points_text(given)} points given to kiosks, less what came back; {', '.join(sources)}"
        if not unknown and given > awarded + beyond + before:
            raise Lie("awards", "log", f"{text}: nobody awarded the rest")
        return text, unknown

    def open_ends(self, longer, reckoned, unknown):
        """What it leaves unchecked, by its check, and why."""
        shops = []
        for kiosk, (up, down) in sorted(self.missing.items()):
            of = [*([f"{up} of its own"] if up else []), *([f"{down} of the county"] if down else [])]
            shops.append(f"{kiosk} ({', '.join(of)})")
        if shops:
            yield "files", f"the log names files that are not here, of {listed(shops)}"
        if longer:
            files = counted(longer, "file")
            yield "county log", f"{files} to kiosks carry a root of a longer log than the one that lies here: the rest of it is not here"
        if unknown:
            yield "awards", f"whether more was given than awarded cannot be told in this folder ({'; '.join(unknown)}): {reckoned}"


# ---- What could not be checked -------------------------------------------------------------------------------------------------


def counted(n, what):
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def listed(names):
    """As many as a line has room for."""
    more = len(names) - 30
    return ", ".join(names[:30]) + (f" and {counted(more, 'other')}" if more > 0 else "")


def points_text(hundredths):
    """Hundredths as points: 811,496 or -0.05."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole:,}" + f".{rest:02}".rstrip("0").rstrip(".")


def without_log(unseen):
    without = "no folder log is here, so nothing tells"
    if unseen:
        yield "files", f"nothing is here of {listed(unseen)}, which the keys name"
    yield "county log", f"{without} whether the county left out, changed or held back a file"
    yield "awards", f"{without} whether more points were given than awarded"


def refused(directory, root):
    """What the county kept and did not post, by its answers: no figure is made of it."""
    top = f"{root}/refused"
    found = []
    for folder, folders, names in os.walk(os.path.join(directory, top)):
        found += [os.path.relpath(os.path.join(folder, name), os.path.join(directory, top)) for name in (*folders, *names)]
    for name in sorted(found):
        if re.fullmatch(r"[A-Za-z0-9._-]{1,40}/[0-9]+/[0-9]{8,}-[A-Za-z0-9_-]{43}\.[0-9]+\.ack", name):
            said = refusal_of(directory, f"{top}/{name}")
            yield "refused", f"{top}/{name}: no book holds it: the county says {said or 'nothing that can be read'}"


def refusal_of(directory, place):
    try:
        note = read_note(directory, place)
    except Lie:
        return ""
    lines = note[: note.find("\n\n") + 1].split("\n")
    return f"{lines[6]} {'' if lines[11] == '-' else lines[11]}" if is_answer(lines) else ""


def outcome(not_checked):
    """The last line: what holds, and what nobody looked at."""
    if not not_checked:
        return "every check holds"
    return f"every check that could be made holds; not checked: {', '.join(dict.fromkeys(check for check, _ in not_checked))} (see above)"


class Unchecked(Exception):
    """Nothing can be said: the files or the keys are not there."""


KEYS = {"county": COUNTY, "countyKeyName": text_of(r"[^\s+]{1,100}"), "countyKeys": [HASH], "kiosks": lambda value: isinstance(value, dict)}


def need_keys(keys, path):
    is_good = fits(keys, KEYS) and keys["countyKeys"] and all(ID(name) and fits(of, [HASH]) for name, of in keys["kiosks"].items())
    if not is_good:
        raise Unchecked(f"{path} is not a keys.json")


def check_folder(directory, keys, keys_path="keys.json"):
    need_keys(keys, keys_path)
    root = f"civicpos/{keys['county']}"
    kiosks = set()
    for part in ("up", "down", "ack"):
        for name in names_in(directory, f"{root}/{part}"):
            if name not in keys["kiosks"] or (part != "down" and not keys["kiosks"][name]):
                raise Lie("keys", f"{root}/{part}/{name}", "is of a kiosk that the keys do not name")
            kiosks.add(name)
    reports, signed_by, told, walks = [], {}, [], []
    for kiosk in sorted(kiosks):
        for report, signers, notices, walk in check_kiosk(directory, root, kiosk, keys):
            walks.append(walk)
            if report is None:
                if walk.word.shown:
                    told.append(f"ok  {kiosk}: none of its own files is here; {counted(len(walk.word.shown), 'file')} of the county")
                else:
                    kiosks.discard(kiosk)  # its folders are empty
                continue
            reports.append(report)
            of = [counted(report["files"], "file"), counted(report["events"], "event"), counted(len(report["settlements"]), "settlement")]
            told.append(f"ok  {kiosk}/{report['inc']}: {', '.join(of)}")
            told += [f"ok  county notices: {kiosk}/{report['inc']}: {notice}" for notice in notices]
            signed_by.setdefault(kiosk, set()).update(signers)
    if not reports:
        raise Unchecked(f"{directory} has no file of any kiosk in {root}")
    receipts = check_receipts(directory, root, keys, signed_by)
    if receipts:
        told.append(f"ok  receipts: {counted(receipts, 'code')} of papers")
    carried = [down for down in downs_in_force(walks) if down["root"]]
    check_one_log(carried)
    if os.path.exists(os.path.join(directory, "log")):
        log = Log(directory, root, keys, reports, walks, signed_by)
        log.check()
        log.check_named()
        reckoned, unknown = log.check_awards()
        size = counted(len(log.roots), "root")
        told.append(f"ok  county log: {size} over {log.tree.size:,} entries; {counted(log.signatures, 'signature')} of the committee")
        if not unknown:
            told.append(f"ok  awards: {reckoned}")
        not_checked = [*log.open_ends(sum(down["root"][0] > log.tree.size for down in carried), reckoned, unknown)]
    else:
        not_checked = [*without_log(sorted(set(keys["kiosks"]) - kiosks))]
    not_checked += refused(directory, root)
    newest = {report["kiosk"]: report for report in reports}
    totals = {}
    for report in newest.values():
        for name, amount in report["balances"].items():
            account, _, commodity = name.split(" ")
            totals[f"{account}/{commodity}"] = totals.get(f"{account}/{commodity}", 0) + amount
    totals = {name: amount for name, amount in totals.items() if amount}
    return {"county": keys["county"], "kiosks": reports, "totals": totals}, told, not_checked


def read_keys(path):
    """What they hold, whose form is asked for later. Raises OSError, too."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        raise Unchecked(f"{path} is not a keys.json")


def many(path):
    with open(path) as file:
        for directory in file.read().splitlines():
            try:
                _, _, not_checked = check_folder(directory, read_keys(os.path.join(directory, "keys.json")))
                verdict = {"kind": "true", "notChecked": [{"check": check, "why": why} for check, why in not_checked]}
            except Lie as lie:
                verdict = {"kind": "lie", "check": lie.check, "place": lie.place, "what": lie.what}
            except (Unchecked, OSError) as error:
                verdict = {"kind": "unchecked", "what": str(error)}
            print(json.dumps(verdict), flush=True)


def main(argv):
    if len(argv) == 2 and argv[0] == "--many":
        many(argv[1])
        return 0
    is_json, words = "--json" in argv, [each for each in argv if each != "--json"]
    options = dict(zip(words[0::2], words[1::2]))
    if len(words) != 4 or set(options) != {"--files", "--keys"}:
        print(__doc__, file=sys.stderr)
        return 2
    tell = sys.stderr if is_json else sys.stdout
    try:
        report, told, not_checked = check_folder(options["--files"], read_keys(options["--keys"]), options["--keys"])
    except (Unchecked, OSError) as error:
        print(f"not checked: {error}", file=sys.stderr)
        return 2
    except Lie as lie:
        print(f"LIE {lie}", file=tell)
        return 1
    if is_json:
        print(canonical(report))
    for line in [*told, *(f"not checked  {check}: {why}" for check, why in not_checked), outcome(not_checked)]:
        print(line, file=tell)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
