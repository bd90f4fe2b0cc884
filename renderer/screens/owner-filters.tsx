// What is left of all: one operator, one kind of goods, or one kind of payment. One at a time.

import { useTranslation } from 'react-i18next';
import { type OwnerFilter, ownerPayments, type OwnerReport } from '../../electron/ipc/owner-views.ts';
import { Button } from '../parts/button.tsx';
import styles from './owner.module.css';

interface FiltersProps {
  readonly choices: OwnerReport['choices'];
  readonly filter: OwnerFilter;
  readonly onChoose: (filter: OwnerFilter) => void;
}

export function OwnerFilters({ choices, filter, onChoose }: FiltersProps) {
  const { t } = useTranslation(['owner', 'till']);
  const key = (each: OwnerFilter, label: string) => (
    <Button key={label} size="large" chosen={JSON.stringify(each) === JSON.stringify(filter)} onPress={() => onChoose(each)}>
      {label}
    </Button>
  );
  return (
    <section className={styles.filters} tabIndex={0}>
      {key({ kind: 'all' }, t('owner:all'))}
      <h2>{t('owner:payment')}</h2>
      <div>{ownerPayments.map((payment) => key({ kind: 'payment', payment }, t(`owner:pay_${payment}`)))}</div>
      {choices.operators.length > 0 && (
        <>
          <h2>{t('owner:tab_operators')}</h2>
          <div>{choices.operators.map(({ id, name }) => key({ kind: 'operator', id }, name))}</div>
        </>
      )}
      {choices.categories.length > 0 && (
        <>
          <h2>{t('owner:tab_goods')}</h2>
          <div>{choices.categories.map((category) => key({ kind: 'category', category }, t(`till:category_${category}`)))}</div>
        </>
      )}
    </section>
  );
}
