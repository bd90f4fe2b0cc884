// Rights over the network: where a resident may use less here than they have in the county, the till asks the county for a voucher
// (reconciliation.md R3, "online if reachable"). Only moves rights: what may be spent here is decided by what is in the book then.

import { sign } from 'node:crypto';
import { z } from 'zod';
import { countyServerOf } from '../../db/home.ts';
import { neededKeys, signerOf } from '../../db/kiosk-keys.ts';
import type { Points } from '../../db/model/amounts.ts';
import { type DrawQuestion, drawText } from '../../db/model/draw.ts';
import { type Result, assert, fail, ok } from '../../db/model/result.ts';
import type { Allowance } from '../../db/model/spending.ts';
import { uuidv7 } from '../../db/uuid.ts';
import type { VoucherRefusalCode } from '../../db/vouchers.ts';
import { currentQuote, currentResident } from './quote.ts';
import { SendError, countyLine } from './send.ts';
import { type Engine, selling, whenFree } from './till.ts';
import { takeHere } from './voucher.ts';

/** Why nothing was drawn. In all of these the resident may go home, bring a voucher, wait for a file, or pay in money. */
type DrawRefusal =
  | 'no_resident'
  | 'draw_running'
  | 'draw_offline' // the county was not reached
  | 'draw_busy' // it was, and can answer nothing now
  | 'draw_nothing' // the county has none that it could move here
  | 'draw_elsewhere' // they lie at a shop that the county cannot call now: it is off, or has never sent a file
  | 'draw_late' // the shop was called and has not answered: what comes lies ready for the next press
  | 'draw_too_often' // more was fetched today than one shop may
  | 'draw_unknown' // it does not know the account, or closed it
  | 'draw_unheard' // it has no key of this kiosk: nothing was sent up yet
  | 'draw_struck' // the account owes what it roamed
  | 'draw_refused' // it gives this kiosk none, or its answer is none
  | VoucherRefusalCode;

/** The county waits six seconds for the shop that holds the rights; the rest is the line's. A customer waits, and may go on without. */
const deadlineMs = 8_000;
/** Where there is no network nobody waits that long. */
const connectMs = 2_500;
/** Questions kept whose answer never came: asked again they are the same question, and move nothing twice. */
const unansweredMax = 100;

interface Draws {
  isRunning: boolean;
  /** By account, oldest first. */
  readonly unanswered: Map<string, Pick<DrawQuestion, 'want' | 'nonce'>>;
}
const tills = new WeakMap<Engine, Draws>();

const goodAnswer = z.object({ voucher: z.string().max(512) });
const refusal = z.object({ code: z.string() });

/** Whether to offer it: there is a server, rights are what is missing here, and the county has more of them than lie here. */
export function mayDraw({ home }: Engine, { usable, countyBalance, limitedBy }: Allowance): boolean {
  const isOfRights = limitedBy === 'balance' || limitedBy === 'roaming';
  return isOfRights && usable < countyBalance && home !== null && countyServerOf(home) !== null;
}

/** A cashier's press: asks the county for what the resident of the cart has beyond the rights held here. At most eight seconds. */
export async function drawPoints(engine: Engine): Promise<Result<{ readonly points: Points }, DrawRefusal>> {
  const { book } = selling(engine);
  const shown = currentResident(engine);
  const server = engine.home === null ? null : countyServerOf(engine.home);
  if (shown === null) return fail('no_resident');
  if (server === null) return fail('draw_offline');
  if (!mayDraw(engine, shown.allowance)) return fail('draw_nothing');
  const draws = drawsOf(engine);
  if (draws.isRunning) return fail('draw_running');
  const { accountId } = shown.resident;
  const asked = draws.unanswered.get(accountId) ?? { want: wantedFor(engine, shown), nonce: uuidv7(engine.clock.wallMs()) };
  remember(draws, accountId, asked);
  draws.isRunning = true;
  const line = countyLine({
    server,
    ...book.identity,
    pass: null, // the question is signed itself
    signal: AbortSignal.timeout(deadlineMs),
    patience: { quietMs: deadlineMs, bytesPerSecond: 1_000, connectMs },
  });
  try {
    const answer = await line.draw(
      { account: accountId, ...asked },
      signatureOf(engine, { ...book.identity, account: accountId, ...asked }),
    );
    const voucher = voucherIn(answer);
    if (!voucher.ok && !isLater(answer.status)) draws.unanswered.delete(accountId);
    if (!voucher.ok) return voucher;
    await whenFree(engine); // a county's file may have begun
    if (engine.operator === null || engine.shift === null) return fail('draw_offline'); // whoever pressed has left: the next press has the same voucher
    draws.unanswered.delete(accountId);
    const taken = takeHere(engine, { text: voucher.value, by: 'network' });
    return taken.ok ? ok({ points: taken.value.amount }) : taken;
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    engine.log(`drawing over the network: ${error.code} ${error.message}`);
    return fail('draw_offline');
  } finally {
    draws.isRunning = false;
    line.close();
  }
}

/** What the cart can use beyond the rights held here; where it needs no more, all there is: the goods come after the card. */
function wantedFor(engine: Engine, shown: NonNullable<ReturnType<typeof currentResident>>): number {
  const { rights, countyBalance } = shown.allowance;
  const { maxPoints } = currentQuote(engine, { ...shown, allowance: { ...shown.allowance, usable: countyBalance } });
  return (maxPoints > rights ? Math.min(maxPoints, countyBalance) : countyBalance) - rights;
}

function drawsOf(engine: Engine): Draws {
  const known = tills.get(engine) ?? { isRunning: false, unanswered: new Map() };
  tills.set(engine, known);
  return known;
}

function remember({ unanswered }: Draws, accountId: string, asked: Pick<DrawQuestion, 'want' | 'nonce'>): void {
  const [oldest] = unanswered.keys();
  if (oldest !== undefined && unanswered.size >= unansweredMax && !unanswered.has(accountId)) unanswered.delete(oldest);
  unanswered.set(accountId, asked);
}

/** The kiosk's own, by the key that the county knows as far as it has answered: a server that somebody else asks in its name moves nothing. */
function signatureOf(engine: Engine, question: DrawQuestion): string {
  const { home } = engine;
  assert(home !== null, 'a till that sells has its home');
  const [key] = neededKeys(selling(engine).book.db);
  return sign(null, Buffer.from(drawText(question), 'utf8'), signerOf(home, key)).toString('base64url');
}

/** It cannot now, and may later: the question stays the same. */
function isLater(status: number): boolean {
  return status >= 500 || status === 429;
}

function voucherIn({ status, body }: { readonly status: number; readonly body: string }): Result<string, DrawRefusal> {
  if (isLater(status)) return fail('draw_busy');
  const said = parsed(body);
  if (status === 200) {
    const good = goodAnswer.safeParse(said);
    return good.success ? ok(good.data.voucher) : fail('draw_refused');
  }
  const code = refusal.safeParse(said).data?.code ?? '';
  return fail(status === 409 && Object.hasOwn(refusals, code) ? refusals[code as keyof typeof refusals] : 'draw_refused'); // hasOwn was asked
}

/** The county's words for it, and ours. */
const refusals = {
  nothing: 'draw_nothing',
  elsewhere: 'draw_elsewhere',
  late: 'draw_late',
  too_often: 'draw_too_often',
  unknown: 'draw_unknown',
  unknown_account: 'draw_unknown',
  denied_account: 'draw_unknown',
  no_key: 'draw_unheard',
  struck: 'draw_struck',
} as const satisfies { readonly [code: string]: DrawRefusal };

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // a page of a hotel's network, say: told as a refusal
  }
}
