// Who may send what to main: a table of pages and channels, and a check of the sender. Knows no Electron object.

import { pageAt } from './addresses.ts';
import type { Page } from './addresses.ts';

/** `wire` asks for a port to the engine; `alive` says that the page's thread runs. */
export type Channel = 'wire' | 'alive';

const channelsOf: { readonly [page in Page]: readonly Channel[] } = {
  till: ['wire', 'alive'],
  safe: ['alive'],
};

/** The sender of a message, as Electron tells it. */
export interface Sender {
  readonly webContentsId: number;
  /** Null when the frame was navigated away or destroyed before the message arrived. */
  readonly frame: { readonly url: string; readonly isMain: boolean } | null;
}

/** Whether a message is from the main frame of one of our windows, and from a page that may use the channel (S08). */
export function maySend(channel: Channel, sender: Sender, windows: ReadonlySet<number>): boolean {
  if (sender.frame === null || !sender.frame.isMain || !windows.has(sender.webContentsId)) return false;
  const page = pageAt(sender.frame.url);
  return page !== null && channelsOf[page].includes(channel);
}
