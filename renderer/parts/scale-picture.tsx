// What to do with the pan, as a picture: empty, something on it, the known weight on it. Says nothing in words.

import styles from './scale-picture.module.css';

type PanLoad = 'empty' | 'bag' | 'known';

const loads: { readonly [load in PanLoad]: string } = {
  empty: 'M22 26h52M48 21L64 5M53 5h11v11',
  bag: 'M34 30q-4-14 6-18l-3-6h22l-3 6q10 4 6 18z',
  known: 'M32 30l4-18h24l4 18zM42 12a6 6 0 1 1 12 0M44 24h8',
};

export function ScalePicture({ load }: { readonly load: PanLoad }) {
  return (
    <svg className={styles.picture} viewBox="0 0 96 64" aria-hidden="true" focusable="false">
      <path d={`M14 31h68M48 31v6M20 58l4-21h48l4 21zM34 44h28v8H34z${loads[load]}`} />
    </svg>
  );
}
