// The signed file a county sends a kiosk (reconciliation.md R4): its lines, as types and as the check of untrusted input.
// A line kind this version does not know makes the whole file refused: half a file is worse than an old one.

import { z } from 'zod';
import { hashForm } from './base64url.ts';
import { type Fen, type Points, amountMax, fen, points } from './amounts.ts';
import { type Goods, type Operator, type Resident, type Shop, goodsCategories, languages, operatorRoles } from './catalogue.ts';
import { type Material, type RecyclingRules, gramsMax, piecesMax } from './recycling.ts';
import { committee, cosignedRoot } from './committee.ts';
import { logRoot } from './log-root.ts';
import type { LabelLayout } from './sale-label.ts';
import type { Scheme } from './scheme.ts';

z.config({ jitless: true }); // no eval: the page's policy forbids it, and one behaviour everywhere

export const downFormat = 'civicpos-down-v1';
/** Longest line taken; a goods row with every barcode stays far below. */
export const downLineBytesMax = 64 * 1024;
/** Largest file taken, uncompressed: 800,000 residents with balances are about 250 MB. */
export const downFileBytesMax = 1024 * 1024 * 1024;

/** More money than any county's year, in fen: ten billion yuan. Sums of many such stay far below 2^53. */
const moneyMax = 1_000_000_000_000;

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.isWellFormed() && value.normalize('NFC') === value && !/\p{Cc}/u.test(value), 'not clean NFC text');
const id = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/);
const priceFen = z
  .int()
  .min(1)
  .max(100_000_000)
  .transform((value): Fen => fen(value));
const pointsOf = z
  .int()
  .min(0)
  .max(amountMax)
  .transform((value): Points => points(value));
const pricePoints = z
  .int()
  .min(1)
  .max(100_000_000)
  .transform((value): Points => points(value));
const moneyFen = z
  .int()
  .min(-moneyMax)
  .max(moneyMax)
  .transform((value): Fen => fen(value));
const epochMs = z.int().min(0).max(8_640_000_000_000_000);
const base64url = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]*$/)
    .max(max);
/** 32 bytes, a hash or a key, in the one form that decodes and encodes to itself. */
const wholeHash = z.string().regex(hashForm);
const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/);

const group = z.strictObject({ id, zh: text(40), bo: text(120).nullable(), mayRedeem: z.boolean() });

/** What each member may be by itself; checkRecycling has what they must be to one another. */
const material = z.strictObject({
  id,
  zh: text(40),
  bo: text(120).nullable(),
  picture: id,
  measuredBy: z.enum(['weight', 'count']),
  rate: z.strictObject({ points: pricePoints, per: z.int().min(1).max(gramsMax) }),
  hazardous: z.boolean(),
  minimum: z.int().min(1).max(gramsMax),
  maximum: z.int().min(1).max(gramsMax),
  dayCap: pricePoints.nullable(),
  active: z.boolean(),
}) satisfies z.ZodType<Material>;

const recycling = z.strictObject({
  materials: z.array(material).min(1).max(60).readonly(), // more pictures than one screen holds would not be found
  containers: z
    .array(z.strictObject({ id, zh: text(40), bo: text(120).nullable(), grams: z.int().min(1).max(gramsMax) }))
    .max(30)
    .readonly(),
  creditStep: pricePoints,
  accountDayCap: pricePoints.nullable(),
  operatorDayCap: pricePoints.nullable(),
  kioskDayCap: pricePoints.nullable(),
  approvalAbove: pointsOf,
  typeTwiceAbove: z.int().min(0).max(piecesMax),
  sameBag: z.strictObject({ minutes: z.int().min(0).max(1_440), grams: z.int().min(0).max(gramsMax) }),
}) satisfies z.ZodType<RecyclingRules>;

/** checkLabels has what its members must be to one another. */
const label = z.strictObject({
  prefix: z.string().regex(/^2\d$/),
  embeds: z.enum(['grams', 'fen']),
  goodsDigits: z.int().min(1).max(9),
  valueDigits: z.int().min(1).max(9),
}) satisfies z.ZodType<LabelLayout>;

const scheme = z.strictObject({
  id,
  version: z.int().min(1),
  zh: text(80),
  bo: text(240).nullable(),
  pointValueFen: z.int().min(1).max(1_000_000).nullable(),
  pointsStep: pricePoints,
  cashRounding: z.strictObject({ unitFen: priceFen, mode: z.enum(['down', 'nearest']) }),
  saleCapPoints: pointsOf.nullable(),
  dayCapPoints: pointsOf.nullable(),
  accountKind: z.enum(['person', 'household']),
  redemptionWindow: z.strictObject({ from: monthDay, to: monthDay }).nullable(),
  groups: z.array(group).min(1).max(50).readonly(),
  roaming: z.strictObject({
    saleCapPoints: pointsOf,
    staleDays: z.int().min(0).max(366),
    halfAfterDays: z.int().min(0).max(366),
    kioskCapPoints: pointsOf,
  }),
  recycling: recycling.nullable().default(null), // files written before there was a desk say nothing of it
  labels: z.array(label).max(10).readonly().default([]), // nor of labels
  settlement: z.strictObject({ cycle: z.enum(['day', 'month']) }).optional(),
  budget: z.strictObject({ zh: text(80), yearFen: moneyFen, usedFen: moneyFen, asOf: epochMs }).optional(),
}) satisfies z.ZodType<Scheme>;

const goods = z
  .strictObject({
    id,
    zh: text(80),
    bo: text(240).nullable(),
    size: z.literal('').or(text(20)),
    codes: z
      .array(z.string().regex(/^[0-9A-Za-z-]{4,32}$/))
      .max(20)
      .readonly(),
    initials: z.string().regex(/^[a-z0-9]{0,80}$/),
    pinyin: z
      .string()
      .max(560) // 80 characters of six letters
      .regex(/^([a-z]{1,6}( [a-z]{1,6})*)?$/)
      .optional(),
    category: z.enum(goodsCategories),
    picture: id,
    soldBy: z.enum(['piece', 'weight']).optional(),
    priceFen: priceFen.nullable(),
    pricePoints: pricePoints.nullable(),
    settlementFen: priceFen.optional(),
    pointsAllowed: z.boolean(),
    onSale: z.boolean(),
  })
  .refine((value) => value.priceFen !== null || value.pricePoints !== null, 'goods without any price')
  .refine((value) => value.soldBy !== 'weight' || value.pricePoints === null, 'loose goods priced in points') satisfies z.ZodType<Goods>;

const resident = z.strictObject({
  // fits the 8 bytes of a card, and is itself as a number: ids that round to another would be one person
  id: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/)
    .refine((value) => Number.isSafeInteger(Number(value)), 'beyond 2^53'),
  accountId: id,
  name: text(120),
  group: id,
  village: text(120),
  language: z.enum(languages),
  tag: base64url(22).min(8),
  active: z.boolean(),
}) satisfies z.ZodType<Resident>;

const operator = z.strictObject({
  id,
  name: text(120),
  role: z.enum(operatorRoles),
  pinHash: z.string().regex(/^scrypt\$ln=\d{1,2},r=\d{1,2},p=\d{1,2}\$[A-Za-z0-9_-]{22,64}\$[A-Za-z0-9_-]{43,86}$/),
  active: z.boolean(),
}) satisfies z.ZodType<Operator>;

const shop = z.strictObject({
  county: z.string().regex(/^\d{6}$/),
  countyZh: text(40),
  countyBo: text(120).nullable(),
  store: id,
  zh: text(60),
  bo: text(180).nullable(),
  kiosk: id,
  isDemo: z.boolean().optional(),
  merchantSharePermille: z.int().min(0).max(1_000).optional(),
}) satisfies z.ZodType<Shop>;

/** Vouchers are numbered for an account at a kiosk: 1, 2, 3 … */
const voucherNumber = z.int().min(1).max(1_000_000);

const incarnation = z.int().min(1).max(999_999_999);

/** First line: for whom, after what, and as of when. */
export const downHeader = z.strictObject({
  t: z.literal('H'),
  fmt: z.literal(downFormat),
  county: z.string().regex(/^\d{6}$/),
  kiosk: id,
  /** Incarnation of the kiosk that it speaks to: one that was restored takes no file for the one before it. Absent: 1. */
  inc: incarnation.optional(),
  /** Leaf (base64url) of the event that began that incarnation: a backup put back twice makes two of one number. Absent for the first. */
  incLeaf: wholeHash.optional(),
  downSeq: z.int().min(1),
  /** SHA-256 (base64url) of the file before; '' for the first. */
  prevDownSha: base64url(43),
  serverEpoch: z.int().min(1),
  asOf: epochMs,
  /** Absolute values: reference data is replaced, not amended. */
  snapshot: z.boolean(),
  /** The county has posted this kiosk's events up to here; null: none yet. */
  ackThrough: z.strictObject({ inc: z.int().min(1), seq: z.int().min(1), leaf: base64url(43) }).nullable(),
  /** Newest root of the county's log; once a file brought one, every later one does (reconciliation.md R5). */
  countyRoot: logRoot.optional(),
  /** The committee's keys; once a file brought them, every later one does. */
  committee: committee.optional(),
  /** The newest root that the committee signed, `proof` that `countyRoot` continues it. Only where the committee is told. */
  cosigned: cosignedRoot.optional(),
  /** The kiosk shall have another key than this one of its own, raw Ed25519: it changes it by itself when nobody is at work. */
  newKeyFor: wholeHash.optional(),
});
export type DownHeader = z.infer<typeof downHeader>;

/** Last line: what the lines between must add up to. */
export const downTrailer = z.strictObject({
  t: z.literal('T'),
  /** Lines between header and trailer. */
  lines: z.int().min(0),
  /** Σ of GRANT g and of BAL balance, decimal: may exceed 2^53 in an attack, never in truth. */
  sumGranted: z.string().regex(/^(0|[1-9]\d{0,23})$/),
  sumBalance: z.string().regex(/^(0|[1-9]\d{0,23})$/),
});
export type DownTrailer = z.infer<typeof downTrailer>;

/** Every line between header and trailer. */
export const downLine = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('SCHEME'), scheme }),
  z.strictObject({ t: z.literal('SHOP'), shop }),
  /** Ed25519 public keys, raw in base64url. kid 0–255 stands in the card; `file` keys sign down-files. */
  z.strictObject({
    t: z.literal('KEY'),
    kid: z.int().min(0).max(255),
    use: z.enum(['card', 'file']),
    key: wholeHash,
    active: z.boolean(),
  }),
  z.strictObject({ t: z.literal('OPERATOR'), operator }),
  z.strictObject({ t: z.literal('RESIDENT'), resident }),
  z.strictObject({ t: z.literal('GOODS'), goods }),
  /** County-wide balance of an account, for display and as the bound of roaming. */
  z.strictObject({ t: z.literal('BAL'), a: id, balance: pointsOf }),
  /**
   * Cumulative rights granted to an account at this kiosk. Never decreases. `v`: vouchers of this account here up to this number are
   * within g, whether they were scanned or not; absent: none. A voucher of a higher number that was scanned counts besides.
   */
  z.strictObject({ t: z.literal('GRANT'), a: id, g: pointsOf, v: voucherNumber.optional() }),
  /**
   * The county asks rights back: B is to become `b`. The kiosk answers each such line of an applied file with one RIGHTS_RETURNED, of
   * what it holds up to that (reconciliation.md R3). Cumulative, so that a line that is repeated asks for nothing more.
   */
  z.strictObject({ t: z.literal('RETURN_REQ'), a: id, b: pointsOf }),
  /** Roaming allowance c of an account here, and Xs, what the county has settled. Xs never decreases. */
  z.strictObject({ t: z.literal('ROAM'), a: id, c: pointsOf, xs: pointsOf }),
  /** Cards of a resident up to this issue number are refused. */
  z.strictObject({ t: z.literal('DENY'), resident: resident.shape.id, issue: z.int().min(0).max(255) }),
  /** How far the county is with a settlement of this kiosk; `paidFen` is all it paid of it until then, with `paid` only. */
  z
    .strictObject({
      t: z.literal('SETTLEMENT'),
      /** The incarnation that made it, as its printed number says. Absent: 1. */
      inc: incarnation.optional(),
      number: z.int().min(1).max(1_000_000_000),
      state: z.enum(['sent', 'accepted', 'paid']),
      day: z.iso.date(),
      paidFen: moneyFen.nullable(),
      reference: z.literal('').or(text(80)),
    })
    .refine((line) => (line.state === 'paid') === (line.paidFen !== null), 'paid, and only that, says how much'),
  /** What the county puts right in the next settlement, + pays the shop. Its id names it for ever. */
  z.strictObject({ t: z.literal('ADJUST'), id, zh: text(80), fen: moneyFen.refine((value) => value !== 0, 'adjusts nothing') }),
]);
export type DownLine = z.infer<typeof downLine>;
