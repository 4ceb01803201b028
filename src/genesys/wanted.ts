import type { Prefix } from './naming.ts';

/** A data action as Genesys exports it, addresses put in. */
export interface ActionFile {
  readonly name: string;
  readonly config: ActionConfig;
  readonly contract: {
    readonly input: { readonly inputSchema: ContractSchema };
    readonly output: { readonly successSchema: ContractSchema };
  };
  readonly secure: boolean;
}

export interface ActionConfig {
  readonly request: {
    readonly requestUrlTemplate: string;
    readonly requestType: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly requestTemplate: string;
  };
  readonly response: {
    readonly translationMap: Readonly<Record<string, string>>;
    readonly translationMapDefaults: Readonly<Record<string, string>>;
    readonly successTemplate: string;
  };
  /** Seconds, 1 to 60. */
  readonly timeoutSeconds?: number;
}

export interface ContractSchema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface PromptTexts {
  /** As flows play it, without the prefix of an environment: `tokenline_greeting`. */
  readonly name: string;
  readonly texts: readonly { readonly language: string; readonly text: string }[];
}

export interface FlowFile {
  /** For messages: `genesys/flows/card-capture.yaml`. */
  readonly file: string;
  readonly text: string;
}

/** Everything that an organisation should have. Names are without prefix. */
export interface Wanted {
  readonly prefix: Prefix;
  /** Take over what has our names and not our mark. */
  readonly adopt: boolean;
  readonly division: string;
  /** Our OAuth client's id, by which Genesys says who published a flow. */
  readonly clientId: string;
  /** Fields of the credential, as the authentication action reads them. */
  readonly credential: Readonly<Record<string, string>>;
  readonly authAction: { readonly name: string; readonly config: ActionConfig };
  readonly actions: readonly ActionFile[];
  readonly skills: readonly string[];
  /** As the flows name it, and as it is called in the organisation. */
  readonly queue: { readonly inFlows: string; readonly name: string };
  readonly prompts: readonly PromptTexts[];
  readonly flows: readonly FlowFile[];
  /** E.164. */
  readonly phoneNumbers: readonly string[];
}
