// The auditor: knows what truly happened at every kiosk and what the county truly signed, and checks the invariants of reconciliation.md R6
// and the theorem of R3 after every step. Folds events by its own lines: it shares no rule with what it checks.
//
//  R3, 13  checkBounds: spent less awarded is within what is unsettled, and what was rolled back or the county took upon itself
//       1  foldPostings (county); checkKiosk: every entry sums to zero, in whole hundredths
//       2  checkBalances (county), checkKiosk: all balances sum to zero
//       3  checkKiosk, checkCounty: rights and what is unallocated are not negative, roaming is within c and G_k
//       4  foldInto: numbers without a gap, each leaf of its line, each event after the one before; lookAtKiosk: none changes
//       5  checkKiosk: counters and balances are what the events say; checkBalances: the county's are what its postings say
//       6  run.ts sellTo: confirmed again it is the same answer, with other content an error
//       7  promised, lookAtKiosk: what the till said is done is in its book; world.ts revive, putBack: every book opens after a power cut
//       8  takeBack: no more than the act was, of the same account and kiosk
//       9  foldInto: the lines of a sale, and of a return, sum to what it takes and gives
//      10  takeLine: G and Xs never fall, and rise by what the county signed alone; foldInto: the others by own events
//      11  checkCounty: main and rights of every account by what was awarded, granted, returned, spent
//      12  checkBounds: lines in force are no more than m, what is unsettled no more than m times c
//      14  checkBounds: who never had a line never spends more than there was
//      15  checkDecision: each sale is within the rights and the line that its own kiosk's events give
//      16  foldInto: a voucher is taken that was given, and once; run.ts cheat: no other
//      17  lookAtCounty: what is posted is the kiosk's own; foldInto: in its order, from the first
//      18  lookAtCounty: no event is posted twice
//      19  checkAnswers (county): an answer names the kiosk's own leaf
//      20  lookAtCounty: one leaf for one place for ever, also through a county's put-back, as long as anything still tells the first
//      21  foldInto: files take effect in their order, each once; linesOf: none that the county never signed
//      22  checkAnswers: a file is posted to its last event; coverOf: settlements are of what was redeemed in their days
//      23  run.ts rest, atRest: both sides have the same counters, nothing waits, every exception has an owner; 21 with it: every file is
//          applied; world.ts checkRest: no file that the county said it has is forgotten
//      24  checkBatches: no redemption is in two batches, batches sum to what merchants have; county-audit.ts atRest: each is in one
//      25  checkMerchants: merchants have what was redeemed, in every run, whoever could pay it
//      26  checkMerchants: what is issued was awarded and not taken back, or credited and not disallowed; with 2 the identity; checkCounty:
//          nobody owes more than was taken back of awards and credits, or expired, and what two persons took back stays so through a put-back;
//          checkDisallowed: of no credit more than it was, and what its till took back as well the account has again
//      27  run.ts cheat: a list changed after it was signed is refused; lookAtCounty: no flipped bit is ever posted (17); checkLists (county):
//          no list took effect and is withdrawn
//      28  world.ts putBack silently, with 20: an old image never writes over what was posted, and is found (mendForks)
//      29  rootHeld: any two roots that kiosks ever held are of one log; foldLog: the county signs its own log
//      30  all of them, none of which reads a clock, in runs whose clocks are ten years off

import { createHash } from 'node:crypto';
import { type ReadableDatabase, prepared } from '../../db/sqlite.ts';
import type { DownLine } from '../../db/model/down-file.ts';
import type { BookEvent } from '../../db/model/event.ts';
import { type CountyAudit, countyAudit } from './county-audit.ts';
import { Violation } from './violation.ts';

/** An account's counters at a kiosk, as R3 names them. */
interface Counted {
  g: number;
  b: number;
  s: number;
  v: number;
  c: number;
  u: number;
  x: number;
  w: number;
  xs: number;
  f: number;
}

const letters = ['g', 'b', 's', 'v', 'c', 'u', 'x', 'w', 'xs', 'f'] as const;
const columns = `granted AS g, returned AS b, spent AS s, unspent AS v, credited AS c, uncredited AS u, roamed AS x, unroamed AS w,
  roamed_settled AS xs, overfunded AS f`;

/** Leaves, counters: what one log came to, up to its newest event. */
interface Folded {
  readonly counters: Map<string, Counted>;
  /** Of a kiosk: each `inc/seq/leaf` that ever was. */
  readonly leaves: Set<string>;
  seq: number;
  /** Through which event its postings were looked at. */
  posted: number;
  inc: number;
  leaf: string;
  /** Newest file of the county in it. */
  downSeq: number;
  /** The line c in force, by account. */
  readonly lines: Map<string, number>;
  /** Sales and credits by their id, and what was taken back of each. */
  readonly acts: Map<string, { readonly account: string | null; readonly points: number; back: number }>;
  /** Vouchers that were taken and are in no G of a file yet: account and number to amount. */
  readonly vouchers: Map<string, Map<number, number>>;
}

/** What the county signed, as the auditor saw it. */
interface Signed {
  linesOf(kiosk: string, downSeq: number, sha256: string): readonly DownLine[];
  isVoucher(kiosk: string, account: string, number: number, amount: number): boolean;
}

interface Row {
  readonly seq: number;
  readonly line: string;
  readonly leaf: string;
}

/** Of an account over all kiosks, with what rollbacks took from their books. */
interface Sums {
  readonly spent: number;
  readonly earned: number;
  readonly unsettled: number;
  /** Lines in force. */
  readonly open: number;
}

export interface Bounds {
  /** m. */
  readonly lines: number;
  /** c. */
  readonly cap: number;
  /** G_k. */
  readonly kioskCap: number;
}

/** The largest that was seen of each: against the bounds, for the report. */
export interface Peaks {
  /** Largest overspend of one account, and of all accounts together, hundredths of a point. */
  overspend: number;
  countyOverspend: number;
  /** Largest unsettled roaming of an account over all kiosks, and of one kiosk over all accounts. */
  unsettled: number;
  kioskUnsettled: number;
}

export interface Auditor {
  readonly peaks: Peaks;
  awarded(account: string, points: number): void;
  /** Two persons took points of an award back, and the county said that it is done: whatever becomes of its book, what lies beside it says so. */
  takenBack(account: string, points: number): void;
  /** And so of a recycling credit. */
  disallowed(account: string, points: number): void;
  /** A till said that an act is done: its event is in the book from then on, whatever happens to the power (7). */
  promised(kiosk: string, id: string): void;
  /** The county signed a file for a kiosk. */
  signed(kiosk: string, downSeq: number, sha256: string, lines: readonly DownLine[]): void;
  /** After a step of a kiosk, with its book open. */
  lookAtKiosk(kiosk: string, db: ReadableDatabase): void;
  /** After the county took something in, or had its night. */
  lookAtCounty(db: ReadableDatabase): void;
  /** The county gave a voucher. */
  issued(kiosk: string, voucher: { readonly account: string; readonly number: number; readonly amount: number }): void;
  /** A kiosk's disk is now one of earlier, its book open: what it did since is lost to it, and stays true. */
  rolledBack(kiosk: string, db: ReadableDatabase): void;
  /** The county's book is an older copy now, with what was taken up beside it: what it posted since may be lost to it, and is posted again. */
  countyPutBack(beside: 'kept' | 'lost'): void;
  /** At the end, when everything was exchanged: both sides say the same of each kiosk. `isSettled`: all their days are in batches. */
  atRest(db: ReadableDatabase, isSettled: boolean): void;
  /** What an account could still spend if it were everywhere at once. */
  balance(account: string): number;
  readonly events: () => number;
}

export function auditor(of: {
  readonly kiosks: readonly string[];
  readonly first: ReadonlyMap<string, readonly DownLine[]>;
  readonly awarded: ReadonlyMap<string, number>;
  readonly bounds: Bounds;
  /** Looks at nothing but what was spent and earned: whether the theorem alone sees a bug. */
  readonly isBlind?: boolean;
}): Auditor {
  const { bounds, isBlind = false } = of;
  const given = new Map(of.awarded);
  /** What was taken back of it, as far as what lies beside the county's book proves. */
  const taken = new Map<string, number>();
  const takenCredits = new Map<string, number>();
  const kiosks = new Map(of.kiosks.map((kiosk) => [kiosk, nothingFolded()]));
  const posted = new Map(of.kiosks.map((kiosk) => [kiosk, nothingFolded()]));
  const files = new Map<string, readonly DownLine[]>();
  /** What the county's book has of each kiosk: the leaf of each event, by `inc/seq`. The events themselves are in the book. */
  const known = new Map(of.kiosks.map((kiosk) => [kiosk, new Map<string, string>()]));
  /**
   * Spent less what came back, and credited, in events that a rollback took from a kiosk's book: true all the same. Spent may be negative:
   * goods that came back since of a sale from before.
   */
  const lost = new Map<string, number>();
  const lostCredits = new Map<string, number>();
  /**
   * What a rollback lets an account spend again: what it had spent since, and what it had given back, a credit that was taken back too (R8, 3):
   * of what the kiosk never sent nobody knows.
   */
  const again = new Map<string, number>();
  const rolled = new Set<string>();
  /** Who ever had a line at a shop. */
  const roamers = new Set<string>();
  const peaks: Peaks = { overspend: 0, countyOverspend: 0, unsettled: 0, kioskUnsettled: 0 };
  let countyEntry = 0;
  let lookedAt: { readonly db: ReadableDatabase | null; readonly changes: number } = { db: null, changes: 0 };
  let wasPutBack = false;
  /** What lay beside the county's book was lost with it, once at least. */
  let wasBesideLost = false;
  /** By kiosk and account, what the county's book knows that it granted and funded. */
  const booked = new Map<string, { readonly granted: number; readonly funded: number }>();
  let events = 0;

  const promises: { readonly kiosk: string; readonly id: string }[] = []; // since the last look
  /** Newest root that each kiosk was seen with, by its file. */
  const rootsSeen = new Map<string, number>();
  /** Every leaf that the county ever posted, by kiosk/inc/seq: also before its book was put back. */
  const accepted = new Map<string, string>();
  /** Of these, by the same name, what the county lost with its book and all that lay beside it, and did not post again. */
  const gone = new Set<string>();
  const county = countyAudit({
    awarded: of.awarded,
    isLeaf: (kiosk, inc, seq, leaf) => kiosks.get(kiosk)!.leaves.has(`${inc}/${seq}/${leaf}`),
  });

  const vouchers = new Map<string, Set<number>>(); // a county that was put back may give one number twice
  const signed: Signed = {
    linesOf(kiosk, downSeq, sha256) {
      if (downSeq === 1) return of.first.get(kiosk) ?? [];
      const lines = files.get(`${kiosk}/${downSeq}/${sha256}`);
      if (lines === undefined) throw new Violation(10, `${kiosk} applied file ${downSeq} that the county never signed`);
      return lines;
    },
    isVoucher: (kiosk, account, number, amount) => vouchers.get(`${kiosk}/${account}/${number}`)?.has(amount) === true,
  };

  /** In one look at each kiosk, since it is asked of every account after every step. */
  const sumsOf = (account: string): Sums => {
    const sums = {
      spent: lost.get(account) ?? 0,
      earned: (given.get(account) ?? 0) + (lostCredits.get(account) ?? 0),
      unsettled: 0,
      open: 0,
    };
    for (const { counters, lines } of kiosks.values()) {
      const counted = counters.get(account);
      if (counted !== undefined) {
        sums.spent += counted.s - counted.v + counted.x - counted.w;
        sums.earned += counted.c - counted.u;
        sums.unsettled += unsettledOf(counted);
      }
      if ((lines.get(account) ?? 0) > 0) sums.open += 1;
    }
    return sums;
  };

  /**
   * What shops were told of an account by files that the county has lost, with its book and what lay beside it, and that its book knows
   * nothing of until those shops are heard: it may give the same points out elsewhere meanwhile. Once it hears of them it takes what is short
   * upon itself (county/book/advances.ts), which `covered` says from then on.
   */
  const toldByLost = (account: string): number => {
    if (!wasBesideLost) return 0;
    let told = 0;
    for (const [kiosk, { counters }] of kiosks) {
      const { g, xs } = counters.get(account) ?? nothingCounted();
      const { granted, funded } = booked.get(`${kiosk}/${account}`) ?? { granted: 0, funded: 0 };
      told += Math.max(0, g - granted) + Math.max(0, xs - funded);
    }
    return told;
  };

  /** All that is known of an account, for people. */
  const story = (account: string): string =>
    JSON.stringify({
      given: given.get(account),
      lost: lost.get(account) ?? 0,
      lostCredits: lostCredits.get(account) ?? 0,
      again: again.get(account) ?? 0,
      ...Object.fromEntries([...kiosks].map(([kiosk, { counters }]) => [kiosk, counters.get(account)])),
    });

  const checkBounds = (): void => {
    let together = 0;
    for (const account of given.keys()) {
      const { spent, earned, unsettled, open } = sumsOf(account);
      const over = spent - earned;
      const excuse = (again.get(account) ?? 0) + county.covered(account) + toldByLost(account);
      if (open > 0) roamers.add(account);
      peaks.overspend = Math.max(peaks.overspend, over - excuse);
      peaks.unsettled = Math.max(peaks.unsettled, unsettled);
      together += Math.max(0, over - excuse);
      if (rolled.size === 0 && open > bounds.lines) throw new Violation(12, `${account} has ${open} lines in force, m is ${bounds.lines}`);
      if (!roamers.has(account) && over > excuse)
        throw new Violation(14, `${account} never had a line, and spent ${over} more than it had: ${story(account)}`);
      if (over > unsettled + excuse)
        throw new Violation(0, `${account} spent ${over} more than it had, and ${unsettled} is unsettled: ${story(account)}`);
      if (unsettled > bounds.lines * bounds.cap + excuse)
        throw new Violation(12, `${account} has ${unsettled} unsettled, over ${bounds.lines} lines of ${bounds.cap}`);
    }
    peaks.countyOverspend = Math.max(peaks.countyOverspend, together);
  };

  return {
    peaks,
    events: () => events,
    balance(account) {
      const { spent, earned } = sumsOf(account);
      const withdrawn = (taken.get(account) ?? 0) + county.disallowed(account) + county.expired(account);
      return earned - spent - withdrawn + county.givenBack(account);
    },
    awarded(account, points) {
      given.set(account, (given.get(account) ?? 0) + points);
    },
    takenBack(account, points) {
      taken.set(account, (taken.get(account) ?? 0) + points);
    },
    disallowed(account, points) {
      takenCredits.set(account, (takenCredits.get(account) ?? 0) + points);
    },
    promised(kiosk, id) {
      promises.push({ kiosk, id });
    },
    signed(kiosk, downSeq, sha256, lines) {
      files.set(
        `${kiosk}/${downSeq}/${sha256}`,
        lines.filter(({ t }) => t === 'GRANT' || t === 'ROAM'), // the others move no counter (takeLine), and a year of them is much
      );
    },
    issued(kiosk, { account, number, amount }) {
      const name = `${kiosk}/${account}/${number}`;
      vouchers.set(name, new Set([...(vouchers.get(name) ?? []), amount]));
    },
    lookAtKiosk(kiosk, db) {
      const truth = kiosks.get(kiosk)!; // of this county
      const rows = prepared<[number], { seq: number; line: string; leaf: Buffer }>(
        db,
        'SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq',
      ).all(truth.seq);
      const head = prepared<[number], { leaf: Buffer }>(db, 'SELECT leaf FROM event WHERE seq = ?').get(truth.seq);
      if (truth.seq > 0 && head?.leaf.toString('base64url') !== truth.leaf)
        throw new Violation(4, `${kiosk} has another event ${truth.seq} than it had`);
      for (const { seq, line, leaf } of rows) {
        foldInto(truth, kiosk, { seq, line, leaf: leaf.toString('base64url') }, signed);
        truth.leaves.add(`${truth.inc}/${seq}/${truth.leaf}`);
        events += 1;
      }
      for (const { id } of promises.splice(0))
        if (!truth.acts.has(id)) throw new Violation(7, `${kiosk} said that ${id} is done, and its book does not have it`);
      checkKiosk(kiosk, db, truth, bounds, peaks);
      const roots = prepared<[number], { downSeq: number; size: number; root: string }>(
        db,
        'SELECT down_seq AS downSeq, size, root FROM county_root WHERE down_seq > ? ORDER BY down_seq',
      ).all(rootsSeen.get(kiosk) ?? 0);
      for (const { downSeq, size, root } of roots) {
        rootsSeen.set(kiosk, downSeq);
        if (!isBlind) county.rootHeld(kiosk, { size, root });
      }
      checkBounds();
    },
    lookAtCounty(db) {
      const { changes } = prepared<[], { changes: number }>(db, 'SELECT total_changes() AS changes').get()!; // by whichever statement or trigger
      if (db === lookedAt.db && changes === lookedAt.changes) return; // not a row is another than at the last look
      lookedAt = { db, changes };
      const rows = prepared<[number], CountyRow>(
        db,
        'SELECT entry, kiosk, seq, file_inc AS "fileInc", file_seq AS "fileSeq", line, leaf FROM event WHERE entry > ? ORDER BY entry',
      ).all(countyEntry);
      for (const posting of rows) {
        const { entry, kiosk, seq, line, leaf } = posting;
        const own = kiosks.get(kiosk);
        const at = posted.get(kiosk);
        if (own === undefined || at === undefined) throw new Violation(17, `${kiosk} is no kiosk`);
        const event = JSON.parse(line) as BookEvent; // checked below to be the kiosk's own line
        const name = `${event.inc}/${seq}`;
        const row = { seq, line, leaf: leaf.toString('base64url') };
        if (!own.leaves.has(`${name}/${row.leaf}`)) throw new Violation(17, `${kiosk} never had the event ${name} that the county posted`);
        const leaves = known.get(kiosk)!; // of this county
        if (leaves.has(name)) throw new Violation(18, `${kiosk}: event ${name} is posted twice`);
        const place = `${kiosk}/${name}`;
        const isOther = (accepted.get(place) ?? row.leaf) !== row.leaf;
        // Where the shop's disk was put back, too, nobody has the one that was lost: what the shop did instead is its history then, unless the
        // log as far as the committee kept it names the lost file (seed 17038 of 5 kiosks and 9 days with county, restore and image: it was
        // posted after the last root).
        if (isOther && (!gone.has(place) || isOtherLogged(db, posting)))
          throw new Violation(20, `${kiosk}: two events ${name} were posted`);
        gone.delete(place);
        accepted.set(place, row.leaf);
        leaves.set(name, row.leaf);
        if (event.kind === 'RESTORED')
          posted.set(
            kiosk,
            foldChain(kiosk, (inc, at) => postedRow(db, kiosk, inc, at, leaves), row, signed),
          );
        else if (event.inc >= at.inc) foldInto(at, kiosk, row, signed); // else a late file of an incarnation that ended
        countyEntry = entry;
      }
      if (isBlind) return;
      if (wasBesideLost)
        for (const { kiosk, account, granted, funded } of givenRows(db)) booked.set(`${kiosk}/${account}`, { granted, funded });
      county.look(db);
      checkCounty(db, { posted, given, taken, takenCredits, rolled, wasPutBack, county });
    },
    rolledBack(kiosk, db) {
      const before = kiosks.get(kiosk)!; // of this county
      rootsSeen.delete(kiosk);
      const kept = nothingFolded();
      for (const leaf of before.leaves) kept.leaves.add(leaf);
      rolled.add(kiosk);
      kiosks.set(kiosk, kept);
      const rows = prepared<[], { seq: number; line: string; leaf: Buffer }>(db, 'SELECT seq, line, leaf FROM event ORDER BY seq').all();
      const fold = ({ seq, line, leaf }: (typeof rows)[number]): void => {
        foldInto(kept, kiosk, { seq, line, leaf: leaf.toString('base64url') }, signed);
        kept.leaves.add(`${kept.inc}/${seq}/${kept.leaf}`);
      };
      const known = rows.findIndex(({ line, leaf }) => {
        const { inc, seq } = JSON.parse(line) as BookEvent;
        return !before.leaves.has(`${inc}/${seq}/${leaf.toString('base64url')}`);
      });
      const news = rows.splice(known === -1 ? rows.length : known);
      for (const row of rows) fold(row);
      for (const [account, { s, v, x, w, c, u, b }] of before.counters) {
        const now = kept.counters.get(account) ?? nothingCounted();
        const add = (to: Map<string, number>, points: number): void => void to.set(account, (to.get(account) ?? 0) + points);
        add(lost, s - v + x - w - (now.s - now.v + now.x - now.w));
        add(lostCredits, c - u - now.c + now.u);
        add(again, s + x + b + u - now.s - now.x - now.b - now.u);
      }
      for (const row of news) fold(row); // where it is a restoration, it gives up every right
    },
    countyPutBack(beside) {
      wasPutBack = true;
      wasBesideLost ||= beside === 'lost';
      if (beside === 'lost') for (const each of [taken, takenCredits]) each.clear();
      if (beside === 'lost') for (const place of accepted.keys()) gone.add(place);
      booked.clear();
      countyEntry = 0;
      county.putBack(beside);
      for (const kiosk of of.kiosks) {
        posted.set(kiosk, nothingFolded());
        known.set(kiosk, new Map());
      }
    },
    atRest(db, isSettled) {
      for (const [kiosk, own] of kiosks) {
        const at = posted.get(kiosk)!; // of this county
        if (own.seq !== at.seq) throw new Violation(23, `${kiosk} is at event ${own.seq}, the county has it to ${at.seq}`);
        const { newest } = prepared<[string, number], { newest: number | null }>(
          db,
          'SELECT max(down_seq) AS newest FROM down_file WHERE kiosk = ? AND inc = ?',
        ).get(kiosk, own.inc)!; // an aggregate has a row
        if (newest !== null && newest !== own.downSeq)
          throw new Violation(21, `${kiosk} applied file ${own.downSeq} last, the county made file ${newest} for it`);
        for (const [account, counted] of own.counters) {
          const row = prepared<[string, number, string], Counted>(
            db,
            'SELECT g, b, s, v, c, u, x, w, xs, f FROM counter WHERE kiosk = ? AND inc = ? AND account = ?',
          ).get(kiosk, own.inc, account);
          for (const letter of letters)
            if (counted[letter] !== (row?.[letter] ?? 0))
              throw new Violation(23, `${kiosk} ${account}: ${letter} is ${counted[letter]} here and ${row?.[letter] ?? 0} in the county`);
        }
      }
      for (const account of given.keys())
        if (toldByLost(account) > 0)
          throw new Violation(23, `${account}: shops were told ${toldByLost(account)} that the county does not know of`);
      if (isSettled) county.atRest(db);
    },
  };
}

/** An event as it lies in the county's book, and the file that brought it. */
interface CountyRow {
  readonly entry: number;
  readonly kiosk: string;
  readonly seq: number;
  readonly fileInc: number;
  readonly fileSeq: number;
  readonly line: string;
  readonly leaf: Buffer;
}

/** Whether the county's log names another file of the number of the one that brought an event (docs/files.md: the lines of a file's note). */
function isOtherLogged(db: ReadableDatabase, { kiosk, fileInc, fileSeq, line }: CountyRow): boolean {
  const { county } = JSON.parse(line) as BookEvent; // the kiosk's own line
  const other = prepared<[string, string, number, number], object>(
    db,
    `SELECT 1 FROM log_leaf WHERE instr(entry, ?) > 0 AND NOT EXISTS (SELECT 1 FROM answer
       WHERE kiosk = ? AND inc = ? AND file_seq = ? AND verdict = 'ACCEPTED' AND instr(log_leaf.entry, answer.sha256) > 0)`,
  ).get(`\\nup\\n${county}\\n${kiosk}\\n${fileInc}\\n${fileSeq}\\n`, kiosk, fileInc, fileSeq);
  return other !== undefined;
}

/** What an incarnation came to that goes on from another: as posted, from the first event of all. */
function foldChain(kiosk: string, rowAt: (inc: number, seq: number) => Row | undefined, restored: Row, signed: Signed): Folded {
  const rows: Row[] = [];
  for (let at: Row | undefined = restored; at !== undefined;) {
    rows.push(at);
    const event = JSON.parse(at.line) as BookEvent; // the kiosk's own
    const inc = event.kind === 'RESTORED' ? event.body.fromInc : event.inc;
    at = rowAt(inc, at.seq - 1);
  }
  const folded = nothingFolded();
  for (const row of rows.toReversed()) foldInto(folded, kiosk, row, signed);
  return folded;
}

/** An event as the county's book has it; it is still the one that was posted (20). */
function postedRow(db: ReadableDatabase, kiosk: string, inc: number, seq: number, leaves: ReadonlyMap<string, string>): Row | undefined {
  const leaf = leaves.get(`${inc}/${seq}`);
  if (leaf === undefined) return undefined;
  const found = prepared<[string, number, number], { line: string }>(
    db,
    'SELECT line FROM event WHERE kiosk = ? AND inc = ? AND seq = ?',
  ).get(kiosk, inc, seq);
  if (found === undefined) throw new Violation(20, `${kiosk}: event ${inc}/${seq} was posted and is not in the book`);
  return { seq, line: found.line, leaf }; // whose line is held against it
}

function nothingFolded(): Folded {
  return {
    counters: new Map(),
    leaves: new Set(),
    seq: 0,
    posted: 0,
    inc: 0,
    leaf: '',
    downSeq: 0,
    lines: new Map(),
    acts: new Map(),
    vouchers: new Map(),
  };
}

function nothingCounted(): Counted {
  return { g: 0, b: 0, s: 0, v: 0, c: 0, u: 0, x: 0, w: 0, xs: 0, f: 0 };
}

function rightsOf({ g, b, c, u, s, v, f }: Counted): number {
  return g - b + c - u - s + v + f;
}

function unsettledOf({ x, w, xs, f }: Counted): number {
  return x - w - xs + f;
}

/** Takes one event: its place in the chain (4), and what it does to the counters (10). */
function foldInto(at: Folded, kiosk: string, { seq, line, leaf }: Row, signed: Signed): void {
  const event = JSON.parse(line) as BookEvent;
  if (seq !== at.seq + 1 || event.seq !== seq) throw new Violation(4, `${kiosk}: event ${seq} comes after ${at.seq}`);
  if (createHash('sha256').update(`\0${line}`).digest('base64url') !== leaf)
    throw new Violation(4, `${kiosk}: the leaf of ${seq} is not of its line`);
  if (at.seq > 0 && event.prev !== at.leaf) throw new Violation(4, `${kiosk}: event ${seq} does not follow ${at.seq}`);
  Object.assign(at, { seq, leaf, inc: event.inc });
  const of = (account: string): Counted => {
    const found = at.counters.get(account) ?? nothingCounted();
    at.counters.set(account, found);
    return found;
  };
  switch (event.kind) {
    case 'SALE': {
      const { accountId, redemption } = event.body;
      at.acts.set(event.id, { account: accountId, points: event.amt, back: 0 });
      if (accountId === null || redemption === null) return;
      if (redemption.fromRights + redemption.fromRoaming !== event.amt)
        throw new Violation(9, `${kiosk}: sale ${seq} takes other points than it says`);
      if (event.body.lines.reduce((sum, each) => sum + each.points, 0) !== event.amt)
        throw new Violation(9, `${kiosk}: the lines of sale ${seq} sum to other points`);
      checkDecision(kiosk, at, { seq, account: accountId, ...redemption });
      of(accountId).s += redemption.fromRights;
      of(accountId).x += redemption.fromRoaming;
      return;
    }
    case 'CREDIT':
      at.acts.set(event.id, { account: event.body.accountId, points: event.amt, back: 0 });
      of(event.body.accountId).c += event.amt;
      return;
    case 'CREDIT_REVERSED':
      takeBack(kiosk, at, { seq, id: event.body.creditId, account: event.body.accountId, points: event.amt });
      of(event.body.accountId).u += event.amt;
      return;
    case 'RETURNED': {
      const { accountId, redemption } = event.body;
      if (redemption !== null && redemption.toRights + redemption.toRoaming !== event.amt)
        throw new Violation(9, `${kiosk}: return ${seq} gives other points back than it says`);
      takeBack(kiosk, at, { seq, id: event.body.saleId, account: accountId, points: event.amt });
      if (accountId === null || redemption === null) return;
      of(accountId).v += redemption.toRights;
      of(accountId).w += redemption.toRoaming;
      return;
    }
    case 'RIGHTS_RETURNED':
      of(event.body.accountId).b += event.amt;
      return;
    case 'VOUCHER_IN': {
      const { accountId, number } = event.body;
      const taken = at.vouchers.get(accountId) ?? new Map<number, number>();
      if (!signed.isVoucher(kiosk, accountId, number, event.amt))
        throw new Violation(16, `${kiosk} took a voucher ${number} of ${accountId} that nobody gave`);
      if (taken.has(number)) throw new Violation(16, `${kiosk} took voucher ${number} of ${accountId} twice`);
      at.vouchers.set(accountId, taken.set(number, event.amt));
      of(accountId).g += event.amt;
      return;
    }
    case 'RESTORED':
      at.lines.clear();
      for (const counted of at.counters.values()) counted.b += rightsOf(counted);
      return;
    case 'DOWN_APPLIED': {
      const { downSeq, sha256 } = event.body;
      if (downSeq !== at.downSeq + 1) throw new Violation(21, `${kiosk}: file ${downSeq} takes effect after ${at.downSeq}`);
      at.downSeq = downSeq;
      for (const told of signed.linesOf(kiosk, downSeq, sha256)) takeLine(kiosk, at, of, told);
      return;
    }
    default: // moves no counter
  }
}

/** What a line of the county's does to the counters. */
function takeLine(kiosk: string, at: Folded, of: (account: string) => Counted, told: DownLine): void {
  if (told.t === 'GRANT') {
    const counted = of(told.a);
    const beyond = [...(at.vouchers.get(told.a) ?? [])].reduce((sum, [number, amount]) => sum + (number > (told.v ?? 0) ? amount : 0), 0);
    if (told.g + beyond < counted.g) throw new Violation(10, `${kiosk} ${told.a}: G falls from ${counted.g} to ${told.g + beyond}`);
    counted.g = told.g + beyond;
  }
  if (told.t === 'ROAM') {
    const counted = of(told.a);
    if (told.xs < counted.xs) throw new Violation(10, `${kiosk} ${told.a}: Xs falls from ${counted.xs} to ${told.xs}`);
    // what had come back by the time it was funded is rights here
    if (told.xs > counted.xs) counted.f += Math.max(0, told.xs - counted.x + counted.w - counted.f);
    counted.xs = told.xs;
    at.lines.set(told.a, told.c);
  }
}

/** A sale takes rights first, no more than are here, and then no more than the line has left: by the kiosk's own events alone (3, 15). */
function checkDecision(
  kiosk: string,
  at: Folded,
  sale: { readonly seq: number; readonly account: string; readonly fromRights: number; readonly fromRoaming: number },
): void {
  const counted = at.counters.get(sale.account) ?? nothingCounted();
  const rights = rightsOf(counted);
  const left = (at.lines.get(sale.account) ?? 0) - unsettledOf(counted);
  if (sale.fromRights > rights || (sale.fromRoaming > 0 && sale.fromRights < rights))
    throw new Violation(15, `${kiosk}: sale ${sale.seq} takes ${sale.fromRights} of ${rights} rights, and ${sale.fromRoaming} roaming`);
  if (sale.fromRoaming > Math.max(0, left)) throw new Violation(15, `${kiosk}: sale ${sale.seq} roams ${sale.fromRoaming} of ${left}`);
}

/** What is taken back is of an act of this kiosk and this account, and no more than it was (8). */
function takeBack(
  kiosk: string,
  at: Folded,
  of: { readonly seq: number; readonly id: string; readonly account: string | null; readonly points: number },
): void {
  const act = at.acts.get(of.id);
  if (act === undefined || act.account !== of.account)
    throw new Violation(8, `${kiosk}: event ${of.seq} takes back what is not of its account`);
  act.back += of.points;
  if (act.back > act.points) throw new Violation(8, `${kiosk}: ${act.back} were taken back of ${act.points} by event ${of.seq}`);
}

function checkKiosk(kiosk: string, db: ReadableDatabase, truth: Folded, bounds: Bounds, peaks: Peaks): void {
  const rows = prepared<[], Counted & { account: string }>(db, `SELECT account_id AS account, ${columns} FROM counter`).all();
  const here = new Map(rows.map((row) => [row.account, row]));
  let roaming = 0;
  for (const [account, counted] of truth.counters) {
    const row = here.get(account);
    for (const letter of letters)
      if (counted[letter] !== (row?.[letter] ?? 0))
        throw new Violation(5, `${kiosk} ${account}: ${letter} is ${row?.[letter] ?? 0}, by its events ${counted[letter]}`);
    if (rightsOf(counted) < 0) throw new Violation(3, `${kiosk} ${account} holds ${rightsOf(counted)}`);
    const unsettled = unsettledOf(counted);
    if (unsettled < 0 || unsettled > bounds.cap) throw new Violation(3, `${kiosk} ${account} has ${unsettled} unsettled of ${bounds.cap}`);
    roaming += unsettled;
  }
  peaks.kioskUnsettled = Math.max(peaks.kioskUnsettled, roaming);
  if (roaming > bounds.kioskCap) throw new Violation(3, `${kiosk} has ${roaming} unsettled of ${bounds.kioskCap}`);
  const unequal = prepared<[number], { seq: number }>(
    db,
    'SELECT seq FROM posting WHERE seq > ? GROUP BY seq, commodity HAVING sum(amount) <> 0 LIMIT 1',
  ).get(truth.posted);
  if (unequal !== undefined) throw new Violation(1, `${kiosk}: the postings of event ${unequal.seq} do not sum to zero`);
  truth.posted = truth.seq;
  const sums = prepared<[], { amount: number }>(
    db,
    'SELECT sum(amount) AS amount FROM balance GROUP BY commodity HAVING sum(amount) <> 0',
  ).all();
  if (sums.length > 0) throw new Violation(2, `${kiosk}: balances do not sum to zero`);
  const held = prepared<[], { account: string; amount: number }>(
    db,
    `SELECT holder AS account, amount FROM balance WHERE account = 'esc' AND commodity = 'PTS'`,
  ).all();
  for (const { account, amount } of held)
    if (amount !== rightsOf(truth.counters.get(account) ?? nothingCounted()))
      throw new Violation(5, `${kiosk} ${account}: the balance says ${amount}`);
}

/** What the county's book has given each account at each kiosk. */
function givenRows(db: ReadableDatabase): readonly {
  readonly kiosk: string;
  readonly account: string;
  readonly granted: number;
  readonly funded: number;
  readonly astray: number;
}[] {
  return prepared<[], { kiosk: string; account: string; granted: number; funded: number; astray: number }>(
    db,
    'SELECT kiosk, account, granted, funded, astray FROM given ORDER BY kiosk, account',
  ).all();
}

function checkCounty(
  db: ReadableDatabase,
  of: {
    readonly posted: ReadonlyMap<string, Folded>;
    readonly given: ReadonlyMap<string, number>;
    readonly taken: ReadonlyMap<string, number>;
    readonly takenCredits: ReadonlyMap<string, number>;
    readonly rolled: ReadonlySet<string>;
    readonly wasPutBack: boolean;
    readonly county: CountyAudit;
  },
): void {
  const { posted, given, taken, takenCredits, rolled, wasPutBack, county } = of;
  const balances = new Map<string, number>();
  const rows = prepared<[], { account: string; holder: string; kiosk: string; amount: number }>(
    db,
    `SELECT account, holder, kiosk, amount FROM balance WHERE commodity = 'PTS'`,
  ).all();
  for (const { account, holder, kiosk, amount } of rows) {
    balances.set(`${account}/${holder}/${kiosk}`, amount);
    if ((account === 'main' || account === 'esc') && amount < 0) throw new Violation(3, `county: ${account} of ${holder} is ${amount}`);
    if ((account === 'due' || account === 'overdraft') && amount > 0)
      throw new Violation(11, `county: ${account} of ${holder} is ${amount}`);
    if (account === 'suspense' && amount !== 0 && rolled.size === 0 && !wasPutBack)
      throw new Violation(11, `county: ${amount} of ${holder} in suspense`);
  }
  const at = (account: string, holder = '', kiosk = ''): number => balances.get(`${account}/${holder}/${kiosk}`) ?? 0;
  // in words of its own: county/book/unanswered.ts is a rule that is checked here
  const frozen = new Set(
    prepared<[], { kiosk: string }>(
      db,
      `SELECT kiosk FROM exception WHERE code IN ('restored', 'restored_behind') AND number NOT IN (SELECT exception FROM exception_answer)`,
    )
      .all()
      .map(({ kiosk }) => kiosk),
  );
  const issued = new Map<string, { granted: number; funded: number }>();
  for (const { kiosk, account, granted, funded, astray } of givenRows(db)) {
    const counted = posted.get(kiosk)?.counters.get(account) ?? nothingCounted();
    const { b, c, u, s, v, f, x, w } = counted;
    const esc = at('esc', account, kiosk) + at('suspense', account, kiosk) + astray;
    const rights = granted - b + c - u - s + v + f;
    if (!frozen.has(kiosk) && esc !== rights) throw new Violation(11, `county: rights of ${account} at ${kiosk} are ${esc}, not ${rights}`);
    const due = Math.max(0, x - w - funded + f);
    const owed = -at('due', account, kiosk) - at('overdraft', account, kiosk);
    if (!rolled.has(kiosk) && owed !== due) throw new Violation(11, `county: ${owed} is due of ${account} at ${kiosk}, not ${due}`);
    const all = issued.get(account) ?? { granted: 0, funded: 0 };
    issued.set(account, { granted: all.granted + granted - b, funded: all.funded + funded });
  }
  if (!wasPutBack)
    for (const [account, points] of given)
      if (county.awarded(account) !== points)
        throw new Violation(26, `county: ${account} was awarded ${county.awarded(account)}, not ${points}`);
  for (const account of given.keys()) {
    const owed = -at('due', account) - at('overdraft', account);
    const withdrawn = county.takenBack(account) + county.disallowed(account) + county.expired(account);
    if (owed > withdrawn) throw new Violation(26, `county: ${account} owes ${owed} of ${withdrawn} that were taken back of it, or expired`);
    if (county.disallowed(account) < (takenCredits.get(account) ?? 0))
      throw new Violation(
        26,
        `county: ${county.disallowed(account)} are disallowed of ${account}, two persons took ${takenCredits.get(account)}`,
      );
    if (county.takenBack(account) > county.awarded(account))
      throw new Violation(26, `county: ${county.takenBack(account)} are taken back of ${account}, which had ${county.awarded(account)}`);
    if (county.takenBack(account) < (taken.get(account) ?? 0))
      throw new Violation(26, `county: ${county.takenBack(account)} are taken back of ${account}, two persons took ${taken.get(account)}`);
  }
  if (rolled.size > 0) return; // what a restored kiosk forgot is in writeoff and astray by people's word
  for (const account of given.keys()) {
    const { granted = 0, funded = 0 } = issued.get(account) ?? {};
    const unpaid = -at('due', account) - at('overdraft', account); // of what was taken back, at no kiosk
    const withdrawn = county.takenBack(account) + county.disallowed(account) + county.expired(account) - county.givenBack(account);
    const main = county.awarded(account) - withdrawn + unpaid + county.covered(account) - granted - funded;
    if (at('main', account) !== main) throw new Violation(11, `county: main of ${account} is ${at('main', account)}, not ${main}`);
  }
}
