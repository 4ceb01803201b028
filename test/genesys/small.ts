import type { Wanted } from '../../src/genesys/wanted.ts';
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

/** An object of every kind, and few of each: for what is done once for every request. */
export function smallWanted(
  keys: Readonly<Record<string, string>> = {},
  more: Partial<Wanted> = {},
): Wanted {
  const whole = wantedWith(keys);
  const named = (names: readonly string[]) => (one: { readonly name: string }) =>
    names.includes(one.name);
  return {
    ...whole,
    actions: whole.actions.filter(named(['Tokenline Tokenise Card', 'Tokenline Subscribe'])),
    skills: ['Payment_Support_English'],
    prompts: whole.prompts.filter(named(['tokenline_greeting', 'tokenline_goodbye'])),
    flows: [
      { file: 'entry.yaml', text: ENTRY },
      { file: 'capture.yaml', text: CAPTURE },
    ],
    ...more,
  };
}
