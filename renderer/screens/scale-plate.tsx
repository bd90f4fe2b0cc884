// What stands on the scale's plate and its verification mark: model, serial number, date, typed with the page's own keys.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dateText } from '../../db/model/format.ts';
import { verificationOf } from '../../db/model/scale-check.ts';
import { useKeys } from '../keyboard.ts';
import { usePage } from '../page.tsx';
import { Button } from '../parts/button.tsx';
import styles from './scale-plate.module.css';

export interface Plate {
  readonly model: string;
  readonly serialNumber: string;
  /** Eight digits when it is whole. */
  readonly verifiedOn: string;
}

export const emptyPlate: Plate = { model: '', serialNumber: '', verifiedOn: '' };

/** 20260301 → 2026-03-01; null where it is no date. */
export function dateOf(digits: string): string | null {
  const text = digits.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
  const at = Date.parse(`${text}T00:00:00Z`);
  return text.length === 10 && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) ? text : null;
}

export function isPlateWhole({ model, serialNumber, verifiedOn }: Plate, today: string): boolean {
  const date = dateOf(verifiedOn);
  return model.trim() !== '' && serialNumber.trim() !== '' && date !== null && verificationOf(date, today) !== 'future';
}

const fields = ['model', 'serialNumber', 'verifiedOn'] as const;
const keys = '1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ-/.'.split('');
const textMax = 40;
const dateDigits = 8;

interface PlateStepProps {
  readonly plate: Plate;
  readonly today: string;
  readonly models: readonly string[];
  readonly onPlate: (plate: Plate) => void;
}

export function PlateStep({ plate, today, models, onPlate }: PlateStepProps) {
  const { t } = useTranslation(['scaleSetup', 'common']);
  const { language } = usePage();
  const [field, setField] = useState<(typeof fields)[number]>('serialNumber');
  const type = (key: string): void => {
    const isDate = field === 'verifiedOn';
    if (isDate && !/\d/.test(key)) return;
    onPlate({ ...plate, [field]: (plate[field] + key).slice(0, isDate ? dateDigits : textMax) });
  };
  const press = (key: string): void => {
    if (key === 'delete') onPlate({ ...plate, [field]: plate[field].slice(0, -1) });
    else if (key === 'clear') onPlate({ ...plate, [field]: '' });
    else type(key);
  };
  useKeys('panel', { onPad: press, onLetter: (letter) => type(letter.toUpperCase()) });
  const date = dateOf(plate.verifiedOn);
  const state = date === null ? null : verificationOf(date, today);
  return (
    <>
      <p>{t('scaleSetup:plateText')}</p>
      <ul className={styles.fields}>
        {fields.map((name) => (
          <li key={name}>
            <Button chosen={name === field} className={styles.field} onPress={() => setField(name)}>
              <span className={styles.name}>{t(`scaleSetup:${name}`)}</span>
              <span lang="zh-Hans">{plate[name] === '' && name === 'verifiedOn' ? '–' : plate[name]}</span>
            </Button>
          </li>
        ))}
      </ul>
      {field === 'verifiedOn' && (
        <p className={state === 'future' || state === 'overdue' ? styles.bad : styles.soft} role="status">
          {date === null || state === null
            ? t('scaleSetup:dateHint')
            : state === 'future'
              ? t('verified_in_future.what', { ns: 'refused' })
              : state === 'overdue'
                ? t('scaleSetup:overdue', { date: dateText(date, language) })
                : dateText(date, language)}
        </p>
      )}
      {field === 'model' && models.length > 1 && (
        <div className={styles.keys}>
          {models.map((model) => (
            <Button key={model} chosen={model === plate.model} onPress={() => onPlate({ ...plate, model })}>
              <span lang="zh-Hans">{model}</span>
            </Button>
          ))}
        </div>
      )}
      <div className={styles.keys} lang="en">
        {keys
          .filter((key) => field !== 'verifiedOn' || /\d/.test(key))
          .map((key) => (
            <Button key={key} className={styles.key} onPress={() => type(key)}>
              {key}
            </Button>
          ))}
        <Button label={t('common:delete')} className={styles.key} onPress={() => press('delete')}>
          ⌫
        </Button>
      </div>
    </>
  );
}
