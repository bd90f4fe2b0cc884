// The bar over every screen: where and who, what was exchanged with the county, devices that need a look, the ways to
// other screens. Quiet: nothing of it ever blocks selling (U16).

import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import { dayMs } from '../../db/model/time.ts';
import type { ExchangeView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { Button } from '../parts/button.tsx';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { useNow } from '../parts/use-now.ts';
import { useDeviceTexts } from './device-text.ts';
import styles from './top-bar.module.css';

const ways = ['recent', 'settings', 'help'] as const;
export type Place = 'till' | (typeof ways)[number];

interface TopBarProps {
  readonly snapshot: Snapshot;
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
  readonly isSimulatedShown: boolean;
  readonly onSimulated: (() => void) | null;
}

export function TopBar({ snapshot, place, onPlace, isSimulatedShown, onSimulated }: TopBarProps) {
  const { t } = useTranslation(['till', 'simulated', 'settings', 'common']);
  const devices = useDeviceTexts();
  const { shop, operator, shift, printer, scanner } = snapshot;
  const isPrinterFine = printer.state === 'ready';
  const isScannerFine = scanner.state === 'ready';
  return (
    <header className={styles.bar}>
      <div className={styles.facts}>
        <p className={styles.where}>
          {shop !== null && (
            <strong>
              <LocalName zh={shop.zh} bo={shop.bo} />
            </strong>
          )}{' '}
          {operator !== null && <span>{operator.name}</span>} {shift !== null && <span className="number">{shift.businessDate}</span>}
        </p>
        <p className={styles.states}>
          <Exchange exchange={snapshot.exchange} />
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
        {ways
          .filter((way) => way !== 'recent' || shift !== null)
          .map((way) => (
            <Button key={way} chosen={place === way} onPress={() => onPlace(place === way ? 'till' : way)}>
              {t(`till:${way}`)}
            </Button>
          ))}
        <LanguageSwitch />
      </nav>
    </header>
  );
}

/** Amber after a day, red after seven (U16). */
const lateMs = dayMs;
const veryLateMs = 7 * dayMs;

/** How the exchange stands, by the age of the oldest thing that still waits: the county's last file, or our first unsent event. */
export function exchangeLateness(exchange: ExchangeView, now: number): 'fresh' | 'late' | 'veryLate' | 'never' {
  if (exchange.lastDownAsOf === null) return 'never';
  const oldest = Math.min(exchange.lastDownAsOf, exchange.oldestUnsentAt ?? Number.POSITIVE_INFINITY);
  const age = now - oldest;
  return age > veryLateMs ? 'veryLate' : age > lateMs ? 'late' : 'fresh';
}

/** Facts, never a guess whether there is a network (lessons.md 57). */
function Exchange({ exchange }: { readonly exchange: ExchangeView }) {
  const { t } = useTranslation('exchange');
  const now = useNow(30_000);
  const { lastDownAsOf, unsentEvents, applyingPercent, refused } = exchange;
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
      {refused !== null && (
        <span className={styles.late}>
          {' '}
          ! {t('refused', { file: refused.file })} · {t(`reason_${refused.code}`)}
        </span>
      )}
    </span>
  );
}
