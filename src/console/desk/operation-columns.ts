import type { OperationRow } from '../../contract/console-operations.ts';
import { moment, type Column } from './dom.ts';
import { lengthOf } from './lengths.ts';
import { kindWord, stateBadge, storyLink } from './operation-words.ts';

/** The columns of a list of operations, wherever one is shown. */
export const OPERATION_COLUMNS: readonly Column<OperationRow>[] = [
  { title: 'Began', cell: (row) => moment(row.began_at) },
  { title: 'What', cell: (row) => kindWord(row.kind) },
  { title: 'State', cell: (row) => stateBadge(row.state) },
  { title: 'Why', cell: (row) => row.error_code },
  {
    title: 'Gateway',
    cell: (row) => (row.latency_ms === null ? '' : lengthOf(row.latency_ms)),
    numeric: true,
  },
  { title: 'Story', cell: (row) => storyLink(row.operation_id) },
];
