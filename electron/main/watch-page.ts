// Brings the till's page back when it crashes, hangs or does not load. The sale is in the engine and survives it.

import { ipcMain } from 'electron';
import type { BrowserWindow, IpcMainEvent } from 'electron';
import type { Log } from '../ipc/log.ts';
import { pageAt, safeAddress, tillAddress } from './addresses.ts';
import { afterCrash, heartbeatMs, look, missedWhileLoading } from './crashes.ts';
import { maySend } from './senders.ts';
import type { Channel } from './senders.ts';

export type CheckSender = (channel: Channel, event: IpcMainEvent) => boolean;

/** The check of every message to main, for the windows that exist. The first refusal of a channel is logged. */
export function checkSender(windows: ReadonlySet<number>, log: Log): CheckSender {
  const told = new Set<Channel>();
  return (channel, event) => {
    const frame = event.senderFrame;
    const sender = {
      webContentsId: event.sender.id,
      frame: frame === null ? null : { url: frame.url, isMain: frame.parent === null },
    };
    const allowed = maySend(channel, sender, windows);
    if (!allowed && !told.has(channel))
      log(`messages on ${channel} are refused, first from ${frame?.url.slice(0, 200) ?? 'a frame that is gone'}`);
    if (!allowed) told.add(channel); // A page that keeps asking must not fill the log.
    return allowed;
  };
}

/** Loads the till's page and watches it; returns the function that stops watching. */
export function watchPage(window: BrowserWindow, options: { readonly log: Log; readonly mayUse: CheckSender }): () => void {
  const { log, mayUse } = options;
  const contents = window.webContents;
  let crashesAt: readonly number[] = [];
  let missed = missedWhileLoading;
  let heard = false;
  let stopped = false;

  const show = (address: string): void => {
    missed = missedWhileLoading;
    // A load that fails is told by did-fail-load; the promise says the same again.
    contents.loadURL(address).catch(() => undefined);
  };
  const recover = (why: string): void => {
    if (stopped || window.isDestroyed()) return;
    const next = afterCrash(crashesAt, performance.now());
    crashesAt = next.crashesAt;
    log(`the page ${why}; showing ${next.show}`);
    show(next.show === 'safe' ? safeAddress : tillAddress);
  };
  contents.on('render-process-gone', (_, details) => recover(`ended: ${details.reason}, exit code ${details.exitCode}`));
  contents.on('did-fail-load', (_, code, description, address, isMainFrame) => {
    const wasStopped = code === -3; // ERR_ABORTED: another load took its place
    if (isMainFrame && !wasStopped && pageAt(address) === 'till') recover(`did not load: ${description}`);
  });
  ipcMain.on('alive', (event) => {
    if (event.sender === contents && mayUse('alive', event)) heard = true;
  });
  const looking = setInterval(() => {
    const next = look(missed, heard);
    heard = false;
    missed = next.hangs ? missedWhileLoading : next.missed;
    if (!next.hangs) return;
    log('the page hangs');
    contents.forcefullyCrashRenderer(); // told as render-process-gone: one way back for both
  }, heartbeatMs);
  show(tillAddress);
  return () => {
    stopped = true;
    clearInterval(looking);
  };
}
