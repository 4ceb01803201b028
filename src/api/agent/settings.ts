/** The agent's page, and where agents sign in for it. */
export interface AgentSettings {
  readonly mode: 'sandbox' | 'live';
  /** Where browsers reach this process, such as `https://pay.example.com`. */
  readonly publicOrigin: string;
  /** Folder of all pages: `agent` and `desk` in it are served below `/agent/`. */
  readonly pageFolder: string;
  /** Genesys' page for signing in: `https://login.<region>`. */
  readonly loginUrl: string;
  readonly clientId: string;
  /** Origins that may show the page in a frame, such as `https://apps.<region>`, and no others. */
  readonly framedBy: readonly string[];
}

/** Where Genesys sends an agent back to; the OAuth client has to know it, letter by letter. */
export const SIGNED_IN_PATH = '/agent/signed-in';
