import type { ActionFile, CredentialWanted, Wanted } from '../../src/genesys/wanted.ts';
import { wantedWith } from './world.ts';

/** A flow that takes a card, and one that leads to it and to everything else. */
const CAPTURE = `# A remark above.
secureCall:
  name: Tokenline Card Capture
  description: Takes a card.
  division: Home
  tasks:
    - task:
        name: Tokenise
        actions:
          - callDataSecure:
              name: Tokenise
              category:
                Tokenline:
                  dataAction:
                    Tokenline Tokenise Card:
                      inputs: {}
`;

/** The same without us in between. */
const CAPTURE_DIRECT = CAPTURE.replace(
  /callDataSecure:[^]*$/,
  `callData:
              category:
                Tokenline:
                  dataAction:
                    Tokenline Begin Card:
                      inputs: {}
          - callDataSecure:
              category:
                Tokenline Gateway:
                  dataAction:
                    Tokenline Send Card:
                      inputs: {}
`,
);

const ENTRY = `inboundCall:
  name: Tokenline Recurring Payments
  description: Sets up payments.
  division: Home
  initialGreeting:
    prompt: Prompt.tokenline_greeting
  tasks:
    - task:
        name: Say Goodbye
        actions:
          - playAudio:
              audio:
                prompt: Prompt.tokenline_goodbye
          - callData:
              category:
                Tokenline:
                  dataAction:
                    Tokenline Subscribe:
                      successOutputs:
                        prompt:
                          var: Flow.Prompt
          - transferToFlowSecure:
              targetFlow:
                name: Tokenline Card Capture
          - transferToAcd:
              targetQueue:
                lit:
                  name: Payment_Support_Group
              acdSkills:
                - acdSkill:
                    lit:
                      name: Payment_Support_English
`;

/** The same with other data actions in its integrations. */
export const withActions = (
  wanted: Wanted,
  change: (actions: readonly ActionFile[]) => readonly ActionFile[],
): Wanted => ({
  ...wanted,
  integrations: wanted.integrations.map((one) => ({ ...one, actions: change(one.actions) })),
});

/** The same with another field in the credential of one integration. */
export const withField = (
  wanted: Wanted,
  integration: string,
  fields: CredentialWanted['fields'],
): Wanted => ({
  ...wanted,
  integrations: wanted.integrations.map((one) => {
    const { type, fields: known } = one.credential;
    const credential = { type, fields: { ...known, ...fields } };
    return one.name === integration ? { ...one, credential } : one;
  }),
});

/** An object of every kind, and few of each: for what is done once for every request. */
export function smallWanted(
  keys: Readonly<Record<string, string>> = {},
  more: Partial<Wanted> = {},
): Wanted {
  return { ...fewOf(wantedWith(keys), CAPTURE), ...more };
}

/** The same with cards that the flow sends to the gateway. */
export const smallDirect = (whole: Wanted): Wanted => fewOf(whole, CAPTURE_DIRECT);

function fewOf(whole: Wanted, capture: string): Wanted {
  const named = (names: readonly string[]) => (one: { readonly name: string }) =>
    names.includes(one.name);
  const few = [
    'Tokenline Tokenise Card',
    'Tokenline Begin Card',
    'Tokenline Send Card',
    'Tokenline Subscribe',
  ];
  return {
    ...withActions(whole, (actions) => actions.filter(named(few))),
    skills: ['Payment_Support_English'],
    prompts: whole.prompts.filter(named(['tokenline_greeting', 'tokenline_goodbye'])),
    flows: [
      { file: 'entry.yaml', text: ENTRY },
      { file: 'capture.yaml', text: capture },
    ],
  };
}
