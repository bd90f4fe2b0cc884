// The three languages, each in its own script, on every screen. Switching loses nothing: only the words change.

import { languages } from '../../db/model/catalogue.ts';
import { languageNames, languageTags } from '../languages/languages.ts';
import { usePage } from '../page.tsx';
import { Button } from './button.tsx';
import styles from './language-switch.module.css';

export function LanguageSwitch() {
  const { language, setLanguage } = usePage();
  return (
    <div className={styles.switch} role="group" aria-label={languages.map((name) => languageNames[name]).join(' ')}>
      {languages.map((name) => (
        <span key={name} lang={languageTags[name]}>
          <Button chosen={language === name} onPress={() => setLanguage(name)}>
            {languageNames[name]}
          </Button>
        </span>
      ))}
    </div>
  );
}
