// What every part of the page can reach: the snapshot, the calls, and one way to make a call that tells what went wrong.

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Language } from '../db/model/catalogue.ts';
import type { Contract } from '../electron/ipc/contract.ts';
import { CallError, type CallErrorCode, type Client } from '../electron/ipc/rpc.ts';
import { languageTags } from './languages/languages.ts';
import { listenForScans } from './parts/wedge.ts';
import type { Known, Store } from './store.ts';

/** Codes with which the engine refuses what a page asked; PINs, scans, approvals and bags that look alike have their own screens. */
export type RefusalCode = Exclude<
  RefusalOf<Contract[keyof Contract]['value']>,
  'pin_wrong' | 'pin_locked' | 'approval_needed' | 'same_bag'
>;
type RefusalOf<Value> = Value extends { readonly ok: false; readonly code: infer Code extends string } ? Code : never;

/** What went wrong with a press, told on the notice line until something newer happens. */
export type Told = { readonly afterNotice: number | null } & (
  | { readonly kind: 'trouble'; readonly code: CallErrorCode }
  | { readonly kind: 'refused'; readonly code: string }
  /** A keyboard scanner is set to type in a way that cannot be read. */
  | { readonly kind: 'scanner_layout' }
);

export interface Page {
  readonly known: Known;
  readonly store: Store;
  readonly told: Told | null;
  /**
   * Makes a call. A call that was not answered, or was refused, is told on the notice line; the answer is given back
   * all the same, null when there was none. Never rejects.
   */
  readonly run: <Value>(ask: (call: Client<Contract>) => Promise<Value>) => Promise<Value | null>;
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
}

const PageContext = createContext<Page | null>(null);
/** Apart, since they stay while the snapshot changes with every scan: what uses only these is not drawn again. */
const RunContext = createContext<Page['run'] | null>(null);
const LanguageContext = createContext<Language | null>(null);

/** The page's reach; only inside PageProvider. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('usePage outside PageProvider');
  return page;
}

/** page.run alone, for what is drawn a hundred times. */
export function useRun(): Page['run'] {
  const run = useContext(RunContext);
  if (run === null) throw new Error('useRun outside PageProvider');
  return run;
}

/** page.language alone, for the same. */
export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (language === null) throw new Error('useLanguage outside PageProvider');
  return language;
}

export function PageProvider({ store, children }: { readonly store: Store; readonly children: ReactNode }) {
  const known = useSyncExternalStore(store.subscribe, store.current);
  const [told, setTold] = useState<Told | null>(null);
  const { i18n } = useTranslation();
  const language = i18n.language as Language; // makeTexts admits only these

  const run = useCallback<Page['run']>(
    async (ask) => {
      const afterNotice = store.current().snapshot?.notice?.id ?? null;
      setTold(null);
      try {
        const answer = await ask(store.call);
        const code = refusalIn(answer);
        if (code !== null) setTold({ kind: 'refused', code, afterNotice: store.current().snapshot?.notice?.id ?? null });
        return answer;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        setTold({ kind: 'trouble', code: error.code, afterNotice });
        return null;
      }
    },
    [store],
  );
  // outside world: a scanner that types, whatever has the focus on whatever screen
  useEffect(
    () =>
      listenForScans(
        window,
        (text) => void run((call) => call.scan({ text })),
        () => setTold({ kind: 'scanner_layout', afterNotice: store.current().snapshot?.notice?.id ?? null }),
      ),
    [run, store],
  );
  const setLanguage = useCallback(
    (next: Language) => {
      showLanguage(next);
      void i18n.changeLanguage(next); // at once, also while the engine is away
      store.call.setSettings({ language: next }).catch(() => undefined); // then only this page remembers it
    },
    [i18n, store],
  );
  const page = useMemo(() => ({ known, store, told, run, language, setLanguage }), [known, store, told, run, language, setLanguage]);
  return (
    <RunContext value={run}>
      <LanguageContext value={language}>
        <PageContext value={page}>{children}</PageContext>
      </LanguageContext>
    </RunContext>
  );
}

/** Tells the document its language: fonts, line heights and screen readers follow `lang`. */
export function showLanguage(language: Language): void {
  document.documentElement.lang = languageTags[language];
}

/** What RefusalCode leaves out. */
const ownScreens: ReadonlySet<string> = new Set(['pin_wrong', 'pin_locked', 'approval_needed', 'same_bag']);

function refusalIn(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer) || answer.ok !== false || !('code' in answer)) return null;
  return ownScreens.has(String(answer.code)) ? null : String(answer.code);
}
