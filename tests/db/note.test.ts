// Signed notes: what C2SP's reference signed opens here, what was edited does not, and a file's note is exactly eight lines.

import { ed25519 } from '@noble/curves/ed25519.js';
import { expect, test } from 'vitest';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';
import { type FileNote, type NoteKey, fileNoteText, openNote, parseFileNote, signNote } from '../../db/model/note.ts';
import { fc } from '../support/property.ts';

const seed = new Uint8Array(32).fill(3);
const signer = { name: 'civicpos/542225', privateKey: privateKeyFromSeed(seed) };
const trusted: NoteKey = { name: signer.name, publicKey: rawPublicKey(signer.privateKey) };
const sha = (fill: number) => Buffer.alloc(32, fill).toString('base64url');
const down: FileNote = { direction: 'down', county: '542225', kiosk: '03', inc: 1, fileSeq: 7, sha256: sha(1), prevFileSha: sha(2) };

test("the example of Go's sumdb/note opens, and ours is written the same way", () => {
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
  const encodedKey = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64');
  const key = { name: 'PeterNeumann', publicKey: encodedKey.subarray(1) };
  expect(openNote(note, [key])).toEqual({ ok: true, value: { text, signers: ['PeterNeumann'] } });
});

test('another implementation of Ed25519 agrees on the signature and the key hash', () => {
  const text = fileNoteText(down);
  const note = signNote(text, signer);
  const encoded = note.trimEnd().split(' ').at(-1)!;
  const signature = Buffer.from(encoded, 'base64');
  expect(note).toBe(`${text}\n— civicpos/542225 ${encoded}\n`);
  expect(signature).toHaveLength(4 + 64);
  expect(ed25519.verify(signature.subarray(4), Buffer.from(text), trusted.publicKey, { zip215: false })).toBe(true);
});

test('a file note is eight lines, the first names the format', () => {
  expect(fileNoteText({ ...down, prevFileSha: '' })).toBe(`civicpos-file-v1\ndown\n542225\n03\n1\n7\n${sha(1)}\n-\n`);
});

const anyFileNote = fc.record({
  direction: fc.constantFrom('down', 'up'),
  county: fc.stringMatching(/^\d{6}$/),
  kiosk: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/),
  inc: fc.maxSafeNat(),
  fileSeq: fc.maxSafeNat(),
  sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  prevFileSha: fc.oneof(
    fc.constant(''),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  ),
});

test('every file note is read back as it was written, through its signature', () => {
  fc.assert(
    fc.property(anyFileNote, (fileNote) => {
      const opened = openNote(signNote(fileNoteText(fileNote), signer), [trusted]);
      expect(opened).toEqual({ ok: true, value: { text: fileNoteText(fileNote), signers: [signer.name] } });
      if (opened.ok) expect(parseFileNote(opened.value.text)).toEqual({ ok: true, value: fileNote });
    }),
  );
});

test('no character of a signed note can be changed, lost or added without a refusal', () => {
  const note = signNote(fileNoteText(down), signer);
  const change = fc.tuple(
    fc.nat(note.length - 1),
    fc.nat(2),
    fc.oneof(fc.constantFrom('\n', ' ', '+', 'A', '0'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
  );
  fc.assert(
    fc.property(change, ([place, kind, unit]) => {
      const keepFrom = kind === 2 ? place : place + 1;
      const edited = note.slice(0, place) + (kind === 0 ? '' : unit) + note.slice(keepFrom);
      fc.pre(edited !== note);
      expect(openNote(edited, [trusted]).ok).toBe(false);
    }),
    { numRuns: 3000 },
  );
});

test('a note that nobody trusted signed is told from one that is no note', () => {
  const note = signNote('hello\n', signer);
  const otherKey = { name: signer.name, publicKey: rawPublicKey(privateKeyFromSeed(new Uint8Array(32).fill(4))) };
  expect(openNote(note, [])).toEqual({ ok: false, code: 'no_trusted_signature' });
  expect(openNote(note, [otherKey])).toEqual({ ok: false, code: 'no_trusted_signature' });
  expect(openNote(note, [{ ...trusted, name: 'civicpos/220822' }])).toEqual({ ok: false, code: 'no_trusted_signature' });
  const broken = [
    '',
    'hello\n',
    'hello\n\n',
    note.trimEnd(),
    note.replace('— ', '- '),
    note.replace('\n\n', '\n'),
    note.replace('hello', 'hel\rlo'),
    note.replace('=\n', '\n'),
    `${note}trailing words\n`,
    `\n\n${'— a AAAAAAAA\n'.repeat(101)}`,
    `${'x'.repeat(20_000)}${note}`,
  ];
  for (const text of broken)
    expect({ text, opened: openNote(text, [trusted]) }).toEqual({ text, opened: { ok: false, code: 'malformed' } });
});

test('signatures of strangers are passed over, a false one of a trusted key refuses the note', () => {
  const text = 'hello\n';
  const county = signNote(text, signer);
  const strangerLine = signNote(text, { name: 'stranger', privateKey: privateKeyFromSeed(new Uint8Array(32).fill(5)) }).split('\n')[2]!;
  const countyLine = county.split('\n')[2]!;
  const falseLine = signNote('good bye\n', signer).split('\n')[2]!;
  const value = { text, signers: [signer.name] };
  expect(openNote(`${text}\n${strangerLine}\n${countyLine}\n${countyLine}\n`, [trusted])).toEqual({ ok: true, value });
  expect(openNote(`${text}\n— later-algorithm AAAAAAAA\n${countyLine}\n`, [trusted])).toEqual({ ok: true, value });
  expect(openNote(`${text}\n${falseLine}\n${countyLine}\n`, [trusted])).toEqual({ ok: false, code: 'no_trusted_signature' });
});

test('a text may hold blank lines: the last one ends it', () => {
  const text = 'first\n\nsecond\n\n';
  expect(openNote(signNote(text, signer), [trusted])).toEqual({ ok: true, value: { text, signers: [signer.name] } });
});

test('what no reader would take is not signed', () => {
  for (const text of ['', 'no newline', 'tab\there\n', 'nul\0\n', '\ud800\n', 'x'.repeat(20_000) + '\n'])
    expect(() => signNote(text, signer)).toThrow();
  for (const name of ['', 'two words', 'a+b', 'a\nb']) expect(() => signNote('hello\n', { ...signer, name })).toThrow();
  expect(() => fileNoteText({ ...down, inc: 1.5 })).toThrow();
  expect(() => fileNoteText({ ...down, kiosk: '03\n04' })).toThrow();
});

test('a text that is not exactly a file note is refused', () => {
  const text = fileNoteText(down);
  const wrong = [
    '',
    text.trimEnd(),
    `${text}\n`,
    text.replace('v1', 'v2'),
    text.replace('down', 'Down'),
    text.replace('\n7\n', '\n07\n'),
    text.replace('\n7\n', '\n-7\n'),
    text.replace('\n7\n', '\n9007199254740993\n'),
    text.replace('542225', '54222'),
    text.replace(sha(1), `${sha(1).slice(0, -1)}F`), // the same 32 bytes, spelt with leftover bits
    text.replace(sha(1), '-'),
  ];
  expect(wrong.map((text) => parseFileNote(text))).toEqual(wrong.map(() => ({ ok: false, code: 'malformed' })));
});
