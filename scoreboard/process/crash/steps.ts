/** What a request is about, whoever sends it to whom. */
export type Step =
  'tokenise' | 'verify' | 'subscribe' | 'cancel' | 'change_card' | 'look_up' | 'deliver' | 'other';

const STEPS: readonly (readonly [RegExp, Step])[] = [
  [/^POST \/v1\/tokens(?: |$)/, 'tokenise'],
  [/^POST \/v1\/tokens\/[^/ ]+\/verify(?: |$)/, 'verify'],
  [/^POST \/v1\/subscriptions(?: |$)/, 'subscribe'],
  [/^POST \/v1\/subscriptions\/[^/ ]+\/cancel(?: |$)/, 'cancel'],
  [/^POST \/v1\/subscriptions\/[^/ ]+\/change-card(?: |$)/, 'change_card'],
  [/^GET \/v1\/operations\//, 'look_up'],
  [/^POST \/billing\/events(?: |$)/, 'deliver'],
];

/** @param line the first line of a request, or its method and path. */
export function stepOf(line: string): Step {
  return STEPS.find(([pattern]) => pattern.test(line))?.[1] ?? 'other';
}
