// The gallery: the real page over a pretended engine, one case at a time, chosen by ?case=…&language=…&text=…&theme=…. Never ships.

import { languages, type Language } from '../db/model/catalogue.ts';
import { serve } from '../electron/ipc/rpc.ts';
import type { Settings, Snapshot } from '../electron/ipc/snapshot.ts';
import { type Wire, wirePair } from '../electron/ipc/wire.ts';
import { caseFor, type GalleryCase, galleryCases, usualAnswers } from './gallery-cases.ts';
import { startPage } from './start-page.tsx';
import { openStore } from './store.ts';

declare global {
  interface Window {
    /** Every call the page made, for tests: name and arguments. */
    readonly galleryCalls?: { readonly name: string; readonly args: unknown }[];
    /** The case was pressed to its end: who looks or presses comes after. */
    readonly galleryIsStill?: boolean;
  }
}

const query = new URLSearchParams(window.location.search);
const language = languages.find((name) => name === query.get('language')) ?? 'zh';
const textPercent = ([100, 125, 150] as const).find((percent) => String(percent) === query.get('text')) ?? 100;
const theme = (['normal', 'sunlight'] as const).find((name) => name === query.get('theme'));
const chosen = caseFor(query.get('case') ?? '', { language, textPercent, ...(theme && { theme }) });
if (chosen === null) showIndex();
else void show(chosen, language);

async function show(chosen: GalleryCase, language: Language): Promise<void> {
  const calls: { readonly name: string; readonly args: unknown }[] = [];
  Object.assign(window, { galleryCalls: calls });
  await startPage(openStore(pretendedEngine(chosen, calls)), { language, ...(chosen.beginning && { beginning: chosen.beginning }) });
  const { touch, presses = [] } = chosen;
  if (touch !== undefined || presses.length > 0) await rest(pressAfterMs - pressEveryMs);
  if (touch !== undefined) await clickWhenThere(touch);
  for (const code of presses) {
    await rest(pressEveryMs); // from the press before, however late that came: two at once would be a scanner
    document.body.dispatchEvent(new KeyboardEvent('keydown', { code, bubbles: true, cancelable: true }));
  }
  await rest(presses.length > 0 || touch !== undefined ? stillAfterMs : stillAtOnceMs);
  for (let i = 0; i < loadTriesMax && document.querySelector('main[aria-busy="true"]') !== null; i += 1) await rest(stillAfterMs);
  await idle();
  Object.assign(window, { galleryIsStill: true });
}

/** A screen that is loaded when it is first looked at comes a moment later. */
async function clickWhenThere(selector: string, triesLeft = 20): Promise<void> {
  const button = document.querySelector<HTMLElement>(selector);
  if (button !== null) return button.click();
  if (triesLeft === 0) return;
  await rest(pressEveryMs / 2);
  return clickWhenThere(selector, triesLeft - 1);
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What is due is done, however late a busy machine comes to it. */
function idle(): Promise<void> {
  return new Promise((resolve) => window.requestIdleCallback(() => resolve(), { timeout: idleWaitMaxMs }));
}

/** The page stands by then; and a person, not a scanner, presses. */
const pressAfterMs = 300;
const pressEveryMs = 130;
/** The last press was held as a scanner's might be, and what it brought is drawn. */
const stillAfterMs = 300;
/** A screen that never rests is looked at all the same. */
const idleWaitMaxMs = 5_000;
/** Where nothing was pressed. */
const stillAtOnceMs = 120;
/** A screen that is loaded when it is first looked at has this often as long to come. */
const loadTriesMax = 100;

/** Calls that a silent engine does not answer. */
const awaited: ReadonlySet<string> = new Set([
  'pay',
  'drawPoints',
  'weigh',
  'weighGoods',
  'credit',
  'reverseCredit',
  'returnGoods',
  'closeDay',
]);

function pretendedEngine(chosen: GalleryCase, calls: { readonly name: string; readonly args: unknown }[]): () => Promise<Wire> {
  let snapshot: Snapshot | null = chosen.snapshot;
  let opened = 0;
  return () => {
    opened += 1;
    if (snapshot === null || (chosen.engine === 'lost' && opened > 1)) return new Promise(() => undefined);
    const [page, engine] = wirePair();
    const served = serve(
      engine,
      (name, args) => {
        calls.push({ name, args });
        if (name === 'snapshot') {
          if (chosen.weight !== undefined) served.emit('weight', chosen.weight);
          return snapshot;
        }
        if (chosen.engine === 'silent' && awaited.has(name)) return new Promise(() => undefined);
        if (name === 'setSettings' && snapshot !== null) {
          snapshot = { ...snapshot, revision: snapshot.revision + 1, settings: { ...snapshot.settings, ...(args as Partial<Settings>) } };
          served.emit('snapshot', snapshot);
        }
        if (name === 'listenToScale' || name === 'tryScale') tellTrial(served, chosen, args as { readonly trialId: string });
        const answer = chosen.answers?.[name] ?? usualAnswers[name] ?? null;
        return typeof answer === 'function' ? (answer as (args: unknown) => unknown)(args) : answer;
      },
      () => undefined,
    );
    if (chosen.engine === 'lost') setTimeout(() => page.close(), pressAfterMs / 2);
    return Promise.resolve(page);
  };
}

/** What a trial of the scale shows at once, where a real one takes its time. */
function tellTrial(
  served: ReturnType<typeof serve>,
  chosen: GalleryCase,
  args: { readonly trialId: string; readonly family?: string },
): void {
  const trial = args.family === undefined ? chosen.heard : chosen.tried;
  if (trial !== undefined) setTimeout(() => served.emit('scaleTrial', { ...trial, trialId: args.trialId }), 0);
}

function showIndex(): void {
  const list = document.createElement('ul');
  for (const name of Object.keys(galleryCases)) {
    const item = document.createElement('li');
    for (const each of languages) {
      const link = document.createElement('a');
      link.href = `?case=${name}&language=${each}`;
      link.textContent = ` ${name} ${each} `;
      item.append(link);
    }
    list.append(item);
  }
  document.body.append(list);
}
