// Which screen stands now: a function of the snapshot, and of where the operator looks. A scan brings the work back.

import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { languages } from '../db/model/catalogue.ts';
import type { Snapshot } from '../electron/ipc/snapshot.ts';
import { useKeys } from './keyboard.ts';
import { showLanguage, usePage } from './page.tsx';
import { isTaken, NoticeLine, noticeKinds } from './parts/notice-line.tsx';
import { playSound } from './parts/sound.ts';
import { CollectedScreen } from './screens/collected.tsx';
import { ConnectingScreen, LostBanner } from './screens/connecting.tsx';
import { DeskScreen } from './screens/desk.tsx';
import { HelpScreen } from './screens/help.tsx';
import { IdleWarning } from './screens/idle-warning.tsx';
import { isOfficeView } from './screens/office-view.ts';
import { OfficeScreen } from './screens/office.tsx';
import { OpenShiftScreen } from './screens/open-shift.tsx';
import { PrintStrip } from './screens/printing.tsx';
import { firstPastView, isPastView, PastSwitch } from './screens/past-switch.tsx';
import { RecentCredits } from './screens/recent-credits.tsx';
import { RecentSales } from './screens/recent.tsx';
import { ShiftOfAnother } from './screens/shift-of-another.tsx';
import { SettingsScreen } from './screens/settings.tsx';
import { SignInScreen } from './screens/sign-in.tsx';
import { type Paper, SimulatedPanel } from './screens/simulated.tsx';
import { StoppedScreen } from './screens/stopped.tsx';
import { type Side, TillScreen } from './screens/till.tsx';
import { TopBar, type View } from './screens/top-bar.tsx';
import styles from './app.module.css';

/** Strips of simulated paper that are kept to be seen. */
const papersMax = 3;

const pastScreens = { recent: RecentSales, credits: RecentCredits, collected: CollectedScreen } as const;

/** Where the gallery begins; the product begins at the till. */
export interface Beginning {
  readonly view?: View;
  readonly side?: Side;
  readonly isSimulatedShown?: boolean;
  readonly signIn?: Parameters<typeof SignInScreen>[0]['initial'];
}

export function App({ beginning = {} }: { readonly beginning?: Beginning }) {
  const { known, store, run, language, setLanguage } = usePage();
  const { i18n } = useTranslation();
  const { snapshot, link } = known;
  const [view, setView] = useState<View>(beginning.view ?? 'work');
  const [isSimulatedShown, setSimulatedShown] = useState(beginning.isSimulatedShown ?? false);
  const [papers, setPapers] = useState<readonly Paper[]>([]);
  const home = (): void => setView('work');

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

  // what was scanned is at the till or the desk: whatever else the cashier was looking at is over
  const notice = snapshot?.notice ?? null;
  const noticeId = snapshot === null ? undefined : (notice?.id ?? null);
  const [seenNotice, setSeenNotice] = useState(noticeId);
  if (noticeId !== seenNotice) {
    setSeenNotice(noticeId);
    if (seenNotice !== undefined && notice !== null && isTaken(notice.code)) home();
  }

  // another person, or none: begins at the work. Derived, not done at the press: until the engine says that nobody works,
  // the screens would still ask it for sales and goods
  const operatorId = snapshot?.operator?.id ?? null;
  const [seenOperator, setSeenOperator] = useState(operatorId);
  if (operatorId !== seenOperator) {
    setSeenOperator(operatorId);
    if (seenOperator !== null) home();
  }

  // a day that nobody closed comes before a new one. Not told at the press: its screen stays when it is closed, to say what came of it
  const isDayForgotten = snapshot !== null && snapshot.shift === null && snapshot.days.forgotten !== null;
  if (isDayForgotten && operatorId !== null && view === 'work') setView('closing');

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
  const creditedId = snapshot?.desk?.lastCredit?.creditId ?? null;
  const heardCredit = useRef(creditedId);
  useEffect(() => {
    if (creditedId !== null && creditedId !== heardCredit.current) playSound('done');
    heardCredit.current = creditedId;
  }, [creditedId]);
  const bags = snapshot?.desk?.bags.length ?? 0;
  const heardBags = useRef(bags);
  useEffect(() => {
    if (bags > heardBags.current) playSound('added');
    heardBags.current = bags;
  }, [bags]);

  // the other place keeps what stands in it
  const goTo = (place: Snapshot['place']): void => {
    home();
    void run((call) => call.goTo({ place }));
  };
  useKeys('app', {
    commands: {
      help: () => setView(view === 'help' ? 'work' : 'help'),
      settings: () => setView(view === 'settings' ? 'work' : 'settings'),
      language: () => setLanguage(languages[(languages.indexOf(language) + 1) % languages.length]!),
      ...(snapshot?.shift && { recent: () => setView(isPastView(view) ? 'work' : firstPastView(snapshot)) }),
      ...(snapshot?.shift && { drawer: () => setView(view === 'drawer' ? 'work' : 'drawer') }),
      ...(snapshot?.shift && snapshot.desk && { place: () => goTo(snapshot.place === 'till' ? 'desk' : 'till') }),
    },
  });

  if (snapshot === null) return <ConnectingScreen isUsed={link === 'not_invited'} />;
  const isSimulated = snapshot.scanner.simulated || snapshot.printer.simulated || snapshot.scale.simulated;
  const isStopped = snapshot.status.kind === 'stopped';
  const isAtWork = view === 'work' && snapshot.shift !== null;
  const isBeside = isSimulated && isSimulatedShown && snapshot.operator !== null && !isStopped && !isAtWork;
  return (
    <div className={styles.app}>
      {link === 'lost' && <LostBanner />}
      {!isStopped && (
        <>
          <TopBar
            snapshot={snapshot}
            view={view}
            onView={setView}
            onPlace={goTo}
            isSimulatedShown={isSimulatedShown}
            onSimulated={isSimulated && snapshot.operator !== null ? () => setSimulatedShown(!isSimulatedShown) : null}
          />
          <div className={styles.notices}>
            {snapshot.operator !== null && <IdleWarning locksAt={snapshot.locksAt} />}
            {view === 'work' && <ShiftOfAnother snapshot={snapshot} onHandOver={() => setView('drawer')} />}
            <PrintStrip jobs={snapshot.operator === null ? [] : snapshot.printJobs} />
            <NoticeLine place={view} />
          </div>
        </>
      )}
      {isBeside ? (
        // paper may run out on any screen: the till and the desk have a place of their own for it
        <div className={styles.beside}>
          <div className={styles.screen}>{screen()}</div>
          <aside>
            <SimulatedPanel snapshot={snapshot} papers={papers} />
          </aside>
        </div>
      ) : (
        screen()
      )}
    </div>
  );

  function screen() {
    if (snapshot === null) return null;
    if (isStopped) return <StoppedScreen snapshot={snapshot} />;
    if (view === 'help') return <HelpScreen onClose={home} />;
    if (view === 'settings') return <SettingsScreen snapshot={snapshot} onClose={home} />;
    if (snapshot.operator === null) return <SignInScreen snapshot={snapshot} {...(beginning.signIn && { initial: beginning.signIn })} />;
    if (isOfficeView(view)) return <OfficeScreen snapshot={snapshot} view={view} onView={setView} onPlace={goTo} onClose={home} />;
    if (snapshot.shift === null) return <OpenShiftScreen {...snapshot.days} />;
    if (isPastView(view)) {
      const Past = pastScreens[view];
      const title = <PastSwitch view={view} hasDesk={snapshot.desk !== null} onView={setView} />;
      return <Past title={title} revision={snapshot.revision} onClose={home} />;
    }
    if (snapshot.place === 'desk' && snapshot.desk !== null)
      return <DeskScreen snapshot={snapshot} desk={snapshot.desk} isSimulatedShown={isSimulated && isSimulatedShown} papers={papers} />;
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
