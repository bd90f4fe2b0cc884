// The key map of the page and the one place that hears the keyboard: commands, digits and letters, by the physical key,
// so that an input method changes nothing. Scans of a keyboard wedge are parts/wedge.ts and never arrive here.

import { flushSync } from 'react-dom';
import { useLayoutEffect, useRef } from 'react';
import { never } from '../db/model/result.ts';
import { isTypedIn } from './parts/wedge.ts';
import type { PadKey } from './parts/number-pad.tsx';

export const commands = [
  'help',
  'search',
  'code',
  'quantity',
  'points',
  'recent',
  'undo',
  'hold',
  'drawer',
  'language',
  'settings',
  'place',
  'pay',
  'back',
] as const;
export type Command = (typeof commands)[number];

/** Keys that no browser and no lockdown of ours (electron/main/keys.ts) takes: F5, F7, F11 and F12 are theirs. */
export const keyMap: { readonly [command in Command]: { readonly code: string; readonly shown: string } } = {
  help: { code: 'F1', shown: 'F1' },
  search: { code: 'F2', shown: 'F2' },
  code: { code: 'F3', shown: 'F3' },
  quantity: { code: 'F4', shown: 'F4' },
  points: { code: 'F6', shown: 'F6' },
  recent: { code: 'F9', shown: 'F9' },
  undo: { code: 'F8', shown: 'F8' },
  hold: { code: 'Insert', shown: 'Insert' },
  drawer: { code: 'PageDown', shown: 'PgDn' },
  language: { code: 'F10', shown: 'F10' },
  settings: { code: 'Home', shown: 'Home' },
  place: { code: 'End', shown: 'End' },
  pay: { code: 'Enter', shown: 'Enter' },
  back: { code: 'Escape', shown: 'Esc' },
};

/** What a key press means. */
export type Meaning =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'pad'; readonly key: PadKey }
  | { readonly kind: 'letter'; readonly letter: string };

/** The meaning of a key, by its place on the keyboard; null for every other key and for shortcuts of the system. */
export function meaningOf(event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'altKey' | 'metaKey'>): Meaning | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const code = event.code === 'NumpadEnter' ? 'Enter' : event.code;
  const command = commands.find((name) => keyMap[name].code === code);
  if (command) return { kind: 'command', command };
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit !== undefined) return { kind: 'pad', key: digit as PadKey }; // the expression admits 0–9 only
  if (code === 'NumpadDecimal' || code === 'Period') return { kind: 'pad', key: '.' };
  if (code === 'Backspace') return { kind: 'pad', key: 'delete' };
  if (code === 'Delete') return { kind: 'pad', key: 'clear' };
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return letter === undefined ? null : { kind: 'letter', letter: letter.toLowerCase() };
}

/** What a part of the page does with keys. A command that is not named goes to the part below it. */
export interface Keys {
  readonly commands?: { readonly [command in Command]?: () => void };
  readonly onPad?: (key: PadKey) => void;
  readonly onLetter?: (letter: string) => void;
}

/** Parts that hear keys, the uppermost first to be asked. */
const levels = ['panel', 'screen', 'app'] as const;
type Level = (typeof levels)[number];
const listening: { readonly [level in Level]: Set<() => Keys> } = { panel: new Set(), screen: new Set(), app: new Set() };

/** Hears keys for as long as the component is on screen. */
export function useKeys(level: Level, keys: Keys): void {
  const newest = useRef(keys);
  useLayoutEffect(() => {
    newest.current = keys;
  });
  // outside world: the keyboard. Before the part is painted: a key that comes meanwhile is meant for what is about to be seen
  useLayoutEffect(() => {
    const read = (): Keys => newest.current;
    listening[level].add(read);
    return () => {
      listening[level].delete(read);
    };
  }, [level]);
}

/** Starts hearing the keyboard; returns the function that stops. One per page. */
export function hearKeyboard(window: Window): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return; // the wedge took it: part of a scan
    const meaning = meaningOf(event);
    if (meaning === null || (isTypedIn(event.target) && isOfText(meaning, event.code))) return;
    if (meaning.kind === 'command' && meaning.command === 'pay' && event.target instanceof HTMLButtonElement) return; // Enter presses it
    const answer = answerTo(meaning);
    if (answer === null && !(meaning.kind === 'command' && event.code.startsWith('F'))) return;
    event.preventDefault();
    // Keys that the wedge gives back come several in one turn: each must see what the one before it did.
    if (!event.repeat || meaning.kind === 'pad') flushSync(() => answer?.());
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}

/** Keys that write, or move within what is written. */
function isOfText(meaning: Meaning, code: string): boolean {
  return meaning.kind !== 'command' || code === 'Home' || code === 'End' || code === 'Insert';
}

function answerTo(meaning: Meaning): (() => void) | null {
  for (const level of levels) {
    for (const read of [...listening[level]].toReversed()) {
      const answer = answerOf(read(), meaning);
      if (answer !== null) return answer;
    }
  }
  return null;
}

function answerOf(keys: Keys, meaning: Meaning): (() => void) | null {
  switch (meaning.kind) {
    case 'command':
      return keys.commands?.[meaning.command] ?? null;
    case 'pad':
      return keys.onPad ? () => keys.onPad?.(meaning.key) : null;
    case 'letter':
      return keys.onLetter ? () => keys.onLetter?.(meaning.letter) : null;
    default:
      return never(meaning);
  }
}
