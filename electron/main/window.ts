// The one place where a window is made, with every flag that matters written out. Shows no page by itself.

import { BrowserWindow } from 'electron';
import type { BrowserWindowConstructorOptions } from 'electron';

export interface WindowOptions {
  readonly preload: string;
  readonly kiosk: boolean;
  /** Off in a shop. */
  readonly devTools: boolean;
}

/** Makes the till's window (S01). */
export function makeWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow(secureOptions(options));
  window.removeMenu();
  void window.webContents.setVisualZoomLevelLimits(1, 1);
  return window;
}

function secureOptions({ preload, kiosk, devTools }: WindowOptions): BrowserWindowConstructorOptions {
  return {
    title: '积分终端',
    width: 1366,
    height: 820,
    kiosk,
    fullscreen: kiosk,
    autoHideMenuBar: true,
    backgroundColor: '#ffffff',
    webPreferences: {
      preload,
      devTools,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      plugins: false,
      spellcheck: false,
      safeDialogs: true,
      disableDialogs: true,
      backgroundThrottling: false, // A screen saver over the till is no reason to miss heartbeats.
    },
  };
}
