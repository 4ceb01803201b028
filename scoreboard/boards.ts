import type { Board } from './board.ts';
import { LEAK } from './leak/leak.ts';
import { MUTATION } from './mutants/board.ts';
import { DOUBLE_CRASH } from './process/crash/double-crash.ts';
import { SINGLE_FAULT } from './process/crash/single-fault.ts';
import { POSTGRES_FAULTS } from './process/postgres-faults.ts';
import { RECEIVERS } from './process/receivers.ts';
import { REPLICAS } from './process/replicas.ts';
import { SOAK } from './process/soak.ts';
import { cardTestingBoard } from './security/card-testing/board.ts';
import { malformedBoard } from './security/malformed-board.ts';
import { roleBoard } from './security/role-board.ts';
import { tlsBoard } from './security/tls-board.ts';
import { tokenBoard } from './security/token-board.ts';
import { BASELINE } from './simulation/baseline.ts';
import { LIVENESS, SAFETY } from './simulation/board.ts';
import { TAMPER } from './tamper/tamper.ts';

/** Every board, in the order of the table. */
export const BOARDS: readonly Board[] = [
  SAFETY,
  LIVENESS,
  SINGLE_FAULT,
  DOUBLE_CRASH,
  SOAK,
  POSTGRES_FAULTS,
  REPLICAS,
  RECEIVERS,
  LEAK,
  TAMPER,
  MUTATION,
  BASELINE,
  roleBoard,
  tlsBoard,
  malformedBoard,
  cardTestingBoard,
  tokenBoard,
];
