// The drawer: opened for a reason, cash put in and taken out, counted, handed over to the next operator. What should be in it is
// shown after a count and never before: the engine tells it no sooner.

import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fen } from '../../db/model/amounts.ts';
import type { CashCount as Counts } from '../../db/model/event.ts';
import { yuanText } from '../../db/model/format.ts';
import { type CashReason, type DifferenceReason, cashReasons, noSaleReasons } from '../../db/model/reasons.ts';
import { never } from '../../db/model/result.ts';
import type { CountedView } from '../../electron/ipc/day-views.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { CashCount, nothingCounted } from '../parts/cash-count.tsx';
import { hundredthsOf, typeKey } from '../parts/digits.ts';
import { asOneAct } from '../parts/one-act.ts';
import { ApprovalPanel } from './approval.tsx';
import { Counted } from './counted.tsx';
import styles from './drawer.module.css';
import { EntryPanel } from './entry-panels.tsx';

/** What a person counts for here; the day's end has its own screen. */
type Purpose = 'check' | 'hand_over';

type Stage =
  | { readonly kind: 'menu'; readonly done: 'opened' | 'moved_in' | 'moved_out' | null }
  | { readonly kind: 'open' }
  | { readonly kind: 'move'; readonly direction: 'in' | 'out' }
  | { readonly kind: 'approve'; readonly move: Move }
  | { readonly kind: 'count'; readonly purpose: Purpose }
  | { readonly kind: 'compare'; readonly purpose: Purpose; readonly counted: CountedView };

interface Move {
  readonly direction: 'in' | 'out';
  readonly fen: number;
  readonly reason: CashReason;
}

interface DrawerProps {
  readonly snapshot: Snapshot;
  readonly onClose: () => void;
}

export function DrawerScreen({ snapshot, onClose }: DrawerProps) {
  const { t } = useTranslation(['drawer', 'common']);
  const { run } = usePage();
  const [stage, setStage] = useState<Stage>({ kind: 'menu', done: null });
  const [counts, setCounts] = useState<Counts>(nothingCounted);
  const [isAsking, setAsking] = useState(false);
  const toMenu = (done: Extract<Stage, { kind: 'menu' }>['done'] = null): void => setStage({ kind: 'menu', done });

  /** One press at a time: a second finger is no second act. */
  const asking = async (work: () => Promise<void>): Promise<void> => {
    if (isAsking) return;
    setAsking(true);
    await work();
    setAsking(false);
  };
  const open = (reason: (typeof noSaleReasons)[number]): Promise<void> =>
    asking(async () => {
      const answer = await asOneAct(`no sale ${reason}`, (actId) => run((call) => call.noSale({ actId, reason })));
      if (answer?.ok === true) toMenu('opened');
    });
  const move = (wanted: Move, approvalId?: string): Promise<void> =>
    asking(async () => {
      const answer = await asOneAct(`move cash ${JSON.stringify(wanted)} ${approvalId ?? ''}`, (actId) =>
        run((call) => call.moveCash({ actId, ...wanted, note: '', approvalId })),
      );
      if (answer === null) return;
      if (answer.ok) return toMenu(`moved_${wanted.direction}`);
      if (answer.code === 'approval_needed' || answer.code === 'approval_void') setStage({ kind: 'approve', move: wanted });
      else setStage({ kind: 'move', direction: wanted.direction });
    });
  const count = (purpose: Purpose): Promise<void> =>
    asking(async () => {
      const answer = await asOneAct(`count ${purpose} ${counts.join()}`, (actId) =>
        run((call) => call.countDrawer({ actId, purpose, counts: [...counts] })),
      );
      if (answer?.ok === true) setStage({ kind: 'compare', purpose, counted: answer.value });
    });
  const handOver = (countId: string, reason: DifferenceReason | null): Promise<void> =>
    asking(async () => {
      const answer = await asOneAct(`hand the till over by ${countId} ${reason}`, (actId) =>
        run((call) => call.closeShift({ actId, countId, reason })),
      );
      if (answer !== null && !answer.ok && answer.code === 'count_stale') setStage({ kind: 'count', purpose: 'hand_over' });
    });
  const begin = (purpose: Purpose): void => {
    setCounts(nothingCounted);
    setStage({ kind: 'count', purpose });
  };
  useKeys('panel', {
    commands: {
      back: stage.kind === 'menu' ? onClose : () => toMenu(),
      pay: () => stage.kind === 'count' && void count(stage.purpose),
      undo: () => undefined,
    },
  });

  const title = 'purpose' in stage ? t(stage.purpose === 'hand_over' ? 'drawer:handOverTitle' : 'drawer:countTitle') : t('drawer:title');
  return (
    <main className={styles.screen}>
      {/* the panel that moves cash has a title and a way back of its own */}
      {stage.kind !== 'move' && (
        <header>
          <h1>{title}</h1>
          {stage.kind === 'compare' && (
            <Button disabled={isAsking} onPress={() => setStage({ kind: 'count', purpose: stage.purpose })}>
              {t('drawer:again')}
            </Button>
          )}
          <Button disabled={isAsking} onPress={stage.kind === 'menu' ? onClose : () => toMenu()}>
            {t('common:back')}
          </Button>
        </header>
      )}
      {draw()}
    </main>
  );

  function draw(): ReactNode {
    switch (stage.kind) {
      case 'menu':
        return (
          <Menu
            done={stage.done}
            isOwner={snapshot.operator?.role === 'owner'}
            onOpen={() => setStage({ kind: 'open' })}
            onMove={(direction) => setStage({ kind: 'move', direction })}
            onCount={begin}
          />
        );
      case 'open':
        return (
          <section className={styles.reasons}>
            <h2>{t('drawer:why')}</h2>
            <ul>
              {noSaleReasons.map((reason) => (
                <li key={reason}>
                  <Button size="large" disabled={isAsking} onPress={() => void open(reason)}>
                    {t(`drawer:reason_${reason}`)}
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        );
      case 'move':
        return (
          <MovePanel direction={stage.direction} isAsking={isAsking} onMove={(wanted) => void move(wanted)} onClose={() => toMenu()} />
        );
      case 'approve':
        return (
          <ApprovalPanel
            act={{ kind: 'pay_out', fen: stage.move.fen, reason: stage.move.reason }}
            number=""
            onApproved={(approvalId) => void move(stage.move, approvalId)}
            onClose={() => toMenu()}
          />
        );
      case 'count':
        return (
          <>
            {stage.purpose === 'hand_over' && <OpenWork snapshot={snapshot} />}
            <p className={styles.large}>{t('drawer:countText')}</p>
            <CashCount counts={counts} onCounts={setCounts} disabled={isAsking} />
            <Button kind="main" size="large" disabled={isAsking} className={styles.next} onPress={() => void count(stage.purpose)}>
              {t('drawer:counted')}
            </Button>
          </>
        );
      case 'compare':
        return (
          <Compare
            key={stage.counted.countId}
            counted={stage.counted}
            isAsking={isAsking}
            onDone={stage.purpose === 'hand_over' ? (reason) => void handOver(stage.counted.countId, reason) : null}
            onClose={() => toMenu()}
          />
        );
      default:
        return never(stage);
    }
  }
}

interface MenuProps {
  /** A count that ends nothing is the owner's: it would tell others what should be there. */
  readonly isOwner: boolean;
  readonly done: Extract<Stage, { kind: 'menu' }>['done'];
  readonly onOpen: () => void;
  readonly onMove: (direction: 'in' | 'out') => void;
  readonly onCount: (purpose: Purpose) => void;
}

function Menu({ done, isOwner, onOpen, onMove, onCount }: MenuProps) {
  const { t } = useTranslation('drawer');
  const tiles = [
    ['open', onOpen],
    ['in', () => onMove('in')],
    ['out', () => onMove('out')],
    ...(isOwner ? ([['check', () => onCount('check')]] as const) : []),
    ['handOver', () => onCount('hand_over')],
  ] as const;
  return (
    <>
      <p role="status" className={styles.done}>
        {done !== null && (
          <>
            <span aria-hidden="true">✓</span> {t(done)}
          </>
        )}
      </p>
      <ul className={styles.tiles}>
        {tiles.map(([name, onPress]) => (
          <li key={name}>
            <Button size="large" className={styles.tile} onPress={onPress}>
              <svg className={styles.sign} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
                <path d={signs[name]} />
              </svg>
              <span className={styles.words}>
                <strong>{t(name)}</strong>
                <small>{t(`${name}Text`)}</small>
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A drawer pulled out; an arrow into it and one out of it; coins; two people and what passes between them. */
const signs = {
  open: 'M6 10h36v16H6zM3 26h42l-4 14H7zM19 33h10',
  in: 'M24 4v18M17 15l7 7 7-7M6 26h36v16H6zM19 34h10',
  out: 'M24 22V4M17 11l7-7 7 7M6 26h36v16H6zM19 34h10',
  check:
    'M5 11a9 4.5 0 1 0 18 0a9 4.5 0 1 0-18 0v12c0 2.5 4 4.5 9 4.5s9-2 9-4.5V11M25 27a9 4.5 0 1 0 18 0a9 4.5 0 1 0-18 0v10c0 2.5 4 4.5 9 4.5s9-2 9-4.5V27',
  handOver: 'M12 16a5 5 0 1 0 0-.1M36 16a5 5 0 1 0 0-.1M4 40V30q0-7 8-7t8 7v10M28 40V30q0-7 8-7t8 7v10M18 34h12M26 30l4 4-4 4',
} as const;

/** A pay-out of six digits of yuan is a mistake. */
const yuanDigits = 5;

interface MovePanelProps {
  readonly direction: 'in' | 'out';
  readonly isAsking: boolean;
  readonly onMove: (move: Move) => void;
  readonly onClose: () => void;
}

function MovePanel({ direction, isAsking, onMove, onClose }: MovePanelProps) {
  const { t } = useTranslation('drawer');
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState<CashReason | null>(null);
  const amount = fen(hundredthsOf(typed) ?? 0);
  const isReady = amount > 0 && reason !== null && !isAsking;
  return (
    <EntryPanel
      title={t(direction)}
      about={t('amount')}
      shown={typed}
      decimals
      onPad={(key) => setTyped(typeKey(typed, key, { lengthMax: yuanDigits, decimals: 2 }))}
      done={t(direction === 'in' ? 'confirmIn' : 'confirmOut', { yuan: yuanText(amount) })}
      onDone={isReady ? () => onMove({ direction, fen: amount, reason }) : null}
      onClose={onClose}
    >
      <div className={styles.reasons}>
        <h3>{t('why')}</h3>
        <ul>
          {cashReasons[direction].map((each) => (
            <li key={each}>
              <Button size="large" chosen={each === reason} disabled={isAsking} onPress={() => setReason(each)}>
                {t(direction === 'in' ? `in_${each as 'change'}` : `reason_${each}`)}
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </EntryPanel>
  );
}

/** What the next operator would find half done: said before anything is counted in vain. */
function OpenWork({ snapshot: { cart, held, desk } }: Pick<DrawerProps, 'snapshot'>) {
  const { t } = useTranslation('drawer');
  const left = [
    ...(cart.quote.lines.length > 0 || cart.weighing !== null ? (['work_cart'] as const) : []),
    ...(held.length > 0 ? (['work_held'] as const) : []),
    ...((desk?.bags.length ?? 0) > 0 ? (['work_desk'] as const) : []),
  ];
  if (left.length === 0) return null;
  return (
    <div role="alert" className={styles.openWork}>
      <strong>{t('openWork')}</strong> {left.map((each) => t(each)).join(' · ')}
    </div>
  );
}

interface CompareProps {
  readonly counted: CountedView;
  readonly isAsking: boolean;
  /** Null: it was only looked at. */
  readonly onDone: ((reason: DifferenceReason | null) => void) | null;
  readonly onClose: () => void;
}

function Compare({ counted, isAsking, onDone, onClose }: CompareProps) {
  const { t } = useTranslation(['drawer', 'count']);
  const [reason, setReason] = useState<DifferenceReason | null>(null);
  const isAsked = onDone !== null && counted.differenceFen !== 0;
  const isReady = !isAsking && (!isAsked || reason !== null);
  const done = (): void => (onDone === null ? onClose() : onDone(reason));
  useKeys('panel', { commands: { pay: () => isReady && done() } });
  return (
    <Counted counted={counted} asked={isAsked ? { reason, onReason: setReason } : null} isAsking={isAsking}>
      <Button kind="main" size="large" disabled={!isReady} className={styles.next} onPress={done}>
        {onDone === null ? t('drawer:done') : t('drawer:handOverDone')}
      </Button>
    </Counted>
  );
}
