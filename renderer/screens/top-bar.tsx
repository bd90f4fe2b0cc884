// The bar over every screen: where and who, what was exchanged with the county, devices that need a look, the ways to
// other screens. Quiet: nothing of it ever blocks selling (U16).

import { useTranslation } from 'react-i18next';
import { clockText, dateText } from '../../db/model/format.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import type { ExchangeView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { keyMap } from '../keyboard.ts';
import { Button } from '../parts/button.tsx';
import { useLanguage } from '../page.tsx';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { useNow } from '../parts/use-now.ts';
import { useDeviceTexts } from './device-text.ts';
import { isOfficeView, type OfficeView } from './office-view.ts';
import { firstPastView, isPastView, type PastView } from './past-switch.tsx';
import { UpkeepWarning } from './upkeep-warning.tsx';
import styles from './top-bar.module.css';

/** What is looked at: the till or the desk, or something over them. */
export type View = 'work' | PastView | OfficeView | 'settings' | 'help';

interface TopBarProps {
  readonly snapshot: Snapshot;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onPlace: (place: Snapshot['place']) => void;
  readonly isSimulatedShown: boolean;
  readonly onSimulated: (() => void) | null;
}

export function TopBar({ snapshot, view, onView, onPlace, isSimulatedShown, onSimulated }: TopBarProps) {
  const { t } = useTranslation(['till', 'simulated', 'credits', 'office']);
  const devices = useDeviceTexts();
  const { shop, operator, shift, printer, scanner } = snapshot;
  const past = firstPastView(snapshot);
  const isPrinterFine = printer.state === 'ready';
  const isScannerFine = scanner.state === 'ready';
  return (
    <header className={styles.bar}>
      {shift !== null && snapshot.desk !== null && <Places snapshot={snapshot} isAtWork={view === 'work'} onPlace={onPlace} />}
      <div className={styles.facts}>
        <p className={styles.where}>
          {shop !== null && (
            <strong>
              <LocalName zh={shop.zh} bo={shop.bo} />
            </strong>
          )}{' '}
          {operator !== null && <span>{operator.name}</span>} {shift !== null && <ShiftDate date={shift.businessDate} />}
        </p>
        <p className={styles.states}>
          <Exchange exchange={snapshot.exchange} />
          <UpkeepWarning upkeep={snapshot.upkeep} closedThrough={snapshot.days.closedThrough} className={styles.late} />
          {!isPrinterFine && <span className={styles.late}>! {devices.printer(printer.state)}</span>}
          {!isScannerFine && <span className={styles.late}>! {devices.scanner(scanner.state)}</span>}
        </p>
      </div>
      <nav className={styles.ways}>
        {onSimulated !== null && (
          <Button chosen={isSimulatedShown} onPress={onSimulated}>
            {t('simulated:open')}
          </Button>
        )}
        {shift !== null && (
          <Button chosen={isPastView(view)} onPress={() => onView(isPastView(view) ? 'work' : past)}>
            {past === 'recent' ? t('till:recent') : t('credits:title')}
          </Button>
        )}
        {operator !== null && (
          <Button chosen={isOfficeView(view)} onPress={() => onView(view === 'office' ? 'work' : 'office')}>
            {t('office:title')}
          </Button>
        )}
        {(['settings', 'help'] as const).map((way) => (
          <Button key={way} chosen={view === way} onPress={() => onView(view === way ? 'work' : way)}>
            {t(`till:${way}`)}
          </Button>
        ))}
        <LanguageSwitch />
      </nav>
    </header>
  );
}

/** The date that sales are booked on, in words where it is not the clock's. */
function ShiftDate({ date }: { readonly date: string }) {
  const { t } = useTranslation('till');
  const language = useLanguage();
  const today = businessDate(useNow(30_000));
  if (date === today) return <span className="number">{date}</span>;
  return <strong>{t('countsOn', { date: dateText(date, language) })}</strong>;
}

/** The two places of work; a mark says that something was left standing in the other. */
function Places({
  snapshot,
  isAtWork,
  onPlace,
}: { readonly snapshot: Snapshot; readonly isAtWork: boolean } & Pick<TopBarProps, 'onPlace'>) {
  const { t } = useTranslation('desk');
  const waiting = { till: snapshot.cart.quote.lines.length, desk: snapshot.desk?.bags.length ?? 0 };
  return (
    <div className={styles.places} role="group" aria-label={keyMap.place.shown}>
      {(['till', 'desk'] as const).map((place) => (
        <Button
          key={place}
          size="large"
          chosen={isAtWork && snapshot.place === place}
          className={styles.place}
          onPress={() => onPlace(place)}
        >
          <span className={styles.picture}>
            <PlaceSign place={place} />
          </span>
          {t(`place_${place}`)}
          {snapshot.place !== place && waiting[place] > 0 && (
            <span className={styles.mark} role="img" aria-label={t('placeWaits', { n: waiting[place] })}>
              {waiting[place]}
            </span>
          )}
        </Button>
      ))}
    </div>
  );
}

/** A basket, and three arrows in a ring. */
const placeSigns: { readonly [place in Snapshot['place']]: string } = {
  till: 'M6 18h36l-4 22H10zM14 18l7-12M34 18L27 6M18 25v9M24 25v9M30 25v9',
  desk: 'M17 11l7-7 9 15M33 19l-8-1M33 19l2-8M39 27l5 9-5 6H24M24 42l5-5M24 42l5 5M15 42H6L4 34l9-15M13 19l-7 2M13 19l2 8',
};

function PlaceSign({ place }: { readonly place: Snapshot['place'] }) {
  return (
    <svg viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path d={placeSigns[place]} />
    </svg>
  );
}

/** Amber after a day, red after seven (U16). */
const lateMs = dayMs;
const veryLateMs = 7 * dayMs;

/** How the exchange stands, by the age of the oldest thing that still waits: the county's last file, or our first unsent event. */
export function exchangeLateness(
  exchange: Pick<ExchangeView, 'lastDownAsOf' | 'oldestUnsentAt'>,
  now: number,
): 'fresh' | 'late' | 'veryLate' | 'never' {
  if (exchange.lastDownAsOf === null) return 'never';
  const oldest = Math.min(exchange.lastDownAsOf, exchange.oldestUnsentAt ?? Number.POSITIVE_INFINITY);
  const age = now - oldest;
  return age > veryLateMs ? 'veryLate' : age > lateMs ? 'late' : 'fresh';
}

/** Facts, never a guess whether there is a network (lessons.md 57). */
function Exchange({ exchange }: { readonly exchange: ExchangeView }) {
  const { t } = useTranslation('exchange');
  const now = useNow(30_000);
  const { lastDownAsOf, unsentEvents, applyingPercent, refused, notice, up } = exchange;
  const lateness = exchangeLateness(exchange, now);
  const words = lateness === 'late' || lateness === 'veryLate' ? t(lateness) : null;
  return (
    <span className={styles[lateness]}>
      <span className={styles.dot} aria-hidden="true" />
      {unsentEvents === 0 ? t('allSent') : t('unsent', { n: unsentEvents })}
      {' / '}
      {lastDownAsOf === null ? t('never') : `${t('label')} ${t('last', { time: clockText(lastDownAsOf, now) })}`}
      {words !== null && <> · {words}</>}
      {applyingPercent !== null && <> · {t('applying', { n: applyingPercent })}</>}
      {up.alarmAt !== null && <span className={styles.late}> ! {t('alarm')}</span>}
      {up.stick !== null && (up.filesWaiting > 0 || (!up.hasServer && unsentEvents > 0)) && <> · {t('stick')}</>}
      {notice !== null && <span className={styles.late}> ! {t('notice')}</span>}
      {refused !== null && (
        <span className={styles.late}>
          {' '}
          ! {t('refused', { file: refused.file })} · {t(`reason_${refused.code}`)}
        </span>
      )}
    </span>
  );
}
