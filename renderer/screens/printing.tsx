// What the printer needs a person for, one receipt at a time: a strip that never stands in the way of selling.

import { useTranslation } from 'react-i18next';
import type { PrinterView, PrintJobView } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import styles from './printing.module.css';

/** Whether the printer needs mending first: what is sent to it now waits or fails. */
export function isDown({ state }: PrinterView): boolean {
  return state !== 'ready' && state !== 'near_end' && state !== 'connecting';
}

/** Asks about the oldest job. Nothing is printed again unless somebody says so here (lessons.md 37–40). */
export function PrintStrip({ jobs }: { readonly jobs: readonly PrintJobView[] }) {
  const { t } = useTranslation('printing');
  const { run } = usePage();
  const job = jobs[0];
  if (job === undefined) return null;
  const answer = (answer: 'it_printed' | 'print_again' | 'give_up') => () =>
    void run((call) => call.answerPrint({ jobId: job.jobId, answer }));
  return (
    <aside className={styles.strip}>
      <p className={styles.text}>
        {job.state.kind === 'failed' ? (
          <>
            <strong>
              {job.number} · {t(`failure_${job.state.cause}.what`)}
            </strong>{' '}
            {t(`failure_${job.state.cause}.action`)}
          </>
        ) : (
          <strong>{t('question', { number: job.number })}</strong>
        )}{' '}
        {jobs.length > 1 && <span>{t('moreJobs', { n: jobs.length - 1 })}</span>}
      </p>
      <div className={styles.buttons}>
        {job.state.kind === 'failed' ? (
          <Button onPress={answer('give_up')}>{t('giveUp')}</Button>
        ) : (
          <Button onPress={answer('it_printed')}>{t('itPrinted')}</Button>
        )}
        <Button onPress={answer('print_again')}>{t('printAgain')}</Button>
      </div>
    </aside>
  );
}
