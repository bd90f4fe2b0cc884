// How the book is kept, for the owner: the age of the backup and of the check, the room left, the recovery code, and what can be
// done about each. The engine works; this only shows and asks.

import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import type { BackupPlaceView, UpkeepView } from '../../electron/ipc/day-views.ts';
import type { Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { PinPad } from '../parts/pin-pad.tsx';
import { useNow } from '../parts/use-now.ts';
import { type Level, backupDaysMax, backupLevel, checkLevel, daysSince, roomLevel } from './upkeep-level.ts';
import styles from './upkeep.module.css';

type Panel = 'facts' | 'places' | 'code';

const titles = { facts: 'title', places: 'placesTitle', code: 'codeTitle' } as const satisfies { readonly [panel in Panel]: string };

interface UpkeepProps {
  readonly snapshot: Snapshot;
  readonly onClose: () => void;
}

export function UpkeepScreen({ snapshot, onClose }: UpkeepProps) {
  const { t } = useTranslation(['upkeep', 'common']);
  const [panel, setPanel] = useState<Panel>('facts');
  const back = panel === 'facts' ? onClose : () => setPanel('facts');
  useKeys('panel', { commands: { back, pay: () => undefined, undo: () => undefined } });
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t(`upkeep:${titles[panel]}`)}</h1>
        <Button onPress={back}>{t('common:back')}</Button>
      </header>
      {panel === 'facts' && <Facts upkeep={snapshot.upkeep} onPanel={setPanel} />}
      {panel === 'places' && <Places onChosen={() => setPanel('facts')} />}
      {panel === 'code' && <Code snapshot={snapshot} onClose={() => setPanel('facts')} />}
    </main>
  );
}

function Facts({ upkeep, onPanel }: { readonly upkeep: UpkeepView; readonly onPanel: (panel: Panel) => void }) {
  const { t } = useTranslation('upkeep');
  const { run } = usePage();
  const now = useNow(60_000);
  const { running, place, backedUpAt, backupFault, verifiedAt, freeBytes, daysLeft, isCodeKept } = upkeep;
  const gb = gigabytes(freeBytes);
  const room = roomLevel(upkeep);
  return (
    <>
      {running !== null && (
        <section className={styles.running} role="status">
          <p>{t(`running_${running.step}`, { n: running.percent })}</p>
          <progress max={100} value={running.percent} />
          <p className={styles.quiet}>{t('runningText')}</p>
        </section>
      )}
      <div className={styles.cards}>
        <Card title={t('backup')} level={backupLevel(upkeep, now)}>
          <p>
            {backedUpAt === null
              ? t('neverBackedUp')
              : daysSince(backedUpAt, now) >= backupDaysMax
                ? t('backedUpDays', { n: daysSince(backedUpAt, now), time: clockText(backedUpAt, now) })
                : t('backedUp', { time: clockText(backedUpAt, now) })}
          </p>
          {backupFault !== null && <p className={styles.fault}>{t(`fault_${backupFault}`)}</p>}
          {place !== null && <p className={styles.quiet}>{t('place', { folder: place })}</p>}
          <div className={styles.acts}>
            {place !== null && (
              <Button kind="main" disabled={running !== null} onPress={() => void run((call) => call.backUpNow())}>
                {t('backUpNow')}
              </Button>
            )}
            <Button kind={place === null ? 'main' : 'plain'} onPress={() => onPanel('places')}>
              {t('choosePlace')}
            </Button>
          </div>
        </Card>
        <Card title={t('check')} level={checkLevel(upkeep, now)}>
          <p>
            {verifiedAt === null
              ? t('neverChecked')
              : checkLevel(upkeep, now) === 'good'
                ? t('checked', { time: clockText(verifiedAt, now) })
                : t('checkedDays', { n: daysSince(verifiedAt, now), time: clockText(verifiedAt, now) })}
          </p>
          <div className={styles.acts}>
            <Button disabled={running !== null} onPress={() => void run((call) => call.checkNow())}>
              {t('checkNow')}
            </Button>
          </div>
        </Card>
        <Card title={t('room')} level={room}>
          <p>{daysLeft === null ? t('free', { gb }) : t(room === 'good' ? 'freeDays' : 'roomShort', { gb, n: daysLeft })}</p>
        </Card>
        <Card title={t('code')} level={isCodeKept ? 'good' : 'soon'}>
          <p>{t(isCodeKept ? 'codeKept' : 'codeNotKept')}</p>
          <div className={styles.acts}>
            <Button onPress={() => onPanel('code')}>{t('showCode')}</Button>
          </div>
        </Card>
      </div>
    </>
  );
}

/** One fact of the shop, and how well it stands: told by colour, sign and word. Null: there is nothing that could stand well or badly. */
export function Card({ title, level, children }: { readonly title: string; readonly level: Level | null; readonly children: ReactNode }) {
  const { t } = useTranslation('upkeep');
  return (
    <section className={`${styles.card} ${level === null ? '' : styles[level]}`}>
      <h2>{title}</h2>
      {level !== null && (
        <p className={styles.level}>
          <LevelSign level={level} />
          {t(`state_${level}`)}
        </p>
      )}
      {children}
    </section>
  );
}

/** A tick, three dots, a clock, a mark: told by shape as well as by colour and word. */
const signs: { readonly [level in Level]: string } = {
  good: 'M24 3a21 21 0 1 0 0 42 21 21 0 0 0 0-42zM13 25l8 8 15-17',
  waits: 'M24 3a21 21 0 1 0 0 42 21 21 0 0 0 0-42zM13 23h3v3h-3zM22.5 23h3v3h-3zM32 23h3v3h-3z',
  soon: 'M24 3a21 21 0 1 0 0 42 21 21 0 0 0 0-42zM24 12v13l9 6',
  bad: 'M24 4L46 43H2zM24 18v12M24 35v3',
};

function LevelSign({ level }: { readonly level: Level }) {
  return (
    <svg className={styles.sign} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path d={signs[level]} />
    </svg>
  );
}

/** The sticks that are in the machine; a typed folder last, for who knows what they do. */
function Places({ onChosen }: { readonly onChosen: () => void }) {
  const { t } = useTranslation('upkeep');
  const { run } = usePage();
  const [places, setPlaces] = useState<readonly BackupPlaceView[] | null>(null);
  /** Null: nobody asked to type a folder. */
  const [typed, setTyped] = useState<string | null>(null);
  // outside world: what is plugged in
  useEffect(() => {
    void run((call) => call.backupPlaces()).then((found) => setPlaces(found ?? []));
  }, [run]);
  const choose = async (folder: string): Promise<void> => {
    const answer = await run((call) => call.setBackupPlace({ folder }));
    if (answer?.ok === true) onChosen();
  };
  return (
    <div className={styles.places}>
      <p>{t('placesText')}</p>
      {places?.length === 0 && <p role="alert">{t('placesNone')}</p>}
      <ul>
        {places?.map(({ folder, name, freeBytes, isSameDisk }) => (
          <li key={folder}>
            <Button size="large" className={styles.place} onPress={() => void choose(folder)}>
              <strong>{name}</strong>
              <span>{t('placeFree', { gb: gigabytes(freeBytes) })}</span>
              {isSameDisk && <span className={styles.fault}>{t('placeSameDisk')}</span>}
            </Button>
          </li>
        ))}
      </ul>
      <Button onPress={() => void run((call) => call.backupPlaces()).then((found) => setPlaces(found ?? []))}>{t('placesAgain')}</Button>
      {typed === null ? (
        <Button onPress={() => setTyped('')}>{t('placeTyped')}</Button>
      ) : (
        <>
          <label className={styles.typed}>
            {t('placeTyped')}
            <input
              type="text"
              data-typed-in
              ref={(field) => field?.focus()}
              value={typed}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
          <Button disabled={typed.trim() === ''} onPress={() => void choose(typed.trim())}>
            {t('placeUse')}
          </Button>
        </>
      )}
    </div>
  );
}

function Code({ snapshot, onClose }: { readonly snapshot: Snapshot; readonly onClose: () => void }) {
  const { t } = useTranslation('upkeep');
  const { run } = usePage();
  const [code, setCode] = useState<string | null>(null);
  const { operator } = snapshot;
  if (code === null)
    return (
      <div className={styles.pin}>
        <p>{t('codeWhy')}</p>
        <PinPad
          personId={operator?.id ?? null}
          prompt={t('codePin', { name: operator?.name ?? '' })}
          ask={async (_, pin) => {
            const answer = await run((call) => call.recoveryCode({ pin }));
            if (answer?.ok === true) setCode(answer.value.code);
            return answer;
          }}
        />
      </div>
    );
  return (
    <div className={styles.code}>
      <p className={styles.codeText}>{t('codeText')}</p>
      <ol lang="en" aria-label={t('codeTitle')}>
        {code.split('-').map((group, n) => (
          <li key={n}>{group}</li>
        ))}
      </ol>
      <p>{t('codeWhy')}</p>
      <Button
        kind="main"
        size="large"
        onPress={() => {
          void run((call) => call.keepRecoveryCode());
          onClose();
        }}
      >
        {t('codeDone')}
      </Button>
    </div>
  );
}

/** Whole ones, and a tenth below ten. */
function gigabytes(bytes: number): string {
  const tenths = Math.floor(bytes / 1e8);
  return tenths < 100 ? `${Math.floor(tenths / 10)}.${tenths % 10}` : String(Math.floor(tenths / 10));
}
