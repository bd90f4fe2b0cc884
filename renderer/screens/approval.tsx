// A second person's leave, asked for at the till: who, for what, and their PIN. Decides nothing: the engine does.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import { fen, points } from '../../db/model/amounts.ts';
import { type ActToApprove, approversOf } from '../../db/model/approval.ts';
import { pointsText, yuanText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { PinPad } from '../parts/pin-pad.tsx';
import styles from './approval.module.css';

interface ApprovalPanelProps {
  readonly act: ActToApprove;
  /** As it is printed on the receipt or the ticket; '' where there is none yet. */
  readonly number: string;
  readonly onApproved: (approvalId: string) => void;
  readonly onClose: () => void;
}

export function ApprovalPanel({ act, number, onApproved, onClose }: ApprovalPanelProps) {
  const { t } = useTranslation(['approval', 'signIn', 'common']);
  const { run, known } = usePage();
  const [chosenId, setChosenId] = useState<string | null>(null);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });
  const { operators = [], operator = null } = known.snapshot ?? {};
  const approvers = operator === null ? [] : approversOf(operators, operator.id);
  const chosen = approvers.find(({ id }) => id === chosenId) ?? (approvers.length === 1 ? approvers[0]! : null);
  const isSelf = chosen !== null && chosen.id === operator?.id;

  const ask = async (operatorId: string, pin: string) => {
    let approvalId = '';
    const answer = await asOneAct(`approve ${JSON.stringify(act)} ${operatorId}`, (actId) => {
      approvalId = actId;
      return run((call) => call.approve({ approvalId: actId, act, operatorId, pin }));
    });
    if (answer?.ok === true) onApproved(approvalId);
    return answer;
  };
  return (
    <div className={styles.panel}>
      <header>
        <h2>{t('approval:title')}</h2>
        <p className={styles.act}>{textOf(t, act, number)}</p>
      </header>
      <div className={styles.side}>
        <ul className={styles.tiles}>
          {approvers.map(({ id, name, role }) => (
            <li key={id}>
              <Button size="large" chosen={id === chosen?.id} className={styles.tile} onPress={() => setChosenId(id)}>
                <span className={styles.name}>{name}</span>
                <span className={styles.role}>{t(`common:role_${role}`)}</span>
              </Button>
            </li>
          ))}
        </ul>
        {isSelf && <p>{t('approval:self')}</p>}
        {approvers.length === 0 && <p role="alert">{t('approval:nobody')}</p>}
        <Button size="large" className={styles.back} onPress={onClose}>
          {t('common:back')}
        </Button>
      </div>
      {approvers.length > 0 && (
        <PinPad
          personId={chosen?.id ?? null}
          prompt={chosen === null ? t('approval:chooseName') : t('signIn:enterPin', { name: chosen.name })}
          ask={ask}
        />
      )}
    </div>
  );
}

function textOf(t: TFunction<['approval', 'signIn', 'common']>, act: ActToApprove, number: string): string {
  switch (act.kind) {
    case 'reprint':
      return t('approval:reprint', { number, n: act.copy });
    case 'credit':
    case 'reverse_credit':
      return t(`approval:${act.kind}`, { number, points: pointsText(points(act.points)) });
    case 'return':
      return t('approval:return', { number, points: pointsText(points(act.points)), yuan: yuanText(fen(act.moneyFen)) });
    case 'pay_out':
      return t('approval:pay_out', { yuan: yuanText(fen(act.fen)) });
    case 'close_day':
      return t('approval:close_day', { day: act.day });
    default:
      return never(act);
  }
}

/**
 * Printing a marked copy, from wherever it is asked. `asked` is what a second person must approve first; with their
 * approval the same copy is printed.
 */
export function useReprint(onPrinted: (copy: number) => void = () => undefined) {
  const { run } = usePage();
  const [asked, setAsked] = useState<Extract<ActToApprove, { kind: 'reprint' }> | null>(null);
  const reprint = async (saleId: string, approvalId?: string): Promise<void> => {
    const answer = await asOneAct(`reprint ${saleId} ${approvalId ?? ''}`, (actId) =>
      run((call) => call.reprint({ actId, saleId, approvalId })),
    );
    const isAsked = answer !== null && !answer.ok && answer.code === 'approval_needed';
    setAsked(isAsked ? { kind: 'reprint', saleId, copy: answer.copy } : null);
    if (answer?.ok === true) onPrinted(answer.value.copy);
  };
  return {
    asked,
    reprint: (saleId: string, approvalId?: string): void => void reprint(saleId, approvalId),
    close: (): void => setAsked(null),
  };
}
