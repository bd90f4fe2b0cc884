// The bridge between the page and main: a port to the engine as two functions, and a heartbeat. Passes no Electron object on.

import { contextBridge, ipcRenderer } from 'electron';

/** Main looks every two seconds (electron/main/crashes.ts). */
const heartbeatMs = 2_000;
/** No engine by then: the page tries again, and shows that it waits. */
const connectDeadlineMs = 5_000;

let release: (() => void) | null = null;

contextBridge.exposeInMainWorld('kiosk', {
  /** One wire at a time: a new one closes the one before. Rejects when no engine answers in time. */
  connect(listener: (message: unknown) => void, onClose: () => void): Promise<{ send(message: unknown): void }> {
    release?.();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        ipcRenderer.removeListener('wire', take);
        release = null;
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error('the engine does not answer'));
      }, connectDeadlineMs);
      const take = (event: { readonly ports: readonly MessagePort[] }): void => {
        stop();
        const port = event.ports[0]!; // main sends exactly one
        port.addEventListener('message', ({ data }) => listener(data));
        port.addEventListener('close', onClose);
        port.start();
        release = () => port.close();
        resolve({ send: (message) => port.postMessage(message) });
      };
      release = () => {
        stop();
        reject(new Error('another connection took its place'));
      };
      ipcRenderer.on('wire', take);
      ipcRenderer.send('wire');
    });
  },
});

setInterval(() => ipcRenderer.send('alive'), heartbeatMs);
