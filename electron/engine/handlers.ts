// Every call a page can make, one entry each: the shape of its arguments, who may make it, and the function that obeys.
// Prices, points, time and operator are never among the arguments: the engine knows them.

import { z } from 'zod';
import { linesMax, quantityMax, saleMax } from '../../db/model/checkout.ts';
import { cut, daysOf, steps } from '../../db/model/calendar.ts';
import { goodsCategories, languages } from '../../db/model/catalogue.ts';
import { denominations } from '../../db/model/event.ts';
import { cashReasons, differenceReasons, noSaleReasons, returnReasons, reversalReasons } from '../../db/model/reasons.ts';
import { creditMax, piecesMax } from '../../db/model/recycling.ts';
import { knownGramsMax, knownGramsMin } from '../../db/model/scale-check.ts';
import { families } from '../../hardware/scale/families.ts';
import { ownerPayments } from '../ipc/owner-views.ts';
import { approve } from './approval.ts';
import * as cart from './cart.ts';
import * as closing from './closing.ts';
import * as collected from './collected.ts';
import * as credit from './credit.ts';
import * as desk from './desk.ts';
import * as drawer from './drawer.ts';
import * as hold from './hold.ts';
import { ownerReport } from './owner-report.ts';
import * as night from './night.ts';
import * as pay from './pay.ts';
import * as printing from './printing.ts';
import { drawPoints } from './draw.ts';
import { exportSettlement } from './exports.ts';
import { checkScale } from './scale-check.ts';
import * as scaleSetup from './scale-setup.ts';
import * as returns from './returns.ts';
import * as session from './session.ts';
import * as settlement from './settlement.ts';
import * as simulate from './simulate.ts';
import { sticksNow } from './stick.ts';
import * as look from './look.ts';
import type { Engine } from './till.ts';
import * as upkeep from './upkeep.ts';
import * as weighGoods from './weigh-goods.ts';

/** Who may make a call: before anyone signed in, an operator, an operator who owns the shop, or one with an open shift. */
export type Who = 'anyone' | 'operator' | 'owner' | 'shift';

interface Handler<Args, Value> {
  readonly args: z.ZodType<Args>;
  readonly who: Who;
  readonly run: (engine: Engine, args: Args) => Value | Promise<Value>;
}

function call<Args, Value>(
  who: Who,
  args: z.ZodType<Args>,
  run: (engine: Engine, args: Args) => Value | Promise<Value>,
): Handler<Args, Value> {
  return { who, args, run };
}

const nothing = z.undefined();
const uuid = z.uuid();
/** The county's ids and our digests are ASCII; other text would be no part of a command, which is hashed. */
const ascii = /^[\x20-\x7e]*$/;
const id = z.string().min(1).max(40).regex(ascii);
const amount = z.int().min(0).max(saleMax);
const sixDigits = z.string().regex(/^\d{6}$/);
/** Grams or pieces: a thousand tonnes. */
const units = z.int().min(0).max(1_000_000_000);
const pieces = z.int().min(1).max(piecesMax);
/** Copies are counted by hand touches: nobody comes near. */
const copyMax = 10_000;
/** Pieces of one kind of cash: a drawer holds a few hundred. */
const countMax = 99_999;
const creditAmount = z.int().min(1).max(creditMax);
const closingNumber = z.int().min(1);
/** Of the owner's figures: two years and the days that they begin and end with, and what a chart can hold. */
const reportDaysMax = 800;
const barsMax = 120;
/** Of this millennium: those before and after have no calendar here. */
const date = z.iso.date().regex(/^2/);
const digest = z.string().max(64).regex(ascii);
/** `pan` takes what is on the pan now, once it rests. */
const chosenTare = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('none') }),
  z.strictObject({ by: z.literal('pan') }),
  z.strictObject({ by: z.literal('container'), id }),
]);
/** Lines of a sale by their place in it, and how many pieces of each come back; the engine says which there are. */
const linesBack = z.array(z.strictObject({ n: z.int().min(0).max(linesMax), quantity: z.int().min(1).max(quantityMax) })).max(linesMax);
const actToApprove = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reprint'), saleId: uuid, copy: z.int().min(1).max(copyMax) }),
  z.strictObject({ kind: z.literal('credit'), creditId: uuid, points: creditAmount, digest }),
  z.strictObject({ kind: z.literal('reverse_credit'), creditId: uuid, points: creditAmount }),
  z.strictObject({ kind: z.literal('return'), saleId: uuid, digest, points: amount, moneyFen: amount }),
  z.strictObject({ kind: z.literal('pay_out'), fen: amount.min(1), reason: z.enum(cashReasons.out) }),
  z.strictObject({ kind: z.literal('close_day'), day: z.iso.date(), countId: uuid }),
]);

const trial = { trialId: uuid };
/**
 * What a person typed and the book keeps: composed (NFC), which is the only form that the book's lines take, and no character
 * that nobody sees.
 */
const typedText = (max: number) =>
  z
    .string()
    .max(textMax)
    .normalize('NFC')
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{C}+$/u);
/** More than any of them before it is composed, which may shorten it. */
const textMax = 400;
/** As it stands on the machine's plate. */
const plate = typedText(60);

export const handlers = {
  // An `actId` is made by the page for one press: the same id again is the same act, and is answered as the first time.

  /** The whole state; afterwards it is pushed. */
  snapshot: call('anyone', nothing, (engine) => {
    if (engine.devices !== null) engine.emit('weight', engine.devices.scale.weight()); // what a new page has not heard of
    return look.snapshot(engine);
  }),
  setSettings: call(
    'anyone',
    z.strictObject({
      language: z.enum(languages).optional(),
      paperDots: z.literal([384, 576]).optional(),
      textPercent: z.literal([100, 125, 150]).optional(),
      theme: z.enum(['normal', 'sunlight']).optional(),
    }),
    session.setSettings,
  ),

  signIn: call('anyone', z.strictObject({ operatorId: id, pin: sixDigits }), session.signIn),
  signOut: call('operator', nothing, session.signOut),
  /** `reason` and `approvalId` only where the float is not what the book has; the refusal says which. */
  openShift: call(
    'operator',
    z.strictObject({
      actId: uuid,
      floatFen: amount,
      confirmedDate: z.iso.date().nullable(),
      reason: z.enum(differenceReasons).nullable().optional(),
      approvalId: uuid.optional(),
    }),
    session.openShift,
  ),

  /** A person touched the screen: the till does not lock itself. */
  stillHere: call('operator', nothing, () => undefined),

  /** Opens the drawer and sells nothing. */
  noSale: call('shift', z.strictObject({ actId: uuid, reason: z.enum(noSaleReasons) }), drawer.noSale),
  moveCash: call(
    'shift',
    z.strictObject({
      actId: uuid,
      direction: z.enum(['in', 'out']),
      fen: amount.min(1),
      reason: z.enum([...new Set([...cashReasons.in, ...cashReasons.out])]),
      note: z.union([z.literal(''), typedText(60)]),
      approvalId: uuid.optional(),
    }),
    drawer.moveCash,
  ),
  /** Pieces of each of `denominations`; what should be there is told only in the answer. */
  countDrawer: call(
    'operator',
    z.strictObject({
      actId: uuid,
      purpose: z.enum(['check', 'hand_over', 'closing']),
      counts: z.array(z.int().min(0).max(countMax)).length(denominations.length),
    }),
    drawer.countDrawer,
  ),
  closeShift: call(
    'shift',
    z.strictObject({ actId: uuid, countId: uuid, reason: z.enum(differenceReasons).nullable() }),
    session.closeShift,
  ),

  /** A code from the keyboard wedge, or typed on the pad: a card or goods. The answer is the notice. */
  scan: call('anyone', z.strictObject({ text: z.string().min(1).max(512) }), (engine, { text }) => cart.scan(engine, text)),
  addGoods: call('shift', z.strictObject({ goodsId: id }), cart.addGoods),
  setQuantity: call('shift', z.strictObject({ lineId: uuid, quantity: z.int().min(1).max(quantityMax) }), cart.setQuantity),
  removeLine: call('shift', z.strictObject({ actId: uuid, lineId: uuid }), cart.removeLine),
  /** Loose goods on the scale. Waits for it, at most ten seconds. */
  weighGoods: call('shift', z.strictObject({ saleId: uuid, lineId: uuid, goodsId: id }), weighGoods.weighGoods),
  setGoodsTare: call('shift', z.strictObject({ goodsId: id, tare: chosenTare }), weighGoods.setGoodsTare),
  stopWeighing: call('shift', nothing, weighGoods.stopWeighing),
  setPricing: call('shift', z.strictObject({ lineId: uuid, pricedIn: z.enum(['yuan', 'points']) }), cart.setPricing),
  /** Points to use in all; null: the most the rules allow. */
  setPoints: call('shift', z.strictObject({ points: amount.nullable() }), cart.setPoints),
  dropResident: call('shift', nothing, cart.dropResident),
  /** Asks the county over the network for what the resident of the cart has beyond the rights held here; five seconds at most. */
  drawPoints: call('shift', nothing, drawPoints),
  /** Whether another resident's card, scanned over a cart with a payer and goods, pays instead. */
  answerOffer: call('shift', z.strictObject({ offerId: uuid, answer: z.enum(['keep', 'change']) }), cart.answerOffer),
  clearCart: call('shift', nothing, cart.clearCart),
  /** Takes the paid sale off the screen; the next scan does the same. */
  nextCustomer: call('shift', nothing, cart.nextCustomer),

  /** Puts the cart aside under an id that the page made; resumed into an empty cart only. */
  holdSale: call('shift', z.strictObject({ heldId: uuid }), hold.holdSale),
  resumeSale: call('shift', z.strictObject({ heldId: uuid }), hold.resumeSale),
  dropHeld: call('shift', z.strictObject({ actId: uuid, heldId: uuid }), hold.dropHeld),

  /** Commits the sale. `shown` is what the cashier saw: anything else in the engine refuses, and nothing is sold. */
  pay: call(
    'shift',
    z.strictObject({
      saleId: uuid,
      shown: z.strictObject({ totalFen: amount, points: amount, payFen: amount, digest }),
      payment: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('cash'), tenderedFen: amount }),
        z.strictObject({ kind: z.literal('other') }),
      ]),
    }),
    pay.pay,
  ),

  goTo: call('operator', z.strictObject({ place: z.enum(['till', 'desk']) }), desk.goTo),
  chooseMaterial: call('shift', z.strictObject({ materialId: id }), desk.chooseMaterial),
  setTare: call('shift', z.strictObject({ tare: chosenTare }), desk.setTare),
  /** Waits for the scale, at most ten seconds. */
  weigh: call('shift', z.strictObject({ bagId: uuid, isOtherBag: z.boolean() }), desk.weigh),
  countBag: call('shift', z.strictObject({ bagId: uuid, pieces, again: pieces.nullable() }), desk.countBag),
  removeBag: call('shift', z.strictObject({ actId: uuid, bagId: uuid }), desk.removeBag),
  clearDesk: call('shift', nothing, desk.clearDesk),
  dropDeskResident: call('shift', nothing, desk.dropDeskResident),
  /** Commits the credit. `shown` is what the operator saw: anything else in the engine refuses, and nothing is credited. */
  credit: call(
    'shift',
    z.strictObject({ creditId: uuid, shown: z.strictObject({ points: amount, digest }), approvalId: uuid.optional() }),
    credit.credit,
  ),
  recentCredits: call('operator', z.strictObject({ beforeSeq: z.int().min(1).nullable() }), credit.recentCredits),
  reverseCredit: call(
    'shift',
    z.strictObject({ actId: uuid, creditId: uuid, reason: z.enum(reversalReasons), approvalId: uuid.optional() }),
    credit.reverseCredit,
  ),

  /** A sale that goods may come back of: by what a scanner or a finger says of its receipt, or by its id. */
  findReceipt: call(
    'operator',
    z.union([z.strictObject({ text: z.string().min(1).max(512) }), z.strictObject({ saleId: uuid })]),
    returns.findReceipt,
  ),
  quoteReturn: call('shift', z.strictObject({ saleId: uuid, lines: linesBack }), returns.quoteReturn),
  /** Commits the return. `shown` is what the operator saw: anything else in the engine refuses, and nothing goes back. */
  returnGoods: call(
    'shift',
    z.strictObject({
      actId: uuid,
      saleId: uuid,
      lines: linesBack,
      reason: z.enum(returnReasons),
      shown: z.strictObject({ points: amount, cashFen: amount, otherFen: amount, digest }),
      approvalId: uuid.optional(),
    }),
    returns.returnGoods,
  ),

  /** What was collected in a month (YYYY-MM; null: this one) and today. */
  collected: call(
    'operator',
    z.strictObject({
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
        .nullable(),
    }),
    collected.collected,
  ),
  /** Records what the hauler took away. */
  handOver: call(
    'shift',
    z.strictObject({
      actId: uuid,
      hauler: typedText(40),
      lines: z
        .array(z.strictObject({ materialId: id, bookUnits: z.int(), hauledUnits: units, leftUnits: units }))
        .min(1)
        .max(100),
    }),
    collected.handOver,
  ),

  /** By pinyin or its initials, part of the Chinese or Tibetan name, or the start of a code; '' lists by category. At most 60. */
  searchGoods: call(
    'operator',
    z.strictObject({ query: z.string().max(40), category: z.enum(goodsCategories).nullable(), offset: z.int().min(0).max(100_000) }),
    look.searchGoods,
  ),
  /** The newest 20 sales before `beforeSeq` (null: the newest of all). */
  recentSales: call('operator', z.strictObject({ beforeSeq: z.int().min(1).nullable() }), look.recentSales),
  /** The archived receipt of a sale or ticket of a credit as PNG, base64; null for an act that is neither. */
  receiptPicture: call('operator', z.strictObject({ saleId: uuid }), printing.receiptPicture),
  reprint: call('operator', z.strictObject({ actId: uuid, saleId: uuid, approvalId: uuid.optional() }), printing.reprint),
  /** A second person's PIN for one act, named in all that matters to it; the act then brings the `approvalId`. */
  approve: call('operator', z.strictObject({ approvalId: uuid, act: actToApprove, operatorId: id, pin: sixDigits }), approve),
  /** The cashier's answer to "did it print?", or what to do with a job that failed. */
  answerPrint: call(
    'operator',
    z.strictObject({ jobId: uuid, answer: z.enum(['it_printed', 'print_again', 'continue', 'give_up']) }),
    printing.answerPrint,
  ),

  /** What would be closed now, and what stands in the way. */
  closingState: call('operator', nothing, closing.closingState),
  /** Closes the business date by a count that is in the book. */
  closeDay: call(
    'operator',
    z.strictObject({ actId: uuid, countId: uuid, reason: z.enum(differenceReasons).nullable(), approvalId: uuid.optional() }),
    closing.closeDay,
  ),
  /** The newest 20 closings before a number (null: the newest of all). */
  closings: call('operator', z.strictObject({ beforeNumber: z.int().min(1).nullable() }), closing.closings),
  /** The figures of a closing, or of the open period (null). */
  period: call('operator', z.strictObject({ number: closingNumber.nullable() }), closing.period),
  /** The events that add to one of them, newest first. */
  eventsBehind: call(
    'operator',
    z.strictObject({
      number: closingNumber.nullable(),
      figure: z.string().min(1).max(100).regex(ascii),
      beforeSeq: z.int().min(1).nullable(),
    }),
    closing.eventsBehind,
  ),
  /** Prints the figures so far (X). */
  printReport: call('shift', z.strictObject({ actId: uuid }), closing.printReport),

  /** Newest first, with what the county's files said of each. */
  settlements: call('operator', z.strictObject({ beforeNumber: closingNumber.nullable() }), settlement.settlements),
  /** Settles every closing that is not settled. */
  prepareSettlement: call('owner', z.strictObject({ actId: uuid }), settlement.prepareSettlement),
  /** Writes the sheet as PDF, XLSX and CSV. */
  exportSettlement: call('operator', z.strictObject({ number: closingNumber, place: z.enum(['home', 'stick']) }), exportSettlement),

  /** What days, weeks and months came to; `counting` where the book is still being read: then it is asked again. */
  ownerReport: call(
    'owner',
    z
      .strictObject({
        from: date,
        to: date,
        by: z.enum(steps),
        filter: z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('all') }),
          z.strictObject({ kind: z.literal('operator'), id: z.string().max(40).regex(ascii) }),
          z.strictObject({ kind: z.literal('category'), category: z.enum(goodsCategories) }),
          z.strictObject({ kind: z.literal('payment'), payment: z.enum(ownerPayments) }),
        ]),
      })
      .refine((asked) => asked.from <= asked.to && daysOf(asked) <= reportDaysMax && cut(asked, asked.by).length <= barsMax),
    ownerReport,
  ),

  /** What the owner can choose from: makers, models, and what they speak. */
  scaleFamilies: call('owner', nothing, () => scaleSetup.scaleFamilies()),
  /** Each trial of a scale has an id of its own; a newer one ends it, and so does a page that no longer keeps it. */
  listenToScale: call('owner', z.strictObject(trial), scaleSetup.listenToScale),
  tryScale: call(
    'owner',
    z.strictObject({
      ...trial,
      family: z.enum([...families.keys()]),
      unit: z.enum(['g', 'kg', 'jin', 'lb', 't']),
      line: z.strictObject({ baudRate: z.int().min(1_200).max(115_200), frame: z.enum(['8N1', '7E1']) }).nullable(),
    }),
    scaleSetup.tryScale,
  ),
  keepScaleTrial: call('owner', z.strictObject(trial), scaleSetup.keepScaleTrial),
  stopScaleTrial: call('owner', z.strictObject(trial), scaleSetup.stopScaleTrial),
  /** Waits for the scale, at most ten seconds, as the next two do. */
  readEmptyPan: call('owner', z.strictObject(trial), scaleSetup.readEmptyPan),
  setScale: call(
    'owner',
    z.strictObject({
      actId: uuid,
      ...trial,
      model: plate,
      serialNumber: plate,
      verifiedOn: z.iso.date(),
      knownGrams: z.int().min(knownGramsMin).max(knownGramsMax),
    }),
    scaleSetup.setScale,
  ),
  /** The daily check, first of the empty pan, then of the known weight. */
  checkScale: call('operator', z.strictObject({ actId: uuid, step: z.enum(['empty', 'known']) }), checkScale),

  /** Checks the whole book and backs it up, or only checks; the answer is that it began. */
  backUpNow: call('owner', nothing, upkeep.backUpNow),
  checkNow: call('owner', nothing, upkeep.checkNow),
  backupPlaces: call('owner', nothing, upkeep.placesNow),
  setBackupPlace: call('owner', z.strictObject({ folder: z.string().min(1).max(1000).normalize('NFC') }), upkeep.setBackupPlace),
  recoveryCode: call('owner', z.strictObject({ pin: sixDigits }), upkeep.showRecoveryCode),
  /** The owner has it on paper. */
  keepRecoveryCode: call('owner', nothing, upkeep.keepRecoveryCode),

  /** Cuts what the county has not been given and sends it; the answer is that it began. */
  sendUpNow: call('operator', nothing, night.sendNow),
  sticks: call('operator', nothing, sticksNow),
  /** Both ways: files for the county onto a stick, its answers and files from it. */
  copyToStick: call('operator', z.strictObject({ folder: z.string().min(1).max(1000).normalize('NFC') }), night.copyNow),

  /** Only where the device is simulated: what the demo and training can make it do. */
  simulatedThings: call('anyone', nothing, simulate.things),
  simulateScan: call('anyone', z.strictObject({ text: z.string().max(512) }), simulate.scan),
  simulatePrinter: call('anyone', z.strictObject({ fault: z.enum(simulate.printerFaults) }), simulate.printerFault),
  /** `look` does nothing; each answers with what the scale shows, null where it is not simulated. */
  simulateScale: call(
    'anyone',
    z.discriminatedUnion('act', [
      z.strictObject({ act: z.literal('look') }),
      z.strictObject({ act: z.literal('load'), grams: z.int().min(simulate.scaleLoadMin).max(simulate.scaleLoadMax) }),
      z.strictObject({ act: z.literal('tare') }),
      z.strictObject({ act: z.literal('fault'), fault: z.enum(simulate.scaleFaults) }),
    ]),
    simulate.scale,
  ),
} satisfies {
  readonly [name: string]: { readonly who: Who; readonly args: z.ZodType; readonly run: (engine: Engine, args: never) => unknown };
};
