// The bridge between the page and main: a port to the engine as two functions, and a heartbeat. Passes no Electron object on.

import { contextBridge, ipcRenderer } from 'electron';

/** Main looks every two seconds (electron/main/crashes.ts). */
const heartbeatMs = 2_000;
/** No engine by then: the page tries again, and shows that it waits. */
const connectDeadlineMs = 5_000;

/** The wire of this page: none, one asked for, or one that carries. */
type Wire =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly take: (port: MessagePort) => void; readonly giveUp: () => void }
  | { readonly kind: 'open'; readonly close: () => void };

let wire: Wire = { kind: 'none' };

contextBridge.exposeInMainWorld('kiosk', {
  /** One wire at a time: a new one closes the one before. Rejects when no engine answers in time. */
  connect(listener: (message: unknown) => void, onClose: () => void): Promise<{ send(message: unknown): void }> {
    end();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        clearTimeout(timer);
        wire = { kind: 'none' };
        reject(new Error('the engine does not answer'));
      };
      const timer = setTimeout(giveUp, connectDeadlineMs);
      const take = (port: MessagePort): void => {
        clearTimeout(timer);
        const close = (): void => {
          if (wire !== open) return;
          wire = { kind: 'none' };
          port.close();
          onClose();
        };
        const open: Wire = { kind: 'open', close };
        wire = open;
        port.addEventListener('message', ({ data }) => listener(data));
        port.addEventListener('close', close);
        port.start();
        resolve({ send: (message) => port.postMessage(message) });
      };
      wire = { kind: 'asked', take, giveUp };
      ipcRenderer.send('wire');
    });
  },
});

ipcRenderer.on('wire', ({ ports: [port] }) => {
  if (wire.kind === 'asked' && port) wire.take(port);
  else port?.close(); // It comes too late: the page has given up, and asks again.
});
ipcRenderer.on('gone', () => {
  if (wire.kind === 'open') wire.close();
});

function end(): void {
  if (wire.kind === 'asked') wire.giveUp();
  if (wire.kind === 'open') wire.close();
}

setInterval(() => ipcRenderer.send('alive'), heartbeatMs);
