// Registers a kiosk's public key at its county, by the one-time code that the clerk gave to whoever sets the kiosk up. The key was made here
// and never leaves; the code is kept nowhere.

import { z } from 'zod';
import { type Home, countyServerOf, readSigners } from '../../db/home.ts';
import { neededKeys } from '../../db/kiosk-keys.ts';
import { type Result, fail, ok } from '../../db/model/result.ts';
import { openReadable } from '../../db/sqlite.ts';
import type { SendFault } from '../ipc/snapshot.ts';
import { SendError, countyLine } from './send.ts';

export type EnrolFailure =
  /** Neither kiosk.json nor the enrolment names the county's server. */
  | 'no_server'
  /** The home has lost its key. */
  | 'no_key'
  /** The county knows no such code for this kiosk, or not any more, or has another key of it. It says no more. */
  | 'refused'
  /** Too many tries from this address: a minute later. */
  | 'too_often'
  | SendFault;

const enrolled = z.object({ enrolled: z.literal(true) });
/** Whoever typed the code stands before the machine. */
const deadlineMs = 30_000;
const quietMs = 10_000;

/** Asks the county to register the home's key. The same again is answered the same, so that a lost answer costs nothing. */
export async function enrolAtCounty(home: Home, code: string): Promise<Result<null, EnrolFailure>> {
  const server = countyServerOf(home);
  if (server === null) return fail('no_server');
  const key = keyToName(home);
  if (key === null) return fail('no_key');
  const { county, kiosk } = home.config.enrolment;
  const signal = AbortSignal.timeout(deadlineMs);
  const line = countyLine({ server, county, kiosk, pass: null, signal, patience: { quietMs, bytesPerSecond: 1_000 } });
  try {
    const { status, body } = await line.enrol({ code: plainCode(code), key });
    if (status === 200) return isGood(body) ? ok(null) : fail('bad_answer');
    if (status === 429) return fail('too_often');
    if (status === 507) return fail('county_full');
    return fail(status >= 500 ? 'server_fault' : 'refused');
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return fail(error.code);
  } finally {
    line.close();
  }
}

/**
 * The key that the county is to know this home by: that of the first event it has not answered to, since a change after that comes to it with a
 * file. A home that never changed its key has one; of several the book says which. One that runs holds its book: then it must be stopped first.
 */
function keyToName(home: Home): string | null {
  const keys = [...readSigners(home).keys()];
  if (keys.length < 2) return keys[0] ?? null;
  const db = openReadable(home.book);
  try {
    return neededKeys(db)[0];
  } finally {
    db.close();
  }
}

/** As it is read from paper: in groups, in small letters. */
function plainCode(code: string): string {
  return code.replaceAll(/[\s-]/g, '').toUpperCase();
}

function isGood(body: string): boolean {
  try {
    return enrolled.safeParse(JSON.parse(body)).success;
  } catch {
    return false; // no county's server: a page of a hotel's network, say
  }
}
