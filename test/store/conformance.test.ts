import { storeConformance } from '../conformance/store.ts';
import { withStores } from '../database.ts';

withStores((name, open) => storeConformance(name, open));
