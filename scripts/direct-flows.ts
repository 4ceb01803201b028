/** What is said at the head of a secure flow about where its secrets go, for one way of capture. */
const REACHED_BY = {
  bridge: 'secure variables reach Tokenline Tokenise Card and nothing else,',
  direct: 'secure variables reach Tokenline Send Card of the gateway and nothing else,',
};

const NOTE = `# For \`capture: direct\`. Written by \`npm run generate\` from genesys/flows/{file} with the one task that
# differs, genesys/direct/tokenise.yaml.part; do not edit.
#
`;

/** The task that sends the card, with the comment above it; what follows it begins another task. */
const TASK =
  /(?:^ {4}#.*\n)*^ {4}- task:\n {8}name: Tokenise\n[\s\S]*?(?=(?:^ {4}#.*\n)*^ {4}- task:\n)/m;

/**
 * A secure flow for cards that go to the gateway itself: the same text, with another task that sends
 * them. One source, so that a prompt that is changed in one is changed in both.
 *
 * @throws Error where the flow has no such task, or more than one.
 */
export function directFlow(file: string, flow: string, task: string): string {
  const found = flow.match(new RegExp(TASK, 'gm')) ?? [];
  if (found.length !== 1) throw new Error(`${file} has ${found.length} tasks named Tokenise`);
  if (!flow.includes(REACHED_BY.bridge)) throw new Error(`${file} does not say where secrets go`);
  return (
    NOTE.replace('{file}', file) +
    flow.replace(TASK, () => task).replace(REACHED_BY.bridge, REACHED_BY.direct)
  );
}
