// The devices of kiosk.json, or simulated ones: opened once, closed with the engine, their state told to the pages.

import type { Home } from '../../db/home.ts';
import { rasterToPng } from '../../hardware/printer/png.ts';
import { openPrinter } from '../../hardware/printer/printer.ts';
import { openScanner } from '../../hardware/scanner/scanner.ts';
import type { ScannerHandlers } from '../../hardware/scanner/reader.ts';
import { startVirtualPrinter } from '../../hardware/virtual/printer.ts';
import { openVirtualScanner } from '../../hardware/virtual/scanner.ts';
import type { ScannerView } from '../ipc/snapshot.ts';
import { scan } from './cart.ts';
import { touchTill } from './idle-lock.ts';
import { openScaleDevice } from './scale.ts';
import { type Devices, type Engine, notify, stopOnFault, whenFree } from './till.ts';

const simulated = 'simulated:';

/** Opens what the home names. A device that is not there is not an error: it is shown as such and keeps being looked for. */
export async function openDevices(engine: Engine, home: Home): Promise<Devices> {
  const { printer: printerAddress, scanner: scannerAddress } = home.config;
  const virtualPrinter = printerAddress === simulated ? await startVirtualPrinter({ dots: engine.settings.paperDots }) : null;
  virtualPrinter?.onPaper((strip) => engine.emit('paper', { png: Buffer.from(rasterToPng(strip)).toString('base64') }));
  const printer = openPrinter(virtualPrinter?.address ?? printerAddress, {});
  printer.onCondition(() => engine.changed());
  let scannerState: ScannerView['state'] = 'connecting';
  const handlers: ScannerHandlers = {
    onScan: (text) => void scanned(engine, () => scan(engine, text)),
    onGarbled: () => void scanned(engine, () => notify(engine, 'scan_garbled')),
    onState(state) {
      scannerState = state;
      engine.changed();
    },
  };
  const virtualScanner = scannerAddress === simulated ? openVirtualScanner(handlers) : null;
  const scanner = virtualScanner === null ? openScanner(scannerAddress, handlers) : null;
  const scale = openScaleDevice(engine, home.config.scale ?? '');
  await scale.refresh();
  return {
    printer,
    virtualPrinter,
    virtualScanner,
    scale,
    get scannerState() {
      return scannerState;
    },
    printing: { last: Promise.resolve(), waiting: 0, current: null, answers: new Map() },
    async close() {
      virtualScanner?.close();
      await scanner?.close();
      await scale.close();
      await printer.close();
      await virtualPrinter?.close();
    },
  };
}

/** A scan is an act like a call: it waits for long work, and a fault of the disk stops the till. */
async function scanned(engine: Engine, act: () => unknown): Promise<void> {
  touchTill(engine);
  await whenFree(engine);
  try {
    act();
  } catch (error) {
    stopOnFault(engine, error);
  }
}
