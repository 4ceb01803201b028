import { FILES, shortForms } from './short-form.ts';

shortForms(FILES.simulation);
