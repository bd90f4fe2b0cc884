// The page's three languages in one i18next, all bundled. Numbers, dates and ages are db/model/format.ts, never Intl.

import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { languages, type Language } from '../../db/model/catalogue.ts';
import { bo } from './bo.ts';
import { en } from './en.ts';
import type { Texts } from './texts.ts';
import { zh } from './zh.ts';

/** Every text, by language. */
export const texts: { readonly [name in Language]: Texts } = { zh, bo, en };

/** Each language in its own script, for the switch. */
export const languageNames: { readonly [name in Language]: string } = { zh: '中文', bo: 'བོད་ཡིག', en: 'English' };

/** What `lang` says: it chooses the font, the line height and the voice of a screen reader. */
export const languageTags: { readonly [name in Language]: string } = { zh: 'zh-Hans', bo: 'bo', en: 'en' };

/** A ready i18next. Tibetan that is missing is shown in Chinese, never in English. */
export function makeTexts(language: Language): i18n {
  const instance = createInstance();
  // initAsync false: the texts are in the bundle, so the first paint already has them
  void instance.use(initReactI18next).init({
    lng: language,
    supportedLngs: [...languages],
    fallbackLng: { bo: ['zh'], en: ['zh'], default: ['zh'] },
    resources: texts,
    ns: Object.keys(zh),
    defaultNS: 'common',
    returnNull: false,
    initAsync: false,
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
  });
  return instance;
}
