import { storeConformance } from '../conformance/store.ts';
import { withStores } from '../database.ts';

/** What a server answers under load or on its way down, and PL/pgSQL that says it. */
const IN_MEMORY = { noServer: 'in memory there is no server that could refuse or meet a conflict' };

withStores((name, open) => storeConformance(name, open, name === 'memory' ? IN_MEMORY : {}));
