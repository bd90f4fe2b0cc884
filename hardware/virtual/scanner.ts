// The simulated scanner: its codes are bytes that go through the same reader as those of a real one, and it can fail like
// one. Never hands a text to the engine directly.

import { type ScannerHandlers, readScans } from '../scanner/reader.ts';

export interface VirtualScanner {
  /** Reads a code aloud: its bytes and CR. Nothing happens while unplugged. */
  scan(text: string): void;
  /** Half a code with noise in it, as from a loose plug. */
  garble(): void;
  unplug(): void;
  replug(): void;
  close(): void;
}

const end = Uint8Array.of(0x0d);
/** The first half of an EAN-13, then a byte lost to NUL and one that no text has. */
const noise = Uint8Array.of(0x36, 0x39, 0x30, 0x31, 0x30, 0x32, 0x00, 0xff, 0x0d);

/** Plugged in and ready at once. */
export function openVirtualScanner(handlers: ScannerHandlers): VirtualScanner {
  const reader = readScans(handlers);
  let isPlugged = false;
  const send = (bytes: Uint8Array) => {
    if (isPlugged) reader.bytes(bytes);
  };
  const plug = () => {
    isPlugged = true;
    reader.up();
    send(end); // no tail of a code can follow: ready
  };
  plug();
  return {
    scan: (text) => send(Buffer.from(`${text}\r`, 'utf8')),
    garble: () => send(noise),
    unplug() {
      if (!isPlugged) return;
      isPlugged = false;
      reader.lost();
      handlers.onState('lost');
    },
    replug() {
      if (!isPlugged) plug();
    },
    close() {
      isPlugged = false;
      reader.close();
    },
  };
}
