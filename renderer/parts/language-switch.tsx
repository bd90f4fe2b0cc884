// The three languages, each in its own script, on every screen. Switching loses nothing: only the words change.

import { languages, type Language } from '../../db/model/catalogue.ts';
import { languageNames, languageTags } from '../languages/languages.ts';
import { usePage } from '../page.tsx';
import { Button } from './button.tsx';
import styles from './language-switch.module.css';

const short: { readonly [name in Language]: string } = { zh: '中', bo: 'བོད', en: 'En' };

export function LanguageSwitch({ full = false }: { readonly full?: boolean }) {
  const { language, setLanguage } = usePage();
  return (
    <div className={styles.switch} role="group" aria-label={languages.map((name) => languageNames[name]).join(' ')}>
      {languages.map((name) => (
        <span key={name} lang={languageTags[name]}>
          <Button chosen={language === name} label={languageNames[name]} onPress={() => setLanguage(name)}>
            {full ? languageNames[name] : short[name]}
          </Button>
        </span>
      ))}
    </div>
  );
}
