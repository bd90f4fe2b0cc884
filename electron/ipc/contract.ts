// What a page may ask of the engine: the type of the engine's own table of calls, so there is nothing to keep in step.

import type { handlers } from '../engine/handlers.ts';

type Table = typeof handlers;

/** Every call: its arguments and its answer. A new call is one entry in electron/engine/handlers.ts. */
export type Contract = {
  readonly [Name in keyof Table]: {
    readonly args: Parameters<Table[Name]['run']>[1];
    readonly value: Awaited<ReturnType<Table[Name]['run']>>;
  };
};
