import type { Board } from './board.ts';

/** Every board, in the order of the table. */
export const BOARDS: readonly Board[] = [];
