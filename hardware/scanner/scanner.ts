// A scanner on a serial port (USB virtual COM, hardware.md E.1): listens, and comes back by itself after it was unplugged.
// Never writes to it, and knows neither cards nor goods.

import { parseDeviceUrl } from '../device-url.ts';
import { type LinkFailure, keepLink } from '../link.ts';
import { openSerialPort } from '../serial-port.ts';
import { type ScannerHandlers, type ScannerState, readScans } from './reader.ts';

/** Listens at `serial:…` until close(). Any other address is told as the state `none`. */
export function openScanner(address: string, handlers: ScannerHandlers): { close(): Promise<void> } {
  const url = parseDeviceUrl(address);
  if (!url.ok || url.value.kind !== 'serial') {
    handlers.onState('none');
    return { close: async () => {} };
  }
  const serial = url.value;
  const tell = onChange(handlers.onState);
  const reader = readScans({ ...handlers, onState: tell });
  tell('connecting');
  const link = keepLink((events) => openSerialPort(serial, events), {
    onUp: () => reader.up(),
    onBytes: (bytes) => reader.bytes(bytes),
    onDown(code) {
      reader.lost();
      tell(stateWithout(code));
    },
  });
  return {
    async close() {
      reader.close();
      await link.close();
    },
  };
}

/** Passes a state on only when it is another than before: keepLink tells of every attempt. */
function onChange(onState: (state: ScannerState) => void): (state: ScannerState) => void {
  let before: ScannerState | null = null;
  return (state) => {
    if (state !== before) onState(state);
    before = state;
  };
}

/** To the cashier, only one of the reasons has another remedy than the cable: another program must let go. */
function stateWithout(code: LinkFailure): ScannerState {
  return code === 'busy' ? 'busy' : 'lost';
}
