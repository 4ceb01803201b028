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

export interface AuthAction {
  readonly name: string;
  readonly config: ActionConfig;
}

/**
 * `userDefinedOAuth` comes with an authentication action, whose answer is `${authResponse.…}`; both show
 * their fields to data actions as `${credentials.…}`.
 */
export type CredentialType = 'userDefined' | 'userDefinedOAuth';
export const CREDENTIAL_TYPES: readonly CredentialType[] = ['userDefined', 'userDefinedOAuth'];

export interface CredentialWanted {
  readonly type: CredentialType;
  /** As the templates read them; `clientSecret` and `apiKey` are secrets. */
  readonly fields: Readonly<Record<string, string>>;
}

/** An integration, with the credential that is its own and the data actions that use it. */
export interface IntegrationWanted {
  /** Also the category of its data actions in flows: `Tokenline`. */
  readonly name: string;
  readonly credential: CredentialWanted;
  /** `null` with a credential that is used as it is. */
  readonly authAction: AuthAction | null;
  readonly actions: readonly ActionFile[];
}

/** What some way of capture makes, by its names: whatever of it is there and ours can be removed. */
export interface IntegrationKnown {
  readonly name: string;
  readonly actions: readonly string[];
}

/** Everything that an organisation should have. Names are without prefix. */
export interface Wanted {
  readonly prefix: Prefix;
  /** Take over what has our names and not our mark. */
  readonly adopt: boolean;
  readonly division: string;
  /** Our OAuth client's id, by which Genesys says who published a flow. */
  readonly clientId: string;
  /** That with the bridge first. */
  readonly integrations: readonly IntegrationWanted[];
  /** Of every way of capture, this one included. */
  readonly known: readonly IntegrationKnown[];
  readonly skills: readonly string[];
  /** As the flows name it, and as it is called in the organisation. */
  readonly queue: { readonly inFlows: string; readonly name: string };
  readonly prompts: readonly PromptTexts[];
  readonly flows: readonly FlowFile[];
  /** E.164. */
  readonly phoneNumbers: readonly string[];
}
