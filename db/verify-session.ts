// Follows who was at work, on which business date, and under which name: every act is of the one operator who was signed in and whom
// the county's files then in force let do it (electron/engine/handlers.ts). Asks nothing of amounts.

import type { Operator, ShopNames } from './model/catalogue.ts';
import { canonical } from './model/canonical.ts';
import type { BookEvent, EventKind } from './model/event.ts';
import { businessDate, dayMs } from './model/time.ts';
import type { RulesInForce } from './verify-county.ts';
import { Lie, counted } from './verify-lie.ts';

export interface SessionChecks {
  /** The next event of the chain. */
  take(event: BookEvent, place: string, inForce: RulesInForce): void;
  report(): string;
}

type Of<Kind extends EventKind['kind']> = BookEvent & { readonly kind: Kind };

/**
 * Whose act it is: the program's own, whoever is at work or nobody, the operator at work, that one with a shift open on the act's date,
 * or an owner of the shop. Sign-ins, and steps of the clock, which are of the act that they stand before, have rules of their own.
 */
const whose = {
  START: 'program',
  DOWN_APPLIED: 'program',
  RESTORED: 'program',
  OPERATOR_IN: 'own_rule',
  OPERATOR_OUT: 'own_rule',
  CLOCK_STEP: 'own_rule',
  PIN_REFUSED: 'anyone',
  REFUSED: 'anyone',
  DRAWER_OPENED: 'anyone',
  LINE_REMOVED: 'anyone', // a cart that is not this kiosk's loses what was weighed when nobody is at work yet
  BAG_REMOVED: 'anyone', // likewise
  VERIFIED: 'anyone',
  BACKED_UP: 'anyone',
  SHIFT_OPEN: 'operator',
  DRAWER_COUNTED: 'operator',
  REPRINTED: 'operator',
  APPROVED: 'operator',
  SCALE_CHECKED: 'operator',
  DAY_CLOSED: 'operator',
  SETTLED: 'operator', // an owner's where it is no part of a closing (verify-settlement.ts)
  SCALE_SET: 'owner',
  SALE: 'shift',
  CREDIT: 'shift',
  CREDIT_REVERSED: 'shift',
  CREDIT_DISPUTED: 'shift',
  RETURNED: 'shift',
  CASH_MOVED: 'shift',
  NO_SALE: 'shift',
  HANDED_OVER: 'shift',
  SHIFT_CLOSED: 'shift',
  REPORT_PRINTED: 'shift',
  RIGHTS_RETURNED: 'program',
  KEY_ROTATED: 'program',
  NOTICE_TAKEN: 'program', // typed at the machine, whoever is signed in there
  VOUCHER_IN: 'shift',
} as const satisfies { readonly [kind in BookEvent['kind']]: 'program' | 'own_rule' | 'anyone' | 'operator' | 'shift' | 'owner' };

/** Nobody is at work, and no shift was opened. */
export function sessionChecks(): SessionChecks {
  let atWork: string | null = null;
  /** What the files called the one at work since they signed in: the till keeps the name of the sign-in, a start reads it anew. */
  const names = new Set<string>();
  let shift: string | null = null;
  let lastShift = '';
  let closedThrough = '';
  let heard = '';
  let isPutForward = false;
  let step: Of<'CLOCK_STEP'> | null = null;
  const operatorIn = rememberedByFile();
  let [signIns, shifts, acts] = [0, 0, 0];

  const lie: (place: string, what: string) => never = (place, what) => {
    throw new Lie('operators', place, what);
  };
  const working = (id: string | null, place: string, inForce: RulesInForce): Operator => {
    const operator = id === null ? null : operatorIn(id, inForce);
    return operator?.active === true ? operator : lie(place, `is an act of ${id ?? 'nobody'}, who does not work here`);
  };
  const signedIn = (event: BookEvent, place: string, inForce: RulesInForce): Operator => {
    const operator = working(event.op, place, inForce);
    if (event.op !== atWork) lie(place, `is an act of ${event.op}, while ${atWork ?? 'nobody'} was signed in`);
    acts += 1;
    return operator;
  };
  const checkWhose = (event: BookEvent, place: string, inForce: RulesInForce): void => {
    const { kind, op, day } = event;
    if (kind === 'SCALE_SET' && event.body.isSimulated && op === null) return; // sets itself up
    switch (whose[kind]) {
      case 'own_rule':
        return;
      case 'program':
        if (op !== null) lie(place, `says that ${op} did what the program does by itself`);
        return;
      case 'anyone':
        if (op !== null && op !== atWork) lie(place, `is an act of ${op}, while ${atWork ?? 'nobody'} was signed in`);
        return;
      case 'shift':
        signedIn(event, place, inForce);
        if (shift !== day) lie(place, `is of no open shift: it is of ${day}, ${shift === null ? 'none' : `that of ${shift}`} was open`);
        return;
      case 'owner':
        if (signedIn(event, place, inForce).role !== 'owner') lie(place, `is an act of ${op}, who is not an owner`);
        return;
      case 'operator':
        signedIn(event, place, inForce);
        return;
    }
  };

  /** The date of a new shift is the clock's, or next to the newest known; where the till had to ask, a person said that it is right. */
  const checkDate = ({ day, at, op, body }: Of<'SHIFT_OPEN'>, place: string, inForce: RulesInForce): void => {
    const today = businessDate(at);
    if (closedThrough > today && working(op, place, inForce).role !== 'owner')
      lie(place, `opens ${day} by a clock of ${today}, while ${closedThrough} is closed: only an owner may`);
    const open = lastShift > today ? lastShift : today;
    const due = closedThrough >= open ? dayAfter(closedThrough) : open;
    if (day !== due) lie(place, `opens ${day}, and ${due} was due by its clock and the days before`);
    if (body.isDateConfirmed) return;
    const known = lastShift > heard ? lastShift : heard;
    if (closedThrough >= today || (today !== known && today !== dayAfter(known)))
      lie(place, `opens ${day} after ${known}, and nobody said that it is right`);
    if (isPutForward) lie(place, `opens ${day} by a clock that was put forward, and nobody said that it is right`);
  };

  const checkNames = (event: Of<'SALE' | 'CREDIT' | 'RETURNED'>, place: string, inForce: RulesInForce): void => {
    const { operatorName, shop } = event.body.printed;
    if (!names.has(operatorName)) lie(place, `names ${operatorName} where ${[...names].join(' or ')} was at work`);
    if (shop !== undefined && !isNamedSo(shop, inForce.shop())) lie(place, 'names another shop');
  };

  return {
    take(event, place, inForce) {
      if (step !== null && event.op !== step.op && event.kind !== 'CLOCK_STEP')
        lie(`event ${step.seq}`, `is of ${step.op ?? 'nobody'}, and the act that it stands before of ${event.op ?? 'nobody'}`);
      step = null;
      checkWhose(event, place, inForce);
      switch (event.kind) {
        case 'CLOCK_STEP':
          step = event;
          if (event.body.to > event.body.from) isPutForward = true;
          break;
        case 'DOWN_APPLIED': {
          const date = businessDate(event.body.asOf);
          if (date > heard) heard = date;
          const name = atWork === null ? null : operatorIn(atWork, inForce)?.name;
          if (name !== null && name !== undefined) names.add(name);
          break;
        }
        case 'OPERATOR_IN': {
          const operator = working(event.op, place, inForce);
          if (event.body.operator !== event.op) lie(place, `signs ${event.body.operator} in by ${event.op}`);
          atWork = operator.id;
          names.clear();
          names.add(operator.name);
          signIns += 1;
          break;
        }
        case 'OPERATOR_OUT':
          if (event.op !== atWork || event.body.operator !== atWork)
            lie(place, `signs ${event.body.operator} out, while ${atWork ?? 'nobody'} was signed in`);
          atWork = null;
          break;
        case 'SHIFT_OPEN':
          checkDate(event, place, inForce);
          shift = event.day;
          lastShift = event.day;
          isPutForward = false;
          shifts += 1;
          break;
        case 'SHIFT_CLOSED':
          shift = null;
          break;
        case 'DAY_CLOSED':
          shift = null;
          closedThrough = event.day;
          break;
        case 'SALE':
        case 'CREDIT':
        case 'RETURNED':
          checkNames(event, place, inForce);
          break;
        default:
      }
    },
    report: () =>
      `${counted(acts, 'act')} of who was signed in, in ${counted(shifts, 'shift')} on dates by the clock or confirmed; ${counted(signIns, 'sign-in')} of those whom the county let work`,
  };
}

/** Whether that is what the county calls the shop. */
export function isNamedSo(said: ShopNames, shop: ShopNames | null): boolean {
  if (shop === null) return false;
  const { zh, bo, countyZh, countyBo } = shop;
  return canonical({ ...said }) === canonical({ zh, bo, countyZh, countyBo });
}

/** Reads an operator once for each file: the walk asks at every act. */
function rememberedByFile(): (id: string, inForce: RulesInForce) => Operator | null {
  let file = -1;
  const known = new Map<string, Operator | null>();
  return (id, { fileNumber, operatorOf }) => {
    if (file !== fileNumber) known.clear();
    file = fileNumber;
    let operator = known.get(id);
    if (operator === undefined) known.set(id, (operator = operatorOf(id)));
    return operator;
  };
}

function dayAfter(date: string): string {
  return businessDate(Date.parse(`${date}T00:00:00+08:00`) + dayMs);
}
