// A million random card strings: each refused with a code, none opened. One in ten is dressed as a card of a known key, so
// that only its signature is wrong.

import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeBase32 } from '../../db/model/base32.ts';
import { openCard } from '../../db/model/card.ts';
import { privateKeyFromSeed, rawPublicKey } from '../../db/model/keys.ts';

test('a million random card strings open nothing', { timeout: 600_000 }, () => {
  const key = rawPublicKey(privateKeyFromSeed(new Uint8Array(32).fill(1)));
  const random = createCipheriv('aes-128-ctr', new Uint8Array(16), new Uint8Array(16)); // the same million every time
  const zeros = new Uint8Array(81);
  const told = { opened: 0, card_malformed: 0, card_key_unknown: 0, card_forged: 0 };
  for (let i = 0; i < 1_000_000; i += 1) {
    const bytes = random.update(zeros);
    if (i % 10 === 0) bytes.set([1, 1, 0, 8, 0x46, 0x11]); // version 1, kid 1, county 542225
    const opened = openCard(encodeBase32(bytes), (kid) => (kid === 1 ? key : null));
    told[opened.ok ? 'opened' : opened.code] += 1;
  }
  expect(told.opened).toBe(0);
  expect(told.card_forged).toBeGreaterThanOrEqual(100_000);
  expect(told.card_forged + told.card_malformed + told.card_key_unknown).toBe(1_000_000);
});
