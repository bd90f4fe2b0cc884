// Cards: what was sealed opens, and nothing else does. @noble/curves is the second opinion on every signature.

import { sign, verify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { expect, test } from 'vitest';
import { decodeBase32, encodeBase32 } from '../../db/model/base32.ts';
import { type Card, claimedCounty, looksLikeCard, openCard, sealCard } from '../../db/model/card.ts';
import { isWeakKey, privateKeyFromSeed, publicKeyFromRaw, rawPublicKey } from '../../db/model/keys.ts';
import { fc } from '../support/property.ts';

const seed = Uint8Array.from({ length: 32 }, (_, index) => index);
const countyKey = privateKeyFromSeed(seed);
const countyRaw = rawPublicKey(countyKey);
const onlyKeyOne = (kid: number) => (kid === 1 ? countyRaw : null);
const card: Card = { kid: 1, county: '542225', residentId: '19000', issue: 1, expiresOn: '2027-12-31' };
const text = sealCard(card, countyKey);
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const anyCard = fc.record({
  kid: fc.integer({ min: 0, max: 255 }),
  county: fc.integer({ min: 0, max: 999_999 }).map((code) => String(code).padStart(6, '0')),
  residentId: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
  issue: fc.integer({ min: 0, max: 255 }),
  expiresOn: fc.integer({ min: 0, max: 0xffff }).map((days) => new Date(Date.UTC(2020, 0, 1 + days)).toISOString().slice(0, 10)),
});

test('a card is 130 letters: 17 bytes of fields in the documented order, and the signature of them', () => {
  expect(text).toMatch(/^[A-Z2-7]{130}$/);
  const bytes = Buffer.from(decodeBase32(text)!);
  expect(bytes.length).toBe(81);
  expect(bytes.subarray(0, 17).toString('hex')).toBe('0101000846110000000000004a380b6901'); // 1, 1, 542225, 19000, day 2921, 1
  expect(openCard(text, onlyKeyOne)).toEqual({ ok: true, value: card });
});

test('whatever can be sealed opens to the same card', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const sealed = sealCard(card, countyKey);
      expect(sealed).toHaveLength(130);
      expect(looksLikeCard(sealed)).toBe(true);
      expect(openCard(sealed, () => countyRaw)).toEqual({ ok: true, value: card });
      expect(claimedCounty(sealed)).toBe(card.county);
    }),
    { numRuns: 300 },
  );
});

test('another implementation of Ed25519 agrees on what is signed, in both directions', () => {
  const bytes = decodeBase32(text)!;
  const signed = Buffer.concat([Buffer.from('civicpos-card-v1\n'), bytes.subarray(0, 17)]);
  expect(ed25519.getPublicKey(seed)).toEqual(countyRaw);
  expect(ed25519.verify(bytes.subarray(17), signed, countyRaw, { zip215: false })).toBe(true);
  const sealedElsewhere = encodeBase32(Buffer.concat([bytes.subarray(0, 17), ed25519.sign(signed, seed)]));
  expect(openCard(sealedElsewhere, onlyKeyOne)).toEqual({ ok: true, value: card });
});

test('a signature of the fields without the domain of cards is forged', () => {
  const fields = decodeBase32(text)!.subarray(0, 17);
  const bare = encodeBase32(Buffer.concat([fields, ed25519.sign(fields, seed)]));
  expect(openCard(bare, onlyKeyOne)).toEqual({ ok: false, code: 'card_forged' });
});

test('no letter of a card can become another', () => {
  const told = { card_malformed: 0, card_forged: 0, card_key_unknown: 0 };
  for (let place = 0; place < text.length; place += 1) {
    for (const letter of letters.replace(text[place]!, '')) {
      const opened = openCard(text.slice(0, place) + letter + text.slice(place + 1), onlyKeyOne);
      if (opened.ok) throw new Error(`letter ${place} may be ${letter}`);
      told[opened.code] += 1;
    }
  }
  // Malformed: 31 + 28 of another version, 30 + 31 + 28 of a county above 999999, 24 with leftover bits in the last letter.
  // Key unknown: 3 + 31 + 1 that change the kid alone. The rest reads well and is not what was signed.
  expect(told).toEqual({ card_malformed: 172, card_key_unknown: 35, card_forged: 3823 });
});

test('bits, losses, additions and swaps in a card never open it', () => {
  const damaged = fc.oneof(
    fc.nat(81 * 8 - 1).map((bit) => {
      const bytes = decodeBase32(text)!;
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return encodeBase32(bytes);
    }),
    fc.nat(129).map((place) => text.slice(0, place) + text.slice(place + 1)),
    fc
      .tuple(fc.nat(130), fc.constantFrom(...letters.split('')))
      .map(([place, letter]) => text.slice(0, place) + letter + text.slice(place)),
    fc
      .nat(128)
      .map((place) => text.slice(0, place) + text[place + 1]! + text[place]! + text.slice(place + 2))
      .filter((swapped) => swapped !== text),
    fc.constant(text + text),
    fc.constant(''),
  );
  fc.assert(
    fc.property(damaged, (damaged) => {
      expect(openCard(damaged, onlyKeyOne).ok).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('thousands of random strings, and random strings dressed as cards, open nothing', () => {
  const dressed = fc.uint8Array({ minLength: 81, maxLength: 81 }).map((bytes) => {
    bytes[0] = 1;
    bytes[1] = 1;
    return encodeBase32(bytes);
  });
  const garbage = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...letters.split('')), minLength: 130, maxLength: 130 }),
  );
  fc.assert(
    fc.property(fc.oneof(dressed, garbage), (text) => {
      expect(openCard(text, () => countyRaw).ok).toBe(false);
    }),
    { numRuns: 4000 },
  );
});

test('a card signed by another county, by an unknown key, or for nobody is refused each in its own way', () => {
  const foreignKey = privateKeyFromSeed(new Uint8Array(32).fill(9));
  const foreign = sealCard({ ...card, county: '220822' }, foreignKey);
  expect(openCard(foreign, onlyKeyOne)).toEqual({ ok: false, code: 'card_forged' });
  expect(claimedCounty(foreign)).toBe('220822');
  expect(openCard(sealCard({ ...card, kid: 2 }, countyKey), onlyKeyOne)).toEqual({ ok: false, code: 'card_key_unknown' });
  const nobody = decodeBase32(text)!.fill(0, 6, 14);
  expect(openCard(encodeBase32(nobody), onlyKeyOne)).toEqual({ ok: false, code: 'card_malformed' });
  const nextVersion = decodeBase32(text)!.fill(2, 0, 1);
  expect(openCard(encodeBase32(nextVersion), onlyKeyOne)).toEqual({ ok: false, code: 'card_malformed' });
});

test('Caps Lock and spaces around it do not matter, letters that only look alike do', () => {
  expect(openCard(` ${text.toLowerCase()}\r\n`, onlyKeyOne)).toEqual({ ok: true, value: card });
  const longS = text.replace('S', 'ſ'); // its upper case is S
  expect(longS).not.toBe(text);
  expect(openCard(longS, onlyKeyOne)).toEqual({ ok: false, code: 'card_malformed' });
  expect(openCard(`${text}======`, onlyKeyOne)).toEqual({ ok: false, code: 'card_malformed' });
});

test('no barcode and no code of goods looks like a card; a card that lost a letter does', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.stringMatching(/^\d{1,48}$/), fc.stringMatching(/^[0-9A-Za-z-]{4,32}$/), fc.stringMatching(/^[A-Z2-7]{1,48}$/)),
      (code) => {
        expect(looksLikeCard(code)).toBe(false);
      },
    ),
    { numRuns: 2000 },
  );
  expect(looksLikeCard('https://example.com/health-code?id=ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ')).toBe(false);
  expect([text, text.slice(1), text.toLowerCase(), ` ${text} `].map(looksLikeCard)).toEqual([true, true, true, true]);
});

test('a card that cannot be written is our fault and throws', () => {
  const wrong: readonly Partial<Card>[] = [
    { kid: 256 },
    { county: '5422' },
    { residentId: '0' },
    { residentId: '18446744073709551616' },
    { issue: -1 },
    { expiresOn: '2027-02-29' },
    { expiresOn: '2019-12-31' },
    { expiresOn: '2199-06-07' },
  ];
  for (const part of wrong) expect(() => sealCard({ ...card, ...part }, countyKey)).toThrow();
  expect(sealCard({ ...card, expiresOn: '2199-06-06' }, countyKey)).toHaveLength(130);
});

test('base32 gives back any bytes and refuses every other spelling of them', () => {
  expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => encodeBase32(Buffer.from(text)))).toEqual([
    '',
    'MY',
    'MZXQ',
    'MZXW6',
    'MZXW6YQ',
    'MZXW6YTB',
    'MZXW6YTBOI',
  ]); // RFC 4648 section 10, without padding
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...letters.split(''), '1', 'a'), maxLength: 20 }), (text) => {
      const bytes = decodeBase32(text);
      if (bytes !== null) expect(encodeBase32(bytes)).toBe(text);
    }),
    { numRuns: 2000 },
  );
  expect(['MZ', 'M', 'MZX', 'MZXW6Y', 'my', 'MY======', 'M1', '😀A'].map(decodeBase32)).toEqual(Array.from({ length: 8 }, () => null));
});

test('a raw key of another length is refused', () => {
  expect(rawPublicKey(publicKeyFromRaw(countyRaw))).toEqual(countyRaw);
  expect(() => publicKeyFromRaw(new Uint8Array(31))).toThrow();
  expect(() => privateKeyFromSeed(new Uint8Array(33))).toThrow();
});

/** The eight points of small order, and the six other forms that lenient programs read as one of them (RFC 8032, 5.1.3 has none of those). */
const weakKeys = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

test('under a weak key anybody signs, as lenient programs read it; here nothing signed under one holds', () => {
  // of no secret: s is 1 and R the base point, which holds wherever the hash times the key is the neutral point
  const forged = Buffer.concat([Buffer.from(`58${'66'.repeat(31)}`, 'hex'), Uint8Array.of(1), Buffer.alloc(31)]);
  const messages = Array.from({ length: 8 }, (_, n) => Buffer.from(`sale ${n}`));
  for (const hex of weakKeys) {
    const raw = Buffer.from(hex, 'hex');
    const believed = messages.map((message) => ed25519.verify(forged, message, raw, { zip215: true }));
    expect([hex, new Set(believed), isWeakKey(raw)]).toEqual([hex, new Set([true]), true]);
    expect(messages.some((message) => verify(null, message, publicKeyFromRaw(raw), forged))).toBe(false);
  }
  for (let low = 0xef; low <= 0xff; low += 1) expect(isWeakKey(Buffer.from(`${low.toString(16)}${'ff'.repeat(30)}7f`, 'hex'))).toBe(true);
  const base = Buffer.from(`58${'66'.repeat(31)}`, 'hex');
  const below = Buffer.from(`eb${'ff'.repeat(30)}7f`, 'hex'); // y is two less than the modulus: one form
  expect([base, below, countyRaw].map(isWeakKey)).toEqual([false, false, false]);
  const [signer, message] = [privateKeyFromSeed(Buffer.alloc(32, 7)), Buffer.from('sale')];
  expect(verify(null, message, publicKeyFromRaw(rawPublicKey(signer)), sign(null, message, signer))).toBe(true);
});
