// Why goods come back: five reasons, each with a picture, for people who do not read. Sends nothing.

import { useTranslation } from 'react-i18next';
import { type ReturnReason, returnReasons } from '../../db/model/reasons.ts';
import { useKeys } from '../keyboard.ts';
import { Button } from '../parts/button.tsx';
import { ReasonKeys } from '../parts/reason-keys.tsx';
import styles from './return.module.css';

interface ReturnReasonsProps {
  /** Somebody's points paid: only then can it have been the wrong person's. */
  readonly isOfResident: boolean;
  readonly onReason: (reason: ReturnReason) => void;
  readonly onBack: () => void;
}

export function ReturnReasons({ isOfResident, onReason, onBack }: ReturnReasonsProps) {
  const { t } = useTranslation(['returns', 'common']);
  const reasons = returnReasons.filter((reason) => isOfResident || reason !== 'wrong_resident');
  useKeys('panel', {
    commands: { back: onBack, pay: () => undefined },
    onPad(key) {
      const reason = reasons[Number(key) - 1];
      if (reason !== undefined) onReason(reason);
    },
  });
  return (
    <main className={styles.why}>
      <h1>{t('returns:why')}</h1>
      <ReasonKeys reasons={reasons} signs={signs} wordsOf={(reason) => t(`returns:reason_${reason}`)} isNumbered onReason={onReason} />
      <Button size="large" onPress={onBack}>
        {t('common:back')}
      </Button>
    </main>
  );
}

const cross = 'M33 7l10 10M43 7L33 17';
/** A cracked bottle; two different boxes; a hand that gives back; a scale with a cross; a person with a cross. */
const signs: { readonly [reason in ReturnReason]: string } = {
  faulty: 'M17 5h14v9c0 4 6 5 6 12v14q0 4-4 4H15q-4 0-4-4V26c0-7 6-8 6-12zM24 16l-5 8 9 5-6 10',
  wrong_goods: `M4 20h18v22H4zM4 27h18M28 26a8 8 0 1 0 16 0a8 8 0 1 0-16 0z${cross}`,
  changed_mind: 'M43 30c0-10-8-16-18-16H8M16 6l-9 8 9 8M8 42h34',
  wrong_amount: `M4 16h24M16 16v7M8 23h16l4 20H4zM16 37l5-6${cross}`,
  wrong_resident: `M11 14a7 7 0 1 0 14 0a7 7 0 1 0-14 0zM4 43v-5q0-11 14-11t14 11v5z${cross}`,
};
