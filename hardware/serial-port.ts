// Opens a serial port as a link, for printers, scanners and scales. Never reopens: link.ts does, with a new port each time,
// because serialport keeps what was written while closed and sends it after the next open (hardware.md D).

import { SerialPort } from 'serialport';
import { fail, ok, type Result } from '../db/model/result.ts';
import type { SerialUrl } from './device-url.ts';
import { findPort, type ListPorts } from './find-port.ts';
import { whileOpen, within, type Link, type LinkEvents, type LinkFailure } from './link.ts';

/** The port is opened within this, or the attempt has failed. */
const openMs = 5_000;

/** A port with a read pending may never finish closing (serialport #2776). */
const closeMs = 2_000;

/**
 * A port that is pulled out while it is being read may give empty reads for ever and no event, and on Windows none until a
 * write fails (hardware.md D): it is asked this often whether all was sent, which only a port that is there can answer.
 */
const aliveMs = 1_000;

/** Opening moves DTR and RTS, which makes some devices restart and babble: what arrives this early is dropped. */
const babbleMs = 300;

/**
 * Opens the port: `busy` when another program, or another part of this one, holds it; `ambiguous` when the URL names an
 * adapter of which two are plugged in. `keepLink((events) => openSerialPort(url, events), listener)` is how a device stays
 * connected.
 */
export async function openSerialPort(url: SerialUrl, events: LinkEvents, list?: ListPorts): Promise<Result<Link, LinkFailure>> {
  const path = await findPort(url.path, list);
  if (!path.ok) return path;
  const port = new SerialPort({
    path: path.value,
    baudRate: url.baudRate,
    dataBits: url.dataBits,
    parity: url.parity,
    stopBits: url.stopBits,
    rtscts: url.flow === 'rtscts',
    xon: url.flow === 'xonxoff',
    xoff: url.flow === 'xonxoff',
    hupcl: false, // closing must not reset the device
    lock: true,
    autoOpen: false,
  });
  port.on('error', () => {}); // every failed call also says so to its own callback
  const opening = new Promise<Error | null>((resolve) => {
    port.open(resolve);
  });
  const error = await within(openMs, opening, new Error('the port did not open in time'));
  if (error) {
    // A port that opens after all must not stay held by nobody.
    void opening.then((late) => (late === null ? port.close(() => {}) : undefined));
    return fail(failureOf(error));
  }

  let heard = false;
  const ending = new AbortController();
  let end = () => {};
  const gone = new Promise<void>((resolve) => {
    end = resolve;
  });
  void gone.then(() => ending.abort());
  port.once('close', end); // an unplugged port closes without an error event
  port.on('data', (bytes: Buffer) => {
    if (heard) events.onBytes(bytes);
  });
  await within(babbleMs, gone, undefined);
  if (ending.signal.aborted) return fail('failed');
  heard = true;
  const drop = () => {
    if (port.isOpen) port.close(() => {});
  };
  const drained = () =>
    new Promise<boolean>((resolve) => {
      if (port.isOpen) port.drain((drainError) => resolve(!drainError));
      else resolve(false);
    });
  let isAsking = false;
  const watching = setInterval(async () => {
    if (isAsking) return;
    isAsking = true;
    if (!(await drained())) drop();
    isAsking = false;
  }, aliveMs);
  void gone.then(() => {
    clearInterval(watching);
    events.onClosed();
  });

  return ok({
    answers: url.answers,
    async write(bytes) {
      if (!port.isOpen) return false;
      const written = new Promise<boolean>((resolve) => {
        port.write(bytes, (writeError) => resolve(!writeError));
      }).then((isWritten) => isWritten && drained());
      const isSent = await whileOpen(ending.signal, written, false);
      if (!isSent) drop();
      return isSent;
    },
    async close() {
      drop();
      await within(closeMs, gone, undefined);
      end();
    },
  });
}

/** The bindings tell reasons in words only. */
function failureOf(error: Error): LinkFailure {
  if (/cannot lock|access (?:is )?denied|resource busy/i.test(error.message)) return 'busy';
  if (/permission denied/i.test(error.message)) return 'denied';
  if (/no such file|file not found|no such device/i.test(error.message)) return 'missing';
  return 'failed';
}
