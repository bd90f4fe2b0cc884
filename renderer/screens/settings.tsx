// What a cashier may set: language, text size, colours, paper, and how large this screen is. Rules and prices are the county's.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fen } from '../../db/model/amounts.ts';
import { yuanText } from '../../db/model/format.ts';
import type { Settings, Snapshot } from '../../electron/ipc/snapshot.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button, TwiceButton } from '../parts/button.tsx';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { cardMm, keepPixelsPerMm, pixelsPerMm, showPixelsPerMm } from '../parts/screen-size.ts';
import { playSound, sounds } from '../parts/sound.ts';
import { ScaleSetup } from './scale-setup.tsx';
import { useDeviceTexts } from './device-text.ts';
import styles from './settings.module.css';

const textSizes = [
  { percent: 100, name: 'textNormal' },
  { percent: 125, name: 'textLarge' },
  { percent: 150, name: 'textLarger' },
] as const satisfies readonly { readonly percent: Settings['textPercent']; readonly name: string }[];

const themes = [
  { theme: 'normal', name: 'themeNormal' },
  { theme: 'sunlight', name: 'themeSunlight' },
] as const satisfies readonly { readonly theme: Settings['theme']; readonly name: string }[];

const papers = [
  { dots: 384, name: 'paper58' },
  { dots: 576, name: 'paper80' },
] as const satisfies readonly { readonly dots: Settings['paperDots']; readonly name: string }[];

/** One touch changes the frame by half a millimetre of card. */
const frameStepMm = 0.5;

export function SettingsScreen({ snapshot, onClose }: { readonly snapshot: Snapshot; readonly onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common', 'scaleSetup', 'weight']);
  const devices = useDeviceTexts();
  const { run } = usePage();
  const [mm, setMm] = useState(() => pixelsPerMm(localStorage));
  const [isScaleShown, setScaleShown] = useState(false);
  const { settings, shop, scheme, printer, scanner, scale } = snapshot;
  /** A simulated scale's model is called simulated, too: said once. */
  const scaleState =
    scale.state !== 'ready'
      ? t(scale.setUp === null ? 'scaleSetup:none' : `weight:scale_${scale.state}`)
      : scale.simulated
        ? null
        : (scale.setUp?.model ?? null);
  useKeys('panel', { commands: { back: onClose, pay: () => undefined, undo: () => undefined } });
  const resize = (steps: number): void => {
    const next = keepPixelsPerMm(localStorage, mm * (1 + (steps * frameStepMm) / cardMm));
    showPixelsPerMm(document, next);
    setMm(next);
  };
  if (isScaleShown) return <ScaleSetup onClose={() => setScaleShown(false)} />;
  return (
    <main className={styles.screen}>
      <header>
        <h1>{t('settings:title')}</h1>
        {scale.address !== '' && snapshot.operator?.role === 'owner' && (
          <span data-part="scale">
            <Button onPress={() => setScaleShown(true)}>{t('scaleSetup:open')}</Button>
          </span>
        )}
        {snapshot.operator !== null && (
          // who leaves is shown the names by the app: a till shown now would ask for goods without right
          <TwiceButton onPress={() => void run((call) => call.signOut())}>
            {t('settings:signOut')} · {snapshot.operator.name}
          </TwiceButton>
        )}
        <Button onPress={onClose}>{t('common:back')}</Button>
      </header>
      <section>
        <h2>{t('settings:language')}</h2>
        <LanguageSwitch />
      </section>
      <section>
        <h2>{t('settings:textSize')}</h2>
        <div className={styles.choices}>
          {textSizes.map(({ percent, name }) => (
            <Button
              key={percent}
              chosen={settings.textPercent === percent}
              onPress={() => void run((call) => call.setSettings({ textPercent: percent }))}
            >
              {t(`settings:${name}`)}
            </Button>
          ))}
        </div>
      </section>
      <section>
        <h2>{t('settings:theme')}</h2>
        <div className={styles.choices}>
          {themes.map(({ theme, name }) => (
            <Button key={theme} chosen={settings.theme === theme} onPress={() => void run((call) => call.setSettings({ theme }))}>
              {t(`settings:${name}`)}
            </Button>
          ))}
        </div>
      </section>
      <section>
        <h2>{t('settings:paper')}</h2>
        <div className={styles.choices}>
          {papers.map(({ dots, name }) => (
            <Button
              key={dots}
              chosen={settings.paperDots === dots}
              onPress={() => void run((call) => call.setSettings({ paperDots: dots }))}
            >
              {t(`settings:${name}`)}
            </Button>
          ))}
        </div>
      </section>
      <section>
        <h2>{t('settings:sounds')}</h2>
        <div className={styles.choices}>
          {sounds.map((sound) => (
            <Button key={sound} onPress={() => playSound(sound)}>
              {t(`settings:sound_${sound}`)}
            </Button>
          ))}
        </div>
      </section>
      <section>
        <h2>{t('settings:screen')}</h2>
        <p>{t('settings:screenText')}</p>
        <div className={styles.measure}>
          <Button onPress={() => resize(-1)}>{t('settings:smaller')} −</Button>
          <Button onPress={() => resize(1)}>{t('settings:larger')} +</Button>
        </div>
        <div className={styles.card} aria-hidden="true" />
      </section>
      <section className={styles.wide}>
        <h2>{t('settings:about')}</h2>
        <dl className={styles.facts}>
          {shop !== null && (
            <>
              <dt>{t('settings:shop')}</dt>
              <dd>
                <LocalName zh={shop.countyZh} bo={shop.countyBo} /> · <LocalName zh={shop.zh} bo={shop.bo} />
              </dd>
              <dt>{t('settings:kiosk')}</dt>
              <dd lang="zh-Hans">{shop.kiosk}</dd>
            </>
          )}
          {scheme !== null && (
            <>
              <dt>{t('settings:scheme')}</dt>
              <dd>
                <LocalName zh={scheme.zh} bo={scheme.bo} /> ·{' '}
                {scheme.pointValueFen === null
                  ? t('settings:pointsOnly')
                  : t('settings:pointValue', { yuan: yuanText(fen(scheme.pointValueFen)) })}
              </dd>
            </>
          )}
          <dt>{t('settings:printer')}</dt>
          <dd>
            {devices.printer(printer.state)} · {printer.simulated ? t('common:simulated') : <span lang="en">{printer.address}</span>}
          </dd>
          <dt>{t('settings:scanner')}</dt>
          <dd>
            {devices.scanner(scanner.state)} · {scanner.simulated ? t('common:simulated') : <span lang="en">{scanner.address}</span>}
          </dd>
          {scale.address !== '' && (
            <>
              <dt>{t('settings:scale')}</dt>
              <dd>
                {scaleState !== null && <>{scaleState} · </>}
                {scale.simulated ? t('common:simulated') : <span lang="en">{scale.address}</span>}
              </dd>
            </>
          )}
          <dt>{t('settings:software')}</dt>
          <dd lang="en">{snapshot.software}</dd>
        </dl>
      </section>
    </main>
  );
}
