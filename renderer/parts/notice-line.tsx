// One line that says what the last scan or press came to: an icon, what happened, what to do. Blocks nothing.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { never } from '../../db/model/result.ts';
import type { Notice, NoticeCode, Snapshot } from '../../electron/ipc/snapshot.ts';
import { type RefusalCode, type Told, usePage } from '../page.tsx';
import styles from './notice-line.module.css';
import { payWord } from './sale-amounts.tsx';
import type { Sound } from './sound.ts';
import { cardRefusals } from './card-refusals.ts';

/** How a notice looks and sounds. */
export const noticeKinds = {
  line_added: 'added',
  card_accepted: 'added',
  card_replaced: 'attention',
  card_other: 'attention',
  card_malformed: 'unknown',
  card_forged: 'attention',
  card_foreign: 'attention',
  card_key_unknown: 'attention',
  card_expired: 'attention',
  card_denied: 'attention',
  card_unknown: 'attention',
  card_inactive: 'attention',
  card_ineligible: 'attention',
  window_closed: 'attention',
  goods_at_desk: 'attention',
  bags_of_another: 'attention',
  bag_rules_changed: 'attention',
  weighing_unproven: 'attention',
  goods_unknown: 'unknown',
  goods_withdrawn: 'attention',
  goods_to_weigh: 'attention',
  label_misread: 'unknown',
  label_zero: 'attention',
  label_by_piece: 'attention',
  label_again: 'attention',
  receipt_scanned: 'attention',
  receipt_malformed: 'unknown',
  receipt_forged: 'attention',
  receipt_other_shop: 'attention',
  receipt_lost: 'attention',
  receipt_key_unknown: 'attention',
  receipt_not_sale: 'attention',
  voucher_taken: 'added',
  voucher_taken_other: 'attention',
  voucher_malformed: 'unknown',
  voucher_forged: 'attention',
  voucher_elsewhere: 'attention',
  voucher_used: 'attention',
  voucher_waits: 'attention',
  voucher_unknown_account: 'attention',
  scan_garbled: 'unknown',
  not_signed_in: 'attention',
  no_shift: 'attention',
  cart_full: 'attention',
  cart_too_large: 'attention',
  stopped: 'attention',
} as const satisfies { readonly [code in NoticeCode]: Sound };

/** Whether it changed the cart, or asks about it: then the cart is shown, wherever the cashier was. */
export function isTaken(code: NoticeCode): boolean {
  return noticeKinds[code] === 'added' || code === 'card_replaced' || code === 'card_other' || code === 'goods_to_weigh';
}

/** Refusals of a sale and of a credit alike: the desk has its own sentence for each. */
export const ofBoth = [
  'changed',
  'empty',
  'resident_needed',
  'resident_refused',
  'other_content',
  'too_large',
] as const satisfies readonly RefusalCode[];

/** Refusals among past sales, where the same code at the till speaks of a payment. */
const ofReturns = ['sale_unknown', 'changed', 'other_content'] as const satisfies readonly RefusalCode[];

/** What was said last, where the till stood then, and whether it stands there still: a sentence that is over stays over. */
interface Said {
  readonly about: Told | Notice['id'] | null;
  readonly standing: string;
  readonly isOver: boolean;
}

/** What to say now: what a press came to, unless a scan has happened since; nothing once the till has moved on. */
export function NoticeLine({ place }: { readonly place: string }) {
  const { known, told } = usePage();
  const { t } = useTranslation(['notice', 'trouble', 'refused', 'refusedAtDesk', 'refusedAtReturn', 'scanner', 'till']);
  const { snapshot } = known;
  const notice = snapshot?.notice ?? null;
  const isTold = told !== null && told.afterNotice === (notice?.id ?? null);
  const about = isTold ? told : (notice?.id ?? null);
  // a refusal may come before the change that explains it: only a notice of the engine falls with the cart
  const standing = standingOf(snapshot, place, !isTold);
  const [said, setSaid] = useState<Said>({ about, standing, isOver: false });
  const next = saidNext(said, about, standing);
  if (next !== said) setSaid(next);
  const text = next.isOver ? null : isTold ? toldText(told) : notice === null ? null : noticeText(notice);
  return (
    <div className={`${styles.line} ${text === null ? '' : styles[text.kind]}`} role="status" aria-live="polite">
      {text !== null && (
        <>
          <span className={styles.sign} aria-hidden="true">
            {text.kind === 'good' ? '✓' : '!'}
          </span>
          <p>
            <strong>{text.what}</strong> {text.action}
          </p>
        </>
      )}
    </div>
  );

  function toldText(told: Told): Text {
    switch (told.kind) {
      case 'trouble':
        return { kind: 'bad', what: t(`trouble:${told.code}.what`), action: t(`trouble:${told.code}.action`) };
      case 'refused': {
        const code = told.code as RefusalCode; // the engine's own union; languages.test.ts holds a sentence for each
        const ofReturn = place === 'recent' && ofReturns.find((each) => each === code);
        if (ofReturn) return { kind: 'bad', what: t(`refusedAtReturn:${ofReturn}.what`), action: t(`refusedAtReturn:${ofReturn}.action`) };
        const own = snapshot?.place === 'desk' && ofBoth.find((each) => each === code);
        if (own) return { kind: 'bad', what: t(`refusedAtDesk:${own}.what`), action: t(`refusedAtDesk:${own}.action`) };
        return { kind: 'bad', what: t(`refused:${code}.what`), action: t(`refused:${code}.action`) };
      }
      case 'scanner_layout':
        return { kind: 'bad', what: t('scanner:altNumpad'), action: '' };
      default:
        return never(told);
    }
  }

  function noticeText({ code, subject }: Notice): Text | null {
    const isAtDesk = snapshot?.place === 'desk';
    const resident = (isAtDesk ? snapshot.desk?.resident : snapshot?.cart.resident) ?? null;
    if (resident === null && (code === 'card_accepted' || code === 'card_replaced')) return null; // it was taken off again
    if (place === 'recent' && code === 'receipt_scanned') return null; // its sale is opened there
    if (isAtDesk && isOfCard(code)) return cardAtDesk(code);
    if (code === 'card_accepted' && resident?.allowance.usable === 0)
      return { kind: 'warn', what: t('notice:noPoints.what'), action: t('notice:noPoints.action') };
    const what = t(`notice:${code}.what`, { subject });
    const action = t(`notice:${code}.action`, { button: snapshot === null ? '' : t(`till:${payWord(snapshot.cart.quote)}`) });
    if (
      code === 'card_replaced' ||
      code === 'card_other' ||
      code === 'goods_to_weigh' ||
      code === 'label_again' ||
      code === 'voucher_taken_other' ||
      code === 'receipt_scanned'
    )
      return { kind: 'warn', what, action };
    if (noticeKinds[code] === 'added') return { kind: 'good', what, action };
    const stays = resident !== null && refusesCard.has(code);
    return { kind: 'bad', what, action: stays ? `${t('notice:cardStays')} ${action}` : action };
  }

  /** At the desk a card is not for buying: what to do is another thing. */
  function cardAtDesk(code: CardNotice): Text {
    const what = t(`notice:${code}.what`);
    if (code === 'card_accepted') {
      const canGive = snapshot?.desk?.quote.problem === null;
      return { kind: 'good', what, action: canGive ? t('notice:cardAtDesk') : t('notice:cardAtEmptyDesk') };
    }
    if (code === 'card_replaced') return { kind: 'warn', what, action: t('notice:cardReplacedAtDesk') };
    return { kind: 'bad', what, action: t('notice:cardRefusedAtDesk') };
  }
}

const refusesCard: ReadonlySet<NoticeCode> = new Set<NoticeCode>(cardRefusals);

type CardNotice = (typeof cardRefusals)[number] | 'card_accepted' | 'card_replaced';

function isOfCard(code: NoticeCode): code is CardNotice {
  return code === 'card_accepted' || code === 'card_replaced' || refusesCard.has(code);
}

/** Who works, where, on which screen, and with `ofCart` over which cart or bags: where one of these changed, what was said is no longer so. */
function standingOf(snapshot: Snapshot | null, place: string, ofCart: boolean): string {
  if (snapshot === null) return '';
  const { operator, shift } = snapshot;
  const digest = snapshot.place === 'desk' ? snapshot.desk?.digest : snapshot.cart.digest;
  return JSON.stringify([operator?.id, shift?.openedAt, snapshot.place, place, ...(ofCart ? [digest] : [])]);
}

/** The same value where nothing changed, so that drawing again ends. */
export function saidNext(said: Said, about: Said['about'], standing: string): Said {
  // a press was answered since: what the scan before it came to does not come back when the answer goes
  if (said.about !== about) return { about, standing, isOver: typeof said.about === 'object' && said.about?.afterNotice === about };
  if (said.isOver || said.standing === standing) return said;
  return { ...said, isOver: true };
}

interface Text {
  readonly kind: 'good' | 'warn' | 'bad';
  readonly what: string;
  readonly action: string;
}
