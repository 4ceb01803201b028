import type { HttpRequest } from '../../system/http-client.ts';
import { FACTS_OF_STEP, SECRET_FACTS, type Fact, type Facts } from './facts.ts';
import { TOKEN_STEPS, type RestMapping, type StepName } from './mapping.ts';
import { bodyParts, headOfStep } from './request.ts';

/** What a request of a mapping looks like, with make-believe facts and no card. */
export interface ExampleRequest {
  readonly step: StepName;
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A secret is shown by its name in brackets. */
  readonly body: string;
}

/** Every fact as a word that says which it is; numbers where they are numbers. */
function exampleFacts(names: readonly Fact[]): Facts {
  const numbers: Readonly<Partial<Record<Fact, number>>> = {
    amount_minor: 2_999,
    interval_count: 1,
  };
  const given = names.filter((name) => !SECRET_FACTS.some((secret) => secret === name));
  return Object.fromEntries(given.map((name) => [name, numbers[name] ?? `<${name}>`]));
}

/** Makes every request that a mapping describes, so that its author can see them before any is sent. */
export function exampleRequests(mapping: RestMapping): readonly ExampleRequest[] {
  const subscribes = mapping.subscribe !== null;
  const names: readonly StepName[] = [
    'tokenise',
    ...TOKEN_STEPS.filter((name) => subscribes || name === 'verify' || name === 'charge'),
  ];
  return names.flatMap((name) => {
    const step = mapping[name];
    if (step === null) return [];
    const facts = exampleFacts(FACTS_OF_STEP[name]);
    const { method, headers } = headOfStep(mapping, step, facts);
    const body = bodyParts(mapping, step.fields, facts)
      .map((part) => (typeof part === 'string' ? part : `[${part.secret}]`))
      .join('');
    return [{ step: name, method, path: step.path, headers, body }];
  });
}
