import { playShare, type Share } from './board.ts';

/** Plays its share of the runs and tells its parent what they came to. */
const share = JSON.parse(process.argv[2] ?? '') as Share;
const tally = await playShare(share, (played) => void process.send?.({ played }));
process.send?.({ tally }, () => process.disconnect());
