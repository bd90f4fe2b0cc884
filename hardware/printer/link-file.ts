// Opens a printer's device file as a link: /dev/usb/lp0 and its like. Never retries a write after its device went away, so
// that nothing prints twice (lessons.md 40).

import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { fail, ok, type Result } from '../../db/model/result.ts';
import type { FileUrl } from '../device-url.ts';
import { pause, type Link, type LinkEvents, type LinkFailure } from '../link.ts';

/** Node cannot wait for a device file to become readable, so it is looked at this often; answers may be this late. */
const lookMs = 50;

/** The device's buffer is full: tried again this often, for as long as the link is open. */
const fullMs = 20;

/** No answer of a printer is longer; the rest comes with the next look. */
const readBytes = 256;

/**
 * Opens a device file for both directions where it has both, else for writing only; anything but a character device is
 * written only, as reading it back would be our own bytes. The user must be in the group of the device (`lp`).
 */
export async function openFile(url: FileUrl, events: LinkEvents): Promise<Result<Link, LinkFailure>> {
  let file: FileHandle;
  let answers = false;
  try {
    const isDevice = (await stat(url.path)).isCharacterDevice();
    const flags = constants.O_NONBLOCK | constants.O_NOCTTY;
    const both = url.answers && isDevice ? await open(url.path, constants.O_RDWR | flags).catch(() => null) : null;
    file = both ?? (await open(url.path, constants.O_WRONLY | constants.O_APPEND | flags));
    answers = both !== null && (await canRead(both));
  } catch (error) {
    return fail(failureOf(error));
  }

  const closing = new AbortController();
  const { signal } = closing;
  const reading = answers ? read(file, signal, events.onBytes).then(() => closing.abort()) : Promise.resolve();
  let writing = Promise.resolve(true);
  const closed = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      void Promise.all([reading, writing])
        .then(() => file.close())
        .catch(() => {}) // a device that was pulled out cannot be closed cleanly, and is closed all the same
        .then(resolve)
        .then(events.onClosed);
    });
  });

  return ok({
    answers,
    async write(bytes) {
      writing = writing.then((isOpen) => isOpen && write(file, signal, bytes)); // one after the other
      const isWritten = await writing;
      if (!isWritten) closing.abort();
      return isWritten;
    },
    async close() {
      closing.abort();
      await closed;
    },
  });
}

/** One-way printers open for both directions and refuse the first read. What is read here answered an earlier program. */
async function canRead(file: FileHandle): Promise<boolean> {
  try {
    await file.read(Buffer.alloc(readBytes), 0, readBytes);
    return true;
  } catch (error) {
    return codeOf(error) === 'EAGAIN';
  }
}

/** Hands on what the device says until it is gone or the link closes. */
async function read(file: FileHandle, signal: AbortSignal, onBytes: (bytes: Uint8Array) => void): Promise<void> {
  const buffer = Buffer.alloc(readBytes);
  while (!signal.aborted) {
    try {
      const { bytesRead } = await file.read(buffer, 0, readBytes);
      if (bytesRead > 0) {
        onBytes(Uint8Array.from(buffer.subarray(0, bytesRead)));
        continue;
      }
      await file.write(buffer, 0, 0); // both nothing said and a cable pulled out read as empty; only the latter refuses this
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return;
    }
    await pause(lookMs, signal);
  }
}

/** Writes all bytes, waiting while the device's buffer is full; false when the device is gone or the link closes. */
async function write(file: FileHandle, signal: AbortSignal, bytes: Uint8Array): Promise<boolean> {
  let sent = 0;
  while (sent < bytes.length) {
    if (signal.aborted) return false;
    try {
      const { bytesWritten } = await file.write(bytes, sent, bytes.length - sent);
      sent += bytesWritten;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return false;
      await pause(fullMs, signal);
    }
  }
  return true;
}

function failureOf(error: unknown): LinkFailure {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return 'missing';
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    case 'EBUSY':
      return 'busy';
    default:
      return 'failed';
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code; // what node:fs rejects with
}
