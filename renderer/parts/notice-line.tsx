// One line that says what the last scan or press came to: an icon, what happened, what to do. Blocks nothing.

import { useTranslation } from 'react-i18next';
import { never } from '../../db/model/result.ts';
import type { Notice, NoticeCode } from '../../electron/ipc/snapshot.ts';
import { type RefusalCode, type Told, usePage } from '../page.tsx';
import styles from './notice-line.module.css';
import type { Sound } from './sound.ts';

/** How a notice looks and sounds. */
export const noticeKinds = {
  line_added: 'added',
  card_accepted: 'added',
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
  goods_unknown: 'unknown',
  goods_withdrawn: 'attention',
  scan_garbled: 'unknown',
  not_signed_in: 'attention',
  no_shift: 'attention',
  cart_full: 'attention',
  cart_too_large: 'attention',
  stopped: 'attention',
} as const satisfies { readonly [code in NoticeCode]: Sound };

/** What to say now: what a press came to, unless a scan has happened since. */
export function NoticeLine() {
  const { known, told } = usePage();
  const { t } = useTranslation(['notice', 'trouble', 'refused', 'scanner']);
  const notice = known.snapshot?.notice ?? null;
  const text = told !== null && told.afterNotice === (notice?.id ?? null) ? toldText(told) : notice === null ? null : noticeText(notice);
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
        return { kind: 'bad', what: t(`refused:${code}.what`), action: t(`refused:${code}.action`) };
      }
      case 'scanner_layout':
        return { kind: 'bad', what: t('scanner:altNumpad'), action: '' };
      default:
        return never(told);
    }
  }

  function noticeText({ code, subject }: Notice): Text {
    return {
      kind: noticeKinds[code] === 'added' ? 'good' : 'bad',
      what: t(`notice:${code}.what`, { subject }),
      action: t(`notice:${code}.action`),
    };
  }
}

interface Text {
  readonly kind: 'good' | 'bad';
  readonly what: string;
  readonly action: string;
}
