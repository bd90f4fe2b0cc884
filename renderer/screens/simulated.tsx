// The simulated scanner and printer, for the demo and for training: touch a card or goods to scan them, break the printer,
// see its paper. Shown only where devices are simulated.

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contract } from '../../electron/ipc/contract.ts';
import type { SimulatedThings, Snapshot } from '../../electron/ipc/snapshot.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { SimulatedScale } from './simulated-scale.tsx';
import styles from './simulated.module.css';

/** One strip of the simulated printer's paper. */
export interface Paper {
  readonly id: number;
  readonly png: string;
}

export type PrinterFault = Contract['simulatePrinter']['args']['fault'];

/** In the order of a lesson: mended, the usual troubles, the rare ones. */
export const printerFaults = [
  'none',
  'paper_out',
  'near_end',
  'cover_open',
  'offline',
  'silent',
  'cut_off',
  'slow',
  'one_client',
] as const satisfies readonly PrinterFault[];

export function SimulatedPanel({ snapshot, papers }: { readonly snapshot: Snapshot; readonly papers: readonly Paper[] }) {
  const { t } = useTranslation('simulated');
  const { run } = usePage();
  const [things, setThings] = useState<SimulatedThings | null>(null);
  // outside world: what the home brings for the demo
  useEffect(() => {
    void run((call) => call.simulatedThings()).then(setThings);
  }, [run]);
  const { scale, scanner, printer, place } = snapshot;
  const scanned = (
    <>
      {scanner.simulated && things !== null && <Things things={things} hasGoods={place === 'till'} />}
      {printer.simulated && papers.length > 0 && <Papers papers={papers} />}
    </>
  );
  const isWeighing = scale.simulated && place === 'desk';
  return (
    <div className={`${styles.panel} ${isWeighing ? styles.weighing : ''}`}>
      <h2>{t('title')}</h2>
      <p>{t('text')}</p>
      {isWeighing ? <SimulatedScale scale={scale}>{scanned}</SimulatedScale> : scanned}
      {scale.simulated && !isWeighing && <SimulatedScale scale={scale} />}
      {printer.simulated && (
        <>
          <h3>{t('printer')}</h3>
          <div className={styles.choices}>
            {printerFaults.map((fault) => (
              <Button key={fault} onPress={() => void run((call) => call.simulatePrinter({ fault }))}>
                {t(`fault_${fault}`)}
              </Button>
            ))}
          </div>
        </>
      )}
    </div>
  );
}

function Papers({ papers }: { readonly papers: readonly Paper[] }) {
  const { t } = useTranslation('simulated');
  return (
    <>
      <h3>{t('paper')}</h3>
      <div className={styles.papers}>
        {papers.map((paper) => (
          <img key={paper.id} className={styles.paper} src={`data:image/png;base64,${paper.png}`} alt={t('paper')} />
        ))}
      </div>
    </>
  );
}

/** What can be held under the scanner. Goods mean nothing at the desk. */
function Things({ things, hasGoods }: { readonly things: SimulatedThings; readonly hasGoods: boolean }) {
  const { t } = useTranslation('simulated');
  const { run, language } = usePage();
  const scan = (text: string): void => void run((call) => call.simulateScan({ text }));
  if (things.cards.length + things.goods.length === 0) return <p>{t('nothing')}</p>;
  return (
    <>
      <h3>{t('cards')}</h3>
      <div className={styles.choices}>
        {things.cards.map((card) => (
          <Button key={card.text} className={styles.card} onPress={() => scan(card.text)}>
            {card[language]}
          </Button>
        ))}
        <Button onPress={() => scan('')}>{t('garbage')}</Button>
      </div>
      {hasGoods && (
        <>
          <h3>{t('goods')}</h3>
          <div className={styles.choices}>
            {things.goods.map((goods) => (
              <Button key={goods.text} onPress={() => scan(goods.text)}>
                {language === 'en' ? goods.en : <LocalName zh={goods.zh} bo={goods.bo} />}
              </Button>
            ))}
          </div>
        </>
      )}
    </>
  );
}
