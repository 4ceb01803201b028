import type { Role } from '../../contract/staff.ts';

/** Who signs people in, and which of the provider's groups has which role. */
export interface SignInSettings {
  /** OpenID Connect Discovery 1.0 §4: `<issuer>/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  /** `null` for a public client: PKCE is used in either case. */
  readonly clientSecret: string | null;
  /** Claim of the ID token that names the person in the ledger. */
  readonly personClaim: string;
  /** Claim that lists the person's groups. */
  readonly groupsClaim: string;
  readonly roles: Readonly<Record<Role, readonly string[]>>;
  /** Where `amr` has to name one of these (RFC 8176), such as `mfa`; empty asks for nothing. */
  readonly amr: readonly string[];
  readonly idleMs: number;
  readonly sessionMsMax: number;
}

export interface ConsoleSettings {
  readonly mode: 'sandbox' | 'live';
  readonly version: string;
  /** Where browsers reach this process, such as `https://pay.example.com`. */
  readonly publicOrigin: string;
  /** Folder of the pages, as they are served under `/console/`. */
  readonly pageFolder: string;
  readonly signIn: SignInSettings;
}
