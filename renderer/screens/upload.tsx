// What has not gone up to the county, since when, why, and what to do: send it now, or carry it on a stick. The engine sends by itself;
// nobody has to come here, and nothing here keeps anybody from selling.

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../db/model/format.ts';
import { dayMs } from '../../db/model/time.ts';
import type { ExchangeView, Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { useNow } from '../parts/use-now.ts';
import type { Level } from './upkeep-level.ts';
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

/** Amber after a day, red after seven and while an alarm stands or a file waits for a printed notice (U16). Never good beside a fault. */
export function uploadLevel({ oldestUnsentAt, notice, up }: Pick<ExchangeView, 'oldestUnsentAt' | 'notice' | 'up'>, now: number): Level {
  if (up.alarmAt !== null || notice === 'file') return 'bad';
  const ageMs = oldestUnsentAt === null ? 0 : now - oldestUnsentAt;
  if (ageMs > 7 * dayMs) return 'bad';
  if (ageMs > dayMs || notice === 'committee' || up.fault === 'not_posted' || up.fault === 'file_missing') return 'soon';
  return up.fault === null ? 'good' : 'waits';
}

function Waiting({ exchange }: { readonly exchange: ExchangeView }) {
  const { t } = useTranslation('upload');
  const { run } = usePage();
  const now = useNow(60_000);
  const { up, unsentEvents, oldestUnsentAt } = exchange;
  const { fault, lastAnswer } = up;
  return (
    <Card title={t('waiting')} level={uploadLevel(exchange, now)}>
      {oldestUnsentAt === null ? <p>{t('allThere')}</p> : <p>{t('since', { n: unsentEvents, time: clockText(oldestUnsentAt, now) })}</p>}
      {up.waitingSince !== null && <p>{t('files', { n: up.filesWaiting, time: clockText(up.waitingSince, now) })}</p>}
      {lastAnswer !== null && (
        <p className={styles.quiet}>{t(`answer_${lastAnswer.verdict}`, { n: lastAnswer.fileSeq, time: clockText(lastAnswer.at, now) })}</p>
      )}
      {up.alarmAt !== null && (
        <p className={styles.fault} role="alert">
          {t('alarm')}
        </p>
      )}
      {fault !== null && up.alarmAt === null && <p className={styles.fault}>{t(`fault_${fault}`)}</p>}
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

function Stick({ exchange: { up } }: { readonly exchange: ExchangeView }) {
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
  return (
    <Card title={t('stick')} level={up.hasServer || up.waitingSince === null ? 'good' : 'soon'}>
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
          {t('copied', { n: copied.files, answers: copied.answers, files: copied.countyFiles })}
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
