// Commissioning the scale, step by step: what it speaks, whether it reads right, its plate, the empty pan, the known weight.
// Decides nothing: the engine reads the scale, and believes it only after both weights.

import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dateText, kilogramsText } from '../../db/model/format.ts';
import { verificationOf } from '../../db/model/scale-check.ts';
import { businessDate, dayMs } from '../../db/model/time.ts';
import type { ScaleFamilyView, ScaleTrialDoing, ScaleTrialView, ScaleUnit, ScaleView } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { KnownWeight, useKnownWeight } from '../parts/known-weight.tsx';
import { asOneAct } from '../parts/one-act.ts';
import { ScalePicture } from '../parts/scale-picture.tsx';
import { useNow } from '../parts/use-now.ts';
import { WeightFigure } from '../parts/weight.tsx';
import { PlateStep, type Plate, dateOf, emptyPlate, isPlateWhole } from './scale-plate.tsx';
import { SimulatedScale } from './simulated-scale.tsx';
import { type Manner, useScaleTrial } from './scale-trial.ts';
import styles from './scale-setup.module.css';

const steps = ['choose', 'try', 'plate', 'empty', 'known', 'done'] as const;
type Step = (typeof steps)[number];

const units: readonly ScaleUnit[] = ['kg', 'jin', 'g', 'lb', 't'];

/** Lines that scales have (hardware.md A.1). */
const lines = [
  { baudRate: 9_600, frame: '8N1' },
  { baudRate: 9_600, frame: '7E1' },
  { baudRate: 4_800, frame: '8N1' },
  { baudRate: 4_800, frame: '7E1' },
  { baudRate: 2_400, frame: '7E1' },
  { baudRate: 1_200, frame: '8N1' },
] as const satisfies readonly NonNullable<Manner['line']>[];

/** 5 kg: a bag of rice. */
const firstKnownGrams = 5_000;

/** What the last reading was refused for, with its figure. */
type Misread = { readonly kind: 'not_zero' | 'known_wrong'; readonly readGrams: number; readonly knownGrams: number };

export function ScaleSetup({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('scaleSetup');
  const { run, known: page } = usePage();
  const families = useFamilies();
  const trial = useScaleTrial();
  const [step, setStep] = useState<Step>('choose');
  const [manner, setManner] = useState<Manner | null>(null);
  const [plate, setPlate] = useState<Plate>(emptyPlate);
  const [isReading, setReading] = useState(false);
  const [misread, setMisread] = useState<Misread | null>(null);
  const known = useKnownWeight(firstKnownGrams);
  const scale = page.snapshot?.scale ?? null;
  const doing = trial.view?.doing ?? null;
  const isOver = doing?.kind === 'over' && step !== 'done';
  const today = businessDate(useNow(dayMs));

  const tryOut = (next: Manner): void => {
    setManner(next);
    setStep('try');
    void trial.tryOut(next);
  };
  const chooseFamily = (family: ScaleFamilyView, line: Manner['line'] = null): void => {
    if (plate.model === '') setPlate({ ...plate, model: family.models[0] ?? '' });
    tryOut({ family: family.family as Manner['family'], unit: family.unit === 'frame' ? 'kg' : family.unit, line }); // the engine's list
  };
  const best = doing?.kind === 'heard' ? families.find(({ family }) => family === doing.candidates[0]?.family) : undefined;
  const seeEmpty = async (trialId: string): Promise<void> => {
    setReading(true);
    setMisread(null);
    const answer = await run((call) => call.readEmptyPan({ trialId }));
    setReading(false);
    if (answer?.ok === true) setStep('known');
    else if (answer?.code === 'not_zero') setMisread({ kind: 'not_zero', readGrams: answer.readGrams, knownGrams: 0 });
  };
  const set = async (trialId: string, knownGrams: number): Promise<void> => {
    setReading(true);
    setMisread(null);
    const asked = { trialId, model: plate.model, serialNumber: plate.serialNumber, verifiedOn: dateOf(plate.verifiedOn) ?? '', knownGrams };
    const answer = await asOneAct(`set the scale ${JSON.stringify(asked)}`, (actId) => run((call) => call.setScale({ actId, ...asked })));
    setReading(false);
    if (answer?.ok === true) {
      setStep('done');
      trial.end();
    } else if (answer?.code === 'known_wrong') setMisread({ kind: 'known_wrong', readGrams: answer.readGrams, knownGrams });
    else if (answer?.code === 'empty_first') setStep('empty');
    else if (answer?.code === 'verified_in_future') setStep('plate');
  };
  const beginAnew = (): void => {
    setStep('choose');
    setMisread(null);
    trial.end();
  };
  const isReady = doing?.kind === 'trying' && doing.state === 'ready';
  const { trialId } = trial;

  /** What the main key does now; null: it waits for something. */
  const mainAct = (): (() => void) | null => {
    if (isReading) return null;
    if (isOver) return beginAnew;
    switch (step) {
      case 'choose':
        if (doing?.kind === 'listening' || doing?.kind === 'opening') return null;
        return best === undefined ? () => void trial.listen() : () => chooseFamily(best, doing?.kind === 'heard' ? doing.line : null);
      case 'try':
        return isReady ? () => setStep('plate') : null;
      case 'plate':
        return isPlateWhole(plate, today) ? () => setStep('empty') : null;
      case 'empty':
        return trialId === null ? null : () => void seeEmpty(trialId);
      case 'known': {
        const { grams } = known;
        return trialId === null || grams === null ? null : () => void set(trialId, grams);
      }
      case 'done':
        return onClose;
      default:
        return step satisfies never;
    }
  };
  const act = mainAct();
  useKeys('panel', { commands: { pay: () => act?.(), back: onClose, undo: () => undefined, quantity: () => undefined } });
  if (scale === null) return null;
  const mainButton = (
    <Button kind="main" size="large" disabled={act === null} onPress={() => act?.()}>
      {isReading ? t('working') : mainText()}
    </Button>
  );
  return (
    <main className={styles.screen} data-part="scale-setup">
      <header>
        <h1>{t('title')}</h1>
        <Button onPress={onClose}>{t('back', { ns: 'common' })}</Button>
      </header>
      <ol className={styles.steps}>
        {steps.map((each) => (
          <li key={each} aria-current={each === step ? 'step' : undefined} className={each === step ? styles.current : ''}>
            {t(`step_${each}`)}
          </li>
        ))}
      </ol>
      <section className={styles.step}>
        {isOver && <Warning text={t('over')} />}
        {misread !== null && <Warning text={misreadText(misread)} />}
        {step === 'choose' && (
          <ChooseStep scale={scale} today={today} doing={doing} families={families} onChoose={chooseFamily}>
            {mainButton}
          </ChooseStep>
        )}
        {step === 'try' && manner !== null && (
          <TryStep scale={scale} families={families} manner={manner} onManner={tryOut} onOther={beginAnew} />
        )}
        {step === 'plate' && <PlateStep plate={plate} today={today} onPlate={setPlate} models={modelsOf(families, manner)} />}
        {step === 'empty' && (
          <p className={styles.todo}>
            <ScalePicture load="empty" /> {t('emptyText')}
          </p>
        )}
        {step === 'known' && (
          <>
            <p className={styles.todo}>
              <ScalePicture load="known" /> {t('knownText')}
            </p>
            <KnownWeight known={known} disabled={isReading}>
              {mainButton}
            </KnownWeight>
          </>
        )}
        {step === 'done' && <p className={styles.done}>{t('done')}</p>}
        {step !== 'choose' && step !== 'known' && mainButton}
      </section>
      {step !== 'done' && (
        <div className={styles.says}>
          <Heard view={trial.view} />
          {scale.simulated && <SimulatedScale scale={scale} />}
        </div>
      )}
    </main>
  );

  function misreadText({ kind, readGrams, knownGrams }: Misread): string {
    return kind === 'not_zero'
      ? t('notZero', { n: kilogramsText(readGrams) })
      : t('knownWrong', { read: kilogramsText(readGrams), n: Math.abs(readGrams - knownGrams) });
  }

  function mainText(): string {
    if (isOver) return t('step_choose');
    switch (step) {
      case 'choose':
        return best === undefined ? t('listen') : t('step_try');
      case 'try':
        return t('next');
      case 'plate':
        return t('plateNext');
      case 'empty':
        return t('emptyDone');
      case 'known':
        return t('knownDone');
      case 'done':
        return t('finish');
      default:
        return step satisfies never;
    }
  }
}

function modelsOf(families: readonly ScaleFamilyView[], manner: Manner | null): readonly string[] {
  return families.find(({ family }) => family === manner?.family)?.models ?? [];
}

function useFamilies(): readonly ScaleFamilyView[] {
  const { run } = usePage();
  const [families, setFamilies] = useState<readonly ScaleFamilyView[]>([]);
  // outside world: the engine's list
  useEffect(() => {
    void run((call) => call.scaleFamilies()).then((found) => setFamilies(found ?? []));
  }, [run]);
  return families;
}

function Warning({ text }: { readonly text: string }) {
  return (
    <p className={styles.warning} role="alert">
      {text}
    </p>
  );
}

interface ChooseStepProps {
  readonly scale: ScaleView;
  readonly today: string;
  readonly doing: ScaleTrialDoing | null;
  readonly families: readonly ScaleFamilyView[];
  readonly onChoose: (family: ScaleFamilyView, line?: Manner['line']) => void;
  /** The key that listens, or takes the best guess. */
  readonly children: ReactNode;
}

function ChooseStep({ scale, today, doing, families, onChoose, children }: ChooseStepProps) {
  const { t } = useTranslation('scaleSetup');
  const candidates = doing?.kind === 'heard' ? doing.candidates : [];
  const isListening = doing?.kind === 'listening';
  const rank = (family: string): number => {
    const at = candidates.findIndex((each) => each.family === family);
    return at === -1 ? candidates.length : at;
  };
  return (
    <>
      <Facts scale={scale} today={today} />
      <div className={styles.heard} role="status">
        {isListening ? (
          <>
            <p>{t('listening', { step: doing.step, steps: doing.steps })}</p>
            <progress className={styles.progress} max={doing.steps} value={doing.step - 1} aria-label={t('listen')} />
            <p className={styles.soft}>
              {doing.line !== null && <span lang="en">{t('line', { ...doing.line })} </span>}
              {doing.question !== null && t('asking', { question: doing.question })}
            </p>
          </>
        ) : (
          <HeardText doing={doing} />
        )}
      </div>
      {children}
      <p className={styles.soft}>{t('chooseText')}</p>
      <ul className={styles.families}>
        {families
          .toSorted((one, other) => rank(one.family) - rank(other.family))
          .map((family) => {
            const found = candidates.find((each) => each.family === family.family);
            return (
              <li key={family.family}>
                <Button
                  chosen={found !== undefined}
                  disabled={isListening}
                  className={styles.family}
                  onPress={() => onChoose(family, found !== undefined && doing?.kind === 'heard' ? doing.line : null)}
                >
                  <span lang="zh-Hans">{family.models.join('、')}</span>
                  <small lang="en">
                    {family.family}
                    {found !== undefined && found.grams !== null && ` · ${t('grams', { n: kilogramsText(found.grams) })}`}
                  </small>
                </Button>
              </li>
            );
          })}
      </ul>
    </>
  );
}

function HeardText({ doing }: { readonly doing: ScaleTrialDoing | null }) {
  const { t } = useTranslation('scaleSetup');
  if (doing?.kind === 'unheard') return <Warning text={t(`unheard_${doing.code}`)} />;
  if (doing?.kind !== 'heard') return <p>{t('listenText')}</p>;
  const { candidates, hasBytes, suggests7E1 } = doing;
  if (candidates.length > 0) return <strong>{t(candidates.length === 1 ? 'heardOne' : 'heardMany')}</strong>;
  return (
    <>
      <Warning text={t(hasBytes ? 'heardNone' : 'heardNothing')} />
      {suggests7E1 && <Warning text={t('parity')} />}
    </>
  );
}

function Facts({ scale, today }: { readonly scale: ScaleView; readonly today: string }) {
  const { t } = useTranslation(['scaleSetup', 'refused']);
  const { language } = usePage();
  const { setUp, setUpElsewhere, address, isForbidden } = scale;
  if (address === '') return <Warning text={t('noScale')} />;
  if (isForbidden) return <Warning text={`${t('refused:scale_simulated.what')} ${t('refused:scale_simulated.action')}`} />;
  return (
    <dl className={styles.facts}>
      <dt>{t('address')}</dt>
      <dd lang="en">{address}</dd>
      <dt>{t('now')}</dt>
      <dd>
        {setUp !== null ? (
          <span lang="zh-Hans">
            {setUp.model} · {setUp.serialNumber}
          </span>
        ) : setUpElsewhere !== null ? (
          t('elsewhere', { address: setUpElsewhere })
        ) : (
          t('none')
        )}
      </dd>
      {setUp !== null && verificationOf(setUp.verifiedOn, today) === 'overdue' && (
        <dd className={styles.overdue}>{t('overdue', { date: dateText(setUp.verifiedOn, language) })}</dd>
      )}
    </dl>
  );
}

interface TryStepProps {
  readonly scale: ScaleView;
  readonly families: readonly ScaleFamilyView[];
  readonly manner: Manner;
  readonly onManner: (manner: Manner) => void;
  readonly onOther: () => void;
}

function TryStep({ scale, families, manner, onManner, onOther }: TryStepProps) {
  const { t } = useTranslation('scaleSetup');
  const family = families.find((each) => each.family === manner.family);
  const { line } = manner;
  return (
    <>
      <p className={styles.todo}>
        <ScalePicture load="bag" /> {t('tryText')}
      </p>
      <p>
        <strong lang="zh-Hans">{family?.models.join('、')}</strong> <Button onPress={onOther}>{t('other')}</Button>
      </p>
      {family !== undefined && family.unit !== 'frame' && (
        <div>
          <h2>{t('unit')}</h2>
          <div className={styles.choices}>
            {units.map((unit) => (
              <Button key={unit} chosen={unit === manner.unit} onPress={() => onManner({ ...manner, unit })}>
                {t(`unit_${unit}`)}
              </Button>
            ))}
          </div>
        </div>
      )}
      {scale.address.startsWith('serial:') && (
        <div>
          <h2>{t('lineTitle')}</h2>
          <div className={styles.choices}>
            <Button chosen={line === null} onPress={() => onManner({ ...manner, line: null })}>
              {t('lineUsual')}
            </Button>
            {lines.map((each) => (
              <Button
                key={`${each.baudRate} ${each.frame}`}
                chosen={each.baudRate === line?.baudRate && each.frame === line.frame}
                onPress={() => onManner({ ...manner, line: each })}
              >
                <span lang="en" className="number">
                  {each.baudRate} {each.frame}
                </span>
              </Button>
            ))}
          </div>
        </div>
      )}
    </>
  );
}

/** What the scale on trial says: its weight, and its bytes as they came. */
function Heard({ view }: { readonly view: ScaleTrialView | null }) {
  const { t } = useTranslation('scaleSetup');
  const doing = view?.doing;
  const rows = view?.rows ?? [];
  const rejected = doing?.kind === 'trying' ? Object.values(doing.rejects).reduce((sum, count) => sum + count, 0) : 0;
  return (
    <section className={styles.says}>
      {doing?.kind === 'trying' && (
        <>
          <WeightFigure state={doing.state} weight={doing.weight} />
          {doing.suggests7E1 && <Warning text={t('parity')} />}
        </>
      )}
      <h2>{t('raw')}</h2>
      {rejected > 0 && <p className={styles.soft}>{t('rejected', { n: rejected })}</p>}
      {rows.length === 0 ? (
        <p className={styles.soft}>{t('rawNone')}</p>
      ) : (
        <table className={styles.rows} lang="en">
          <tbody>
            {rows.map(({ hex, text }, i) => (
              // a row has no name of its own: its place on the screen is what it is
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={i}>
                <td>{hex}</td>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
