#!/usr/bin/env python3
"""Asks verify.py of a folder with each of its bytes changed in turn: for the tests.

    python3 tests/outsider/flips.py DIR [STEP FROM]

With STEP and FROM one byte in so many, from that one. Packed files are changed packed and unpacked. Prints one JSON line for each file and way: the verdicts as [first byte, how many bytes,
kind, place], those of neighbours that are the same told once. A signature that does not stand in the whole folder is not worked out:
to make one that holds is to have the key, and the arithmetic has its own tests (tamper.test.ts).
"""

import gzip
import json
import os
import sys

import verify


def verdict_on(directory):
    try:
        with open(os.path.join(directory, "keys.json")) as keys:
            keys = json.load(keys)
        verify.check_folder(directory, keys)
    except verify.Lie as lie:
        return "lie", lie.place
    except verify.Unchecked:
        return "unchecked", ""
    return "true", ""


def verdict_on_keys(directory):
    """Keys that cannot be read as such say nothing of the files."""
    try:
        return verdict_on(directory)
    except ValueError:
        return "unchecked", ""


def flips(directory, name, is_unpacked, step, begin):
    path = os.path.join(directory, name)
    with open(path, "rb") as file:
        whole = file.read()
    content = gzip.decompress(whole) if is_unpacked else whole
    told = []
    for at in range(begin, len(content), step):
        changed = bytearray(content)
        changed[at] ^= 1 << at % 8
        with open(path, "wb") as file:
            file.write(packed(bytes(changed)) if is_unpacked else changed)
        verdict = (verdict_on_keys if name == "keys.json" else verdict_on)(directory)
        if told and tuple(told[-1][2:]) == verdict:
            told[-1][1] += 1
        else:
            told.append([at, 1, *verdict])
    with open(path, "wb") as file:
        file.write(whole)
    return told


def packed(content):
    """As files of ours begin (rule F1)."""
    made = gzip.compress(content, 1, mtime=0)
    return bytes.fromhex("1f8b0800000000000003") + made[10:]


def main(directory, step=1, begin=0):
    true, check = set(), verify.is_signed

    def learn(*signed):
        if check(*signed):
            true.add(signed)
        return signed in true

    verify.is_signed = learn
    if verdict_on(directory) != ("true", ""):
        sys.exit("the folder is not true as it is")
    verify.is_signed = lambda *signed: signed in true
    names = [os.path.relpath(os.path.join(folder, name), directory) for folder, _, names in os.walk(directory) for name in names]
    for name in sorted(names):
        for is_unpacked in (False, True) if name.endswith(".gz") else (False,):
            print(json.dumps({"path": name, "isUnpacked": is_unpacked, "told": flips(directory, name, is_unpacked, int(step), int(begin))}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
