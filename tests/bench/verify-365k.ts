// What checking a whole book costs beyond the cryptography that nobody can leave out: the verifier against a bare SHA-256 and Ed25519
// check of the same bytes, one event after another.

import { createPublicKey, hash, verify } from 'node:crypto';
import { join } from 'node:path';
import { openReadable } from '../../db/sqlite.ts';
import { verifyHome } from '../../db/verify.ts';
import { signedText, type BookEvent } from '../../db/model/event.ts';
import { bookOfDays } from './closed-days.ts';
import { type Bench, figuresOf, timedAsync, timed } from './measure.ts';

export const verify365k: Bench = {
  name: 'verify-365k',
  async run(options) {
    const { quick } = options;
    const days = quick ? 30 : 730;
    const home = await bookOfDays({ days, eventsPerDay: 500 }, options);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let i = 0; i < (quick ? 2 : 3); i += 1) {
      theirs.push(bare(home));
      ours.push(await timedAsync(() => checked(home)));
    }
    return [
      {
        kind: 'measured',
        name: 'verify-365k',
        measures: `full verification of ${(days * 500).toLocaleString('en')} events ÷ a bare SHA-256 + Ed25519 verify of the same bytes`,
        unit: 'ms',
        figures: figuresOf(ours),
        against: figuresOf(theirs),
        goals: [{ of: 'p50', is: 'ratio', atMost: 1.5 }],
      },
    ];
  },
};

async function checked(home: string): Promise<void> {
  const verdict = await verifyHome(home, () => {});
  if (verdict.kind !== 'true') throw new Error(JSON.stringify(verdict));
}

/** What is signed is made beforehand: making it is no cryptography. */
function bare(home: string): number {
  const db = openReadable(join(home, 'book.db'));
  try {
    const { value } = db.prepare<[], { value: string }>(`SELECT value FROM meta WHERE name = 'kioskKey'`).get()!;
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: value }, format: 'jwk' });
    let spent = 0;
    for (let from = 0; ; from += piece) {
      const rows = db
        .prepare<[number, number], { line: string; leaf: Buffer; sig: Buffer }>(
          'SELECT line, leaf, sig FROM event WHERE seq > ? ORDER BY seq LIMIT ?',
        )
        .all(from, piece);
      const signed = rows.map(({ line, leaf, sig }) => ({
        bytes: `\0${line}`,
        leaf,
        text: Buffer.from(signedText(JSON.parse(line) as BookEvent, leaf.toString('base64url'))),
        sig,
      }));
      spent += timed(() => {
        for (const { bytes, leaf, text, sig } of signed)
          if (!hash('sha256', bytes, 'buffer').equals(leaf) || !verify(null, text, key, sig)) throw new Error('a bad signature');
      });
      if (rows.length < piece) return spent;
    }
  } finally {
    db.close();
  }
}

const piece = 5_000;
