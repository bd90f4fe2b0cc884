// A name that exists in Chinese and perhaps in Tibetan, in the page's language, marked with the language it is in.

import { useLanguage } from '../page.tsx';

/** Tibetan where the page is Tibetan and the name has one, else Chinese. */
export function LocalName({ zh, bo }: { readonly zh: string; readonly bo: string | null }) {
  const language = useLanguage();
  return language === 'bo' && bo !== null ? <span lang="bo">{bo}</span> : <span lang="zh-Hans">{zh}</span>;
}
