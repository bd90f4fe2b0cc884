// Gives the fold of frames its clock: real and simulated scanners bring bytes here and hear of codes. Opens nothing.

import { type Frames, type Heard, foldBytes, foldLost, foldSilence, newLink } from './frames.ts';

/** Where a scanner stands. `none`: the address names no scanner that this program can open. */
export type ScannerState = 'connecting' | 'ready' | 'lost' | 'busy' | 'none';

/** What a scanner tells. Nothing is told after close(). */
export interface ScannerHandlers {
  readonly onScan: (text: string) => void;
  /** Something came that was not a whole code: the cashier should scan again. */
  readonly onGarbled: () => void;
  /** Called with every change, the first time before the scanner's open function returns. */
  readonly onState: (state: ScannerState) => void;
}

/** Bytes in, codes out. */
export interface ScanReader {
  bytes(bytes: Uint8Array): void;
  /** The link is gone. */
  lost(): void;
  /** A new link is up. */
  up(): void;
  close(): void;
}

/**
 * Half of the silence that ends a code. Bytes of one code follow each other within 8 ms at 1200 baud and 16 ms through
 * USB adapters; a person needs half a second for the next. Two halves, because a process that was busy runs its timers
 * before it reads: what waited in the system is then read between them.
 */
const halfSilenceMs = 100;

/** Tells codes and, of the states, only `ready`: when the first silence or end after up() says that a code would be whole. */
export function readScans(handlers: ScannerHandlers): ScanReader {
  let frames: Frames = newLink;
  let timer: NodeJS.Timeout | undefined;

  const take = (step: { readonly frames: Frames; readonly heard: readonly Heard[] }) => {
    const isNowReady = frames.startLost && !step.frames.startLost;
    frames = step.frames;
    if (isNowReady) handlers.onState('ready');
    for (const heard of step.heard) {
      if (heard.kind === 'scan') handlers.onScan(heard.text);
      else handlers.onGarbled();
    }
  };
  const awaitSilence = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = setTimeout(() => take(foldSilence(frames, performance.now())), halfSilenceMs);
    }, halfSilenceMs);
  };

  return {
    bytes(bytes) {
      take(foldBytes(frames, bytes, performance.now()));
      awaitSilence();
    },
    lost() {
      clearTimeout(timer);
      take(foldLost(frames));
    },
    up() {
      frames = newLink;
      awaitSilence();
    },
    close() {
      clearTimeout(timer);
    },
  };
}
