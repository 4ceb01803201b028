import { BOARDS } from '../boards.ts';
import { playBoard } from '../play.ts';

/** Plays one board of this copy of the house, in short, and writes what it came to. */
const [id = '', seed = '0', replay] = process.argv.slice(2);
const board = BOARDS.find((one) => one.id === id);
if (board === undefined) throw new Error(`there is no board ${id}`);
const row = await playBoard(board, { size: 'short', seed: Number(seed), replay: replay ?? null });
process.stdout.write(JSON.stringify(row), () => process.exit(0));
