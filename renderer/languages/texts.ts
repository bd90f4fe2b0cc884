// The shape every language has: that of the Chinese texts, with any sentence in each place. Holds no text itself.

import type { zh } from './zh.ts';

type SameShape<Tree> = { readonly [Key in keyof Tree]: Tree[Key] extends string ? string : SameShape<Tree[Key]> };

/** Every namespace and key of the page. A language that lacks one does not compile. */
export type Texts = SameShape<typeof zh>;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: Texts;
    returnNull: false;
  }
}
