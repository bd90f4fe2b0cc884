// What verify says of a recycling desk: yes to all that may happen there, and the place of every credit, weighing, leave and
// hand-over that could not have happened.

import { sign } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Book, commandHash, leafOf } from '../../db/book.ts';
import type { CreditEvent } from '../../db/credits.ts';
import { type Home, readHome, readSigner } from '../../db/home.ts';
import { points } from '../../db/model/amounts.ts';
import { type Plain, canonical } from '../../db/model/canonical.ts';
import { type BookEvent, type CreditBody, type ScaleSetBody, signedText } from '../../db/model/event.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import { postingsOf } from '../../db/model/postings.ts';
import type { Bag } from '../../db/model/recycling.ts';
import { dayMs } from '../../db/model/time.ts';
import { addPrintJob } from '../../db/print-jobs.ts';
import { lastDown } from '../../db/reference.ts';
import { uuidv7 } from '../../db/uuid.ts';
import { type Verdict, verifyHome } from '../../db/verify.ts';
import { reopened, tamper } from '../support/book.ts';
import { openDay } from '../support/closing.ts';
import { apply, enrol, handClock, header, makeKiosk, morning, resident, shop, writeDown } from '../support/county.ts';
import { counted } from '../support/credit.ts';
import { aScale, checked, deskLines, handedOver, leaveFor, onScale, recycled, takenBack } from '../support/recycling.ts';
import { sell, today } from '../support/sell.ts';
import { verdictOn } from '../support/verify.ts';

/** A kiosk whose county takes bottles in, with caps for everything, and a scale; made once and copied. */
let template: string;
let scale: string;
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'jifen-desk-'));
  const { home, book } = makeKiosk(join(template, 'home'), handClock());
  const caps = { accountDayCap: points(50_000), operatorDayCap: points(60_000), kioskDayCap: points(70_000), typeTwiceAbove: 80 };
  await enrol(home, book, [
    ...(await deskLines(2, caps)),
    { t: 'RESIDENT', resident: resident('3') },
    { t: 'RESIDENT', resident: resident('4', { group: 'cadre' }) },
    { t: 'RESIDENT', resident: resident('5', { active: false }) },
  ]);
  scale = aScale(book);
  book.close();
});
afterAll(() => rmSync(template, { recursive: true }));

type ReversedEvent = BookEvent & { readonly kind: 'CREDIT_REVERSED' };

interface Desk {
  readonly home: Home;
  book: Book;
  readonly clock: ReturnType<typeof handClock>;
}

function aDesk(): Desk {
  const directory = mkdtempSync(join(tmpdir(), 'jifen-desk-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(join(template, 'home'), directory, { recursive: true });
  const found = readHome(directory);
  if (!found.ok) throw new Error(found.code);
  const clock = handClock(morning + 60_000);
  const book = reopened(found.home, clock);
  openDay(book, today);
  return { home: found.home, book, clock };
}

/** A second file of the county. */
async function enrolAgain({ home, book }: Desk, lines: readonly DownLine[]): Promise<void> {
  const { path } = await writeDown(join(home.directory, 'from-county'), header(2, lastDown(book.db)!.sha256), lines);
  expect(await apply(home, book, path)).toMatchObject({ kind: 'applied' });
}

/** The verdict after these acts, which the book itself took. */
async function after(acts: (desk: Desk) => void): Promise<Verdict> {
  const desk = aDesk();
  acts(desk);
  desk.book.close();
  return verdictOn(desk.home.directory);
}

const bottles = ({ book }: Desk, grams: number): Bag => onScale(book, scale, 'plastic-bottle', grams);

function given(credit: ReturnType<typeof recycled>): CreditEvent {
  if (typeof credit === 'string') throw new Error(credit);
  return credit;
}

/** Writes the credit that the desk would have given, changed. */
function giveChanged(desk: Desk, bag: Bag, change: (credit: CreditEvent) => Partial<CreditEvent>): void {
  const like = aDesk();
  const credit = given(recycled(like.book, { bags: [bag] }));
  like.book.close();
  const { kind, body, id, day, op, res, amt } = { ...credit, ...change(credit) };
  desk.book.transact(({ append }) => append({ kind, body, id, day, op, res, amt, command: { credit: id } }));
}

/** A change of what the credit says of its one bag and line. */
const inBody = (change: (body: CreditBody) => Partial<CreditBody>) => (credit: CreditEvent) => ({
  body: { ...credit.body, ...change(credit.body) },
});
const inLine = (change: Partial<CreditBody['lines'][number]>) => inBody((body) => ({ lines: [{ ...body.lines[0]!, ...change }] }));
const inProof = (change: object): Parameters<typeof giveChanged>[2] =>
  inBody(({ lines: [line] }) => ({
    lines: [
      {
        ...line!,
        bags: line!.bags.map((bag) =>
          bag.measure.kind === 'weighed' ? { ...bag, measure: { ...bag.measure, proof: { ...bag.measure.proof, ...change } } } : bag,
        ),
      },
    ],
  }));

const inScale = (change: Partial<NonNullable<CreditBody['printed']['scale']>> | null) =>
  inBody(({ printed }) => ({ printed: { ...printed, scale: change === null ? null : { ...printed.scale!, ...change } } })); // it was weighed

/** The same weighing as another bag. */
function again(bag: Bag): Bag {
  return { ...bag, id: uuidv7(morning) };
}

/** Two frames of that scale. */
function framesOf(grams: number, status = 'ST,GS'): readonly string[] {
  const line = `${status},+${(grams / 1000).toFixed(3).padStart(8, '0')}kg`;
  return Array<string>(2).fill(Buffer.from(line).toString('hex'));
}

describe('a desk', () => {
  test('that kept to the rules passes, whatever happened there', async () => {
    const verdict = await after((desk) => {
      const { book } = desk;
      const first = given(recycled(book, { bags: [bottles(desk, 1_234), counted('battery', 50)] }));
      given(recycled(book, { resident: '3', bags: [bottles(desk, 16_000)] })); // needs leave
      expect(recycled(book, { resident: '3', bags: [bottles(desk, 20_000)] })).toBe('account_cap');
      expect(takenBack(book, first)).toBe('reversed');
      const wrong = given(recycled(book, { resident: '3', bags: [bottles(desk, 2_000)] }));
      sell(book, { resident: '3', goods: [['2', 20]] });
      expect(takenBack(book, wrong)).toBe('disputed');
      handedOver(book, ['plastic-bottle', 'battery']);
      desk.clock.turn(dayMs);
      checked(book, scale, {}, '2026-11-22');
      given(recycled(book, { day: '2026-11-22', resident: '3', bags: [bottles(desk, 16_000)] })); // the caps are of a day
    });
    expect(verdict).toEqual({ kind: 'true' });
  });

  test('may credit again on a day what was taken back on it', async () => {
    const verdict = await after((desk) => {
      for (let i = 0; i < 5; i += 1) {
        expect(takenBack(desk.book, given(recycled(desk.book, { bags: [bottles(desk, 30_000)] })))).toBe('reversed');
        desk.clock.turn(60_000);
      }
    });
    expect(verdict).toEqual({ kind: 'true' });
  });
});

describe('a credit', () => {
  const said: readonly (readonly [string, Parameters<typeof giveChanged>[2], RegExp])[] = [
    ['with a ticket left out', inBody(() => ({ ticketNumber: 'qj-03-R000002' })), /^has ticket qj-03-R000002, not qj-03-R000001$/],
    ['by rules of another day', inBody(() => ({ schemeVersion: 1 })), /^names rules 1, in force were 2$/],
    ['by the rules of another file', inBody(() => ({ ruleVersion: 2 })), /^names file 2, in force was 1$/],
    ['of more grams than its bags have', inLine({ units: 1_235 }), /^line 1 is not what its bags earn$/],
    ['at another rate', inLine({ rate: { points: points(3_000), per: 1_000 } }), /^line 1 is not what its bags earn$/],
    ['with a remainder that is another', inLine({ remainderUnits: 0 }), /^line 1 is not what its bags earn$/],
    [
      'of more points than its bags earn',
      (credit) => ({ ...inLine({ points: points(1_900) })(credit), amt: points(1_900) }),
      /^line 1 is not what its bags earn$/,
    ],
    [
      'of a bag paid twice',
      inBody(({ lines: [line] }) => ({ lines: [{ ...line!, bags: [...line!.bags, ...line!.bags] }] })),
      /^was paid for before$/,
    ],
    ['with a leave that it did not need', inBody(() => ({ approvalId: 'x' })), /^names an approval that it did not need$/],
    ['to a stranger', () => ({ res: 'stranger' }), /^names a resident whom the county does not know$/],
    ['to nobody', () => ({ res: null }), /^names a resident whom the county does not know$/],
    ['to another’s account', () => ({ res: resident('2').tag }), /^names a resident of another account$/],
    [
      'to a closed account',
      (credit) => ({ ...inBody(() => ({ accountId: 'a5' }))(credit), res: resident('5').tag }),
      /^names a resident whose account is closed$/,
    ],
    [
      'to a cadre',
      (credit) => ({ ...inBody(() => ({ accountId: 'a4' }))(credit), res: resident('4').tag }),
      /^names a resident who takes no part$/,
    ],
    ['weighed on a scale that nobody set up', inProof({ scaleSetId: 'mine' }), /^was weighed on a scale that was not set up before$/],
    ['understood as another scale’s', inProof({ family: 'cas-22' }), /^was understood as cas-22, the scale speaks st-us$/],
    ['without the bytes', inProof({ framesHex: [] }), /^holds no bytes of its scale$/],
    ['with bytes that are none', inProof({ framesHex: ['53542'] }), /^holds no bytes of its scale$/],
    ['whose frames say another weight', inProof({ framesHex: framesOf(10) }), /^was read as 1234 g, its frames say 10 g$/],
    ['whose frames move', inProof({ framesHex: framesOf(1_234, 'US,GS') }), /^its frames say no weight at rest$/],
    ['of one frame of a scale without a checksum', inProof({ framesHex: framesOf(1_234).slice(1) }), /^its frames say no weight at rest$/],
    [
      'that rested by itself where its scale said so',
      inProof({ stableBy: 'inferred' }),
      /^says it rested by inferred, its frames by flag$/,
    ],
    [
      'whose scale had taken a tare that is taken again',
      inProof({ framesHex: framesOf(1_234, 'ST,NT') }),
      /^takes another tare off than the scale had$/,
    ],
    ['weighed long after it was written', inProof({ weighedAt: 4_000_000_000_000 }), /^was weighed before the book began, or later/],
    ['weighed before there was a book', inProof({ weighedAt: 0 }), /^was weighed before the book began, or later/],
    ['weighed before its scale was checked', inProof({ weighedAt: morning - 1_000 }), /^was weighed before its scale was found good/],
    [
      'that makes more usable than it does',
      inBody(() => ({ usableAfter: points(9_999_900) })),
      /^prints \d+ usable before and 9999900 after,/,
    ],
    ['that hides what was usable before', inBody(() => ({ usableBefore: points(0) })), /^prints 0 usable before/],
    ['that prints another balance', inBody(() => ({ countyAfter: points(1) })), / 1 in the county; it was /],
    ['that prints the balance of another date', inBody(() => ({ countyAsOf: 1 })), /^prints \d+ usable before/],
    ['that prints another scale', inScale({ serialNumber: 'zz' }), /^prints another scale than XK3190-20517$/],
    ['that prints another verification', inScale({ verifiedOn: '2030-01-01' }), /^prints another scale than XK3190-20517$/],
    ['that prints a simulated scale', inScale({ isSimulated: true }), /^prints another scale than XK3190-20517$/],
    ['that prints no scale', inScale(null), /^prints another scale than XK3190-20517$/],
    ['with more bytes than a proof keeps', inProof({ framesHex: Array.from({ length: 17 }, () => '0d') }), /^holds no bytes of its scale$/],
  ];
  test.each(said)('%s is a lie', async (_what, change, what) => {
    const verdict = await after((desk) => giveChanged(desk, bottles(desk, 1_234), change));
    expect(verdict).toMatchObject({ kind: 'lie', check: 'credits', what: expect.stringMatching(what) });
  });

  test.each<readonly [string, (desk: Desk) => Bag, string]>([
    ['a material nobody takes', (desk) => onScale(desk.book, scale, 'gold', 500), 'material_unknown'],
    ['bottles that were counted', () => counted('plastic-bottle', 500), 'measured_otherwise'],
    [
      'a container the county does not list',
      (desk) => onScale(desk.book, scale, 'can', 900, { by: 'container', id: 'sack', grams: 1 }),
      'container_unknown',
    ],
    ['a pan that weighs less than nothing', (desk) => onScale(desk.book, scale, 'can', 900, { by: 'pan', grams: -500 }), 'tare_negative'],
    ['more than one bag may weigh', (desk) => bottles(desk, 2_900_000), 'too_much'],
  ])('of %s is a lie', async (_what, bagOf, problem) => {
    let bag: Bag | null = null;
    const verdict = await after((desk) => {
      bag = bagOf(desk);
      giveChanged(desk, bottles(desk, 1_234), inLine({ bags: [bag] }));
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'credits', what: `bag ${bag!.id}: ${problem}` });
  });

  test('that prints a scale where all was counted is a lie', async () => {
    const printsOne = inBody(({ printed }) => ({
      printed: { ...printed, scale: { serialNumber: 'XK3190-20517', verifiedOn: '2026-03-01', isSimulated: false } },
    }));
    const verdict = await after((desk) => giveChanged(desk, counted('battery', 50), printsOne));
    expect(verdict).toMatchObject({ kind: 'lie', check: 'credits', what: 'prints a scale where all was counted' });
  });

  test.each<readonly [string, (desk: Desk, bag: Bag) => void, string]>([
    [
      'one weighing under two bag ids',
      ({ book }, bag) => void recycled(book, { bags: [bag, again(bag)] }),
      'is a weighing that was used before',
    ],
    [
      'one weighing in two credits',
      ({ book }, bag) => {
        given(recycled(book, { bags: [bag] }));
        given(recycled(book, { resident: '3', bags: [again(bag)] }));
      },
      'is a weighing that was used before',
    ],
    [
      'one bag in two credits',
      ({ book }, bag) => {
        given(recycled(book, { bags: [bag] }));
        given(recycled(book, { resident: '3', bags: [bag] }));
      },
      'was paid for before',
    ],
    [
      'one count in two credits, also after the first was taken back',
      ({ book }) => {
        const bag = counted('battery', 50);
        takenBack(book, given(recycled(book, { bags: [bag] })));
        given(recycled(book, { resident: '3', bags: [bag] }));
      },
      'was paid for before',
    ],
  ])('of %s is a lie', async (_what, acts, what) => {
    expect(await after((desk) => acts(desk, bottles(desk, 2_000)))).toMatchObject({ kind: 'lie', check: 'credits', what });
  });

  test.each<readonly [string, (desk: Desk) => void, string]>([
    [
      'whose scale was not checked that day',
      (desk) => {
        desk.clock.turn(dayMs);
        given(recycled(desk.book, { day: '2026-11-22', bags: [bottles(desk, 2_000)] }));
      },
      'its scale was not checked on 2026-11-22',
    ],
    [
      'whose scale was found bad after it had been good',
      (desk) => {
        checked(desk.book, scale, { readGrams: 4_000, isGood: false });
        given(recycled(desk.book, { bags: [bottles(desk, 2_000)] }));
      },
      'its scale was found bad on 2026-11-21',
    ],
    [
      'whose scale was found bad after it had weighed',
      (desk) => {
        const bag = bottles(desk, 2_000);
        desk.clock.turn(60_000);
        checked(desk.book, scale, { readGrams: 4_000, isGood: false });
        given(recycled(desk.book, { bags: [bag] }));
      },
      'its scale was found bad on 2026-11-21',
    ],
    [
      'that was weighed while its scale was bad',
      (desk) => {
        checked(desk.book, scale, { readGrams: 4_000, isGood: false });
        const bag = bottles(desk, 2_000);
        desk.clock.turn(60_000);
        checked(desk.book, scale);
        given(recycled(desk.book, { bags: [bag] }));
      },
      'was weighed on a scale that was found bad on 2026-11-21',
    ],
    [
      'that was weighed after midnight on the check of the day before',
      (desk) => {
        desk.clock.turn(dayMs);
        given(recycled(desk.book, { bags: [bottles(desk, 2_000)] }));
      },
      'was weighed on 2026-11-22, its scale was checked on 2026-11-21',
    ],
  ])('of a bag %s is a lie', async (_what, acts, what) => {
    expect(await after(acts)).toMatchObject({ kind: 'lie', check: 'credits', what });
  });

  test('of a bag that was weighed the evening before is none, on a scale that was good then and is good now', async () => {
    const verdict = await after((desk) => {
      const bag = bottles(desk, 2_000);
      desk.clock.turn(dayMs);
      checked(desk.book, scale, {}, '2026-11-22');
      given(recycled(desk.book, { day: '2026-11-22', bags: [bag] }));
    });
    expect(verdict).toEqual({ kind: 'true' });
  });

  test('of a bag that was weighed before the clock was set back is none', async () => {
    const verdict = await after((desk) => {
      const bag = bottles(desk, 2_000);
      desk.clock.set(morning - 3_600_000);
      given(recycled(desk.book, { bags: [bag, bottles(desk, 2_500)] }));
    });
    expect(verdict).toEqual({ kind: 'true' });
  });

  test('of a date before that of the credit before it is a lie: the caps of a day are spent once', async () => {
    const verdict = await after((desk) => {
      given(recycled(desk.book, { bags: [counted('battery', 20)] }));
      given(recycled(desk.book, { day: '2026-11-20', bags: [counted('battery', 20)] }));
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'business dates', what: 'is of 2026-11-20, after acts of 2026-11-21' });
  });

  test.each<readonly [string, string | null, string]>([
    ['nobody', null, 'is an act of nobody, who does not work here'],
    ['whom the county never named', 'ghost', 'is an act of ghost, who does not work here'],
  ])('by %s is a lie', async (_who, op, what) => {
    const verdict = await after((desk) => giveChanged(desk, bottles(desk, 1_234), () => ({ op })));
    expect(verdict).toMatchObject({ kind: 'lie', check: 'operators', what });
  });

  test('of points that the account may not spend yet prints what is usable, also of a resident who shops elsewhere at home', async () => {
    const desk = aDesk();
    await enrolAgain(desk, [
      { t: 'BAL', a: 'a2', balance: points(30_000) },
      { t: 'ROAM', a: 'a2', c: points(5_000), xs: points(0) },
    ]);
    sell(desk.book, { resident: '2', goods: [['2', 1]], chosenPoints: 1_000 });
    const credit = given(recycled(desk.book, { resident: '2', bags: [bottles(desk, 2_000)] }));
    takenBack(desk.book, credit);
    given(recycled(desk.book, { resident: '2', bags: [bottles(desk, 3_000)] }));
    desk.book.close();
    expect(credit.body.usableAfter).toBeGreaterThan(credit.amt); // the allowance besides
    expect(await verdictOn(desk.home.directory)).toEqual({ kind: 'true' });
  });

  test('of a vessel that was weighed here is as the vessel’s bytes say', async () => {
    const inVessel = (grams: number, change: object) => (desk: Desk) => {
      const vessel = onScale(desk.book, scale, 'plastic-bottle', 800);
      desk.clock.turn(1_000);
      const bag = bottles(desk, 2_800);
      if (vessel.measure.kind !== 'weighed' || bag.measure.kind !== 'weighed') throw new Error('both were weighed');
      const tare = { by: 'pan', grams, proof: { ...vessel.measure.proof, ...change } } as const;
      given(recycled(desk.book, { bags: [{ ...bag, measure: { ...bag.measure, tare } }] }));
    };
    expect(await after(inVessel(800, {}))).toEqual({ kind: 'true' });
    const said: readonly (readonly [ReturnType<typeof inVessel>, string])[] = [
      [inVessel(300, {}), 'its vessel was read as 300 g, its frames say 800 g'],
      [inVessel(800, { scaleSetId: 'mine' }), 'its vessel was weighed on a scale that was not set up before'],
      [inVessel(800, { framesHex: [] }), 'its vessel holds no bytes of its scale'],
    ];
    for (const [act, what] of said) expect(await after(act)).toMatchObject({ kind: 'lie', check: 'credits', what });
  });

  /** Credits as a desk does whose rules somebody had changed for the time. */
  async function creditedUnder(
    path: string,
    value: string,
    bags: (desk: Desk) => readonly (readonly [resident: string, bag: Bag])[],
  ): Promise<Verdict> {
    const desk = aDesk();
    desk.book.close();
    const before = new Database(desk.home.book);
    const { doc } = before.prepare<[], { doc: string }>('SELECT doc FROM scheme WHERE version = 2').get()!;
    before.close();
    tamper(desk.home, (db) =>
      db.prepare(`UPDATE scheme SET doc = json_set(doc, ?, json(?)) WHERE version = 2`).run(`$.recycling.${path}`, value),
    );
    desk.book = reopened(desk.home, desk.clock);
    for (const [id, bag] of bags(desk)) given(recycled(desk.book, { resident: id, bags: [bag] }));
    desk.book.close();
    tamper(desk.home, (db) => db.prepare('UPDATE scheme SET doc = ? WHERE version = 2').run(doc));
    return verdictOn(desk.home.directory);
  }

  test.each<readonly [string, string, string, (desk: Desk) => readonly (readonly [string, Bag])[], string]>([
    [
      'more than an account may have in a day',
      'accountDayCap',
      'null',
      (desk) => [
        ['1', bottles(desk, 30_000)],
        ['1', bottles(desk, 10_000)],
      ],
      'brings the account to 60000 on 2026-11-21, 50000 are allowed',
    ],
    [
      'more than an operator may give in a day',
      'operatorDayCap',
      'null',
      (desk) => [
        ['1', bottles(desk, 30_000)],
        ['2', bottles(desk, 11_000)],
      ],
      'brings op1 to 61500 on 2026-11-21, 60000 are allowed',
    ],
    [
      'more of a material than a day may earn',
      'materials[5].dayCap',
      'null',
      () => [
        ['1', counted('battery', 60, true)],
        ['1', counted('battery', 60, true)],
      ],
      'gives 3000 more for battery on 2026-11-21 than is allowed',
    ],
    [
      'a large credit without leave',
      'approvalAbove',
      '9000000',
      (desk) => [['1', bottles(desk, 16_000)]],
      'needed an approval and has none',
    ],
    [
      'a large count that was typed once without leave',
      'typeTwiceAbove',
      '9000',
      () => [['1', counted('battery', 101)]],
      'needed an approval and has none',
    ],
    [
      'what is large together without leave',
      'approvalAbove',
      '9000000',
      (desk) => [
        ['1', bottles(desk, 8_000)],
        ['1', bottles(desk, 9_000)],
      ],
      'needed an approval and has none',
    ],
    [
      'counts that are large together and were typed once without leave',
      'typeTwiceAbove',
      '9000',
      () => [
        ['1', counted('battery', 45)],
        ['1', counted('battery', 45)],
      ],
      'needed an approval and has none',
    ],
    ['half a step', 'creditStep', '50', (desk) => [['1', bottles(desk, 1_234)]], 'line 1 is not what its bags earn'],
  ])('of %s is a lie', async (_what, path, value, bags, what) => {
    expect(await creditedUnder(path, value, bags)).toMatchObject({ kind: 'lie', check: 'credits', what });
  });
});

describe('a leave', () => {
  /** A credit that needs one, given by the leave that `giveLeave` wrote. */
  const by = (giveLeave: (desk: Desk, honest: () => string) => string) => (desk: Desk) => {
    const id = uuidv7(morning);
    const bag = bottles(desk, 16_000);
    const like = aDesk();
    const credit = given(recycled(like.book, { id, bags: [bag] }));
    const leave = like.book.db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'APPROVED'`).get()!;
    like.book.close();
    const { body, op } = JSON.parse(leave.line) as {
      body: { act: 'credit'; digest: string; approver: string; isSelf: boolean };
      op: string;
    };
    const honest = (): string => approved(desk, body, op);
    const approvalId = giveLeave(desk, honest);
    const { kind, day, res, amt } = credit;
    desk.book.transact(({ db, append }) => {
      append({ kind, body: { ...credit.body, approvalId }, id, day, op: 'op1', res, amt, command: 'x' });
      addPrintJob(db, { jobId: uuidv7(morning), actId: id, copy: 0 });
    });
  };
  function approved(desk: Desk, body: { act: 'credit'; digest: string; approver: string; isSelf: boolean }, op = 'op1'): string {
    const id = uuidv7(morning);
    desk.book.transact(({ append }) => append({ kind: 'APPROVED', body, id, day: today, op, command: id }));
    return id;
  }
  const digest = commandHash('another');
  /** The leave that was given last. */
  const leaveIn = (book: Book) =>
    (
      JSON.parse(
        book.db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'APPROVED' ORDER BY seq DESC`).get()!.line,
      ) as BookEvent & { readonly kind: 'APPROVED' }
    ).body;

  test('for this very credit holds', async () => {
    expect(await after(by((_desk, honest) => honest()))).toEqual({ kind: 'true' });
  });

  test.each<readonly [string, Parameters<typeof by>[0], RegExp]>([
    ['nobody gave', () => uuidv7(morning), /^has no leave/],
    [
      'another took the place of',
      (desk, honest) => {
        const first = honest();
        honest();
        expect(desk.book.head().seq).toBeGreaterThan(0);
        return first;
      },
      /^has no leave/,
    ],
    [
      'a restart forgot',
      (desk, honest) => {
        desk.clock.turn(5_000);
        const id = honest();
        desk.book.close();
        desk.book = reopened(desk.home, handClock(morning + 90_000));
        return id;
      },
      /^has no leave/,
    ],
    [
      'had run out',
      (desk, honest) => {
        const id = honest();
        desk.clock.turn(150_001);
        return id;
      },
      /^has leave that had run out$/,
    ],
    [
      'is of other bags',
      (desk) => approved(desk, { act: 'credit', digest, approver: 'op2', isSelf: false }),
      /^has leave for another act than this$/,
    ],
    ['is of a copy', (desk) => leaveFor(desk.book, { kind: 'reprint', saleId: 'x', copy: 2 }), /^has leave for another act than this$/],
    [
      'a stranger gave',
      (desk) => approved(desk, { act: 'credit', digest, approver: 'op9', isSelf: false }),
      /^was given by op9, who does not work here$/,
    ],
    [
      'hides whose it is',
      (desk) => approved(desk, { act: 'credit', digest, approver: 'op1', isSelf: false }),
      /^hides that it is their own$/,
    ],
    [
      'calls another’s their own',
      (desk) => approved(desk, { act: 'credit', digest, approver: 'op2', isSelf: true }),
      /^calls another person’s leave their own$/,
    ],
    [
      'a cashier gave',
      (desk) => approved(desk, { act: 'credit', digest, approver: 'op1', isSelf: false }, 'op2'),
      /^was given by op1, who is no owner$/,
    ],
    [
      'a cashier gave to themselves where an owner works',
      (desk, honest) => {
        honest();
        return approved(desk, { ...leaveIn(desk.book), act: 'credit', approver: 'op1', isSelf: true });
      },
      /^was given by op1 to themselves, where op2 could give it$/,
    ],
  ])('that %s is a lie', async (_what, giveLeave, what) => {
    expect(await after(by(giveLeave))).toMatchObject({ kind: 'lie', check: 'approvals', what: expect.stringMatching(what) });
  });

  test('asked for by another operator is a lie', async () => {
    const verdict = await after((desk) => {
      by((_desk, honest) => honest())(desk);
      desk.clock.turn(1_000);
      const second = given(recycled(desk.book, { resident: '3', bags: [bottles(desk, 1_000)] }));
      const approvalId = leaveFor(desk.book, { kind: 'reverse_credit', creditId: second.id, points: second.amt });
      const body = { creditId: second.id, accountId: 'a3', reason: 'wrong_amount', approvalId } as const;
      desk.book.transact(({ append }) =>
        append({ kind: 'CREDIT_REVERSED', body, id: uuidv7(morning), day: today, op: 'op2', amt: second.amt, command: 'x' }),
      );
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'approvals', what: 'has leave that op1 asked for' });
  });

  test('used twice is a lie, also for a copy of a ticket', async () => {
    const verdict = await after((desk) => {
      const { id } = given(recycled(desk.book, { bags: [bottles(desk, 1_000)] }));
      const copy = (n: number, leave: { readonly approvalId?: string }): void =>
        desk.book.transact(({ db, append }) => {
          append({ kind: 'REPRINTED', body: { saleId: id, copy: n, ...leave }, id: uuidv7(morning), day: today, op: 'op1', command: n });
          addPrintJob(db, { jobId: uuidv7(morning), actId: id, copy: n });
        });
      copy(1, {});
      const approvalId = leaveFor(desk.book, { kind: 'reprint', saleId: id, copy: 2 });
      copy(2, { approvalId });
      copy(3, { approvalId });
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'approvals', what: expect.stringMatching(/^has no leave/) });
  });

  test('for a copy of no act’s paper says nothing of that copy: it is a lie', async () => {
    const verdict = await after(({ book }) => {
      book.transact(({ append }) =>
        append({ kind: 'REPRINTED', body: { saleId: 'x', copy: 1 }, id: uuidv7(morning), day: today, op: 'op1', command: 'x' }),
      );
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'print jobs', what: 'copies the paper of no act before it' });
  });
});

describe('taking back', () => {
  interface Claim {
    readonly kind?: 'CREDIT_DISPUTED';
    readonly amt?: number;
    readonly accountId?: string;
    readonly heldPoints?: number;
    readonly creditId?: string;
  }
  /** Takes a credit back with an honest leave, and says of it what `claim` says. */
  function takeBack(desk: Desk, credit: CreditEvent, claim: Claim = {}): void {
    const approvalId = leaveFor(desk.book, { kind: 'reverse_credit', creditId: credit.id, points: credit.amt });
    const { creditId = credit.id, accountId = credit.body.accountId } = claim;
    const body = { creditId, accountId, reason: 'wrong_amount', approvalId } as const;
    const entry = { id: uuidv7(morning), day: today, op: 'op1', res: credit.res, command: 'x' };
    desk.book.transact(({ append }) =>
      claim.kind === 'CREDIT_DISPUTED'
        ? append({ ...entry, kind: claim.kind, body: { ...body, heldPoints: points(claim.heldPoints ?? 0) }, amt: points(claim.amt ?? 0) })
        : append({ ...entry, kind: 'CREDIT_REVERSED', body, amt: points(claim.amt ?? credit.amt) }),
    );
  }
  const credit = (desk: Desk, resident = '1', grams = 2_000): CreditEvent => {
    desk.clock.turn(1_000); // the next bag
    return given(recycled(desk.book, { resident, bags: [bottles(desk, grams)] }));
  };

  test.each<readonly [string, (desk: Desk) => void, string]>([
    [
      'an older one while a newer stands',
      (desk) => {
        const first = credit(desk);
        credit(desk, '1', 3_000);
        takeBack(desk, first);
      },
      'takes back another than the account’s newest',
    ],
    [
      'what was left to the county',
      (desk) => {
        const wrong = credit(desk, '3');
        sell(desk.book, { resident: '3', goods: [['1', 1]], chosenPoints: 1_000 });
        expect(takenBack(desk.book, wrong)).toBe('disputed');
        credit(desk, '3');
        takeBack(desk, wrong);
      },
      'names a credit that was left to the county',
    ],
  ])('%s is a lie', async (_what, acts, what) => {
    expect(await after(acts)).toMatchObject({ kind: 'lie', check: 'credits', what });
  });

  test.each<readonly [string, (desk: Desk) => void, string]>([
    [
      'that could be taken back here',
      (desk) => takeBack(desk, credit(desk, '3'), { kind: 'CREDIT_DISPUTED', heldPoints: 3_000 }),
      'leaves to the county what could be taken back here',
    ],
    [
      'with other rights than there were',
      (desk) => takeBack(desk, credit(desk, '3'), { kind: 'CREDIT_DISPUTED', heldPoints: 2_000 }),
      'says the account held 2000, it held 3000',
    ],
    [
      'that moves points',
      (desk) => takeBack(desk, credit(desk, '3'), { kind: 'CREDIT_DISPUTED', amt: 3_000 }),
      'moves points, which is the county’s to do',
    ],
    [
      'of one that was taken back',
      (desk) => {
        const wrong = credit(desk);
        takeBack(desk, wrong);
        takeBack(desk, wrong, { kind: 'CREDIT_DISPUTED' });
      },
      'names a credit that was taken back before',
    ],
    ['of none', (desk) => takeBack(desk, credit(desk), { kind: 'CREDIT_DISPUTED', creditId: 'x' }), 'names a credit x that was not given'],
  ])('a dispute %s is a lie', async (_what, acts, what) => {
    expect(await after(acts)).toMatchObject({ kind: 'lie', check: 'credits', what });
  });

  test.each<readonly [string, (event: ReversedEvent) => ReversedEvent, string]>([
    ['less than was given', (event) => ({ ...event, amt: points(2_900) }), 'takes back 2900 of a credit of 3000'],
    ['from another account', (event) => ({ ...event, body: { ...event.body, accountId: 'a3' } }), 'names a credit of another account'],
  ])('%s, which the book would not take, is a lie of whoever holds its key', async (_what, change, what) => {
    const desk = aDesk();
    credit(desk, '3');
    expect(takenBack(desk.book, credit(desk))).toBe('reversed');
    const { seq } = desk.book.head();
    desk.book.close();
    const { privateKey } = readSigner(desk.home)!;
    tamper(desk.home, (db) => {
      const row = db.prepare<[number], { line: string }>('SELECT line FROM event WHERE seq = ?').get(seq)!;
      const event = change(JSON.parse(row.line) as ReversedEvent);
      const line = canonical(event as unknown as Plain);
      const leaf = leafOf(line);
      const signature = sign(null, Buffer.from(signedText(event, leaf.toString('base64url'))), privateKey);
      db.prepare('UPDATE event SET line = ?, leaf = ?, sig = ? WHERE seq = ?').run(line, leaf, signature, seq);
      for (const [n, { holder, amount }] of postingsOf(event).entries())
        db.prepare('UPDATE posting SET holder = ?, amount = ? WHERE seq = ? AND n = ?').run(holder, amount, seq, n);
    });
    expect(await verdictOn(desk.home.directory)).toMatchObject({ kind: 'lie', check: 'credits', what });
  });
});

describe('a scale', () => {
  test.each<readonly [string, (desk: Desk) => void, string]>([
    [
      'set up by another weight than lay on it',
      ({ book }) => void aScale(book, { readGrams: 2_200 }),
      'was set up by 2200 g where 2000 g lay',
    ],
    ['set up without its bytes', ({ book }) => void aScale(book, { framesHex: [] }), 'holds no bytes of its scale'],
    [
      'set up within a tolerance of its own making',
      ({ book }) => void aScale(book, { knownGrams: 1_000, readGrams: 9_000, toleranceGrams: 10_000 }),
      'allows 10000 g of error for 1000 g, 10 is right',
    ],
    [
      'set up by next to nothing',
      ({ book }) => void aScale(book, { knownGrams: 1, readGrams: 1 }),
      'was known by 1 g, 500 to 60000 are allowed',
    ],
    [
      'set up by frames that say another weight',
      ({ book }) => void aScale(book, { framesHex: framesOf(2_100) }),
      'was read as 2002 g, its frames say 2100 g',
    ],
    [
      'checked within a tolerance of its own making',
      ({ book }) => void aScale(book, {}, { readGrams: 4_000, toleranceGrams: 9_000 }),
      'allows 9000 g of error for 2000 g, 10 is right',
    ],
    [
      'checked by another weight than it was set up with',
      ({ book }) => void aScale(book, {}, { knownGrams: 1_000, readGrams: 1_000 }),
      'was checked by 1000 g, it was set up by 2000 g',
    ],
    ['that is called simulated and is real', ({ book }) => void aScale(book, { isSimulated: true }), 'calls serial:/dev/ttyUSB0 simulated'],
    ['that is simulated and called real', ({ book }) => void aScale(book, { address: 'simulated:' }), 'calls simulated: real'],
    ['called good that was bad', ({ book }) => void aScale(book, {}, { readGrams: 2_100 }), 'calls 2100 g for 2000 g good'],
    ['called bad that was good', ({ book }) => void aScale(book, {}, { isGood: false }), 'calls 2002 g for 2000 g bad'],
    ['checked with an empty pan that was not', ({ book }) => void aScale(book, {}, { zeroGrams: -40 }), 'calls 2002 g for 2000 g good'],
    ['checked before it was set up', ({ book }) => void aScale(book, {}, { scaleSetId: 'x' }), 'checks a scale that was not set up before'],
  ])('%s is a lie', async (_what, acts, what) => {
    expect(await after(acts)).toMatchObject({ kind: 'lie', check: 'scales', what });
  });

  test('that is simulated has no bytes of its setting up', async () => {
    expect(await after(({ book }) => void aScale(book, { framesHex: [], address: 'simulated:', isSimulated: true }))).toEqual({
      kind: 'true',
    });
  });

  test.each<readonly [string, Parameters<typeof setUp>[1], string | null]>([
    ['real, by nobody', { op: null }, 'is an act of nobody, who does not work here'],
    ['real, by a stranger', { op: 'ghost' }, 'is an act of ghost, who does not work here'],
    ['simulated, by a stranger', { op: 'ghost', address: 'simulated:' }, 'is an act of ghost, who does not work here'],
    ['simulated, by itself', { op: null, address: 'simulated:' }, null],
  ])('set up that is %s', async (_what, how, what) => {
    const verdict = await after((desk) => setUp(desk, how));
    expect(verdict).toMatchObject(what === null ? { kind: 'true' } : { kind: 'lie', check: 'operators', what });
  });
  function setUp({ book }: Desk, { op, address = 'serial:/dev/ttyS0' }: { readonly op: string | null; readonly address?: string }): void {
    const isSimulated = address === 'simulated:';
    const body = { ...setUpOf(book), address, isSimulated };
    book.transact(({ append }) => append({ kind: 'SCALE_SET', body, id: uuidv7(morning), day: today, op, command: 'set' }));
  }
  const setUpOf = ({ db }: Book): ScaleSetBody =>
    (
      JSON.parse(db.prepare<[], { line: string }>(`SELECT line FROM event WHERE kind = 'SCALE_SET'`).get()!.line) as {
        readonly body: ScaleSetBody;
      }
    ).body;

  test('that is simulated, in a shop that the county calls no demo, is a lie', async () => {
    const { isDemo: _, ...realShop } = shop;
    const desk = aDesk();
    await enrolAgain(desk, [{ t: 'SHOP', shop: realShop }]);
    setUp(desk, { op: null, address: 'simulated:' });
    desk.book.close();
    const what = 'is simulated, and the county calls this shop no demo';
    expect(await verdictOn(desk.home.directory)).toMatchObject({ kind: 'lie', check: 'scales', what });
  });

  test('that is simulated is counted where it credits, and so are the steps of the clock; unread frames are told', async () => {
    const desk = aDesk();
    const id = aScale(desk.book, { framesHex: [], address: 'simulated:', isSimulated: true });
    given(recycled(desk.book, { bags: [onScale(desk.book, id, 'plastic-bottle', 2_000)], isSimulated: true }));
    given(recycled(desk.book, { bags: [bottles(desk, 2_000)] }));
    desk.clock.set(morning + 3 * 3_600_000);
    given(recycled(desk.book, { bags: [counted('battery', 20)] }));
    desk.book.close();
    const lines: string[] = [];
    expect(await verifyHome(desk.home.directory, (line) => lines.push(line))).toEqual({ kind: 'true' });
    expect(lines.filter((line) => /^ok {2}(business dates|credits|scales):/.test(line))).toEqual([
      'ok  business dates: none comes again after a later one; 1 clock step of more than ten minutes',
      'ok  credits: 3 credits and their ticket numbers without a gap, at the rates and caps in force; 1 weighed on a simulated scale, 0 taken back',
      'ok  scales: 2 scales set up by a known weight; 2 weighings, each used once, of a scale found good before it that day; frames NOT decoded',
    ]);
  });

  test('never found good weighs nothing that is credited', async () => {
    const verdict = await after(({ book }) => {
      const bad = aScale(book, {}, { readGrams: 2_100, isGood: false });
      given(recycled(book, { bags: [onScale(book, bad, 'plastic-bottle', 2_000)] }));
    });
    expect(verdict).toMatchObject({ kind: 'lie', check: 'credits', what: 'its scale was found bad on 2026-11-21' });
  });
});

test.each<readonly [string, (desk: Desk) => void]>([
  [
    'A credit taken back',
    (desk) => {
      const credit = given(recycled(desk.book, { bags: [bottles(desk, 2_000)] }));
      const approvalId = leaveFor(desk.book, { kind: 'reverse_credit', creditId: credit.id, points: credit.amt });
      const body = { creditId: credit.id, accountId: credit.body.accountId, reason: 'wrong_amount', approvalId } as const;
      const entry = { id: uuidv7(morning), day: today, op: null, res: credit.res, command: 'x' };
      desk.book.transact(({ append }) => append({ ...entry, kind: 'CREDIT_REVERSED', body, amt: credit.amt }));
    },
  ],
  [
    'A credit left to the county',
    ({ book }) => {
      const body = { creditId: 'x', accountId: 'a1', reason: 'wrong_amount', approvalId: 'x', heldPoints: points(0) } as const;
      book.transact(({ append }) => append({ kind: 'CREDIT_DISPUTED', body, id: uuidv7(morning), day: today, op: null, command: 'x' }));
    },
  ],
  [
    'A hand-over',
    ({ book }) => {
      const body = { hauler: '扎西', lines: [] };
      book.transact(({ append }) => append({ kind: 'HANDED_OVER', body, id: uuidv7(morning), day: today, op: null, command: 'x' }));
    },
  ],
])('%s by nobody is a lie', async (_what, act) => {
  expect(await after(act)).toMatchObject({ kind: 'lie', check: 'operators', what: 'is an act of nobody, who does not work here' });
});

describe('a hand-over', () => {
  const line = { materialId: 'plastic-bottle', bookUnits: 2_000, hauledUnits: 1_990, leftUnits: 0 };
  const handOver =
    (...lines: readonly (typeof line)[]) =>
    (desk: Desk): void => {
      given(recycled(desk.book, { bags: [bottles(desk, 2_000)] }));
      desk.book.transact(({ append }) =>
        append({ kind: 'HANDED_OVER', body: { hauler: '扎西', lines }, id: uuidv7(morning), day: today, op: 'op1', command: 'x' }),
      );
    };

  test('of what was on hand holds', async () => {
    expect(await after(handOver(line))).toEqual({ kind: 'true' });
  });

  test('of more than was on hand by the book, or of a material twice, is a lie', async () => {
    const more = await after(handOver({ ...line, bookUnits: 3_000 }));
    expect(more).toMatchObject({ kind: 'lie', check: 'handed over', what: 'says 3000 of plastic-bottle were on hand, there were 2000' });
    const twice = await after(handOver(line, { ...line, bookUnits: 0 }));
    expect(twice).toMatchObject({ kind: 'lie', check: 'handed over', what: 'names a material twice' });
  });
});
