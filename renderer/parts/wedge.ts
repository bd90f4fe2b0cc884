// A scanner that types (keyboard wedge, hardware.md E.2): tells its bursts from a person's typing by pace and by what they
// spell, on the physical keys, so that neither focus nor layout nor input method matters. Loses no key of a person.
//
// A first key cannot tell who typed it, so keys that may belong to a scan wait a moment before the page hears of them: they
// are taken, and either become part of a scan or are given back in order. A key of a person is late by that moment, never
// lost. The moment is 110 ms at first, because slow scanners need 100 ms a key, and shrinks to 40 ms with a fast scanner.

import { bareCode, isEan, sameScanMs } from '../../db/model/barcode.ts';

/** One key going down, as the window told it. */
export interface WedgeKey {
  /** KeyboardEvent.code: the place of the key, which no layout and no input method changes. */
  readonly code: string;
  readonly shift: boolean;
  readonly alt: boolean;
  /** Control or the system's key. */
  readonly control: boolean;
  /** A key held down: no scanner does that. */
  readonly repeat: boolean;
  /** The input method has it already: it can be read, but neither taken nor given back. */
  readonly isComposing: boolean;
  /** When, monotonic ms. */
  readonly atMs: number;
}

interface Typed {
  readonly key: WedgeKey;
  readonly character: string;
  /** Held: taken, not given back yet. Released: given back after the moment. Composing: went to the input method. */
  readonly place: 'held' | 'released' | 'composing';
}

/** What the keys so far add up to. */
export interface Wedge {
  /** Keys that follow each other at the pace of a scanner. */
  readonly run: readonly Typed[];
  /** How long a key may wait for the next one before it is a person's. */
  readonly holdMs: number;
  readonly lastScan: { readonly text: string; readonly atMs: number } | null;
  /** Digits typed on the number pad with Alt down, and when the last of them came. */
  readonly altDigits: { readonly count: number; readonly atMs: number };
  /** A PIN is asked for: up to six digits are a person's at any pace. */
  readonly isPinAsked: boolean;
}

/** What the page is to hear, in this order and before the key that brought it about. */
export type Told =
  | { readonly kind: 'scan'; readonly text: string }
  /** A key that was taken and is a person's after all. */
  | { readonly kind: 'release'; readonly key: WedgeKey }
  /** The scanner types by Alt and numbers, which cannot be read: it must be set to the US layout. */
  | { readonly kind: 'alt_numpad' };

interface Step {
  readonly wedge: Wedge;
  readonly told: readonly Told[];
}

/** The slowest scanners need 80 ms a key, at times 100; people rarely type a whole code with every gap below this. */
const slowestGapMs = 110;
/** With a fast scanner a key need not wait longer than this; USB alone may add 8 to 16 ms. */
const shortestHoldMs = 40;
/** Once three keys came so close, the burst may stutter: only this silence ends it. */
const silenceMs = 150;
const burstKeys = 3;
/** 250 characters at 100 ms. */
const longestScanMs = 30_000;
/** What the engine takes of one scan. */
const charactersMax = 512;
/** Few people strike even two keys within this; nobody strikes four. */
const inhumanGapMs = 35;
/** The shortest code of goods. */
const shortestCode = 4;
/** Nobody types so many keys with every gap below slowestGapMs; a slow scanner that misread does. */
const inhumanKeys = 12;
/** Keys in a row at a slow scanner's pace: the hold was learnt from a faster one. */
const slowerScannerKeys = 6;
/** A scanner in Alt mode sends three or four digits for each character. */
const altDigitsTold = 6;
/** Practised fingers type a PIN as fast as a scanner; no code of goods that we know has so few digits. */
const pinShape = /^\d{1,6}$/;
/** What a part of the page bears while it asks for a PIN. */
const pinMark = '[data-asks-pin]';
/** What a field bears whose keys are all a person's: while it has the focus nothing is a scan. */
const typedInMark = '[data-typed-in]';

export const quietWedge: Wedge = { run: [], holdMs: slowestGapMs, lastScan: null, altDigits: { count: 0, atMs: 0 }, isPinAsked: false };

/**
 * A key went down. `swallow`: neither the page nor the browser may see it (it may be given back later); `pass`: it is
 * nobody's business here. What is told comes before it.
 */
export function foldKey(wedge: Wedge, key: WedgeKey): Step & { readonly verdict: 'pass' | 'swallow' } {
  const before = foldSilence(wedge, key.atMs);
  const now = before.wedge;
  const answer = (step: Step, verdict: 'pass' | 'swallow') => ({ wedge: step.wedge, told: [...before.told, ...step.told], verdict });
  const unchanged: Step = { wedge: now, told: [] };

  if (isModifier(key.code)) return answer(unchanged, 'pass');
  if (key.alt && /^Numpad\d$/.test(key.code)) return answer(countAltDigit(now, key.atMs), 'swallow');
  if (isEnd(key)) {
    if (now.run.length === 0) return answer(unchanged, isSuffixOfScan(now, key.atMs) ? 'swallow' : 'pass');
    const ended = endRun(now, key.atMs);
    return answer(ended.step, ended.isScan ? 'swallow' : 'pass');
  }
  const character = key.repeat ? undefined : characterOf(key);
  if (character === undefined) {
    // GS1 codes carry separators that scanners type as Control and a key: no such key may act while a burst runs.
    if (key.control && isBurst(now.run)) return answer(unchanged, 'swallow');
    return answer(release(now), 'pass');
  }
  if (character === ' ' && !isBurst(now.run)) return answer(release(now), 'pass'); // no code begins so, and buttons need it
  const first = now.run[0];
  const fresh = first !== undefined && key.atMs - first.key.atMs > longestScanMs ? release(now) : unchanged;
  if (!key.isComposing) return answer({ ...fresh, wedge: join(fresh.wedge, { key, character, place: 'held' }) }, 'swallow');
  const given = releaseButRemember(fresh.wedge); // what the input method hears next must not overtake them
  return answer({ wedge: join(given.wedge, { key, character, place: 'composing' }), told: [...fresh.told, ...given.told] }, 'pass');
}

/** Time passed without a key. */
export function foldSilence(wedge: Wedge, atMs: number): Step {
  const last = wedge.run.at(-1);
  if (last === undefined) return { wedge, told: [] };
  const quietMs = atMs - last.key.atMs;
  if (isBurst(wedge.run)) return quietMs >= silenceMs ? endRun(wedge, last.key.atMs + silenceMs).step : { wedge, told: [] };
  if (quietMs > slowestGapMs) return release(wedge);
  if (quietMs < wedge.holdMs) return { wedge, told: [] };
  return releaseButRemember(wedge);
}

/** When foldSilence has something to do at the latest; null: nothing waits. */
export function dueAt(wedge: Wedge): number | null {
  const last = wedge.run.at(-1);
  if (last === undefined) return null;
  if (isBurst(wedge.run)) return last.key.atMs + silenceMs;
  return wedge.run.some((typed) => typed.place === 'held') ? last.key.atMs + wedge.holdMs : null;
}

/**
 * Calls back for every scan, wherever the focus is. No key of a scan acts on the page, and none stays in a field: keys that
 * an input method or a slow start let through are taken out again. Where the page asks for a PIN (`data-asks-pin`) up to six
 * digits are never a scan. Returns the function that stops listening.
 */
export function listenForScans(window: Window & typeof globalThis, onScan: (text: string) => void, onAltNumpad: () => void): () => void {
  let wedge = quietWedge;
  let timer = 0;
  let field: Field | null = null;
  const eventOf = new WeakMap<WedgeKey, KeyboardEvent>();
  const givenBack = new WeakSet<Event>();

  const current = (): Wedge => ({ ...wedge, isPinAsked: window.document.querySelector(pinMark) !== null });
  const take = (step: Step) => {
    wedge = step.wedge;
    for (const told of step.told) {
      switch (told.kind) {
        case 'scan':
          field?.restore();
          onScan(told.text);
          break;
        case 'release':
          giveBack(window, eventOf.get(told.key)!, givenBack);
          break;
        case 'alt_numpad':
          onAltNumpad();
          break;
      }
    }
    window.clearTimeout(timer);
    const due = dueAt(wedge);
    if (due !== null) timer = window.setTimeout(onTimer, Math.max(0, due - window.performance.now()), due);
  };
  const settle = () => take(foldSilence(current(), window.performance.now()));
  const onTimer = (due: number) => {
    // A page that was busy runs its timers before the keys that wait: those have their turn first.
    if (window.performance.now() - due > busyMs) timer = window.setTimeout(settle, busyMs);
    else settle();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (givenBack.has(event) || isTypedIn(event.target)) return;
    const key = keyOf(event);
    eventOf.set(key, event);
    const step = foldKey(current(), key);
    take(step);
    if (wedge.run.length === 1 && wedge.run[0]?.key === key) field = focusedField(window);
    if (step.verdict === 'pass') return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };

  window.addEventListener('keydown', onKeyDown, { capture: true });
  return () => {
    window.removeEventListener('keydown', onKeyDown, { capture: true });
    window.clearTimeout(timer);
  };
}

/** Whether a key or a touch is for a field that a person types a text in. */
export function isTypedIn(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(typedInMark) !== null;
}

/** A timer so late says that the page was busy. */
const busyMs = 20;

function keyOf(event: KeyboardEvent): WedgeKey {
  return {
    code: event.code,
    shift: event.shiftKey,
    alt: event.altKey,
    control: event.ctrlKey || event.metaKey,
    repeat: event.repeat,
    isComposing: event.isComposing || event.key === 'Process',
    atMs: event.timeStamp, // when the key went down, not when the page found time for it
  };
}

/** The same key once more, for the page's own listeners; where none takes it and a field has the focus, its character. */
function giveBack(window: Window & typeof globalThis, event: KeyboardEvent, givenBack: WeakSet<Event>): void {
  const { code, key, location, shiftKey, altKey, ctrlKey, metaKey } = event;
  const pressed = { code, key, location, shiftKey, altKey, ctrlKey, metaKey };
  const again = new window.KeyboardEvent('keydown', { ...pressed, bubbles: true, cancelable: true, composed: true });
  givenBack.add(again);
  const target = event.target instanceof window.Node && event.target.isConnected ? event.target : window.document;
  const isTaken = !target.dispatchEvent(again);
  // A key made by a program types nothing. This is the one way that also keeps undo and tells the field's listeners.
  if (!isTaken && key.length === 1 && focusedField(window) !== null) window.document.execCommand('insertText', false, key);
}

interface Field {
  /** Puts the text back that stood in the field when it was looked at. */
  restore(): void;
}

function focusedField(window: Window & typeof globalThis): Field | null {
  const element = window.document.activeElement;
  const isField = element instanceof window.HTMLInputElement || element instanceof window.HTMLTextAreaElement;
  if (!isField || element.selectionStart === null) return null;
  const { value, selectionStart, selectionEnd } = element;
  return {
    restore() {
      if (element.value === value) return;
      element.blur(); // ends what the input method was composing
      element.setRangeText(value, 0, element.value.length);
      element.dispatchEvent(new window.Event('input', { bubbles: true }));
      element.focus();
      element.setSelectionRange(selectionStart, selectionEnd);
    },
  };
}

function isBurst(run: readonly Typed[]): boolean {
  return run.length >= burstKeys && run.slice(-burstKeys).every(({ place }) => place !== 'released');
}

function join(wedge: Wedge, typed: Typed): Wedge {
  const run = [...wedge.run, typed];
  return { ...wedge, run, holdMs: run.length >= slowerScannerKeys && !isBurst(run) ? slowestGapMs : wedge.holdMs };
}

/** Decides who typed the run, and forgets it. */
function endRun(wedge: Wedge, atMs: number): { readonly step: Step; readonly isScan: boolean } {
  const gaps = wedge.run.slice(1).map(({ key }, index) => key.atMs - wedge.run[index]!.key.atMs);
  const text = bareCode(wedge.run.map(({ character }) => character).join('')).slice(0, charactersMax);
  const isProof = isEan(text) || wedge.run.length >= inhumanKeys;
  const isPin = wedge.isPinAsked && pinShape.test(text);
  const isScan = !isPin && (isProof || (text.length >= shortestCode && median(gaps) <= inhumanGapMs));
  if (!isScan) return { step: release(wedge), isScan };
  const isRepeat = wedge.lastScan?.text === text && atMs - wedge.lastScan.atMs < sameScanMs;
  const learntMs = Math.min(slowestGapMs, Math.max(shortestHoldMs, 1.5 * Math.max(...gaps)));
  return {
    step: {
      wedge: { ...wedge, run: [], holdMs: isProof ? learntMs : wedge.holdMs, lastScan: { text, atMs } },
      told: isRepeat ? [] : [{ kind: 'scan', text }],
    },
    isScan,
  };
}

/** A person typed the run: everything that was taken goes back. */
function release(wedge: Wedge): Step {
  return { wedge: { ...wedge, run: [] }, told: releasesOf(wedge.run) };
}

/** The keys go back, but may still be the first of a scanner slower than the one before. */
function releaseButRemember(wedge: Wedge): Step {
  const run = wedge.run.map((typed) => (typed.place === 'held' ? { ...typed, place: 'released' as const } : typed));
  return { wedge: { ...wedge, run }, told: releasesOf(wedge.run) };
}

function releasesOf(run: readonly Typed[]): readonly Told[] {
  return run.filter(({ place }) => place === 'held').map(({ key }) => ({ kind: 'release', key }));
}

function median(gaps: readonly number[]): number {
  return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? Number.POSITIVE_INFINITY;
}

/** Enter or Tab, or the line feed and carriage return that some scanners type as Control and J or M. */
function isEnd({ code, control, alt }: WedgeKey): boolean {
  if (control) return code === 'KeyJ' || code === 'KeyM';
  return !alt && (code === 'Enter' || code === 'NumpadEnter' || code === 'Tab');
}

/** The second half of an end of two keys must not press the button that has the focus. */
function isSuffixOfScan({ lastScan }: Wedge, atMs: number): boolean {
  return lastScan !== null && atMs - lastScan.atMs <= slowestGapMs;
}

function countAltDigit(wedge: Wedge, atMs: number): Step {
  const count = atMs - wedge.altDigits.atMs <= slowestGapMs ? wedge.altDigits.count + 1 : 1;
  return { wedge: { ...wedge, altDigits: { count, atMs } }, told: count === altDigitsTold ? [{ kind: 'alt_numpad' }] : [] };
}

function isModifier(code: string): boolean {
  return /^((Shift|Control|Alt|Meta)(Left|Right)|CapsLock|NumLock)$/.test(code);
}

/** The character of a key on the US layout, which scanners are set to; undefined for keys that type none. */
function characterOf({ code, shift, alt, control }: WedgeKey): string | undefined {
  if (alt || control) return undefined;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? letter : letter.toLowerCase();
  return /^Numpad\d$/.test(code) ? code.at(-1) : usKeys[code]?.[shift ? 1 : 0];
}

/** Plain and shifted. */
const usKeys: { readonly [code: string]: string } = {
  Digit1: '1!',
  Digit2: '2@',
  Digit3: '3#',
  Digit4: '4$',
  Digit5: '5%',
  Digit6: '6^',
  Digit7: '7&',
  Digit8: '8*',
  Digit9: '9(',
  Digit0: '0)',
  Minus: '-_',
  Equal: '=+',
  BracketLeft: '[{',
  BracketRight: ']}',
  Backslash: '\\|',
  Semicolon: ';:',
  Quote: '\'"',
  Backquote: '`~',
  Comma: ',<',
  Period: '.>',
  Slash: '/?',
  Space: '  ',
  NumpadDecimal: '..',
  NumpadDivide: '//',
  NumpadMultiply: '**',
  NumpadSubtract: '--',
  NumpadAdd: '++',
};
