// What has not gone up to the county, since when, why, and what to do: send it now, or carry it on a stick. The engine sends by itself;
// nobody has to come here, and nothing here keeps anybody from selling.

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import { dayMs } from '../../db/model/time.ts';
import type { ExchangeView, Snapshot, UpFault } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { useNow } from '../parts/use-now.ts';
import { type Level, daysSince } from './upkeep-level.ts';
import { Card } from './upkeep.tsx';
import styles from './upkeep.module.css';

interface UploadProps {
  readonly snapshot: Snapshot;
  readonly onClose: () => void;
}

export function UploadScreen({ snapshot, onClose }: UploadProps) {
  const { t } = useTranslation(['upload', 'common']);
  const { running } = snapshot.exchange.up;
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('upload:title')}</h1>
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      {running !== null && (
        <section className={styles.running} role="status">
          <p>{t(`upload:running_${running}`)}</p>
          <p className={styles.quiet}>{t('upload:runningText')}</p>
        </section>
      )}
      <div className={styles.cards}>
        <Waiting exchange={snapshot.exchange} />
        <Stick key={snapshot.exchange.up.stick?.folder ?? ''} exchange={snapshot.exchange} />
      </div>
    </main>
  );
}

type Told = Pick<ExchangeView, 'oldestUnsentAt' | 'refused' | 'notice' | 'up'>;

/** These end by a person's act; the others may end by themselves. */
const askForAPerson: ReadonlySet<UpFault> = new Set(['not_posted', 'file_missing', 'refused', 'wrong_key', 'county_full', 'disk_full']);
const overdueDays = 7;

/**
 * Amber after a day, red after seven and while an alarm stands or a file waits for a printed notice (U16). Never good beside a fault, nor
 * while the county has never answered, which gives nothing to a till that it does not know.
 */
export function uploadLevel({ oldestUnsentAt, refused, notice, up }: Told, now: number): Level {
  if (up.alarmAt !== null || notice === 'file' || isOverdue({ oldestUnsentAt }, now)) return 'bad';
  const isLate = oldestUnsentAt !== null && now - oldestUnsentAt > dayMs;
  if (isLate || refused !== null || notice === 'committee' || (up.fault !== null && askForAPerson.has(up.fault))) return 'soon';
  const isUnknown = up.lastAnswer === null && oldestUnsentAt !== null;
  return up.fault === null && !isUnknown ? 'good' : 'waits';
}

function isOverdue({ oldestUnsentAt }: Pick<ExchangeView, 'oldestUnsentAt'>, now: number): boolean {
  return oldestUnsentAt !== null && now - oldestUnsentAt > overdueDays * dayMs;
}

/** A stick is what to do where no network carries the files, or it has not for a day. */
function stickLevel(exchange: Told, now: number): Level | null {
  const { up } = exchange;
  if (up.waitingSince === null || up.alarmAt !== null) return null;
  const isStuck = now - up.waitingSince > dayMs && (up.fault === null || !askForAPerson.has(up.fault));
  return !up.hasServer || isStuck ? 'soon' : null;
}

function Waiting({ exchange }: { readonly exchange: ExchangeView }) {
  const { t } = useTranslation(['upload', 'exchange']);
  const { run } = usePage();
  const now = useNow(60_000);
  const { up, unsentEvents, oldestUnsentAt, lastDownAsOf, roaming, refused } = exchange;
  const { fault, lastAnswer } = up;
  const isIdle = up.hasServer && fault === null && up.running === null && up.filesWaiting === 0 && oldestUnsentAt !== null;
  return (
    <Card title={t('waiting')} level={uploadLevel(exchange, now)}>
      {oldestUnsentAt === null ? <p>{t('allThere')}</p> : <p>{t('since', { n: unsentEvents, time: clockText(oldestUnsentAt, now) })}</p>}
      {up.waitingSince !== null && <p>{t('files', { n: up.filesWaiting, time: clockText(up.waitingSince, now) })}</p>}
      <p className={styles.quiet}>
        {lastAnswer === null
          ? t('neverAnswered')
          : t(`answer_${lastAnswer.verdict}`, { n: lastAnswer.fileSeq, time: clockText(lastAnswer.at, now) })}
      </p>
      <p className={styles.quiet}>
        {lastDownAsOf === null ? t('noCountyFile') : t('countyFile', { time: clockText(lastDownAsOf, now) })}
        {roaming !== 'whole' && <> {t(`roaming_${roaming}`)}</>}
      </p>
      {isIdle && <p className={styles.quiet}>{t('byItself')}</p>}
      {refused !== null && (
        <p className={styles.fault}>
          {t('exchange:refused', { file: refused.file })} {t(`exchange:reason_${refused.code}`)}
        </p>
      )}
      {up.alarmAt !== null && (
        <p className={styles.fault} role="alert">
          {t('alarm')}
        </p>
      )}
      {fault !== null && up.alarmAt === null && <p className={styles.fault}>{t(`fault_${fault}`)}</p>}
      {up.alarmAt === null && isOverdue(exchange, now) && (
        <p className={styles.fault} role="alert">
          {t('overdue', { n: daysSince(oldestUnsentAt!, now) })}
        </p>
      )}
      {exchange.notice !== null && (
        <p className={styles.fault} role="alert">
          {t(`notice_${exchange.notice}`)}
        </p>
      )}
      {!up.hasServer && <p>{t('noServer')}</p>}
      {up.hasServer && (
        <div className={styles.acts}>
          <Button kind="main" size="large" disabled={up.running !== null} onPress={() => void run((call) => call.sendUpNow())}>
            {t('sendNow')}
          </Button>
        </div>
      )}
    </Card>
  );
}

type Sticks = readonly { readonly folder: string; readonly name: string }[];
interface Copied {
  readonly files: number;
  readonly answers: number;
  readonly countyFiles: number;
  readonly fault: NonNullable<ExchangeView['up']['fault']> | null;
}

function Stick({ exchange }: { readonly exchange: ExchangeView }) {
  const { up } = exchange;
  const now = useNow(60_000);
  const { t } = useTranslation('upload');
  const { run } = usePage();
  const [sticks, setSticks] = useState<Sticks | null>(null);
  const [copied, setCopied] = useState<Copied | null>(null);
  const find = (): void => void run((call) => call.sticks()).then((found) => setSticks(found ?? []));
  // outside world: what is plugged in
  useEffect(() => {
    void run((call) => call.sticks()).then((found) => setSticks(found ?? []));
  }, [run]);
  const copy = async (folder: string): Promise<void> => {
    setCopied(null);
    const answer = await run((call) => call.copyToStick({ folder }));
    if (answer?.ok === true) setCopied(answer.value);
  };
  // done here: what is left is the way to the county. Of what was on it before none is copied again; what was answered waits no more
  const isOnStick = copied?.fault === null && up.waitingSince !== null;
  return (
    <Card title={t('stick')} level={isOnStick ? 'waits' : stickLevel(exchange, now)}>
      <p>{t('stickText')}</p>
      {sticks?.length === 0 && <p role="alert">{t('stickNone')}</p>}
      <div className={styles.acts}>
        {sticks?.map(({ folder, name }) => (
          <Button
            key={folder}
            kind={folder === up.stick?.folder || !up.hasServer ? 'main' : 'plain'}
            size="large"
            disabled={up.running !== null}
            onPress={() => void copy(folder)}
          >
            {t('copyTo', { name })}
          </Button>
        ))}
        <Button onPress={find}>{t('stickAgain')}</Button>
      </div>
      {copied !== null && copied.fault === null && (
        <p role="status" className={styles.fault}>
          {isOnStick && isNothing(copied)
            ? t('stickHasAll')
            : t('copied', { n: copied.files, answers: copied.answers, files: copied.countyFiles })}{' '}
          {isOnStick && t('carry')}
        </p>
      )}
      {copied !== null && copied.fault !== null && (
        <p role="alert" className={styles.fault}>
          {t(`fault_${copied.fault}`)}
        </p>
      )}
    </Card>
  );
}

/** Neither way: "0 files copied" beside "carry it" would be read as a stick without them. */
function isNothing({ files, answers, countyFiles }: Copied): boolean {
  return files + answers + countyFiles === 0;
}
