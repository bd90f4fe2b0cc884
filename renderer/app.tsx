// Which screen stands now: a function of the snapshot, and of where the cashier went. A scan brings the till back.

import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { languages } from '../db/model/catalogue.ts';
import { useKeys } from './keyboard.ts';
import { showLanguage, usePage } from './page.tsx';
import { isTaken, NoticeLine, noticeKinds } from './parts/notice-line.tsx';
import { playSound } from './parts/sound.ts';
import { ConnectingScreen, LostBanner } from './screens/connecting.tsx';
import { HelpScreen } from './screens/help.tsx';
import { OpenShiftScreen } from './screens/open-shift.tsx';
import { PrintStrip } from './screens/printing.tsx';
import { RecentScreen } from './screens/recent.tsx';
import { SettingsScreen } from './screens/settings.tsx';
import { SignInScreen } from './screens/sign-in.tsx';
import type { Paper } from './screens/simulated.tsx';
import { StoppedScreen } from './screens/stopped.tsx';
import { type Side, TillScreen } from './screens/till.tsx';
import { type Place, TopBar } from './screens/top-bar.tsx';
import styles from './app.module.css';

/** Strips of simulated paper that are kept to be seen. */
const papersMax = 3;

/** Where the gallery begins; the product begins at the till. */
export interface Beginning {
  readonly place?: Place;
  readonly side?: Side;
  readonly isSimulatedShown?: boolean;
  readonly signIn?: Parameters<typeof SignInScreen>[0]['initial'];
}

export function App({ beginning = {} }: { readonly beginning?: Beginning }) {
  const { known, store, language, setLanguage } = usePage();
  const { i18n } = useTranslation();
  const { snapshot, link } = known;
  const [place, setPlace] = useState<Place>(beginning.place ?? 'till');
  const [isSimulatedShown, setSimulatedShown] = useState(beginning.isSimulatedShown ?? false);
  const [papers, setPapers] = useState<readonly Paper[]>([]);
  const home = (): void => setPlace('till');

  // outside world: the document's language, size and colours
  const settledLanguage = snapshot?.settings.language;
  useEffect(() => {
    if (settledLanguage === undefined) return;
    showLanguage(settledLanguage);
    void i18n.changeLanguage(settledLanguage);
  }, [settledLanguage, i18n]);
  const textPercent = snapshot?.settings.textPercent ?? 100;
  useEffect(() => {
    document.documentElement.style.setProperty('--size-step', String(textPercent / 100));
  }, [textPercent]);
  const theme = snapshot?.settings.theme ?? 'normal';
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);

  // outside world: the simulated printer's paper
  useEffect(() => {
    let id = 0;
    return store.onPaper(({ png }) => setPapers((before) => [{ id: ++id, png }, ...before].slice(0, papersMax)));
  }, [store]);

  // what was scanned is on the till: whatever else the cashier was looking at is over
  const notice = snapshot?.notice ?? null;
  const noticeId = snapshot === null ? undefined : (notice?.id ?? null);
  const [seenNotice, setSeenNotice] = useState(noticeId);
  if (noticeId !== seenNotice) {
    setSeenNotice(noticeId);
    if (seenNotice !== undefined && notice !== null && isTaken(notice.code)) setPlace('till');
  }

  // another person, or none: begins at the till. Derived, not done at the press: until the engine says that nobody works,
  // the till would still ask it for goods
  const operatorId = snapshot?.operator?.id ?? null;
  const [seenOperator, setSeenOperator] = useState(operatorId);
  if (operatorId !== seenOperator) {
    setSeenOperator(operatorId);
    if (seenOperator !== null) setPlace('till');
  }

  // outside world: the loudspeaker
  const heardNotice = useRef(notice?.id ?? null);
  useEffect(() => {
    if (notice === null || notice.id === heardNotice.current) return;
    heardNotice.current = notice.id;
    playSound(noticeKinds[notice.code]);
  }, [notice]);
  const paidId = snapshot?.lastSale?.saleId ?? null;
  const heardSale = useRef(paidId);
  useEffect(() => {
    if (paidId !== null && paidId !== heardSale.current) playSound('done');
    heardSale.current = paidId;
  }, [paidId]);

  useKeys('app', {
    commands: {
      help: () => setPlace(place === 'help' ? 'till' : 'help'),
      settings: () => setPlace(place === 'settings' ? 'till' : 'settings'),
      language: () => setLanguage(languages[(languages.indexOf(language) + 1) % languages.length]!),
      ...(snapshot?.shift && { recent: () => setPlace(place === 'recent' ? 'till' : 'recent') }),
    },
  });

  if (snapshot === null) return <ConnectingScreen isUsed={link === 'not_invited'} />;
  const isSimulated = snapshot.scanner.simulated || snapshot.printer.simulated;
  const isStopped = snapshot.status.kind === 'stopped';
  return (
    <div className={styles.app}>
      {link === 'lost' && <LostBanner />}
      {!isStopped && (
        <>
          <TopBar
            snapshot={snapshot}
            place={place}
            onPlace={setPlace}
            isSimulatedShown={isSimulatedShown}
            onSimulated={isSimulated && snapshot.shift !== null ? () => setSimulatedShown(!isSimulatedShown) : null}
          />
          <div className={styles.notices}>
            <PrintStrip jobs={snapshot.operator === null ? [] : snapshot.printJobs} />
            <NoticeLine place={place} />
          </div>
        </>
      )}
      {screen()}
    </div>
  );

  function screen() {
    if (snapshot === null) return null;
    if (isStopped) return <StoppedScreen snapshot={snapshot} />;
    if (place === 'help') return <HelpScreen onClose={home} />;
    if (place === 'settings') return <SettingsScreen snapshot={snapshot} onClose={home} />;
    if (snapshot.operator === null) return <SignInScreen snapshot={snapshot} {...(beginning.signIn && { initial: beginning.signIn })} />;
    if (snapshot.shift === null) return <OpenShiftScreen />;
    if (place === 'recent') return <RecentScreen revision={snapshot.revision} onClose={home} />;
    return (
      <TillScreen
        snapshot={snapshot}
        isSimulatedShown={isSimulated && isSimulatedShown}
        papers={papers}
        {...(beginning.side && { initialSide: beginning.side })}
      />
    );
  }
}
