// Goods to touch: by category, by pinyin or its initials. The engine searches; at most 60 tiles come back.

import { memo, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type GoodsCategory, goodsCategories } from '../../db/model/catalogue.ts';
import type { PictureKey } from '../../db/model/picture-keys.ts';
import type { GoodsTile } from '../../electron/ipc/snapshot.ts';
import { keyMap, useKeys } from '../keyboard.ts';
import { usePage, useRun } from '../page.tsx';
import { PointsAmount, Yuan } from '../parts/amount.tsx';
import { Button } from '../parts/button.tsx';
import { LocalName } from '../parts/local-name.tsx';
import { Pictogram } from '../parts/pictogram.tsx';
import styles from './goods.module.css';

/** A picture for each category. */
const categoryPictures: { readonly [category in GoodsCategory]: PictureKey } = {
  grain: 'rice',
  oil: 'oil',
  cleaning: 'detergent',
  paper: 'paper',
  kitchen: 'pot',
  food: 'snack',
  drink: 'drink',
  textile: 'towel',
  stationery: 'pen',
  farm: 'fertilizer',
  appliance: 'appliance',
  other: 'box',
};

interface GoodsPanelProps {
  /** Number of the county file in force: other prices, another list. */
  readonly version: number;
  readonly onSearch: () => void;
  readonly onCode: () => void;
}

export function GoodsPanel({ version, onSearch, onCode }: GoodsPanelProps) {
  const { t } = useTranslation('till');
  const [category, setCategory] = useState<GoodsCategory | null>(null);
  /** Where each further page began, the one on the screen last. */
  const [pages, setPages] = useState<readonly number[]>([]);
  const offset = pages.at(-1) ?? 0;
  const found = useGoods({ query: '', category, offset, version });
  const choose = (next: GoodsCategory | null): void => {
    setCategory(next);
    setPages([]);
  };
  const back = (): void => setPages(pages.slice(0, -1));
  const shownTo = offset + (found?.tiles.length ?? 0);
  return (
    <div className={styles.panel}>
      <div className={styles.ways}>
        <Button onPress={onSearch}>
          {t('search')} <kbd>{keyMap.search.shown}</kbd>
        </Button>
        <Button onPress={onCode}>
          {t('code')} <kbd>{keyMap.code.shown}</kbd>
        </Button>
        {found !== null && found.total > found.tiles.length && (
          <>
            <Button disabled={pages.length === 0} onPress={back}>
              {`‹\u00a0${t('earlierGoods')}`}
            </Button>
            <Button disabled={shownTo >= found.total} onPress={() => setPages([...pages, shownTo])}>
              {`${t('moreGoods')}\u00a0›`}
            </Button>
          </>
        )}
      </div>
      <div className={styles.categories} role="group" aria-label={t('all')}>
        <Button chosen={category === null} className={styles.category} onPress={() => choose(null)}>
          {t('all')}
        </Button>
        {goodsCategories.map((name) => (
          <Button key={name} chosen={category === name} className={styles.category} onPress={() => choose(name)}>
            <span className={styles.sign}>
              <Pictogram name={categoryPictures[name]} />
            </span>
            {t(`category_${name}`)}
          </Button>
        ))}
      </div>
      <Tiles tiles={found?.tiles ?? null} none={t('goodsNone')} />
    </div>
  );
}

/** In the order of the alphabet: whoever learnt pinyin at school knows it, few know a keyboard's. Nine fit a row. */
const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
/** Five syllables spelled out; any name's initials are fewer. */
const queryMax = 30;

/** Search with the page's own keys: no text field, so no input method and no system keyboard. */
export function SearchPanel({ version, onClose }: { readonly version: number; readonly onClose: () => void }) {
  const { t } = useTranslation(['till', 'common']);
  const [query, setQuery] = useState('');
  const found = useGoods({ query, category: null, offset: 0, version });
  const type = (letter: string): void => setQuery((text) => (text + letter).slice(0, queryMax));
  const press = (key: string): void => {
    if (key === 'delete') setQuery((text) => text.slice(0, -1));
    else if (key === 'clear') setQuery('');
    else if (/^\d$/.test(key)) type(key);
  };
  useKeys('panel', { onLetter: type, onPad: press, commands: { back: onClose } });
  return (
    <div className={styles.panel}>
      <div className={styles.search}>
        <p className={styles.query} aria-live="polite">
          {query === '' ? <span className={styles.hint}>{t('till:searchTitle')}</span> : <span lang="en">{query}</span>}
        </p>
        <Button onPress={onClose}>{t('common:back')}</Button>
      </div>
      <Tiles tiles={found?.tiles ?? null} none={t('till:searchNone')} />
      <div className={styles.letters} lang="en">
        {letters.map((letter) => (
          <Button key={letter} className={styles.letter} onPress={() => type(letter)}>
            {letter}
          </Button>
        ))}
        <Button label={t('common:delete')} className={styles.letter} onPress={() => press('delete')}>
          ⌫
        </Button>
      </div>
    </div>
  );
}

interface Found {
  readonly tiles: readonly GoodsTile[];
  readonly total: number;
  /** Of the county file whose prices these are. */
  readonly version: number;
}

function useGoods({
  query,
  category,
  offset,
  version,
}: {
  readonly query: string;
  readonly category: GoodsCategory | null;
  readonly offset: number;
  readonly version: number;
}): Found | null {
  const { run, known } = usePage();
  const [found, setFound] = useState<Found | null>(null);
  const isThere = known.link === 'connected';
  // outside world: the engine's index; what was found before stays until the answer is there
  useEffect(() => {
    if (!isThere) return undefined;
    let isWanted = true;
    void run((call) => call.searchGoods({ query, category, offset })).then((answer) => {
      if (isWanted && answer !== null) setFound({ ...answer, version });
    });
    return () => {
      isWanted = false;
    };
  }, [run, query, category, offset, version, isThere]);
  return found;
}

const Tiles = memo(function Tiles({ tiles, none }: { readonly tiles: readonly GoodsTile[] | null; readonly none: string }) {
  const { t } = useTranslation('till');
  const run = useRun();
  if (tiles === null) return <div className={styles.tiles} />;
  if (tiles.length === 0) return <p className={styles.none}>{none}</p>;
  return (
    <ul className={styles.tiles}>
      {tiles.map((tile) => (
        <li key={tile.id}>
          <button
            type="button"
            className={styles.tile}
            data-target="cashier"
            onClick={() => void run((call) => call.addGoods({ goodsId: tile.id }))}
          >
            <span className={styles.picture}>
              <Pictogram name={tile.picture} />
            </span>
            <span className={styles.name}>
              <LocalName zh={tile.zh} bo={tile.bo} /> <small>{tile.size}</small>
            </span>
            <span className={styles.prices}>
              {tile.soldBy === 'weight' && <small>{t('perKilogram')}</small>}
              {tile.priceFen !== null && <Yuan fen={tile.priceFen} />}
              {tile.pricePoints !== null && <PointsAmount points={tile.pricePoints} />}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
});
