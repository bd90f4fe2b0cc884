// Puts the page into the document: fonts, languages, keyboard, touch. Knows neither who carries the messages nor a screen.

import '@fontsource-variable/noto-sans-sc/index.css';
import '@fontsource-variable/noto-serif-tibetan/index.css';
import './tokens.css';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import type { Language } from '../db/model/catalogue.ts';
import { App, type Beginning } from './app.tsx';
import { hearKeyboard } from './keyboard.ts';
import { isTypedIn } from './parts/wedge.ts';
import { makeTexts } from './languages/languages.ts';
import { PageProvider, showLanguage } from './page.tsx';
import { pixelsPerMm, showPixelsPerMm } from './parts/screen-size.ts';
import type { Store } from './store.ts';

/** Fonts come from this machine; a page without them after this is better than none. */
const fontsDeadlineMs = 1_500;

export async function startPage(
  store: Store,
  options: { readonly language?: Language; readonly beginning?: Beginning } = {},
): Promise<void> {
  const language = options.language ?? 'zh';
  showLanguage(language);
  showPixelsPerMm(document, pixelsPerMm(localStorage));
  hearKeyboard(window);
  keepFocusFromTouch(document);
  await Promise.race([loadFonts(), new Promise((resolve) => setTimeout(resolve, fontsDeadlineMs))]);
  createRoot(document.getElementById('page')!).render(
    <I18nextProvider i18n={makeTexts(language)}>
      <PageProvider store={store}>
        <App {...(options.beginning && { beginning: options.beginning })} />
      </PageProvider>
    </I18nextProvider>,
  );
}

/** Before the first paint, so that no Tibetan stack is first drawn in a font without it. */
async function loadFonts(): Promise<void> {
  await Promise.all([
    document.fonts.load('1rem "Noto Sans SC Variable"', '积分终端收款'),
    document.fonts.load('1rem "Noto Serif Tibetan Variable"', 'སྐར་གྲངས།'),
  ]);
}

/**
 * A touch presses a button and leaves the focus where it was: the next Enter is Pay, not the same button once more. A field that
 * is typed in takes it, or nobody could type.
 */
function keepFocusFromTouch(document: Document): void {
  document.addEventListener('mousedown', (event) => {
    if (!isTypedIn(event.target)) event.preventDefault();
  });
  document.addEventListener('contextmenu', (event) => event.preventDefault());
}
