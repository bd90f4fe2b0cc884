// The figures of a period: those so far (X) or those of a closed day (Z), section by section. Touching a figure leads to the events
// behind it. Adds nothing up: the engine does.

import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fen } from '../../db/model/amounts.ts';
import { dateText, yuanText } from '../../db/model/format.ts';
import { never } from '../../db/model/result.ts';
import { spokenRoot } from '../../db/model/spoken-root.ts';
import { businessDate, localMinute } from '../../db/model/time.ts';
import type { PeriodView } from '../../electron/ipc/day-views.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { useAnswer } from '../parts/use-answer.ts';
import { ApprovalPanel, useReprint } from './approval.tsx';
import { FigureAmount } from './figure-amount.tsx';
import { useFigureLabel } from './figure-label.ts';
import { EventsBehind } from './period-events.tsx';
import { type FigureRow, type FigureUnit, type SectionName, isOwnersAccount, sectionNames, sectionsOf } from './period-figures.ts';
import styles from './period.module.css';

interface PeriodScreenProps {
  /** Of the closing; null: what has happened since the last one. */
  readonly number: number | null;
  readonly onClose: () => void;
}

/** A figure that was touched. */
interface Opened {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly of: string;
}

export function PeriodScreen({ number, onClose }: PeriodScreenProps) {
  const { t } = useTranslation(['period', 'common']);
  const { language } = usePage();
  // asked anew where a figure is opened, not with every change of the till: a long day takes a while to sum, and says so by a change
  const [asking, setAsking] = useState(0);
  const answered = useAnswer(number === null ? `X ${asking}` : `Z ${number}`, async (call) => ({
    view: await call.period({ number }),
  }));
  const [section, setSection] = useState<SectionName>('sales');
  const [opened, setOpened] = useState<Opened | null>(null);
  const [isAllAccounts, setAllAccounts] = useState(false);
  const label = useFigureLabel();
  const open = (next: Opened): void => {
    setOpened(next);
    setAsking(asking + 1);
  };
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });
  const view = answered?.value.view ?? null;
  if (answered === null || view === null)
    return (
      <main className={styles.screen}>
        <header>
          <h1>{t('period:soFar')}</h1>
          <Button onPress={onClose}>{t('common:back')}</Button>
        </header>
        <p className={styles.note}>{answered === null ? t('period:loading') : t('period:empty')}</p>
      </main>
    );
  if (opened !== null) {
    const amount = view.figures[opened.name] ?? 0;
    const title = [opened.of, label(opened.name)].filter((text) => text !== '').join(' · ');
    return (
      <EventsBehind
        key={`${opened.name} ${answered.of}`}
        number={number}
        figure={opened.name}
        title={title}
        amount={amount}
        unit={opened.unit}
        onClose={() => setOpened(null)}
      />
    );
  }
  const sections = sectionsOf(view);
  const rowsShown = section === 'accounts' && !isAllAccounts ? sections.accounts.filter(isOwnersAccount) : sections[section];
  const { closing } = view;
  const time = localMinute(view.at).slice(-5);
  const date = dateText(view.day, language);
  const isToday = view.day === businessDate(view.at);
  return (
    <main className={styles.screen}>
      <header>
        <h1>
          {closing !== null
            ? t('period:past', { number: closing.closingNumber })
            : isToday
              ? t('period:soFar')
              : t('period:soFarOf', { date })}
        </h1>
        <p className={styles.when}>
          {closing === null
            ? t('period:until', { date: dateText(businessDate(view.at), language), time })
            : t('period:closedAt', { date, time })}
          {closing?.isForgotten === true && <strong> {t('period:late')}</strong>}
        </p>
        {closing === null ? <PrintReport /> : view.actId !== null && <PrintSlip actId={view.actId} number={closing.closingNumber} />}
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <nav className={styles.sections}>
        {sectionNames
          .filter((name) => closing !== null || (name !== 'perpetual' && name !== 'proof'))
          .map((name) => (
            <Button key={name} chosen={name === section} onPress={() => setSection(name)}>
              {t(`period:section_${name}`)}
              {name === 'exceptions' && sections.exceptions.length > 0 && <span className={styles.mark}>{sections.exceptions.length}</span>}
            </Button>
          ))}
      </nav>
      <section className={styles.figures} data-section={section} tabIndex={0}>
        <p className={styles.hint}>{section === 'perpetual' ? t('period:perpetualText') : section !== 'proof' && t('period:touch')}</p>
        {section === 'accounts' && (
          <div className={styles.whose}>
            {[false, true].map((isAll) => (
              <Button key={String(isAll)} chosen={isAll === isAllAccounts} onPress={() => setAllAccounts(isAll)}>
                {t(isAll ? 'period:allAccounts' : 'period:ownersAccounts')}
              </Button>
            ))}
          </div>
        )}
        {section === 'proof' ? (
          <Proof view={view} />
        ) : rowsShown.length === 0 ? (
          <p className={styles.note}>{t(section === 'drawer' ? 'period:drawerHidden' : 'period:empty')}</p>
        ) : (
          <Rows rows={rowsShown} view={view} onOpen={open} isForOwner={!isAllAccounts} />
        )}
      </section>
    </main>
  );
}

interface RowsProps {
  readonly rows: readonly FigureRow[];
  readonly view: PeriodView;
  readonly onOpen: (opened: Opened) => void;
  /** What moved on an account as in or out, not as a sign. */
  readonly isForOwner: boolean;
}

function Rows({ rows, view, onOpen, isForOwner }: RowsProps) {
  const { t } = useTranslation('period');
  const label = useFigureLabel();
  const { language } = usePage();
  const materialName = (id: string): string => {
    const found = view.names.materials.find((each) => each.id === id);
    return found === undefined ? id : language === 'bo' && found.bo !== null ? found.bo : found.zh;
  };
  const operatorName = (id: string): string =>
    id === '' ? t('operator.nobody') : (view.names.operators.find((each) => each.id === id)?.name ?? id);
  const headings = headingsOf(rows, operatorName, materialName);
  return (
    <ul className={styles.rows}>
      {rows.map((row, i) => (
        <li key={keyOf(row)} className={isHeading(row) ? styles.heading : row.kind === 'account' ? styles.wide : ''}>
          {draw(row, headings[i] ?? '')}
        </li>
      ))}
    </ul>
  );

  function draw(row: FigureRow, of: string): ReactNode {
    switch (row.kind) {
      case 'operator':
        return <h2>{operatorName(row.id)}</h2>;
      case 'material': {
        const found = view.names.materials.find((each) => each.id === row.id);
        return <h2>{found === undefined ? row.id : <LocalName zh={found.zh} bo={found.bo} />}</h2>;
      }
      case 'pointValue':
        return <h2>{t('pointValue', { yuan: yuanText(fen(row.fen)) })}</h2>;
      case 'figure':
        return (
          <Figure
            label={label(row.name)}
            {...row}
            onPress={row.amount === 0 ? null : () => onOpen({ name: row.name, unit: row.unit, of })}
          />
        );
      case 'drawer':
        return (
          <Figure
            label={t(`drawer.${row.end === 'opening' ? 'opening' : view.closing === null ? 'closing' : 'closed'}`)}
            amount={row.amount}
            unit="fen"
            isMain
            onPress={null}
          />
        );
      case 'perpetual':
        return <Figure label={label(row.name)} {...row} onPress={null} />;
      case 'account': {
        const { figure } = row;
        const moved = figure?.amount ?? 0;
        return (
          <div className={styles.account}>
            <h2>{label(`account/${row.account}`)}</h2>
            <Figure label={t('before')} amount={row.opening} unit={row.unit} onPress={null} />
            <Figure
              label={isForOwner && moved !== 0 ? t(moved > 0 ? 'in' : 'out') : t('moved')}
              amount={isForOwner ? Math.abs(moved) : moved}
              unit={row.unit}
              onPress={figure === null ? null : () => onOpen({ name: figure.name, unit: row.unit, of: '' })}
              {...(figure !== null && { name: figure.name })}
            />
            <Figure label={t('after')} amount={row.closing} unit={row.unit} onPress={null} />
          </div>
        );
      }
      default:
        return never(row);
    }
  }
}

/** Whose each row is: the words of the heading above it. */
function headingsOf(
  rows: readonly FigureRow[],
  operatorName: (id: string) => string,
  materialName: (id: string) => string,
): readonly string[] {
  let heading = '';
  return rows.map((row) => {
    if (row.kind === 'operator') heading = operatorName(row.id);
    if (row.kind === 'material') heading = materialName(row.id);
    if (row.kind === 'pointValue') heading = '';
    return heading;
  });
}

function isHeading({ kind }: FigureRow): boolean {
  return kind === 'operator' || kind === 'material' || kind === 'pointValue';
}

function keyOf(row: FigureRow): string {
  switch (row.kind) {
    case 'operator':
    case 'material':
      return `${row.kind} ${row.id}`;
    case 'pointValue':
      return `${row.kind} ${row.fen}`;
    case 'drawer':
      return `${row.kind} ${row.end}`;
    case 'account':
      return `${row.kind} ${row.account}`;
    case 'figure':
    case 'perpetual':
      return `${row.kind} ${row.name}`;
    default:
      return never(row);
  }
}

interface FigureProps {
  readonly label: string;
  readonly amount: number;
  readonly unit: FigureUnit;
  readonly isMain?: boolean;
  readonly name?: string;
  /** Null: nothing is behind it, or not in this period. */
  readonly onPress: (() => void) | null;
}

function Figure({ label, amount, unit, isMain = false, name, onPress }: FigureProps) {
  const text = (
    <>
      <span className={styles.label}>{label}</span>
      <FigureAmount amount={amount} unit={unit} />
    </>
  );
  if (onPress === null) return <div className={`${styles.figure} ${styles.plain} ${isMain ? styles.main : ''}`}>{text}</div>;
  return (
    <Button className={styles.figure} onPress={onPress}>
      {text}
      <span className={styles.more} aria-hidden="true" data-figure={name}>
        ›
      </span>
    </Button>
  );
}

/** The marked copy of the day's slip. */
function PrintSlip({ actId, number }: { readonly actId: string; readonly number: string }) {
  const { t } = useTranslation('period');
  const [isPrinted, setPrinted] = useState(false);
  const { asked, reprint, close } = useReprint(() => setPrinted(true));
  if (asked !== null)
    return (
      <div className={styles.over}>
        <ApprovalPanel act={asked} number={number} onApproved={(approvalId) => reprint(actId, approvalId)} onClose={close} />
      </div>
    );
  return (
    <>
      <span role="status">{isPrinted ? t('printed') : ''}</span>
      <Button onPress={() => reprint(actId)}>{t('print')}</Button>
    </>
  );
}

/** The figures so far on paper: an act of its own, that changes nothing. */
function PrintReport() {
  const { t } = useTranslation('period');
  const { known, run } = usePage();
  const [isPrinted, setPrinted] = useState(false);
  if (known.snapshot?.shift === null) return null;
  const print = async (): Promise<void> => {
    const answer = await asOneAct('print the report', (actId) => run((call) => call.printReport({ actId })));
    if (answer?.ok === true) setPrinted(true);
  };
  return (
    <>
      <span role="status">{isPrinted ? t('printed') : ''}</span>
      <Button onPress={() => void print()}>{t('print')}</Button>
    </>
  );
}

/** How a closed day is proved: what it holds and who closed it. */
function Proof({ view: { closing, events, names } }: { readonly view: PeriodView }) {
  const { t } = useTranslation('period');
  if (closing === null) return null;
  const by = closing.isByOwner ? 'byOwner' : closing.approvalId === null ? 'byNobody' : 'byApproval';
  const { recountsFen } = closing.drawer;
  return (
    <dl className={styles.proof}>
      <div>
        <dt>{t('proofBy')}</dt>
        <dd>{t(by, { name: names.operatorName })}</dd>
      </div>
      {recountsFen.length > 0 && (
        <div>
          <dt>{t('recounts', { n: recountsFen.length + 1 })}</dt>
          <dd className="number">{recountsFen.map((each) => `${each > 0 ? '+' : ''}${yuanText(each)}`).join(' · ')}</dd>
        </div>
      )}
      <div>
        <dt>{t('proofEvents')}</dt>
        <dd>{t('proofEventsN', { n: events })}</dd>
      </div>
      <div>
        <dt>{t('proofSize')}</dt>
        <dd>{t('proofEventsN', { n: closing.checkpoint.size })}</dd>
      </div>
      <div>
        <dt>{t('spoken')}</dt>
        <dd className="number">{spokenRoot(closing.checkpoint.root)}</dd>
      </div>
      <div>
        <dt>{t('proofRoot')}</dt>
        <dd className={styles.code}>{closing.checkpoint.root}</dd>
      </div>
    </dl>
  );
}
