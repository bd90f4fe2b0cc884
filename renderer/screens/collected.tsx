// What was collected today and in a month, what is on hand, and handing it over to the hauler with the weigh-bridge's figures
// beside the book's. Adds nothing up: the engine does.

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { countText, kilogramsText } from '../../db/model/format.ts';
import type { CollectedView, MaterialTotals } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { PointsAmount } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { gramsOf, typeKey } from '../parts/digits.ts';
import { LocalName } from '../parts/local-name.tsx';
import { NumberPad, type PadKey } from '../parts/number-pad.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { HazardMark, Pictogram } from '../parts/pictogram.tsx';
import { useAmountText } from './desk-bags.tsx';
import type { PastListFrame } from './past-list.tsx';
import styles from './collected.module.css';

/** What was told, and of which snapshot. */
type Seen = CollectedView & { readonly revision: number };

export function CollectedScreen({ title, revision, onClose }: PastListFrame) {
  const { t } = useTranslation(['collected', 'common']);
  const { run, known } = usePage();
  const [month, setMonth] = useState<string | null>(null);
  const [view, setView] = useState<Seen | null>(null);
  const [isHandingOver, setHandingOver] = useState(false);
  const amount = useAmountText();
  const difference = useDifferenceText();
  const isThere = known.link === 'connected';
  // outside world: the book
  useEffect(() => {
    if (!isThere) return undefined;
    let isWanted = true;
    void run((call) => call.collected({ month })).then((answer) => {
      if (isWanted && answer !== null) setView({ ...answer, revision });
    });
    return () => {
      isWanted = false;
    };
  }, [run, month, revision, isThere]);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });

  const isThisMonth = view !== null && view.month >= view.day.slice(0, 7);
  if (view !== null && isHandingOver) return <HandOver view={view} onClose={() => setHandingOver(false)} />;
  return (
    <main className={styles.screen}>
      <header>
        <h1 className={styles.title}>{title}</h1>
        {view !== null && (
          <>
            <Button label={t('collected:monthBefore')} onPress={() => setMonth(monthBeside(view.month, -1))}>
              ‹
            </Button>
            <strong className="number">{view.month}</strong>
            <Button label={t('collected:monthAfter')} disabled={isThisMonth} onPress={() => setMonth(monthBeside(view.month, 1))}>
              ›
            </Button>
            <Button kind="main" disabled={!view.materials.some(canGo)} onPress={() => setHandingOver(true)}>
              {t('collected:handOver')}
            </Button>
          </>
        )}
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      {view === null ? (
        <p className={styles.note}>{t('collected:loading')}</p>
      ) : (
        // nothing in it takes the focus: the keyboard scrolls it all the same
        <ul className={styles.list} tabIndex={0}>
          {view.materials.map((each) => (
            <li key={each.materialId} className={styles.material}>
              <Name material={each} />
              <dl>
                <Figure term={t('collected:today')} material={each} units={each.dayUnits} />
                <Figure term={isThisMonth ? t('collected:month') : view.month} material={each} units={each.monthUnits} />
                <div>
                  <dt>{t('collected:points')}</dt>
                  <dd>
                    <PointsAmount points={each.monthPoints} />
                  </dd>
                </div>
                <Figure term={t('collected:onHand')} material={each} units={each.onHandUnits} isMain />
              </dl>
              {each.onHandUnits < 0 && <p className={styles.below}>{t('collected:belowZero')}</p>}
              {each.lastHandOver !== null && (
                <p className={styles.last}>
                  {t('collected:last', {
                    day: each.lastHandOver.day,
                    hauler: each.lastHandOver.hauler,
                    hauled: amount(each.measuredBy, each.lastHandOver.hauledUnits),
                    difference: difference(each, each.lastHandOver.missingUnits),
                  })}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}

/** What one material's two figures were typed as. `left` is '' where the hauler took all of it. */
interface Typed {
  readonly hauled: string;
  readonly left: string;
}

/** Number plates are letters and digits after the province; whoever has none is named by hand on the weigh-bridge's slip. */
const plateMax = 10;
/** Number plates have neither I nor O: they would be taken for digits. */
const plateKeys = '1234567890ABCDEFGHJKLMNPQRSTUVWXYZ'.split('');

function HandOver({ view, onClose }: { readonly view: CollectedView; readonly onClose: () => void }) {
  const { t } = useTranslation(['collected', 'common']);
  const { run } = usePage();
  const difference = useDifferenceText();
  const [plate, setPlate] = useState('');
  const [typed, setTyped] = useState<{ readonly [materialId: string]: Typed }>({});
  const [field, setField] = useState<{ readonly materialId: string | null; readonly of: 'plate' | keyof Typed }>({
    materialId: null,
    of: 'plate',
  });
  const materials = view.materials.filter(canGo);
  const haulers = [...new Set(view.materials.flatMap(({ lastHandOver }) => (lastHandOver === null ? [] : [lastHandOver.hauler])))];
  const chosen = materials.find(({ materialId }) => materialId === field.materialId) ?? null;
  const lines = materials.flatMap((each) => {
    const said = typed[each.materialId];
    return said === undefined || said.hauled === ''
      ? []
      : [
          {
            materialId: each.materialId,
            bookUnits: each.onHandUnits,
            hauledUnits: unitsOf(each, said.hauled),
            leftUnits: unitsOf(each, said.left),
          },
        ];
  });
  const isHauled = lines.some(({ hauledUnits }) => hauledUnits > 0);
  const isReady = plate !== '' && isHauled;

  const press = (key: PadKey): void => {
    if (field.of === 'plate') return setPlate(key === 'delete' ? plate.slice(0, -1) : key === 'clear' ? '' : platePlus(plate, key));
    if (chosen === null) return;
    const { materialId } = chosen;
    const before = typed[materialId] ?? { hauled: '', left: '' };
    const rules = { lengthMax: 6, decimals: chosen.measuredBy === 'weight' ? 3 : 0 } as const;
    setTyped({ ...typed, [materialId]: { ...before, [field.of]: typeKey(before[field.of], key, rules) } });
  };
  /** Enter goes on to the next field and never records: a hauler takes more than one material. */
  const next = (): void => {
    const fields = materials.flatMap(({ materialId }) => [{ materialId, of: 'hauled' } as const, { materialId, of: 'left' } as const]);
    const at = fields.findIndex(({ materialId, of }) => materialId === field.materialId && of === field.of);
    const following = fields[at + 1];
    if (following !== undefined) setField(following);
  };
  const done = async (): Promise<void> => {
    if (!isReady) return;
    const answer = await asOneAct(`hand over ${plate} ${JSON.stringify(lines)}`, (actId) =>
      run((call) => call.handOver({ actId, hauler: plate, lines })),
    );
    if (answer?.ok === true) onClose();
  };
  useKeys('panel', {
    onPad: press,
    onLetter: (letter) => field.of === 'plate' && setPlate(platePlus(plate, letter.toUpperCase())),
    commands: { back: onClose, pay: next, undo: () => undefined },
  });
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('collected:handOver')}</h1>
        <Button onPress={onClose}>{t('common:back')}</Button>
        <Button kind="main" size="large" disabled={!isReady} onPress={() => void done()}>
          {t('collected:record')}
        </Button>
      </header>
      <div className={styles.form}>
        <section className={styles.list}>
          <div className={styles.plate}>
            <Button chosen={field.of === 'plate'} onPress={() => setField({ materialId: null, of: 'plate' })}>
              {t('collected:plate')} <strong className="number">{plate === '' ? '—' : plate}</strong>
            </Button>
            {haulers.map((hauler) => (
              <Button key={hauler} onPress={() => setPlate(hauler)}>
                {hauler}
              </Button>
            ))}
          </div>
          <ul>
            {materials.map((each) => {
              const said = typed[each.materialId] ?? { hauled: '', left: '' };
              const line = lines.find(({ materialId }) => materialId === each.materialId);
              return (
                <Hauled key={each.materialId} isChosen={each.materialId === field.materialId}>
                  <Name material={each} />
                  <dl>
                    <Figure term={t('collected:onHand')} material={each} units={each.onHandUnits} />
                    {(['hauled', 'left'] as const).map((of) => (
                      <div key={of}>
                        <dt>{t(`collected:${of}`)}</dt>
                        <dd>
                          <Button
                            chosen={field.materialId === each.materialId && field.of === of}
                            onPress={() => setField({ materialId: each.materialId, of })}
                          >
                            <span className="number">{said[of] === '' ? '—' : said[of]}</span> <Unit material={each} />
                          </Button>
                        </dd>
                      </div>
                    ))}
                    {line !== undefined && (
                      <div className={styles.main}>
                        <dt>{t('collected:difference')}</dt>
                        <dd>{difference(each, line.bookUnits - line.hauledUnits - line.leftUnits)}</dd>
                      </div>
                    )}
                  </dl>
                </Hauled>
              );
            })}
          </ul>
        </section>
        <section className={styles.pad}>
          {lines.length > 0 && !isHauled && <p className={styles.below}>{t('collected:someHauled')}</p>}
          <p className={styles.note}>{t(`collected:${field.of}Hint`)}</p>
          {field.of === 'plate' ? (
            <div className={styles.keys} lang="en">
              {plateKeys.map((key) => (
                <Button key={key} onPress={() => setPlate(platePlus(plate, key))}>
                  {key}
                </Button>
              ))}
              <Button kind="danger" label={t('common:clear')} onPress={() => press('clear')}>
                ✕
              </Button>
              <Button label={t('common:delete')} onPress={() => press('delete')}>
                ⌫
              </Button>
            </div>
          ) : (
            <NumberPad onKey={press} extra={chosen?.measuredBy === 'weight' ? '.' : null} />
          )}
        </section>
      </div>
    </main>
  );
}

/** There is some of it, or fewer than none: what is left can be put right only where it can be said. */
function canGo({ onHandUnits }: MaterialTotals): boolean {
  return onHandUnits !== 0;
}

function Hauled({ isChosen, children }: { readonly isChosen: boolean; readonly children: ReactNode }) {
  const item = useRef<HTMLLIElement>(null);
  // outside world: where the list is scrolled to
  useEffect(() => {
    if (isChosen) item.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <li ref={item} className={`${styles.material} ${styles.hauled}`}>
      {children}
    </li>
  );
}

function Name({ material }: { readonly material: MaterialTotals }) {
  const { t } = useTranslation('collected');
  return (
    <p className={styles.name}>
      <Pictogram name={material.picture} />
      <span>
        <LocalName zh={material.zh} bo={material.bo} />
        {material.hazardous && (
          <strong className={styles.hazard}>
            <HazardMark />
            {t('hazardous')}
          </strong>
        )}
      </span>
    </p>
  );
}

interface FigureProps {
  readonly term: string;
  readonly material: MaterialTotals;
  readonly units: number;
  readonly isMain?: boolean;
}

function Figure({ term, material, units, isMain = false }: FigureProps) {
  return (
    <div className={isMain ? styles.main : ''}>
      <dt>{term}</dt>
      <dd>
        <span className="number">{amountText(material, units)}</span> <Unit material={material} />
      </dd>
    </div>
  );
}

function Unit({ material }: { readonly material: MaterialTotals }) {
  const { t } = useTranslation('collected');
  return <small>{t(material.measuredBy === 'weight' ? 'kilograms' : 'pieces')}</small>;
}

function amountText({ measuredBy }: Pick<MaterialTotals, 'measuredBy'>, units: number): string {
  return measuredBy === 'weight' ? kilogramsText(units) : countText(units);
}

/** What the book has more or less than was hauled and left, in words. */
function useDifferenceText(): (material: MaterialTotals, missingUnits: number) => string {
  const { t } = useTranslation('collected');
  const amount = useAmountText();
  return ({ measuredBy }, missingUnits) =>
    missingUnits === 0 ? t('even') : t(missingUnits > 0 ? 'short' : 'over', { amount: amount(measuredBy, Math.abs(missingUnits)) });
}

function unitsOf({ measuredBy }: MaterialTotals, text: string): number {
  return measuredBy === 'weight' ? gramsOf(text) : Number(text);
}

function platePlus(plate: string, key: string): string {
  return /^[0-9A-Z]$/.test(key) && plate.length < plateMax ? plate + key : plate;
}

/** The month before or after one, YYYY-MM. */
function monthBeside(month: string, step: 1 | -1): string {
  const [year, number] = month.split('-').map(Number) as [number, number]; // two numbers by the type of a month
  const months = year * 12 + (number - 1) + step;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`;
}
