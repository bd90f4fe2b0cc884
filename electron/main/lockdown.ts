// Takes from every page what it does not need: other addresses, windows, permissions, downloads, keys. Decides nothing itself.

import { app, Menu, session } from 'electron';
import type { Log } from '../ipc/log.ts';
import { isAllowedUrl, pageAt } from './addresses.ts';
import { isSwallowed } from './keys.ts';
import { isPermitted } from './permissions.ts';

/** For every page that will ever be; called before the app is ready. */
export function lockPages({ kiosk, log }: { readonly kiosk: boolean; readonly log: Log }): void {
  Menu.setApplicationMenu(null);
  app.on('web-contents-created', (_, contents) => {
    const stay = (event: { readonly url: string; preventDefault(): void }): void => {
      if (pageAt(event.url) !== null) return;
      event.preventDefault();
      log(`a page was kept from going to ${event.url.slice(0, 200)}`);
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      log(`a page was kept from opening ${url.slice(0, 200)}`);
      return { action: 'deny' };
    });
    contents.on('before-input-event', (event, key) => {
      if (isSwallowed(key, kiosk)) event.preventDefault();
    });
  });
}

/** For the session that all pages share; called when the app is ready. */
export function lockSession({ devTools }: { readonly devTools: boolean }): void {
  const pages = session.defaultSession;
  pages.setPermissionRequestHandler((_, permission, answer) => answer(isPermitted(permission)));
  pages.setPermissionCheckHandler((_, permission) => isPermitted(permission));
  pages.setDevicePermissionHandler(({ deviceType }) => isPermitted(deviceType));
  pages.on('will-download', (event) => event.preventDefault());
  pages.webRequest.onBeforeRequest((request, answer) => {
    const isTool = devTools && request.url.startsWith('devtools://');
    answer({ cancel: !isTool && !isAllowedUrl(request.url) });
  });
}
