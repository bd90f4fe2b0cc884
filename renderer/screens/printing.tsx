// What the printer needs a person for, one paper at a time: a strip that never stands in the way of selling.

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
  const answer = (answer: PrintAnswer) => () => void run((call) => call.answerPrint({ jobId: job.jobId, answer }));
  const isFailed = job.state.kind === 'failed';
  return (
    <aside className={styles.strip}>
      <p className={styles.text}>
        <JobText job={job} /> {jobs.length > 1 && <span>{t('moreJobs', { n: jobs.length - 1 })}</span>}
      </p>
      <div className={styles.buttons}>
        {isFailed ? (
          <Button onPress={answer('give_up')}>{t('giveUp')}</Button>
        ) : (
          <Button onPress={answer('it_printed')}>{t('itPrinted')}</Button>
        )}
        {job.progress === null ? (
          <Button onPress={answer('print_again')}>{t('printAgain')}</Button>
        ) : (
          <>
            <Button size="large" onPress={answer('print_again')}>
              {t('startAgain')}
            </Button>
            {job.progress.rowsDone > 0 && (
              <Button size="large" onPress={answer('continue')}>
                {t('goOn')}
              </Button>
            )}
          </>
        )}
      </div>
    </aside>
  );
}

type PrintAnswer = 'it_printed' | 'print_again' | 'continue' | 'give_up';

/** What happened and what to do; of a long sheet how much of it is on paper. */
function JobText({ job: { number, state, progress } }: { readonly job: PrintJobView }) {
  const { t } = useTranslation('printing');
  const percent = progress === null ? 0 : Math.floor((progress.rowsDone * 100) / progress.rows);
  if (state.kind !== 'failed') return <strong>{percent > 0 ? t('questionLong', { number, percent }) : t('question', { number })}</strong>;
  return (
    <>
      <strong>
        {number} · {t(`failure_${state.cause}.what`)}
      </strong>{' '}
      {progress === null ? t(`failure_${state.cause}.action`) : percent > 0 ? t('brokenOff', { percent }) : t('brokenOffEarly')}
    </>
  );
}
