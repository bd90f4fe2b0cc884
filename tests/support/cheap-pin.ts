// PINs of tests that are about something else: stored with a cost of nothing, as the stored form says (db/model/pin.ts). The full cost, a
// fifth of a second for each sign-in and each leave, is paid in tests/db/pin.test.ts and at the demo's tills (tests/e2e/desk.test.ts).

import { scryptSync } from 'node:crypto';

const salt = Buffer.alloc(16, 1);

/** What is stored of a PIN: checked by the code that checks every other one. */
export function cheapHash(pin: string): string {
  const hash = scryptSync(pin, salt, 32, { N: 2, r: 1, p: 1 });
  return `scrypt$ln=1,r=1,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}
